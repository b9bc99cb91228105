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


def without_side(span: Span, lang: str) -> Span | None:
    """A passage without the side that it begins or ends with; None where there is none, or nothing else.

    >>> without_side(Span(4, 20, "Catarata derecha"), "es")
    Span(start=4, end=12, text='Catarata')
    >>> without_side(Span(0, 13, "left hip pain"), "en")
    Span(start=5, end=13, text='hip pain')
    """
    before, after = _first(lang).match(span.text), _last(lang).search(span.text)
    start, end = before.end() if before else 0, after.start() if after else len(span.text)
    if end - start == len(span.text) or end <= start:
        return None
    return Span(span.start + start, span.start + end, span.text[start:end])


@cache
def _words() -> frozenset[str]:
    """All of them, in all languages, folded."""
    return frozenset(word for _lang, _kind, said in read_rows(SIDES) for word in fold(said.replace("|", " ")).split())


@cache
def _said(lang: str, kind: str) -> str:
    said = [words for own, of, words in read_rows(SIDES) if (own, of) == (lang, kind)]
    return rf"(?:{said[0].replace(' ', '[ -]')})" if said else "(?!)"


@cache
def _following(lang: str) -> Pattern[str]:
    words = rf"{_said(lang, AFTER)}(?!\w)"
    near = rf"\s+{words}" + (CLOSED if lang == "en" else "")
    return re.compile(rf"(?:{near}|,\s*{words}{CLOSED})", re.IGNORECASE)


@cache
def _last(lang: str) -> Pattern[str]:
    return re.compile(rf"(?:,\s*|\s+){_said(lang, AFTER)}$", re.IGNORECASE)


@cache
def _before(lang: str) -> Pattern[str]:
    return re.compile(rf"(?<!\w){_said(lang, BEFORE)}[ -]+$", re.IGNORECASE)


@cache
def _first(lang: str) -> Pattern[str]:
    return re.compile(rf"{_said(lang, BEFORE)}[ -]+", re.IGNORECASE)
