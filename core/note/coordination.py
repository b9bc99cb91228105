"""Diagnoses that share words or nothing but a passage: ``fracture of tibia and fibula``, ``HTA DM2 EPOC``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.note.cues import tokens
from core.note.spans import Span

if TYPE_CHECKING:
    from core.note.cues import Token

JOINS = frozenset({"and", "y", "e", "i", "et", "und", "or", "o", "ou", "oder", "u", "ni", "nor", "sowie"})
LINKS = frozenset(
    {"of", "in", "de", "del", "della", "dello", "dei", "degli", "delle", "di", "da", "do", "dos", "das", "du", "des"}
    | {"der", "a", "al", "la", "el", "les", "los", "las"}
)
"""Words after which what two diagnoses share ends."""


WORD = re.compile(r"\S+")
SHORT = re.compile(r"[^\W\d_a-zà-ÿ]{2,5}\d?")
"""A short form: capitals, a number after them at most."""
LISTED = 6
"""Words at most that are read as a list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage read as one of several: where it stands, and the words to look up for it."""

    span: Span
    query: str


def readings(span: Span) -> tuple[Reading, ...]:
    """The diagnoses that a passage may join or list; none where it does neither.

    >>> [one.query for one in readings(Span(0, 26, "fractura de tibia y peroné"))]
    ['fractura de tibia', 'fractura de peroné']
    >>> [one.query for one in readings(Span(0, 30, "insuficiencia renal y cardíaca"))]
    ['insuficiencia renal', 'insuficiencia cardíaca']
    >>> [one.query for one in readings(Span(0, 12, "HTA DM2 asma"))]
    ['HTA', 'DM2', 'asma']
    """
    words = tokens(span.text)
    joins = [at for at, one in enumerate(words) if one.word in JOINS and 0 < at < len(words) - 1]
    if not joins:
        return _listed(span)
    if len(joins) != 1 or joins[0] < 2:
        return ()
    join = joins[0]
    shared = _shared(words, join)
    if not shared:
        return ()
    first, second = words[:join], words[join + 1 :]
    head = span.text[words[0].start : words[shared - 1].end]
    tail = span.text[second[0].start : second[-1].end]
    return (
        Reading(_part(span, first), span.text[first[0].start : first[-1].end]),
        Reading(_part(span, second), f"{head} {tail}"),
    )


def _listed(span: Span) -> tuple[Reading, ...]:
    """A row of words without anything between them, a short form among them."""
    words = list(WORD.finditer(span.text))
    if not 1 < len(words) <= LISTED or not any(SHORT.fullmatch(word[0]) for word in words):
        return ()
    return tuple(Reading(Span(span.start + word.start(), span.start + word.end(), word[0]), word[0]) for word in words)


def _shared(words: list[Token], join: int) -> int:
    """How many words at the start belong to both: up to the last link before the join, else all but one."""
    second = words[join + 1 :]
    links = [at for at in range(1, join - 1) if words[at].word in LINKS]
    if second[0].word in LINKS:
        return links[0] if links else join - 1
    return links[-1] + 1 if links else join - 1


def _part(span: Span, words: list[Token]) -> Span:
    start, end = words[0].start, words[-1].end
    return Span(span.start + start, span.start + end, span.text[start:end])
