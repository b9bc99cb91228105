"""Which of the lanes of a document is its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from core.review.model import FINAL, MACHINE

if TYPE_CHECKING:
    from collections.abc import Sequence


class Lane(Protocol):
    """What says how far a lane is: a `Work` or a `Progress`."""

    @property
    def lane(self) -> str:
        """Whose it is."""

    @property
    def finished(self) -> bool:
        """Whether its person is done."""


AnyLane = TypeVar("AnyLane", bound=Lane)


def final_work(works: Sequence[AnyLane], reviewers: int = 1) -> AnyLane | None:
    """The result among the lanes of one document: the adjudication if it is finished, else the only finished lane.

    None where nobody has finished, several have and nothing is settled between them, or `reviewers` are to read each
    document and an adjudication is still to come.
    """
    finished = [one for one in works if one.finished and one.lane != MACHINE]
    for one in finished:
        if one.lane == FINAL:
            return one
    return finished[0] if len(finished) == 1 and reviewers == 1 else None
