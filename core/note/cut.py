"""Diagnoses that were found in two pieces: ``left knee`` and ``osteoarthritis``, ``fratura`` and ``fémur esquerdo``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.note.coordination import LINKS
from core.note.cues import tokens
from core.note.spans import BREAK, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.retrieve.candidate import Candidate

LINKED = 2
"""Words at most between the pieces, each a link (``de la``)."""
UNSURE = 0.5
"""Under this a piece says little: what is surer is a diagnosis of its own."""
AS_SURE = 0.9
"""How sure the whole is at least of a third diagnosis, as a part of how sure the surer piece is of its own."""
CLOSER = 0.75
"""The same where it is of the piece's category: more exact, if it is not much less sure."""


def touching(text: str, one: Span, two: Span) -> Span | None:
    """Both pieces as one passage; None where anything but links stands between them.

    >>> touching("fratura do fémur", Span(0, 7, "fratura"), Span(11, 16, "fémur")).text
    'fratura do fémur'
    >>> touching("fratura, fémur", Span(0, 7, "fratura"), Span(9, 14, "fémur")) is None
    True
    """
    gap = text[one.end : two.start]
    words = tokens(gap)
    if not gap or len(words) > LINKED or any(word.word not in LINKS for word in words):
        return None
    if BREAK.search(gap) or not set(gap).isdisjoint("/,+-"):
        return None
    return Span(one.start, two.end, text[one.start : two.end])


def is_one(whole: Sequence[Candidate], pieces: Sequence[Sequence[Candidate]]) -> bool:
    """Whether the whole is one diagnosis rather than the pieces.

    It is one of theirs where the other piece says little, and a third one where that is as sure as they are.
    """
    own = whole[0].code[:3]
    others = [piece[0].confidence for piece in pieces if piece[0].code[:3] != own]
    if len(others) < len(pieces):
        return all(confidence < UNSURE for confidence in others)
    sure = min(1.0, sum(one.confidence for one in whole if one.code[:3] == own))
    return sure > min(others) and sure >= AS_SURE * max(others)
