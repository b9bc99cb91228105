"""From the mentions of a note to the list of codes that a coder would start from.

What each mention says of a code is gathered (how sure, how often, where, with which status), and trees that learned
from coded notes say how likely a coder is to have given it. What is denied or a relative's speaks for no code.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from core.note.context import Status
from core.note.segment import SECTION_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.note.mentions import Mention
    from core.retrieve.candidate import Candidate

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


def gather(mentions: Sequence[Mention], length: int, catalog: Catalog) -> Gathered:
    """What the mentions of a note of `length` characters say of each code."""
    votes: dict[str, list[Vote]] = defaultdict(list)
    denied: set[str] = set()
    for mention in mentions:
        if mention.status not in STATUSES:
            denied.update(candidate.code for candidate in mention.candidates[:1])
            continue
        for place, candidate in enumerate(mention.candidates[:VOTES]):
            votes[candidate.code].append(Vote(mention, candidate, place))
    for own in votes.values():
        own.sort(key=lambda vote: (-vote.candidate.confidence, vote.place, vote.mention.start))
    codes = sorted(votes, key=lambda code: (-votes[code][0].candidate.confidence, code))
    firsts = {code: max((v.candidate.confidence for v in votes[code] if not v.place), default=0.0) for code in codes}
    rows = [
        _row(code, votes[code], rank, firsts, denied, len(mentions), length, catalog) for rank, code in enumerate(codes)
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
        max((sure for other, sure in others.items() if other[:3] == code[:3]), default=0.0),
        catalog.billable(code),
        mentions,
        code in denied,
        rank,
        scores.dense,
        scores.written,
    ]


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
        """Read what training wrote."""
        return cls(lightgbm.Booster(model_str=(folder / MODEL).read_text(encoding="utf-8")), threshold)

    def chances(self, gathered: Gathered) -> NDArray[np.float64]:
        """How likely a coder is to give each code, (codes,)."""
        if not gathered.codes:
            return np.zeros(0)
        return np.asarray(self._trees.predict(gathered.rows, num_threads=1), np.float64)


def train_ranking(
    rows: NDArray[np.float32], given: NDArray[np.bool_], seed: int = 7, rounds: int = 120
) -> lightgbm.Booster:
    """Gradient-boosted trees; a surer candidate never counts less."""
    rising = {"confidence", "first confidence", "mention score", "team share"}
    parameters = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 12,
        "min_data_in_leaf": 60,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "monotone_constraints": [int(name in rising) for name in NAMES],
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    names = [name.replace(" ", "_") for name in NAMES]
    return lightgbm.train(parameters, lightgbm.Dataset(rows, given.astype(np.int8), feature_name=names), rounds)
