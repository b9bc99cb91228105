"""Qualifiers: the details of a text that decide between sibling codes, in seven languages.

Cues are data (``assets/lexicon/qualifiers/LANG.tsv``); numbers are read here: a numeral, Roman or Arabic, or an ordinal
beside the noun of a scale (``type 2``, ``grado III``, ``zweiten Grades``), and weeks of pregnancy as a trimester.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from core.language import LANGUAGES
from core.note.cues import Cue, CueIndex, read_rows
from core.settings import ASSETS
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

FOLDER = ASSETS / "lexicon" / "qualifiers"
SCALES = ("type", "stage", "grade", "degree", "class", "trimester")
KINDS = (
    "side",
    "encounter",
    "course",
    "severity",
    *SCALES,
    "age",
    "fracture",
    "origin",
    "behaviour",
    "presence",
    "specified",
    "intent",
    "state",
    "history",
    "complication",
    "part",
    "number",
)
"""What is read, in the order of the features made of it; ``number`` is a numeral that belongs to no scale."""
NUMERALS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"} | {str(n): str(n) for n in range(1, 6)}
SAME = {"proximal": "upper", "distal": "lower"}
"""The code book says ``upper end`` where clinicians in most languages say ``proximal``."""
SIDE_LETTER = re.compile(r"(?<=[^\W\d_]) ([DEGI])(?=$|[,.;:)])")
SIDE_LETTERS = {
    **{(lang, "D"): "right" for lang in ("es", "ca", "pt", "fr", "it")},
    ("ca", "E"): "left",
    ("pt", "E"): "left",
    ("fr", "G"): "left",
    ("es", "I"): "left",
}
"""A capital letter that ends a phrase (``genou G``): too short for the cue lists, where case is folded."""
FIRST_TRIMESTER, SECOND_TRIMESTER, TERM = 14, 28, 43
WEEKS_DIGITS = 2
"""Weeks of pregnancy from which the second and the third trimester count (as the code book's chapter 15 does)."""
Qualifiers: TypeAlias = "Mapping[str, frozenset[str]]"


@dataclass(frozen=True, slots=True)
class Mark:
    """A cue in a text: words from `start` to before `end`, and what it says."""

    start: int
    end: int
    kind: str
    value: str

    def within(self, other: Mark) -> bool:
        """Whether another cue of the kind has all of its words and more."""
        longer = other.end - other.start > self.end - self.start
        return longer and self.kind == other.kind and other.start <= self.start and self.end <= other.end


class QualifierReader:
    """Finds qualifiers by the cues of some languages.

    Parameters
    ----------
    folder
        Where the cue lists are.

    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._cues = {
            lang: CueIndex(Cue.of(text, (kind, value)) for kind, value, text in read_cues(lang, folder))
            for lang in LANGUAGES
        }

    def read(self, text: str, langs: Collection[str]) -> Qualifiers:
        """Kind to values for everything that the text says in one of the languages.

        >>> sorted(QualifierReader().read("closed fracture of left wrist", ["en"]).items())
        [('fracture', frozenset({'closed'})), ('side', frozenset({'left'}))]
        """
        words = fold(text).split()
        found: dict[str, set[str]] = defaultdict(set)
        used: set[int] = set()
        for lang in langs:
            marks = list(self._marks(words, lang))
            for mark in marks:
                if mark.kind not in ("scale", "ordinal"):
                    found[mark.kind].add(SAME.get(mark.value, mark.value))
            _scales(words, marks, found, used)
            if letter := SIDE_LETTER.search(text):
                found["side"].update(side for side in [SIDE_LETTERS.get((lang, letter[1]))] if side)
        for at, word in enumerate(words):
            if at not in used and word in NUMERALS and word not in ("i", "v"):
                found["number"].add(NUMERALS[word])
        return {kind: frozenset(values) for kind, values in found.items()}

    def _marks(self, words: Sequence[str], lang: str) -> list[Mark]:
        """The cues that match; of one kind the longer one hides those within it (``not displaced``)."""
        marks = []
        cues = self._cues[lang]
        for at in range(len(words)):
            marks += [Mark(at, at + len(cue.words), *cue.meaning) for cue in cues.at(words, at)]
        return [mark for mark in marks if not any(mark.within(other) for other in marks)]


def _scales(words: Sequence[str], marks: Sequence[Mark], found: dict[str, set[str]], used: set[int]) -> None:
    """Numbers beside a scale's noun, and weeks of pregnancy."""
    numbers = {at: NUMERALS[word] for at, word in enumerate(words) if word in NUMERALS}
    numbers |= {mark.start: mark.value for mark in marks if mark.kind == "ordinal"}
    for mark in marks:
        if mark.kind != "scale":
            continue
        near = [place for place in (mark.end, mark.start - 1) if place in numbers]
        if mark.value in SCALES and near:
            found[mark.value].add(numbers[near[0]])
            used.add(near[0])
        elif mark.value == "weeks":
            _weeks(words, mark, found)


def _weeks(words: Sequence[str], mark: Mark, found: dict[str, set[str]]) -> None:
    for place in (mark.start - 1, mark.end):
        number = words[place] if 0 <= place < len(words) else ""
        if number.isdecimal() and len(number) <= WEEKS_DIGITS and 2 < (weeks := int(number)) < TERM:
            found["trimester"].add("1" if weeks < FIRST_TRIMESTER else "2" if weeks < SECOND_TRIMESTER else "3")


@cache
def qualifier_reader() -> QualifierReader:
    """The reader of the lists that ship; read once, whoever asks."""
    return QualifierReader()


@cache
def read_cues(lang: str, folder: Path = FOLDER) -> tuple[tuple[str, str, str], ...]:
    """Kind, value and text of every cue of a language."""
    rows = read_rows(folder / f"{lang}.tsv")
    return tuple((kind, value, cue) for kind, value, cues in rows for cue in cues.split("|") if cue.strip())
