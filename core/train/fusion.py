"""The weights of the stages and the calibration of their score, chosen on development data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from core.retrieve.fusion import Fusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.gold import GoldQuery
    from core.retrieve.retriever import Evidence, Retriever

GRID = {
    "billable": (0.0, 0.04, 0.08, 0.12),
    "written": (0.6, 0.7, 0.8, 0.9, 1.0),
    "memory": (0.6, 0.7, 0.8, 0.9),
    "blend": (0.0, 0.2, 0.4, 0.6),
    "lexical": (0.0, 0.02, 0.05),
    "share": (0.1, 0.2, 0.3),
    "dissent": (0.0, 0.1, 0.2, 0.3),
    "doubt": (0.0, 0.05, 0.1, 0.2),
}
DEPTH = 10


@dataclass(frozen=True, slots=True)
class DevSet:
    """Queries with what the stages found for them."""

    name: str
    queries: Sequence[GoldQuery]
    found: Sequence[dict[str, Evidence]]


def tune(retriever: Retriever, sets: Sequence[DevSet]) -> Fusion:
    """The weights with the best reciprocal rank, averaged over the sets, by coordinate search; then the calibration."""
    fusion = Fusion()
    best = _quality(retriever, sets, fusion)
    for _ in range(2):
        for name, values in GRID.items():
            for value in values:
                trial = replace(fusion, **{name: value})
                quality = _quality(retriever, sets, trial)
                if quality > best + 1e-6:
                    fusion, best = trial, quality
    return calibrate(retriever, sets, fusion)


def calibrate(retriever: Retriever, sets: Sequence[DevSet], fusion: Fusion) -> Fusion:
    """Fit the probability that a candidate is right, over the first ten of each query; each set counts alike."""
    rows, right, weights = [], [], []
    for dev in sets:
        for query, found in zip(dev.queries, dev.found, strict=True):
            ranked = retriever.ranked(found, fusion)[:DEPTH]
            for place, (score, code) in enumerate(ranked):
                other = ranked[0][0] if place else (ranked[1][0] if len(ranked) > 1 else 0.0)
                rows.append((score, score - other))
                right.append(code in query.codes)
                weights.append(1 / len(dev.queries))
    model = LogisticRegression(C=1e4).fit(np.asarray(rows), np.asarray(right), sample_weight=np.asarray(weights) * 1000)
    slope, gap = model.coef_[0].tolist()
    return replace(fusion, slope=round(slope, 4), gap=round(gap, 4), offset=round(float(model.intercept_[0]), 4))


def expected_calibration_error(retriever: Retriever, dev: DevSet, fusion: Fusion, bins: int = 10) -> float:
    """The mean distance between the confidence of first candidates and the share of them that is right, in bins."""
    confidences, right = [], []
    for query, found in zip(dev.queries, dev.found, strict=True):
        ranked = retriever.ranked(found, fusion)[:DEPTH]
        if ranked:
            confidences.append(fusion.confidences([score for score, _ in ranked])[0])
            right.append(ranked[0][1] in query.codes)
    places = np.minimum((np.asarray(confidences) * bins).astype(int), bins - 1)
    error = 0.0
    for at in range(bins):
        inside = places == at
        if inside.any():
            error += inside.mean() * abs(np.asarray(confidences)[inside].mean() - np.asarray(right)[inside].mean())
    return float(error)


def _quality(retriever: Retriever, sets: Sequence[DevSet], fusion: Fusion) -> float:
    return float(np.mean([np.mean(reciprocal_ranks(retriever, dev, fusion)) for dev in sets]))


def reciprocal_ranks(retriever: Retriever, dev: DevSet, fusion: Fusion) -> list[float]:
    """Of each query: one over the place of its first right code, 0 beyond the tenth."""
    values = []
    for query, found in zip(dev.queries, dev.found, strict=True):
        places = (
            place for place, (_, code) in enumerate(retriever.ranked(found, fusion)[:DEPTH], 1) if code in query.codes
        )
        values.append(1 / next(places, np.inf))
    return values
