"""Words that say which side: no diagnosis of their own, and part of the one that they stand at."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from core.note.cues import read_rows, tokens
from core.note.spans import Span
from core.settings import ASSETS
from core.text import fold

if TYPE_CHECKING:
    from re import Pattern

SIDES = ASSETS / "lexicon" / "sides.tsv"
AFTER, BEFORE = "after", "before"
LONGEST = 24
"""Characters of a side before a diagnosis, with what separates it."""
CLOSED = r"(?=\s*(?:[.,;:)\n]|$))"
"""The end of a clause: English has the side of the next noun in the place where others have that of the last."""


def only_side(span: Span) -> bool:
    """Whether a passage says a side and nothing else (``derecha``, ``right lower``)."""
    said = [token.word for token in tokens(span.text)]
    return bool(said) and all(word in _words() for word in said)


def with_side(text: str, span: Span, since: int, until: int, end: int, lang: str) -> Span:
    """A passage with the side right before it, from `since` on, and the one that follows it before `until`.

    `end` is where its sentence ends.

    >>> with_side("Gonarthrose bds. und Fieber", Span(0, 11, "Gonarthrose"), 0, 20, 27, "de").text
    'Gonarthrose bds'
    >>> with_side("Has a left-sided stroke.", Span(17, 23, "stroke"), 0, 24, 24, "en").text
    'left-sided stroke'
    """
    found = _following(lang).match(text, span.end, end)
    last = found.end() if found and found.end() <= until else span.end
    before = _before(lang).search(text, max(since, span.start - LONGEST), span.start)
    first = before.start() if before else span.start
    return Span(first, last, text[first:last])


def without_side(span: Span, lang: str) -> tuple[Span, ...]:
    """What is left of a passage without the sides in it, in one or more pieces; none where it says no side.

    >>> without_side(Span(4, 20, "Catarata derecha"), "es")
    (Span(start=4, end=12, text='Catarata'),)
    >>> [piece.text for piece in without_side(Span(0, 23, "chronic left heel ulcer"), "en")]
    ['chronic', 'heel ulcer']
    """
    pieces, start = [], 0
    for said in _sides(lang).finditer(span.text):
        pieces.append((start, said.start()))
        start = said.end()
    if not start:
        return ()
    kept = [(first, last) for first, last in (*pieces, (start, len(span.text))) if first < last]
    return tuple(Span(span.start + first, span.start + last, span.text[first:last]) for first, last in kept)


@cache
def _words() -> frozenset[str]:
    """All of them, in all languages, folded."""
    return frozenset(word for _lang, _kind, said in read_rows(SIDES) for word in fold(said.replace("|", " ")).split())


@cache
def side_words(lang: str, kind: str) -> tuple[str, ...]:
    """What says a side in a language, before a diagnosis or after it; empty where none can stand there."""
    return tuple(word for own, of, said in read_rows(SIDES) if (own, of) == (lang, kind) for word in said.split("|"))


@cache
def _said(lang: str, kind: str) -> str:
    said = "|".join(sorted(side_words(lang, kind), key=len, reverse=True))
    return rf"(?:{said.replace(' ', '[ -]')})" if said else "(?!)"


@cache
def _following(lang: str) -> Pattern[str]:
    words = rf"{_said(lang, AFTER)}(?!\w)"
    near = rf"\s+{words}" + (CLOSED if lang == "en" else "")
    return re.compile(rf"(?:{near}|,\s*{words}{CLOSED})", re.IGNORECASE)


@cache
def _before(lang: str) -> Pattern[str]:
    return re.compile(rf"(?<!\w){_said(lang, BEFORE)}[ -]+$", re.IGNORECASE)


@cache
def _sides(lang: str) -> Pattern[str]:
    before, after = _said(lang, BEFORE), _said(lang, AFTER)
    return re.compile(rf"(?:^|\s+){before}[ -]+|(?:(?:,\s*|\s+){after})+(?:$|\s+)", re.IGNORECASE)
