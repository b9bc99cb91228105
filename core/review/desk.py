"""Reading one document: which annotation is next, where words stand, what lies over what, and the time it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.review.model import Decision

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.review.model import Annotation, Spans

LONGEST_STEP = 120.0
"""Seconds between two acts that still count as reading; more is a break."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time spent with a document: the last act (in seconds of some steady clock), and what was not yet written down."""

    last: float
    pending: float = 0.0

    def tick(self, now: float) -> Clock:
        """The clock after an act; a step that took longer than a reader needs is cut."""
        return Clock(now, self.pending + min(max(0.0, now - self.last), LONGEST_STEP))


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be marked in a note."""

    name: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note over which the same marks lie.

    `names` are theirs, the one on top first; `first` and `last` say whether a passage of that one begins and ends here.
    """

    start: int
    end: int
    names: tuple[str, ...]
    first: bool = False
    last: bool = False


def pieces(length: int, marks: Sequence[Mark]) -> list[Piece]:
    """A note of `length` code points cut wherever a mark begins or ends; of marks that overlap the earlier is on top.

    The pieces follow each other without gaps from 0 to `length`, so that no text and no mark is lost.
    """
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for rank, mark in enumerate(marks):
        for start, end in mark.spans:
            begins.setdefault(start, []).append(rank)
            ends.setdefault(end, []).append(rank)
    cuts = sorted({0, length} | {cut for cut in (*begins, *ends) if 0 <= cut <= length})
    found, active = [], list[int]()
    for number, start in enumerate(cuts[:-1]):
        for rank in ends.get(start, ()):
            active.remove(rank)
        active = sorted([*active, *begins.get(start, ())])
        end = cuts[number + 1]
        on_top = active[0] if active else -1
        found.append(
            Piece(
                start,
                end,
                tuple(dict.fromkeys(marks[rank].name for rank in active)),
                first=on_top in begins.get(start, ()),
                last=on_top in ends.get(end, ()),
            )
        )
    return found


def step(shown: Sequence[Annotation], current: str, by: int) -> str:
    """The annotation that many further on (or, negative, back) in the order of the text; the ends hold."""
    names = [one.id for one in shown]
    if not names:
        return ""
    if current not in names:
        return names[0]
    return names[min(max(0, names.index(current) + by), len(names) - 1)]


def next_open(shown: Sequence[Annotation], after: str) -> str:
    """The first annotation after one that nobody has decided on yet, going round; empty where none is left."""
    names = [one.id for one in shown]
    place = names.index(after) + 1 if after in names else 0
    around = [*shown[place:], *shown[:place]]
    return next((one.id for one in around if one.decision is Decision.OPEN), "")


def next_document(order: Sequence[int], current: int, finished: Collection[int]) -> int | None:
    """The first document after the current one that is not finished, going round; None where all others are."""
    place = order.index(current) + 1 if current in order else 0
    around = [*order[place:], *order[:place]]
    return next((one for one in around if one != current and one not in finished), None)


def find_words(note: str, words: str, near: int = 0) -> tuple[int, int] | None:
    """Where words stand in a note, whatever white space is between them: the nearest place to `near`.

    Words typed in another case are found where the note has none in the case given.
    """
    wanted = r"\s+".join(re.escape(word) for word in words.split())
    if not wanted:
        return None
    for flags in (re.NOFLAG, re.IGNORECASE):
        places = [at.span() for at in re.finditer(wanted, note, flags)]
        if places:
            return min(places, key=lambda place: abs(place[0] - near))
    return None


def trimmed(note: str, start: int, end: int) -> tuple[int, int] | None:
    """A selection without the white space at its ends; None where nothing is left."""
    start, end = max(0, min(start, end)), min(len(note), max(start, end))
    words = note[start:end]
    if not words.strip():
        return None
    return start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))


def duration(seconds: float) -> str:
    """A time spent, in words."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"
