"""A mention: a passage of a note that names a diagnosis, with its status and its candidate codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.note.context import Status, Verdict
    from core.note.segment import Section
    from core.retrieve.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Mention:
    """A passage that names a diagnosis, with its candidate codes, best first; offsets in code points.

    `verdict` is its status with the words that decided it, `score` the chance that it is a mention, `query` what was
    looked up for it: its text, and the words that it shares with a neighbour (``fracture of tibia and fibula``).
    `further` are other readings that speak for codes of the note: a text that the team coded before and that stands in
    it (``asthma`` in ``asthma attack at night``), and it with the next (``mass`` and, two words on, ``kidney``).
    """

    start: int
    end: int
    text: str
    verdict: Verdict
    section: Section
    score: float
    query: str
    candidates: tuple[Candidate, ...]
    further: tuple[Mention, ...] = ()

    @property
    def status(self) -> Status:
        """What the note says of it."""
        return self.verdict.status
