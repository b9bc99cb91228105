"""From the mentions of a note to the list of codes that a coder would start from.

What each mention says of a code is gathered (how sure, how often, where, with which status), and trees that learned
from coded notes say how likely a coder is to have given it. What is denied or a relative's speaks for no code.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.note.context import Status
from core.note.segment import SECTION_NUMBERS
from core.trees import load_trees

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import lightgbm
    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.note.mentions import Mention
    from core.retrieve.candidate import Candidate
    from core.retrieve.remembered import MemoryIndex

MODEL = "ranking.txt"
VOTES = 5
"""Candidates of a mention that may become codes of the note."""
STATUSES = {Status.AFFIRMED: 3, Status.UNCERTAIN: 2, Status.HISTORICAL: 1}
NAMES = (
    "confidence",
    "place",
    "first confidence",
    "confidences",
    "firsts",
    "mentions",
    "mention score",
    "begins",
    "section",
    "status",
    "best status",
    "team share",
    "team similarity",
    "team votes",
    "over next",
    "words",
    "below proposed",
    "above proposed",
    "category rival",
    "billable",
    "note mentions",
    "denied",
    "confidence rank",
    "dense",
    "written",
    "remembered",
    "term words",
    "gap",
    "least gap",
    "chosen",
    "category chosen",
)


@dataclass(frozen=True, slots=True)
class Vote:
    """A mention that speaks for a code, and the code's place among its candidates."""

    mention: Mention
    candidate: Candidate
    place: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """The codes that a note's mentions speak for: best votes first in each, with their features, (codes, features)."""

    codes: list[str]
    votes: list[list[Vote]]
    rows: NDArray[np.float32]


def gather(mentions: Sequence[Mention], length: int, catalog: Catalog, memory: MemoryIndex) -> Gathered:
    """What the mentions of a note of `length` characters say of each code, and how often `memory` chose it."""
    votes: dict[str, list[Vote]] = defaultdict(list)
    denied: set[str] = set()
    for mention in (each for one in mentions for each in (one, *one.further)):
        if mention.status not in STATUSES:
            denied.update(candidate.code for candidate in mention.candidates[:1])
            continue
        for place, candidate in enumerate(mention.candidates[:VOTES]):
            votes[candidate.code].append(Vote(mention, candidate, place))
    for own in votes.values():
        own.sort(key=lambda vote: (-vote.candidate.confidence, vote.place, vote.mention.start))
    codes = sorted(votes, key=lambda code: (-votes[code][0].candidate.confidence, code))
    firsts: dict[str, dict[str, float]] = defaultdict(dict)
    for code in codes:
        sure = max((vote.candidate.confidence for vote in votes[code] if not vote.place), default=0.0)
        firsts[code[:3]][code] = sure
    chosen, categories = memory.chosen, memory.chosen_categories
    rows = [
        [
            *_row(code, votes[code], rank, firsts[code[:3]], denied, len(mentions), length, catalog),
            math.log1p(chosen[code]),
            math.log1p(categories[code[:3]]),
        ]
        for rank, code in enumerate(codes)
    ]
    table = np.asarray(rows, np.float32) if rows else np.zeros((0, len(NAMES)), np.float32)
    return Gathered(codes, [votes[code] for code in codes], table)


def _row(
    code: str,
    votes: Sequence[Vote],
    rank: int,
    firsts: dict[str, float],
    denied: set[str],
    mentions: int,
    length: int,
    catalog: Catalog,
) -> list[float]:
    best = votes[0]
    scores = best.candidate.scores
    among = best.mention.candidates
    rival = next((one.confidence for one in among if one.code != code), 0.0)
    others = {other: sure for other, sure in firsts.items() if other != code and sure > 0}
    return [
        best.candidate.confidence,
        min(vote.place for vote in votes),
        firsts[code],
        sum(vote.candidate.confidence for vote in votes),
        sum(not vote.place for vote in votes),
        len(votes),
        max(vote.mention.score for vote in votes),
        min(vote.mention.start for vote in votes) / max(1, length),
        SECTION_NUMBERS[best.mention.section],
        STATUSES[best.mention.status],
        max(STATUSES[vote.mention.status] for vote in votes),
        max(vote.candidate.scores.share for vote in votes),
        scores.memory,
        math.log1p(scores.votes),
        best.candidate.confidence - rival,
        len(best.mention.text.split()),
        max((sure for other, sure in others.items() if code.startswith(other)), default=0.0),
        max((sure for other, sure in others.items() if other.startswith(code)), default=0.0),
        max(others.values(), default=0.0),
        catalog.billable(code),
        mentions,
        code in denied,
        rank,
        scores.dense,
        scores.written,
        sum(vote.candidate.scores.share > 0 for vote in votes),
        len(best.candidate.term.text.split()),
        _gap(best.mention),
        min(_gap(vote.mention) for vote in votes),
    ]


def _gap(mention: Mention) -> int:
    """Words of a passage that were not looked up."""
    return max(0, len(mention.text.split()) - len(mention.query.split()))


class NoteRanker:
    """Trees over what a note's mentions say of a code.

    Parameters
    ----------
    trees
        To the chance that a coder gives the code.
    threshold
        The chance from which a code is on the short list.

    """

    def __init__(self, trees: lightgbm.Booster, threshold: float) -> None:
        self._trees = trees
        self.threshold = threshold

    @classmethod
    def load(cls, folder: Path, threshold: float) -> NoteRanker:
        """Read what training wrote.

        Raises
        ------
        OSError, ValueError, LightGBMError
            If it is absent, of other features, or damaged.
        """
        return cls(load_trees(folder / MODEL, NAMES), threshold)

    def chances(self, gathered: Gathered) -> NDArray[np.float64]:
        """How likely a coder is to give each code, (codes,)."""
        if not gathered.codes:
            return np.zeros(0)
        return np.asarray(self._trees.predict(gathered.rows, num_threads=1), np.float64)
