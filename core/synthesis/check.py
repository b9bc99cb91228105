"""The corpus's gate: what is wrong with an example, what repeats, what leaks, and what is covered.

A `Finding` of level ``error`` keeps the corpus out; ``reading`` asks a person to look.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz, process

from core.language import LANGUAGES, LanguageDetector, read_words
from core.retrieve.candidate import BOOK
from core.synthesis.corpus import STYLES
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.catalog import Catalog
    from core.retrieve.retriever import Retriever
    from core.synthesis.corpus import Example

SHORTEST, LONGEST = 2, 140
NEAR = 95.0
"""Similarity in per cent (words sorted, insertions and deletions) from which two texts are nearly equal."""
NEAR_LENGTH = 10
"""Shorter texts are compared for equality only: one letter makes another word of them."""
OUTLIER_RANK = 50
SAMPLE = 40
"""Lines that are joined for the language check."""
CODE = re.compile(r"\b[A-TV-Z]\d[\dA-Z]\.[\dA-Z]{1,4}\b")
ALLOWED = re.compile(r"[↑↓→×−‰\w\s.,;:/()+\-–'’%°ºª·&=<>≥≤\[\]!?*#²³µαβγ\"“”«»…]+")
PAIRS = (("(", ")"), ("[", "]"), ("«", "»"), ("“", "”"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend or to look at, at one line of one file."""

    kind: str
    level: str
    file: str
    line: int
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much there is, by language, style and chapter; how many codes and three-character categories."""

    examples: int
    codes: int
    categories: int
    by_lang: Mapping[str, int]
    by_style: Mapping[tuple[str, str], int]
    by_chapter: Mapping[tuple[str, str], int]


def check_texts(examples: Sequence[Example], catalog: Catalog, kept: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """What can be said of single lines: rules, duplicates and leakage; every corpus has to pass it."""
    yield from check_rules(examples, catalog)
    yield from check_duplicates(examples)
    yield from check_leakage(examples, kept)


def check_rules(examples: Iterable[Example], catalog: Catalog) -> Iterator[Finding]:
    """Each example by itself: its code, length, characters and balance."""
    for example in examples:
        for what in _rules(example, catalog):
            yield _finding("rule", "error", example, what)


def _rules(example: Example, catalog: Catalog) -> Iterator[str]:
    for code in (example.code, *example.also):
        if code not in catalog:
            yield f"{code} is no code of {catalog.label} (a category or below)"
    if example.style not in STYLES:
        yield f"style {example.style!r} is none of {', '.join(STYLES)}"
    if example.lang not in LANGUAGES:
        yield f"language {example.lang!r} is not known"
    yield from _text_rules(example.text)


def _text_rules(text: str) -> Iterator[str]:
    if not SHORTEST <= len(text) <= LONGEST:
        yield f"{len(text)} characters; {SHORTEST} to {LONGEST} are wanted"
    if text != " ".join(text.split()):
        yield "spaces at an end or doubled"
    if CODE.search(text):
        yield "a code stands in the text"
    if not ALLOWED.fullmatch(text):
        yield f"characters that are not allowed: {''.join(sorted(set(ALLOWED.sub('', text))))}"
    if not any(char.isalpha() for char in text):
        yield "no letters"
    for opening, closing in PAIRS:
        if text.count(opening) != text.count(closing):
            yield f"{opening}{closing} not balanced"


def check_duplicates(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same text twice in a language (an error), nearly the same for one code (to be read).

    The same spelling in two languages is no duplicate (``pneumonia``), but with unrelated codes it is worth a look.
    """
    first: dict[tuple[str, str], Example] = {}
    for example in examples:
        key = (example.lang, fold(example.text))
        if key in first:
            other = first[key]
            yield _finding(
                "duplicate", "error", example, f"stands in {other.file}, line {other.line} too ({other.code})"
            )
        else:
            first[key] = example
    by_code: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in first.values():
        by_code[example.lang, example.code].append(example)
    for group in by_code.values():
        yield from _near(group)
    spelt: dict[str, list[Example]] = defaultdict(list)
    for example in first.values():
        spelt[fold(example.text)].append(example)
    for same in spelt.values():
        letters = {code[0] for example in same for code in (example.code, *example.also)}
        shared = set.intersection(*({code[:3] for code in (one.code, *one.also)} for one in same))
        if len(same) > 1 and len(letters) > 1 and not shared:
            others = ", ".join(f"{one.lang} {one.code}" for one in same[1:])
            yield _finding("between languages", "reading", same[0], f"{same[0].code} here, {others}")


def _near(group: Sequence[Example]) -> Iterator[Finding]:
    for at, example in enumerate(group):
        for other in group[:at]:
            if _nearly_equal(fold(example.text), fold(other.text)):
                yield _finding("near duplicate", "reading", example, f"nearly {other.text!r} (line {other.line})")
                break


def _nearly_equal(text: str, other: str) -> bool:
    if min(len(text), len(other)) < NEAR_LENGTH:
        return text == other
    return fuzz.token_sort_ratio(text, other, score_cutoff=NEAR) > 0


def check_leakage(examples: Sequence[Example], kept: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Examples equal or nearly equal to a text that is kept for measuring.

    Parameters
    ----------
    examples
        The corpus.
    kept
        Texts by the name of the set they belong to.

    """
    folded = [fold(example.text) for example in examples]
    for name, texts in kept.items():
        others = sorted({fold(text) for text in texts if len(fold(text)) >= 2})
        equal = set(others)
        long = [text for text in others if len(text) >= NEAR_LENGTH]
        flagged = {at for at, text in enumerate(folded) if text in equal}
        for start in range(0, len(folded), 2048):
            chunk = folded[start : start + 2048]
            if not long:
                break
            scores = process.cdist(
                chunk, long, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR, dtype=np.uint8, workers=-1
            )
            hits = np.flatnonzero(scores.max(axis=1))
            flagged.update(start + int(at) for at in hits if len(chunk[at]) >= NEAR_LENGTH)
        for at in sorted(flagged):
            yield _finding("leakage", "error", examples[at], f"equal or nearly equal to a text of {name}")


def check_language(examples: Sequence[Example], detector: LanguageDetector) -> Iterator[Finding]:
    """Joined lines must be in their file's language; a line with function words of other languages is to be read."""
    listed = {lang: set(read_words(lang)) for lang in LANGUAGES}
    function = {lang: set(read_words(lang, function_only=True)) for lang in LANGUAGES}
    by_file: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_file[example.file].append(example)
    for group in by_file.values():
        for start in range(0, len(group), SAMPLE):
            lines = group[start : start + SAMPLE]
            found = detector.detect(". ".join(example.text for example in lines))
            if found.lang != lines[0].lang and len(lines) >= SAMPLE // 2:
                yield _finding("language", "error", lines[0], f"the {len(lines)} lines from here read as {found.name}")
    for example in examples:
        words = set(re.findall(r"[^\W\d_]+", example.text.lower()))
        own = listed[example.lang]
        foreign = {
            word
            for word in words - own
            if len(word) > 2 and any(word in function[lang] for lang in LANGUAGES if lang != example.lang)
        }
        if len(foreign) >= 2:
            yield _finding("language", "reading", example, f"words of another language: {', '.join(sorted(foreign))}")


def check_meaning(examples: Sequence[Example], retriever: Retriever) -> Iterator[Finding]:
    """Examples whose code is not among the first fifty by the book's terms alone: for a second reading."""
    book, catalog, rows = retriever.book, retriever.catalog, retriever.rows_of_book
    for start in range(0, len(examples), 1024):
        chunk = examples[start : start + 1024]
        vectors = retriever.encoder.encode([example.text for example in chunk])
        _, nearest = book.search(vectors, 600)
        for example, found in zip(chunk, nearest.tolist(), strict=True):
            of_book = (row for row in found if book.terms.sources[row] in BOOK)
            ranked = list(dict.fromkeys(book.terms.codes[row] for row in of_book))
            right = {example.code, *example.also} & rows.keys()
            if not right & set(ranked[:OUTLIER_RANK]):
                best = ranked[0] if ranked else ""
                nearer = f"nearest: {best} {catalog.title(best)}" if best else "nothing near"
                yield _finding(
                    "meaning", "reading", example, f"{example.code} {catalog.title(example.code)} ranks low; {nearer}"
                )


def coverage(examples: Sequence[Example], catalog: Catalog) -> Coverage:
    """What the corpus covers."""
    return Coverage(
        examples=len(examples),
        codes=len({example.code for example in examples}),
        categories=len({example.code[:3] for example in examples}),
        by_lang=Counter(example.lang for example in examples),
        by_style=Counter((example.style, example.lang) for example in examples),
        by_chapter=Counter((catalog.chapter(example.code), example.lang) for example in examples),
    )


def _finding(kind: str, level: str, example: Example, what: str) -> Finding:
    return Finding(kind, level, example.file, example.line, example.text, what)
