"""Which short forms of a text were written out in a form of it that was searched."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.retrieve.abbreviations import LONGEST, Abbreviation, Expander, all_abbreviations
from core.retrieve.retriever import READING
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.retrieve.candidate import EntryTerm


@dataclass(frozen=True, slots=True)
class Form:
    """A way of writing a text that was searched, and what a similarity reached by it counts."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a text, from `start` to before `end`, and the words of its form that stand for them.

    `expansion` is empty where the words stand as they are.
    """

    start: int
    end: int
    form_start: int
    form_end: int
    expansion: str = ""


@cache
def _lists() -> tuple[Abbreviation, ...]:
    return tuple(all_abbreviations())


@cache
def expander() -> Expander:
    """The one that the retriever has too: both read the lists that ship."""
    return Expander(_lists())


@cache
def _expansions() -> dict[str, dict[tuple[str, ...], str]]:
    """For each folded short form its expansions, by their folded words."""
    known: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for reading in _lists():
        known[fold(reading.short)].setdefault(tuple(fold(reading.expansion).split()), reading.expansion)
    return dict(known)


def forms_of(text: str, langs: Collection[str]) -> list[Form]:
    """The text as it stands, and once for each reading of its short forms."""
    return [Form(text, 1.0), *(Form(form, READING) for form in expander().expand(text, langs))]


def stands_for(term: EntryTerm, langs: Collection[str]) -> Abbreviation | None:
    """The line of the abbreviation lists that a term is the short form of, in one of `langs` if there is one."""
    short = fold(term.text)
    lines = [line for line in _lists() if fold(line.short) == short and term.code in line.codes]
    return min(lines, key=lambda line: (line.lang not in langs, line.lang != term.lang), default=None)


def pieces(words: Sequence[str], form: Sequence[str]) -> list[Piece]:
    """How the folded words of a text became those of one of its forms.

    Raises
    ------
    ValueError
        If the form is none of the text's.
    """
    failed: set[tuple[int, int]] = set()

    def follow(at: int, place: int) -> list[Piece] | None:
        if at == len(words) and place == len(form):
            return []
        if (at, place) in failed:
            return None
        for piece in _steps(words, form, at, place):
            rest = follow(piece.end, piece.form_end)
            if rest is not None:
                return [piece, *rest]
        failed.add((at, place))
        return None

    if len(words) == len(form) and list(words) == list(form):
        return [Piece(at, at + 1, at, at + 1) for at in range(len(words))]
    found = follow(0, 0)
    if found is None:
        message = "the form is not one of the text's"
        raise ValueError(message)
    return found


def _steps(words: Sequence[str], form: Sequence[str], at: int, place: int) -> list[Piece]:
    """What the words from `at` on may have become at this place of the form."""
    steps = []
    if at < len(words) and place < len(form) and words[at] == form[place]:
        steps.append(Piece(at, at + 1, place, place + 1))
    for end in range(min(at + LONGEST, len(words)), at, -1):
        for expansion, shown in _expansions().get(" ".join(words[at:end]), {}).items():
            last = place + len(expansion)
            if tuple(form[place:last]) == expansion:
                steps.append(Piece(at, end, place, last, shown))
    return steps
