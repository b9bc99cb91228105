"""From ranking scores to the probability that a code is right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from core.rerank.features import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHARE, MEMORY = NAMES.index("share"), NAMES.index("memory best")
WITHHELD = 0.05
"""Part of the right first answers that are shown as not confident."""
KNOTS = 24
"""Points of the piecewise linear curve that corrects the logistic one."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve (Platt, 1999) of a candidate's score, lead, part of the list and whether people chose it.

    Then an isotonic correction of the curve (Zadrozny and Elkan, 2002), kept as the `knots` of a piecewise linear
    function from what the logistic says to what came out (`values`). Under `abstain` no code is confident: what keeps
    all but `WITHHELD` of the right first answers.
    """

    weights: Sequence[float]
    offset: float
    knots: Sequence[float] = (0.0, 1.0)
    values: Sequence[float] = (0.0, 1.0)
    abstain: float = 0.0

    def confidences(self, scores: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of one query's candidates, (candidates,), best first; never rising down the list."""
        raw = 1 / (1 + np.exp(-(inputs(scores, rows) @ np.asarray(self.weights) + self.offset)))
        return np.minimum.accumulate(np.interp(raw, self.knots, self.values))


def inputs(scores: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the probability is made of, (candidates, 5): score, lead, part of the list, share, nearest memory."""
    if len(scores) == 1:
        lead = np.asarray([scores[0]])
    else:
        lead = np.concatenate([[scores[0] - scores[1]], scores[1:] - scores[0]])
    mass = np.exp(scores - scores[0])
    return np.column_stack([scores, lead, mass / mass.sum(), rows[:, SHARE], rows[:, MEMORY]])


def fit(
    lists: Sequence[tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.bool_]]],
    weights: Sequence[float],
    depth: int = 5,
) -> Calibration:
    """Fit on queries that the ranker has not seen.

    Parameters
    ----------
    lists
        For each query its candidates' scores (best first), feature rows, and which are right.
    weights
        How much each query counts.
    depth
        Candidates of a query that are fitted on.

    """
    given = np.concatenate([inputs(scores, rows)[:depth] for scores, rows, _ in lists])
    right = np.concatenate([truth[:depth] for _, _, truth in lists])
    counted = np.concatenate([[weight] * min(depth, len(one[0])) for one, weight in zip(lists, weights, strict=True)])
    model = LogisticRegression(C=10.0, max_iter=2000).fit(given, right, sample_weight=counted)
    raw = model.predict_proba(given)[:, 1]
    isotonic = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, right, sample_weight=counted)
    knots = np.unique(np.concatenate([[0.0], np.quantile(raw, np.linspace(0, 1, KNOTS)), [1.0]]))
    smooth = np.asarray([isotonic.predict(np.clip(knots + step, 0, 1)) for step in (-0.02, 0.0, 0.02)]).mean(axis=0)
    return Calibration(
        [round(float(value), 5) for value in model.coef_[0]],
        round(float(model.intercept_[0]), 5),
        [round(float(value), 5) for value in knots],
        [round(float(min(max(value, 0.001), 0.999)), 5) for value in smooth],
    )


def abstaining(calibration: Calibration, confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> Calibration:
    """The calibration with its threshold, from first answers on data that the ranker has not seen."""
    return replace(calibration, abstain=round(float(np.quantile(confidences[right], WITHHELD)), 4))


def risk(confidences: NDArray[np.float64], right: NDArray[np.bool_], coverage: float) -> float:
    """The share of wrong first answers among the `coverage` most confident ones (El-Yaniv and Wiener, 2010)."""
    kept = np.argsort(-confidences, kind="stable")[: max(1, round(coverage * len(confidences)))]
    return float(1 - right[kept].mean())


def expected_error(confidences: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and share right, over equally wide bins."""
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    total = 0.0
    for at in range(bins):
        inside = places == at
        if inside.any():
            total += float(inside.mean()) * abs(float(confidences[inside].mean()) - float(right[inside].mean()))
    return total
