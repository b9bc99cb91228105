"""Annotated notes to learn from: CodiEsp's cases, and notes put together from frames and the written corpus."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.evaluate import codiesp
from core.language import LANGUAGES
from core.note.context import ContextReader, Status
from core.note.cues import read_rows, tokens
from core.note.detector import CIRCUMSTANCES
from core.note.qualifiers import qualifier_reader
from core.note.segment import Segmenter
from core.note.sides import AFTER, BEFORE, side_words
from core.note.signs import NOTES, signs
from core.note.spans import Span, surroundings
from core.note.tagger import BEGIN, INSIDE, OUTSIDE
from core.synthesis.corpus import read_corpus
from core.text import fold
from core.train.pairs import collect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.note.cues import Token
    from core.note.segment import Section, Sentence

SLOT = re.compile(r"\{(\w+)\}")
SKIPPED = -100
"""Label of a word that says nothing about what to learn."""
CHAPTERS = {"20-external-causes": 0.3, "21-health-factors": 0.3, "22-special": 0.1}
"""How often a corpus file is drawn from, beside the others' once: what notes seldom name as a diagnosis."""


@dataclass(frozen=True, slots=True)
class Document:
    """A note with the passages that name a diagnosis, each one or several pieces, as offsets."""

    name: str
    text: str
    lang: str
    gold: tuple[tuple[tuple[int, int], ...], ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence's words with a label each."""

    words: list[Token]
    section: Section
    labels: list[int]


def codiesp_documents(folder: Path, split: str) -> list[Document]:
    """CodiEsp's cases: what is denied and what a relative has is not annotated in them."""
    gold: dict[str, dict[tuple[tuple[int, int], ...], None]] = defaultdict(dict)
    for row in codiesp.read_annotations(folder, split):
        gold[row.document][row.offsets] = None
    texts = {path.stem: path.read_text(encoding="utf-8") for path in codiesp.text_files(folder, split)}
    return [Document(name, text, "es", tuple(gold[name]), complete=False) for name, text in texts.items() if gold[name]]


def mention_contexts(folder: Path, split: str) -> dict[str, str]:
    """Of every annotated mention of CodiEsp the words around it in its sentence, where it first stands."""
    segmenter, found = Segmenter(), {}
    sentences: dict[str, list[Sentence]] = {}
    texts = {path.stem: path.read_text(encoding="utf-8") for path in codiesp.text_files(folder, split)}
    for row in codiesp.read_annotations(folder, split):
        if row.text in found or row.document not in texts:
            continue
        text, first = texts[row.document], min(row.offsets)[0]
        if row.document not in sentences:
            sentences[row.document] = segmenter.sentences(text, ("es",))
        own = next((one for one in sentences[row.document] if one.start <= first < one.end), None)
        if own is not None:
            found[row.text] = surroundings(text, own.start, own.end, sorted(row.offsets))
    return found


def made_notes(lang: str, count: int, seed: int, texts: Sequence[str]) -> Iterator[Document]:
    """Notes of frames in random order, their slots filled from the corpus and from the lists beside the frames."""
    generator = random.Random(f"{seed} {lang}")  # noqa: S311  repeatable, not secret
    lists: dict[str, list[str]] = defaultdict(list)
    for kind, text in read_rows(NOTES / f"{lang}.tsv"):
        lists[kind].append(text)
    lists["dx"], lists["sign"] = list(texts), list(signs(lang))
    for number in range(count):
        lines = [
            generator.choice(lists["frame" if generator.random() < FRAME_SHARE else "plain"])
            for _ in range(generator.randint(4, 14))
        ]
        yield _filled(f"{lang}-{number}", lang, lines, lists, generator)


FRAME_SHARE, SIGN_SHARE = 0.65, 0.3


def _filled(
    name: str, lang: str, lines: Sequence[str], lists: dict[str, list[str]], generator: random.Random
) -> Document:
    text, gold = "", []
    for line in lines:
        done = 0
        for slot in SLOT.finditer(line):
            text += line[done : slot.start()]
            kind = "sign" if slot[1] == "dx" and generator.random() < SIGN_SHARE else slot[1]
            filler = generator.choice(lists[kind])
            if slot[1] == "dx":
                filler = _with_side(filler, lang, generator)
                opens = not text or text[-1] in "\n" or text.rstrip()[-1:] in ".:"
                filler = _written(filler, generator, opens=opens, cased=lang in CASED)
                if lang in ELIDING and (before := ELIDED.search(text)) and fold(filler)[:1] in VOWELS:
                    text = text[: before.start()] + before[1] + "'"
                gold.append(((len(text), len(text) + len(filler)),))
            text += filler
            done = slot.end()
        text += line[done:] + ("\n" if generator.random() < NEW_LINE else " ")
    return Document(name, text, lang, tuple(gold))


SIDED, SIDED_WORDS = 0.15, 5
"""How often a diagnosis gets a side, and how many words it has at most: else notes tell of sides only what is no
diagnosis (``left deltoid``, ``right lower lobe clear``)."""


def _with_side(text: str, lang: str, generator: random.Random) -> str:
    """A diagnosis with a side where the language has it, unless it says one; its form may not agree with the noun's."""
    if generator.random() >= SIDED or len(text.split()) > SIDED_WORDS or not text.replace(" ", "").isalpha():
        return text
    if qualifier_reader().read(text, [lang]).get("side"):
        return text
    before, after = side_words(lang, BEFORE), side_words(lang, AFTER)
    if before and generator.random() < FIRST:
        return f"{generator.choice(before)} {text}"
    return f"{text}{', ' if lang == 'en' else ' '}{generator.choice(after)}"


FIRST = 0.8
"""How often it stands first in a language in which it can."""


NEW_LINE = 0.5
ELIDING, VOWELS = ("fr", "ca"), frozenset("aeiouh")
ELIDED = re.compile(r"\b([dDlLnN])[eEaA] $")
"""``de`` before a vowel: a frame has it written out."""


CASED = ("de",)
"""Languages whose nouns keep their capital."""


def _written(text: str, generator: random.Random, *, opens: bool, cased: bool) -> str:
    """As it would stand in a note: a capital at the start of a sentence, some in the middle, a few all in capitals."""
    plain = not any(char.isupper() for char in text[1:])
    if plain and generator.random() < 0.03:
        return text.upper()
    if opens or generator.random() < 0.1:
        return text[:1].upper() + text[1:]
    return text[:1].lower() + text[1:] if plain and not cased else text


def corpus_texts(lang: str) -> list[str]:
    """Wordings of the written corpus that a note may contain."""
    generator = random.Random(lang)  # noqa: S311  repeatable, not secret
    return [
        one.text
        for one in read_corpus()
        if one.lang == lang
        and len(one.text.split()) <= LONGEST
        and generator.random() < CHAPTERS.get(one.file.split("/")[-1].removesuffix(".tsv"), 1.0)
    ]


LONGEST = 9


def labelled(document: Document, segmenter: Segmenter, context: ContextReader) -> list[Labelled]:
    """The sentences of a document with their words' labels.

    Where not everything is annotated, words that are denied or a relative's are left out of what is learned.
    """
    begins = {start for pieces in document.gold for start, _ in pieces[:1]}
    covered = [piece for pieces in document.gold for piece in pieces]
    result = []
    for sentence in segmenter.sentences(document.text, (document.lang,)):
        words = tokens(document.text, sentence.start, sentence.end)
        labels = [_label(word, begins, covered) for word in words]
        if not document.complete:
            _skip_unreached(document, sentence, words, labels, context)
        result.append(Labelled(words, sentence.section, labels))
    return result


def _label(word: Token, begins: set[int], covered: Sequence[tuple[int, int]]) -> int:
    if not any(start < word.end and word.start < end for start, end in covered):
        return OUTSIDE
    return BEGIN if any(word.start <= start < word.end for start in begins) else INSIDE


def _skip_unreached(
    document: Document, sentence: Sentence, words: Sequence[Token], labels: list[int], context: ContextReader
) -> None:
    spans = [Span(word.start, word.end, word.word) for word in words]
    verdicts = context.read(document.text, sentence, spans, document.lang, apart=True)
    for at, verdict in enumerate(verdicts):
        if labels[at] == OUTSIDE and verdict.status in (Status.NEGATED, Status.FAMILY):
            labels[at] = SKIPPED


def names(catalog: Catalog, data: Path | None) -> dict[str, list[str]]:
    """Plain names of diseases, signs and symptoms by language: what the book and the public tables call them, if short.

    The corpus has what is written in haste; a problem list also has `Post-traumatic stress disorder`.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    chapters = {code.title: code.code[0] for code in catalog}
    for pair in collect(catalog, data, (), None):
        for lang, text in ((pair.lang, pair.text), ("en", pair.target)):
            own = chapters.get(pair.target, "")
            plain = not VAGUE.search(text) and len(text.split()) <= NAME_WORDS and text.replace(" ", "").isalpha()
            if plain and own not in CIRCUMSTANCES:
                found[lang][text] = None
    return {lang: list(texts) for lang, texts in found.items()}


NAMES, NAME_WORDS = 0.4, 4
"""Plain names beside one text of the corpus, and their words at most."""
VAGUE = re.compile(
    r"\b(?:unspecified|other|others|NOS|NEC|classified|sequela|otr[oa]s?|especificad[oa]s?|outr[oa]s?|altr[eioa]|autres?"
    r"|sonstige\w*|andere\w*|bezeichnete\w*|abnormality|abnormal|anomal\w*)\b",
    re.IGNORECASE,
)
"""What a name is of that nobody writes."""


def all_documents(
    data: Path | None, splits: Sequence[str], each: int, seed: int, plain: dict[str, list[str]] | None = None
) -> list[Document]:
    """CodiEsp's splits, and `each` made notes in every language; `plain` are names by language, see :func:`names`."""
    documents = [one for split in splits for one in codiesp_documents(data / "codiesp", split)] if data else []
    for lang in LANGUAGES:
        texts, further = corpus_texts(lang), (plain or {}).get(lang, [])
        generator = random.Random(f"{seed} {lang} names")  # noqa: S311  repeatable, not secret
        texts += generator.sample(further, min(len(further), round(NAMES * len(texts))))
        documents += made_notes(lang, each, seed, texts)
    return documents
