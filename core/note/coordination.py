"""Two diagnoses that share words: ``fracture of tibia and fibula``, ``insuficiencia renal y cardíaca``."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage read as one of several: where it stands, and the words to look up for it."""

    span: Span
    query: str


def readings(span: Span) -> tuple[Reading, ...]:
    """The two diagnoses that a passage may join; none where it joins nothing.

    >>> [one.query for one in readings(Span(0, 26, "fractura de tibia y peroné"))]
    ['fractura de tibia', 'fractura de peroné']
    >>> [one.query for one in readings(Span(0, 30, "insuficiencia renal y cardíaca"))]
    ['insuficiencia renal', 'insuficiencia cardíaca']
    """
    words = tokens(span.text)
    joins = [at for at, one in enumerate(words) if one.word in JOINS and 0 < at < len(words) - 1]
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
