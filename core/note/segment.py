"""A note as sections and sentences, by headings and full stops as seven languages write them.

A heading stands at the start of a line, or of a sentence before a colon; what follows it on its line belongs to it and,
where it has a line of its own, everything up to the next heading. Offsets count code points of the note as given.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from core.language import LANGUAGES
from core.note.cues import read_rows, tokens
from core.settings import ASSETS
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SECTIONS, STOPS = ASSETS / "lexicon" / "sections", ASSETS / "lexicon" / "stops"
LINE = re.compile(r"[^\r\n]+")
BULLET = re.compile(r"\s*(?:[-–—*•·▪>#]+|\(?\d{1,2}[.)]|\(?[a-zA-Z]\))?\s*")
HEADING = re.compile(r"[^\W\d_][^:\r\n]{0,60}?(?=\s*(?::|$|\s[-–—]\s))")
INLINE = re.compile(r"(?:(?<=[.;]\s)|(?<=[.;]))([^\W\d_][^.:;\r\n]{0,40}?)\s*:")
END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)|;(?=\s)|\.(?=[^\W\d_a-zß-öø-ÿ])")
BRACKETED = re.compile(r"\([^)]*\)")
JOINED = re.compile(r"\s*[/&+,]\s*|\s+(?:and|y|i|e|et|und)\s+")
LAST_WORD = re.compile(r"[^\s(\[,;:/\"'“«]+$")
LONGEST_WORD = 40
"""Characters before a full stop that are looked at: no abbreviation is longer."""
NOT_SPACE, NOT_LISTING, NOT_CLOSING = re.compile(r"\S"), re.compile(r"[^ \t\-–•*(]"), re.compile(r"[^ \t:.\-–—]")
MOST_WORDS = 250
"""Of a sentence; one with more is cut, so that a list without a full stop does not take the square of its length."""


class Section(StrEnum):
    """What a part of a note is about; `OTHER` before the first heading and under one that is not known."""

    OTHER = "other"
    COMPLAINT = "complaint"
    PRESENT = "present"
    PERSONAL = "personal"
    FAMILY = "family"
    SOCIAL = "social"
    ALLERGIES = "allergies"
    MEDICATION = "medication"
    EXAMINATION = "examination"
    TESTS = "tests"
    ASSESSMENT = "assessment"
    COURSE = "course"
    PROCEDURES = "procedures"
    PLAN = "plan"


SECTION_NUMBERS = {section: number for number, section in enumerate(Section)}
"""As models read them."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A passage that status cues do not reach beyond; `heading` is as written, empty where there is none."""

    start: int
    end: int
    section: Section
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text under one heading."""

    start: int
    end: int
    section: Section
    heading: str


class Segmenter:
    """Splits notes by the heading and abbreviation lists of some languages.

    Parameters
    ----------
    sections, stops
        Where the lists are.

    """

    def __init__(self, sections: Path = SECTIONS, stops: Path = STOPS) -> None:
        self._headings = {lang: dict(_read_headings(sections / f"{lang}.tsv")) for lang in LANGUAGES}
        self._stops = {lang: frozenset(_read_stops(stops / f"{lang}.tsv")) for lang in LANGUAGES}

    def sentences(self, text: str, langs: Collection[str]) -> list[Sentence]:
        """The sentences of a note that is in one of `langs`, in order; headings are in none of them."""
        headings = {key: value for lang in langs for key, value in self._headings[lang].items()}
        stops = frozenset().union(*(self._stops[lang] for lang in langs))
        return [
            Sentence(start, end, part.section, part.heading)
            for part in _parts(text, headings)
            for start, end in _split(text, part.start, part.end, stops, ordinals="de" in langs)
        ]


def _parts(text: str, headings: dict[str, Section]) -> Iterator[Part]:
    """Runs of text without their headings."""
    section, heading, whole = Section.OTHER, "", True
    blank = 0
    end = 0
    for line in LINE.finditer(text):
        blank = text.count("\n", end, line.start())
        end = line.end()
        if not line.group().strip():
            continue
        if not whole and (blank > 1 or section in (Section.FAMILY, Section.PERSONAL)):
            section, heading = Section.OTHER, ""
        start = line.start()
        for place, after, found in _headings_in(text, line.start(), line.end(), headings):
            if text[start:place].strip():
                yield Part(start, place, section, heading)
            section, heading, start = found, text[place:after].strip(" \t-–—*•:#"), after
            whole = NOT_CLOSING.search(text, after, line.end()) is None
        if text[start : line.end()].strip(" \t:"):
            yield Part(start, line.end(), section, heading)


def _headings_in(text: str, start: int, end: int, headings: dict[str, Section]) -> Iterator[tuple[int, int, Section]]:
    """Where headings begin and end on a line, and what they say; one that no list has ends a section too."""
    bullet = BULLET.match(text, start, end)
    first = bullet.end() if bullet else start
    if (match := HEADING.match(text, first, end)) and (alone := _heading(match.group(), headings)):
        after = match.end()
        closes = text[after:end].lstrip()
        if closes.startswith(":") or not closes.strip() or closes[0] in "-–—":
            yield first, after + text[after:end].index(":") + 1 if closes.startswith(":") else after, alone
    elif match and _looks_like_heading(text[first:end]):
        colon = text.find(":", first, end)
        yield first, colon + 1 if colon >= 0 else end, Section.OTHER
    for match in INLINE.finditer(text, first, end):
        if match.start(1) > first and (found := _heading(match.group(1), headings)):
            yield match.start(1), match.end(), found


def _heading(text: str, headings: dict[str, Section]) -> Section | None:
    """What a heading says; one of several (``Impression / Plan``) what its first part does, if all parts are known."""
    bare = BRACKETED.sub(" ", text)
    if found := headings.get(fold(bare)):
        return found
    parts = [headings.get(fold(part)) for part in JOINED.split(bare)]
    known = [part for part in parts if part]
    if len(parts) < 2 or len(known) < len(parts):
        return None
    return Section.OTHER if Section.FAMILY in known and len(set(known)) > 1 else known[0]


def _looks_like_heading(line: str) -> bool:
    """A line in capitals alone, or a few words before a colon that ends the line."""
    bare = line.strip()
    words = bare.split()
    if bare.endswith(":"):
        return len(words) <= 6
    return bare.isupper() and 1 < len(words) <= 6 and len(bare) >= 12 and not bare.endswith((".", ","))


def _split(text: str, start: int, end: int, stops: frozenset[str], *, ordinals: bool) -> Iterator[tuple[int, int]]:
    """Sentences of a line; `ordinals` says that a noun may follow a number and a full stop (``am 3. Tag``)."""
    first = unread = start
    says = False
    for match in END.finditer(text, start, end):
        if match.group()[0] == "." and not _ends(text, first, match, end, stops, ordinals=ordinals):
            continue
        says = says or any(char.isalnum() for char in text[unread : match.end()])
        unread = match.end()
        if says and (bounds := _trimmed(text, first, match.end())):
            yield from _cut(text, *bounds)
            first, says = match.end(), False
    if bounds := _trimmed(text, first, end):
        yield from _cut(text, *bounds)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in parts of `MOST_WORDS`."""
    words = tokens(text, start, end) if end - start > MOST_WORDS else []
    edges = [start, *dict.fromkeys(word.start for word in words[MOST_WORDS::MOST_WORDS] if word.start > start), end]
    for first, last in itertools.pairwise(edges):
        if bounds := _trimmed(text, first, last):
            yield bounds


def _ends(text: str, first: int, match: re.Match[str], end: int, stops: frozenset[str], *, ordinals: bool) -> bool:
    """Whether a full stop ends a sentence: not after an abbreviation, an initial, or the number of a list or date."""
    before = LAST_WORD.search(text, max(first, match.start() - LONGEST_WORD), match.start())
    word = before.group() if before else ""
    following = NOT_SPACE.search(text, match.end(), end)
    if following is None:
        return True
    goes_on = following.group().islower()
    if fold(word) in stops or fold(word + match.group()) in stops:
        return False
    if len(word) == 1 and word.isupper() and text[match.start() - 2 : match.start() - 1] in ("", " ", ".", "\n"):
        return False
    if word.isdigit() and before is not None and NOT_LISTING.search(text, first, before.start()) is None:
        return False
    if word.isdigit() and len(word) <= 2 and (ordinals or goes_on):
        return False
    return not goes_on


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The bounds without bullets and space; None where nothing is left."""
    bullet = BULLET.match(text, start, end)
    if bullet and bullet.end() < end:
        start = bullet.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if any(char.isalnum() for char in text[start:end]) else None


def section_at(sentences: list[Sentence], place: int) -> Sentence | None:
    """The sentence that a place of the note is in."""
    at = bisect_right([one.start for one in sentences], place) - 1
    return sentences[at] if at >= 0 and place < sentences[at].end else None


@cache
def _read_headings(path: Path) -> tuple[tuple[str, Section], ...]:
    return tuple((fold(text), Section(section)) for section, texts in read_rows(path) for text in texts.split("|"))


@cache
def _read_stops(path: Path) -> tuple[str, ...]:
    return tuple(fold(text.rstrip(".")) for _, texts in read_rows(path) for text in texts.split("|"))
