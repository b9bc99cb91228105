"""From what is known of a ranked candidate to the probability that its code is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from core.settings import PROCESSORS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MODEL = "confidence.txt"
WITHHELD = 0.05
"""Part of the right first answers that are shown as not confident."""
DEPTH = 5
"""Candidates of a query that are learned from."""
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.04,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
ROUNDS = 150
"""Few shallow trees with much shrinkage: their log loss is what calibrates (Niculescu-Mizil and Caruana, 2005)."""


class Calibration:
    """Trees over a candidate's score, its lead and part of the list, and all that the ranker knew of it.

    Parameters
    ----------
    model
        The trees.
    abstain
        Under this confidence no code is confident: it keeps all but `WITHHELD` of the right first answers.

    """

    def __init__(self, model: lightgbm.Booster, abstain: float = 0.0) -> None:
        self._model = model
        self.abstain = abstain

    def confidences(
        self, lists: Sequence[tuple[NDArray[np.float64], NDArray[np.float32]]]
    ) -> list[NDArray[np.float64]]:
        """Probabilities of the candidates of many queries at once, never rising down a list.

        Parameters
        ----------
        lists
            For each query its candidates' scores, best first, and their feature rows in the same order.

        """
        filled = [one for one in lists if len(one[0])]
        said = np.empty(0)
        if filled:
            said = np.asarray(self._model.predict(np.concatenate([inputs(*one) for one in filled])), np.float64)
        ends = np.cumsum([len(scores) for scores, _ in lists])
        return [
            np.minimum.accumulate(said[end - len(scores) : end]) for (scores, _), end in zip(lists, ends, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write the trees."""
        self._model.save_model(str(folder / MODEL))

    @classmethod
    def load(cls, folder: Path, abstain: float) -> Calibration:
        """Read what `save` wrote."""
        return cls(lightgbm.Booster(model_str=(folder / MODEL).read_text(encoding="utf-8")), abstain)


def inputs(scores: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """What a probability is made of, (candidates, 3 + features): score, lead, part of the list, the feature row."""
    lead = scores - scores[0]
    lead[0] = scores[0] - scores[1] if len(scores) > 1 else scores[0]
    mass = np.exp(scores - scores.max())
    return np.column_stack([scores, lead, mass / mass.sum(), rows])


Judged = tuple["NDArray[np.float64]", "NDArray[np.float32]", "NDArray[np.bool_]"]
"""Of one query: its candidates' scores, best first, their rows, and which are right."""


def fit(lists: Sequence[Judged], weights: Sequence[float]) -> Calibration:
    """Fit on queries that the ranker has not seen; `weights` says how much each counts."""
    given = np.concatenate([inputs(scores, rows)[:DEPTH] for scores, rows, _ in lists])
    right = np.concatenate([truth[:DEPTH] for _, _, truth in lists])
    counted = np.concatenate([[weight] * min(DEPTH, len(one[0])) for one, weight in zip(lists, weights, strict=True)])
    data = lightgbm.Dataset(given, right, weight=counted / counted.mean())
    model = lightgbm.train({**PARAMETERS, "num_threads": PROCESSORS}, data, ROUNDS)
    said = Calibration(model).confidences([(scores, rows) for scores, rows, _ in lists])
    first = np.asarray([one[0] for one in said])
    truth = np.asarray([one[2][0] for one in lists])
    least = float(np.quantile(first[truth], WITHHELD)) if truth.any() else 0.0
    return Calibration(model, round(least, 4))


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
