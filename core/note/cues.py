"""Words of a note with their places, and lists of cues looked up among them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

WORD = re.compile(r"[^\W_]+(?:·[^\W_]+)*")
LONGEST_WORD = 100
"""Characters of a word that are read; what is longer is no word of a language."""
NUMBER = "#"
"""In a cue: any number."""
Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, folded, with its place."""

    start: int
    end: int
    word: str


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words of a passage; offsets count code points of the whole text."""
    found = WORD.finditer(text, start, len(text) if end is None else end)
    return [Token(one.start(), one.end(), word) for one in found for word in fold(one.group()[:LONGEST_WORD]).split()]


@dataclass(frozen=True, slots=True)
class Cue(Generic[Meaning]):
    """Words that say something; where it is `open`, any ending of the last one follows."""

    words: tuple[str, ...]
    open: bool
    meaning: Meaning

    @classmethod
    def of(cls, text: str, meaning: Meaning) -> Cue[Meaning]:
        """From a list's spelling: ``negativ*``, ``seit # jahren``."""
        bare = " ".join(fold(part.replace("*", "")) if part != NUMBER else part for part in text.split())
        return cls(tuple(bare.split()), text.strip().endswith("*"), meaning)


class CueIndex(Generic[Meaning]):
    """Cues by their words: one lookup for each length that cues with the same first word have.

    Parameters
    ----------
    cues
        All of one list.

    """

    def __init__(self, cues: Iterable[Cue[Meaning]]) -> None:
        self._exact: dict[tuple[str, ...], list[Cue[Meaning]]] = defaultdict(list)
        self._stems: dict[str, list[Cue[Meaning]]] = defaultdict(list)
        self._open: dict[tuple[str, ...], list[Cue[Meaning]]] = defaultdict(list)
        sizes: dict[str, set[int]] = defaultdict(set)
        for cue in cues:
            if cue.open and len(cue.words) == 1:
                self._stems[cue.words[0]].append(cue)
            elif cue.words:
                (self._open[cue.words[:-1]] if cue.open else self._exact[cue.words]).append(cue)
                sizes[cue.words[0]].add(len(cue.words))
        self._sizes = {word: sorted(own) for word, own in sizes.items()}

    def at(self, words: Sequence[str], place: int) -> Iterator[Cue[Meaning]]:
        """The cues that stand at this place of the folded words."""
        word = words[place]
        for size in range(len(word), 0, -1):
            yield from self._stems.get(word[:size], ())
        for first in (word, NUMBER) if word.isdecimal() else (word,):
            for size in self._sizes.get(first, ()):
                own = tuple(words[place : place + size])
                if len(own) == size:
                    yield from self._of(own)

    def _of(self, own: tuple[str, ...]) -> Iterator[Cue[Meaning]]:
        forms = {own, tuple(NUMBER if word.isdecimal() else word for word in own)}
        for form in forms:
            yield from self._exact.get(form, ())
            for cue in self._open.get(form[:-1], ()):
                if form[-1].startswith(cue.words[-1]):
                    yield cue


def read_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a list under its header; comments start with ``#``."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if line.strip() and not line.startswith("#"))
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        yield from rows
