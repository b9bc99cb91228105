"""The entry point: a text and a code to an explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.explain import details
from core.explain.explanation import Explanation
from core.explain.neighbours import neighbours
from core.explain.occlusion import orders_without_each, with_drops
from core.explain.readings import forms_of
from core.explain.sentence import why
from core.explain.shares import Shared, plain_words, read_as, shares
from core.explain.stages import stage_scores
from core.explain.standing import exclusions, path
from core.interface import _
from core.language import Language
from core.note.documents import check_query
from core.note.qualifiers import qualifier_reader
from core.retrieve.candidate import BOOK, Source
from core.retrieve.retriever import Evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.coder import Coder
    from core.explain.readings import Form
    from core.rerank.reranker import Ordered, Reranker
    from core.retrieve.candidate import Candidate, EntryTerm, Scores
    from core.retrieve.remembered import MemoryIndex


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search for the text brought up: made once, however many codes are explained.

    `forms` are the ways of writing the text that were searched, `order` is what the second stage made of `ranked`, and
    `without_each` what it made of the text without each of its words (empty where that was not tried).
    """

    text: str
    langs: Collection[str]
    forms: Sequence[Form]
    memory: MemoryIndex
    found: dict[str, Evidence]
    ranked: Sequence[tuple[float, str]]
    order: Ordered | None
    without_each: Sequence[Ordered]

    @property
    def codes(self) -> list[str]:
        """The candidates, best first."""
        return [code for _, code in self.ranked] if self.order is None else self.order.codes


def explain(
    coder: Coder,
    text: str,
    codes: Sequence[str],
    lang: str | Language | None = None,
    *,
    rerank: bool = True,
    occlusion: bool = True,
) -> list[Explanation]:
    """Why a text may have each of some codes, whether or not a search for it brings them up.

    Parameters
    ----------
    coder
        The loaded product.
    text
        A phrase, or a passage of a note; offsets count code points of it as given.
    codes
        Any codes of the book.
    lang
        Its language, where that is known: its name, or what was detected for the text that it stands in.
    rerank
        Whether the second stage has its say.
    occlusion
        Whether the second stage is asked again without each word, which takes longer.

    Raises
    ------
    ClinicodeError
        If the text is empty or too long, the language is unknown, or a code does not exist.
    """
    names = [_codable(coder, code) for code in codes]
    reranker = coder.reranker if rerank else None
    looked = _look(coder, text, lang, reranker, occlusion=occlusion)
    return [_explanation(coder, looked, name) for name in names]


def _codable(coder: Coder, name: str) -> str:
    code = coder.catalog.find(name)
    if not code.codable:
        message = _("{code} is a {level}, not a code; ask for a category or below.").format(
            code=code.code, level=_(code.level)
        )
        raise ClinicodeError(message)
    return code.code


def _look(
    coder: Coder, text: str, lang: str | Language | None, reranker: Reranker | None, *, occlusion: bool
) -> Looked:
    retriever = coder.retriever
    cleaned = check_query(text)
    langs = (lang if isinstance(lang, Language) else coder.detector.detect(cleaned, lang)).likely
    memory = retriever.memory()
    found = retriever.gather([cleaned], memory, [langs])
    order = reranker.order([cleaned], [langs], found, memory)[0] if reranker else None
    ranked = retriever.ranked(found[0], retriever.fusion)
    occluded = orders_without_each(reranker, text, plain_words(text), langs) if reranker and occlusion else []
    return Looked(text, langs, forms_of(cleaned, langs), memory, found[0], ranked, order, occluded)


def _explanation(coder: Coder, looked: Looked, code: str) -> Explanation:
    catalog, retriever = coder.catalog, coder.retriever
    evidence = looked.found.get(code) or _unfound(coder, looked, code)
    candidate = retriever.candidates({code: evidence}, looked.memory, [(0.0, code)], [0.0])[0]
    form, shared, by_word = _match(coder, looked, candidate)
    words = shared.words
    if looked.without_each and looked.order is not None and code in looked.order.codes:
        score = looked.order.scores[looked.order.codes.index(code)]
        words = with_drops(words, looked.without_each, code, score)
    reader = qualifier_reader()
    said = reader.read(looked.text, looked.langs)
    written_out = read_as(looked.text, form, candidate.term, looked.langs)
    for reading in written_out:
        for kind, values in reader.read(reading.expansion, looked.langs).items():
            said = {**said, kind: said.get(kind, frozenset()) | values}
    qualifiers = details.compare(said, reader.read(candidate.title, ("en",)))
    scores: dict[str, Scores] = {name: one.scores() for name, one in looked.found.items()}
    order = looked.codes
    return Explanation(
        text=looked.text,
        code=code,
        title=candidate.title,
        rank=order.index(code) + 1 if code in order else None,
        words=words,
        term_words=shared.term_words,
        by_word=by_word,
        term=candidate.term,
        similarity=shared.similarity,
        read_as=written_out,
        qualifiers=qualifiers,
        neighbours=neighbours(
            catalog, code, order, _similar_siblings(coder, looked, code), looked.order.against if looked.order else ()
        ),
        path=path(catalog, code),
        inclusion_terms=catalog[code].inclusion_terms,
        notes=exclusions(catalog, code),
        stages=stage_scores(code, {**scores, code: candidate.scores}, looked.ranked, looked.order),
        why=why(looked.text, words, candidate.term, written_out, qualifiers, by_word=by_word),
    )


def _unfound(coder: Coder, looked: Looked, code: str) -> Evidence:
    """The book's most similar term of a code that the search did not bring up."""
    rows = coder.retriever.rows_of_book[code]
    similarities = coder.retriever.book.vectors[rows] @ coder.retriever.encoder.encode([looked.text])[0]
    best = int(similarities.argmax())
    return Evidence(float(similarities[best]), rows[best])


def _match(coder: Coder, looked: Looked, candidate: Candidate) -> tuple[Form, Shared, bool]:
    """The form of the text that earned the similarity, and the words' shares of it where the encoder has words."""
    encoder, term = coder.retriever.encoder, candidate.term
    similarity = _similarity(term, candidate.scores)
    vectors = encoder.encode([form.text for form in looked.forms])
    likeness = vectors @ encoder.encode([term.text], terms=True)[0]
    distances = [
        abs(form.weight * float(cosine) - similarity) for form, cosine in zip(looked.forms, likeness, strict=True)
    ]
    form = looked.forms[distances.index(min(distances))]
    if encoder.ngrams is None:
        return form, Shared(plain_words(looked.text), plain_words(term.text), similarity), False
    return form, shares(encoder.ngrams, looked.text, form, term.text), True


def _similarity(term: EntryTerm, scores: Scores) -> float:
    """What the stage that brought up the term says of it."""
    if term.source in BOOK:
        return scores.dense
    return scores.memory if term.source is Source.MEMORY else scores.written


def _similar_siblings(coder: Coder, looked: Looked, code: str) -> list[str]:
    """The code's siblings, the one with the title most similar to the text first."""
    retriever = coder.retriever
    siblings = [one.code for one in coder.catalog.siblings(code) if one.codable]
    if not siblings:
        return []
    likeness = (
        retriever.book.vectors[[retriever.rows_of_book[name][0] for name in siblings]]
        @ (retriever.encoder.encode([looked.text])[0])
    )
    return [name for _, name in sorted(zip((-likeness).tolist(), siblings, strict=True))]
