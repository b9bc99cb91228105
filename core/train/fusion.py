"""The weights of the stages and the calibration of their score, chosen on development data."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from core.rerank.calibration import expected_error
from core.retrieve.candidate import Scores
from core.retrieve.fusion import Fusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
    tables = [_Table.of(retriever, dev) for dev in sets]
    best = _quality(tables, fusion)
    for _ in range(3):
        for name, values in GRID.items():
            for value in values:
                trial = replace(fusion, **{name: value})
                quality = _quality(tables, trial)
                if quality > best + 1e-6:
                    fusion, best = trial, quality
    return calibrate(retriever, sets, fusion)


@dataclass(frozen=True, slots=True)
class _Table:
    """A set's candidates as columns, so that a trial of weights costs milliseconds."""

    queries: int
    starts: NDArray[np.int64]
    scores: Scores
    billable: NDArray[np.bool_]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, retriever: Retriever, dev: DevSet) -> _Table:
        sizes, columns, billable, right = [], [], [], []
        for query, found in zip(dev.queries, dev.found, strict=True):
            if found:
                sizes.append(len(found))
                columns += [astuple(evidence.scores()) for evidence in found.values()]
                billable += [retriever.catalog.billable(code) for code in found]
                right += [code in query.codes for code in found]
        scores: Any = Scores(*np.asarray(columns).T)
        lengths = np.asarray(sizes, np.int64)
        starts = np.cumsum(lengths) - lengths
        return cls(len(dev.queries), starts, scores, np.asarray(billable), np.asarray(right))

    def reciprocal_rank(self, fusion: Fusion) -> float:
        """The mean over queries of one over the place of the first right code, 0 beyond the tenth."""
        scored = fusion.scored(self.scores, self.billable)
        best = np.maximum.reduceat(np.where(self.right, scored, -np.inf), self.starts)
        sizes = np.diff(np.append(self.starts, len(scored)))
        ahead = np.add.reduceat((scored > np.repeat(best, sizes)).astype(np.int64), self.starts)
        found = np.isfinite(best) & (ahead < DEPTH)
        return float((1 / (1 + ahead[found])).sum() / self.queries)


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


def expected_calibration_error(retriever: Retriever, dev: DevSet, fusion: Fusion) -> float:
    """The mean distance between the confidence of first candidates and the share of them that is right, in bins."""
    confidences, right = [], []
    for query, found in zip(dev.queries, dev.found, strict=True):
        ranked = retriever.ranked(found, fusion)[:DEPTH]
        if ranked:
            confidences.append(fusion.confidences([score for score, _ in ranked])[0])
            right.append(ranked[0][1] in query.codes)
    return expected_error(np.asarray(confidences), np.asarray(right))


def _quality(tables: Sequence[_Table], fusion: Fusion) -> float:
    return float(np.mean([table.reciprocal_rank(fusion) for table in tables]))
