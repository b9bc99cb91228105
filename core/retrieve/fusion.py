"""One score from what dense, lexical and memory search say, and a probability from the score."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ClinicodeError
from core.interface import _

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from core.retrieve.candidate import Scores

FILE = "fusion.json"


@dataclass(frozen=True, slots=True)
class Fusion:
    """The weights of each stage, chosen by :mod:`core.train.fusion` and kept beside the encoder they were chosen for.

    `written` and `memory` scale similarity to texts of the corpus and to remembered ones; `dissent` is what a
    remembered text loses where everybody chose otherwise, `doubt` what it loses where nobody has confirmed it. `blend`
    is what the second strongest evidence adds to the strongest, `billable` what a leaf has over a header. `slope`,
    `gap` and `offset` make a probability (Platt, 1999) of a candidate's score and of its lead over the best other one.
    """

    lexical: float = 0.02
    written: float = 0.9
    memory: float = 0.87
    dissent: float = 0.0
    doubt: float = 0.0
    blend: float = 0.2
    share: float = 0.3
    billable: float = 0.05
    slope: float = 8.0
    gap: float = 8.0
    offset: float = -6.0

    def score(self, scores: Scores, billable: bool) -> float:
        """What orders candidates: the strongest evidence, a part of the second, and what comes on top.

        A code is taken to be half as near to what is not known of it as to the book.
        """
        book = scores.dense + self.lexical * scores.lexical
        team = self.team(scores)
        second, strongest = sorted((book / 2, book, self.written * scores.written, team))[-2:]
        return strongest + self.blend * second + self.share * scores.share + self.billable * billable

    def scored(self, scores: Scores, billable: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What `score` gives, for many candidates at once: every field of `scores` is an array."""
        book = scores.dense + self.lexical * scores.lexical
        kinds = np.sort(np.asarray([book / 2, book, self.written * scores.written, self.team(scores)]), axis=0)
        total = kinds[-1] + self.blend * kinds[-2] + self.share * scores.share + self.billable * billable
        return np.asarray(total, np.float64)

    def team(self, scores: Scores) -> float:
        """What the most similar remembered text is worth: less where people disagreed on it, or one alone chose it."""
        trust = (1 - self.dissent * (1 - scores.agreement)) * (1 - self.doubt / (1 + scores.votes))
        return self.memory * scores.memory * trust

    def confidences(self, scores: list[float]) -> list[float]:
        """For each candidate of one query, the estimated probability that it is right; `scores` are best first."""
        if not scores:
            return []
        best, second = scores[0], scores[1] if len(scores) > 1 else 0.0
        ahead = [best - second, *(score - best for score in scores[1:])]
        return [
            1 / (1 + math.exp(-(self.slope * score + self.gap * lead + self.offset)))
            for score, lead in zip(scores, ahead, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write it beside the encoder's weights."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Fusion:
        """Read it from an encoder's folder; an encoder without one gets the default weights.

        Raises
        ------
        ClinicodeError
            If the file is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return cls()
        try:
            return cls(**{name: float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()})
        except (ValueError, TypeError, AttributeError) as error:
            message = _("{path} cannot be read; delete it for the default weights or get it again.").format(path=path)
            raise ClinicodeError(message) from error
