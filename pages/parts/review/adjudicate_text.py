"""Passages of a note with the words around them, as HTML: every piece of the note is escaped."""

from __future__ import annotations

import html
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.review.adjudicate import Case
    from core.review.model import Spans

AROUND = 90
"""Code points of the note that are shown before and after a passage."""
FILLED = (
    "background:color-mix(in srgb, currentColor 16%, transparent);color:inherit;font-weight:600;border-radius:3px;"
    "padding:0 2px"
)
LINED = "background:none;color:inherit;text-decoration:underline;text-underline-offset:3px"


def in_context(note: str, case: Case) -> None:
    """All that anybody marked of a case, with the words around it."""
    spans = tuple(span for one in case.said if one is not None for span in one.spans)
    start, end = _words_from(note, min(spans)[0]), _words_to(note, max(end for _, end in spans))
    before, after = "… " if start else "", " …" if end < len(note) else ""
    _write(f"{before}{_marked(note, start, end, spans)}{after}", "normal")


def _write(inner: str, space: str) -> None:
    st.html(f'<p style="margin:0;line-height:1.6;overflow-wrap:anywhere;white-space:{space}">{inner}</p>')


def _marked(note: str, start: int, end: int, filled: Spans, lined: Spans = ()) -> str:
    """A stretch of the note as HTML, cut wherever a passage begins or ends."""
    cuts = {start, end} | {cut for span in (*filled, *lined) for cut in span if start < cut < end}
    styled = [
        (FILLED if _covers(filled, *piece) else LINED if _covers(lined, *piece) else "", piece)
        for piece in pairwise(sorted(cuts))
    ]
    parts = []
    for style, alike in groupby(styled, key=lambda one: one[0]):
        words = html.escape("".join(note[here:there] for _style, (here, there) in alike))
        parts.append(f'<mark style="{style}">{words}</mark>' if style else words)
    return "".join(parts)


def _covers(spans: Spans, here: int, there: int) -> bool:
    return any(start <= here and there <= end for start, end in spans)


def _words_from(note: str, start: int) -> int:
    """A beginning before `start` that does not cut a word."""
    at = max(0, start - AROUND)
    space = note.find(" ", at, start)
    return space + 1 if at and space >= 0 else at


def _words_to(note: str, end: int) -> int:
    at = min(len(note), end + AROUND)
    space = note.rfind(" ", end, at)
    return space if at < len(note) and space >= 0 else at
