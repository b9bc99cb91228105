"""The one facade that pages and the command line call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core import settings
from core.catalog import load_catalog
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.explain.explain import explain
from core.interface import _
from core.language import LANGUAGES, Language, LanguageDetector
from core.note.context import Status
from core.note.documents import check_note, check_query
from core.note.history import personal_history
from core.note.ranking import NoteRanker, gather
from core.note.reader import NoteReader, open_reader
from core.rerank.reranker import Reranker
from core.retrieve.entries import entries
from core.retrieve.fusion import Fusion
from core.retrieve.index import open_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.retriever import Retriever
from core.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.catalog import Catalog
    from core.explain.explanation import Explanation
    from core.note.mentions import Mention
    from core.retrieve.candidate import Candidate, EntryTerm


RELATIVES = 0.25
"""What the code of a condition in the family counts beside the patient's own."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a phrase: its language and its candidate codes, best first.

    `confident` says whether the first is likely enough to be offered as an answer.
    """

    text: str
    language: Language
    candidates: tuple[Candidate, ...]
    confident: bool = True

    @property
    def category(self) -> str:
        """The three-character category that the candidates together speak for most; empty where there are none."""
        masses: dict[str, float] = {}
        for candidate in self.candidates:
            masses[candidate.code[:3]] = masses.get(candidate.code[:3], 0.0) + candidate.confidence
        return max(masses, key=lambda category: masses[category], default="")


@dataclass(frozen=True, slots=True)
class NoteCode:
    """A code for the note as a whole, with the passages that speak for it.

    `suggested` says whether it belongs on the short list that a coder would start from, `query` what was looked up
    for the passage that speaks for it most, `past` the code for having had it, where all that speaks for it is past.
    """

    candidate: Candidate
    score: float
    suggested: bool
    evidence: tuple[tuple[int, int], ...]
    query: str
    past: str = ""


@dataclass(frozen=True, slots=True)
class CodedNote:
    """A note read: its language, the mentions in the order of the text, the codes best first."""

    language: Language
    mentions: tuple[Mention, ...]
    codes: tuple[NoteCode, ...]


class Coder:
    """From text to codes.

    Parameters
    ----------
    catalog, retriever, detector
        The parts, loaded; :func:`open_coder` puts them together.
    memory
        The team's reviewed pairs.
    reader, ranker
        Find the mentions of a note, and rank its codes.
    reranker
        Puts candidates in their final order; None where there is none for the encoder.

    """

    def __init__(
        self,
        catalog: Catalog,
        retriever: Retriever,
        detector: LanguageDetector,
        memory: TeamMemory,
        reader: NoteReader,
        ranker: NoteRanker,
        reranker: Reranker | None = None,
    ) -> None:
        self.catalog = catalog
        self.retriever = retriever
        self.detector = detector
        self.memory = memory
        self.reader = reader
        self.ranker = ranker
        self.reranker = reranker

    def search(self, text: str, lang: str | None = None, top_k: int = 10, *, rerank: bool = True) -> Found:
        """Candidate codes for one phrase; without `rerank` in the order of the first stage.

        Raises
        ------
        ClinicodeError
            If the phrase is empty or too long, or the language is unknown.
        """
        return self.search_many([text], [lang], top_k, rerank=rerank)[0]

    def search_many(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None] | None = None,
        top_k: int = 10,
        *,
        rerank: bool = True,
    ) -> list[Found]:
        """Candidate codes for many phrases, quicker than one by one.

        Raises
        ------
        ClinicodeError
            If a phrase is empty or too long, or a language is unknown.
        """
        cleaned = [check_query(text) for text in texts]
        languages = [
            self.detector.detect(text, lang) for text, lang in zip(cleaned, langs or [None] * len(texts), strict=True)
        ]
        ranked = self._stage(rerank=rerank).search(cleaned, top_k, [language.likely for language in languages])
        least = self.reranker.abstain if rerank and self.reranker is not None else 0.0
        rows = zip(texts, languages, ranked, strict=True)
        return [
            Found(text, language, tuple(found), confident=bool(found) and found[0].confidence >= least)
            for text, language, found in rows
        ]

    def code(self, text: str, lang: str | None = None, *, rerank: bool = True) -> CodedNote:
        """Mentions and codes of a whole note; offsets count code points of the text as given.

        Raises
        ------
        ClinicodeError
            If the note is empty or too long, or the language is unknown.
        """
        cleaned = check_note(text)
        language = self.detector.detect(cleaned, lang)
        stage = self._stage(rerank=rerank)
        mentions = self.reader.read(cleaned, language, stage)
        return CodedNote(language, tuple(mentions), tuple(self.rank(mentions, len(cleaned))))

    def with_passage(
        self, text: str, coded: CodedNote, passage: tuple[int, int], replaces: int | None = None, *, rerank: bool = True
    ) -> CodedNote:
        """The coded note with a passage that a person chose, new or instead of the mention numbered `replaces`.

        Raises
        ------
        ClinicodeError
            If the passage is empty, outside the note, too long to look up, or has no candidates.
        """
        start, end = passage
        cleaned = check_note(text)
        if not 0 <= start < end <= len(cleaned) or not cleaned[start:end].strip():
            raise ClinicodeError(_("Choose a passage of the note."))
        check_query(cleaned[start:end])
        mention = self.reader.passage(cleaned, start, end, coded.language, self._stage(rerank=rerank))
        if mention is None:
            message = _("Nothing in the book is like “{cleaned}”; choose other words.").format(
                cleaned=cleaned[start:end]
            )
            raise ClinicodeError(message)
        kept = [
            replace(one, further=tuple(other for other in one.further if other.end <= start or end <= other.start))
            for number, one in enumerate(coded.mentions)
            if number != replaces and (one.end <= start or end <= one.start)
        ]
        mentions = sorted([*kept, mention], key=lambda one: one.start)
        return CodedNote(coded.language, tuple(mentions), tuple(self.rank(mentions, len(cleaned))))

    def _stage(self, *, rerank: bool) -> Retriever | Reranker:
        return self.reranker if rerank and self.reranker is not None else self.retriever

    def explain(
        self, text: str, code: str, lang: str | Language | None = None, *, rerank: bool = True, occlusion: bool = True
    ) -> Explanation:
        """Why a text may have a code, from what finds it; `occlusion` asks the second stage anew without each word.

        Raises
        ------
        ClinicodeError
            If the text is empty or too long, the language is unknown, or the code does not exist.
        """
        return explain(self, text, [code], lang, rerank=rerank, occlusion=occlusion)[0]

    def best_leaves(self, text: str, header: str) -> tuple[str, ...]:
        """The billable codes under a header that fit the text best."""
        return self.retriever.best_leaves(check_query(text), header)

    def remember(self, pairs: Iterable[Reviewed]) -> int:
        """Add reviewed pairs to the team memory, all or none; returns how many.

        Raises
        ------
        ClinicodeError
            If a text is empty or a code does not exist.
        """
        return self.memory.remember([self.reviewed(pair) for pair in pairs])

    def reviewed(self, pair: Reviewed) -> Reviewed:
        """A pair fit to be remembered: its text cleaned, its code as the book has it (the header, for a placeholder).

        Raises
        ------
        ClinicodeError
            If the text is empty, or the code does not exist or is a chapter or a block.
        """
        code = self.catalog.find(self.catalog.header_of_placeholder(pair.code) or pair.code)
        if not code.codable:
            message = _("{code} is a {level}, not a code; remember a category or below.").format(
                code=code.code, level=_(code.level)
            )
            raise ClinicodeError(message)
        if pair.lang and pair.lang not in LANGUAGES:
            message = _("Language {lang!r} is not known; leave it out or choose one of {languages}.").format(
                lang=pair.lang, languages=", ".join(LANGUAGES)
            )
            raise ClinicodeError(message)
        return Reviewed(check_query(pair.text), code.code, pair.lang)

    def set_aside(self) -> tuple[EntryTerm, ...]:
        """Remembered pairs that are not used, because this release of the catalog does not have their code."""
        return self.retriever.memory().set_aside

    def forget(self) -> int:
        """Empty the team memory; returns how many entries it held."""
        return self.memory.forget()

    def rank(self, mentions: Sequence[Mention], length: int) -> list[NoteCode]:
        """The codes that the mentions of a note of `length` characters speak for, best first."""
        gathered = gather(mentions, length, self.catalog, self.retriever.memory())
        chances = self.ranker.chances(gathered).tolist()
        codes = []
        for votes, chance in zip(gathered.votes, chances, strict=True):
            strongest = [vote.mention for vote in votes if vote.place == 0] or [votes[0].mention]
            evidence = sorted({(mention.start, mention.end) for mention in strongest})
            candidate = replace(votes[0].candidate, confidence=chance)
            suggested = chance >= self.ranker.threshold
            gone = all(mention.status is Status.HISTORICAL for mention in strongest)
            past = personal_history(candidate.code) if gone and not candidate.code.startswith("Z") else ""
            codes.append(
                NoteCode(candidate, chance, suggested, tuple(evidence), query=votes[0].mention.query, past=past)
            )
        codes += _of_relatives(mentions, {item.candidate.code for item in codes})
        return sorted(codes, key=lambda item: (-item.score, item.candidate.code))


def _of_relatives(mentions: Sequence[Mention], known: set[str]) -> list[NoteCode]:
    """The codes for what runs in the family, on demand: coders differ on whether to give them."""
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        code = mention.candidates[0].code
        if mention.status is Status.FAMILY and code.startswith("Z") and code not in known:
            found.setdefault(code, []).append(mention)
    return [
        NoteCode(
            own[0].candidates[0],
            RELATIVES * own[0].candidates[0].confidence,
            suggested=False,
            evidence=tuple((one.start, one.end) for one in own),
            query=own[0].query,
        )
        for own in found.values()
    ]


def open_coder(progress: Callable[[float, str], None] | None = None) -> Coder:
    """Load catalog, encoder, index and memory; builds the index at first use and tells `progress` how far it is.

    Raises
    ------
    ClinicodeError
        If a part cannot be loaded.
    """
    one_thread()
    catalog = load_catalog()
    encoder = load_encoder()
    memory = TeamMemory()
    book = open_index(catalog, encoder, progress, entries(catalog))
    fusion = Fusion.load(encoder.folder) if encoder.folder else Fusion()
    retriever = Retriever(catalog, encoder, book, memory, fusion)
    learned = encoder.ngrams is not None and settings.SHIPPED_RERANKER.is_dir()
    reranker = Reranker.load(settings.SHIPPED_RERANKER, retriever) if learned else None
    reader, ranker = open_reader(settings.SHIPPED_READER, retriever)
    return Coder(catalog, retriever, LanguageDetector(), memory, reader, ranker, reranker)
