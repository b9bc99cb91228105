"""Words that say which side: no diagnosis of their own, and part of the one that they follow."""

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
AFTER = "after"
CLOSED = r"(?=\s*(?:[.,;:)\n]|$))"
"""The end of a clause: English has the side of the next noun in the place where others have that of the last."""


def only_side(span: Span) -> bool:
    """Whether a passage says a side and nothing else (``derecha``, ``right lower``)."""
    said = [token.word for token in tokens(span.text)]
    return bool(said) and all(word in _words() for word in said)


def with_side(text: str, span: Span, until: int, end: int, lang: str) -> Span:
    """A passage with the side that follows it before `until`, in a sentence that ends at `end`.

    >>> with_side("Gonarthrose bds. und Fieber", Span(0, 11, "Gonarthrose"), 20, 27, "de").text
    'Gonarthrose bds'
    """
    found = _following(lang).match(text, span.end, end)
    if found is None or found.end() > until:
        return span
    return Span(span.start, found.end(), text[span.start : found.end()])


def without_side(span: Span, lang: str) -> Span | None:
    """A passage without the side that it ends with; None where it ends with none.

    >>> without_side(Span(4, 20, "Catarata derecha"), "es")
    Span(start=4, end=12, text='Catarata')
    """
    found = _last(lang).search(span.text)
    if found is None or not found.start():
        return None
    return Span(span.start, span.start + found.start(), span.text[: found.start()])


@cache
def _words() -> frozenset[str]:
    """All of them, in all languages, folded."""
    return frozenset(word for _lang, _kind, said in read_rows(SIDES) for word in fold(said.replace("|", " ")).split())


@cache
def _after(lang: str) -> str:
    said = [words for own, kind, words in read_rows(SIDES) if own == lang and kind == AFTER]
    return rf"(?:{said[0]})(?!\w)" if said else "(?!)"


@cache
def _following(lang: str) -> Pattern[str]:
    words = _after(lang)
    near = rf"\s+{words}" + (CLOSED if lang == "en" else "")
    return re.compile(rf"(?:{near}|,\s*{words}{CLOSED})", re.IGNORECASE)


@cache
def _last(lang: str) -> Pattern[str]:
    return re.compile(rf"(?:,\s*|\s+){_after(lang)}$", re.IGNORECASE)
