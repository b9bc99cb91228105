"""Agreement as numbers: shares and F1 from counts, Cohen's kappa, Krippendorff's alpha, with bootstrap intervals.

Kappa is scikit-learn's. Alpha is computed as its author does for nominal data (2011, "Computing Krippendorff's
alpha-reliability"); the package krippendorff, under the GPL, only tests it. Intervals draw whole documents: passages of
one are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import cohen_kappa_score

from core.evaluate.metrics import Figure, draws
from core.interface import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its bootstrap 95 % interval, or why there is none."""

    figure: Figure | None
    reason: str = ""

    @property
    def value(self) -> float | None:
        """The figure without its interval."""
        return self.figure.value if self.figure else None


NOTHING = N_("nothing to compare")
ONE_VALUE = N_("only one value was used, so chance cannot be told from agreement")
ALONE = N_("no passage was marked by two reviewers")


def ratio(parts: Sequence[float] | Values, wholes: Sequence[float] | Values, reason: str = NOTHING) -> Estimate:
    """The sum of the parts over that of the wholes, one of each a document."""
    part, whole = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    if not whole.sum():
        return Estimate(None, reason)
    times = _times(len(whole))
    return _estimate(float(part.sum() / whole.sum()), _divided(times @ part, times @ whole))


def kappa(first: Sequence[str], second: Sequence[str], documents: Sequence[int]) -> Estimate:
    """Cohen's kappa (1960) of two reviewers over the passages that both marked.

    Parameters
    ----------
    first, second
        What each said of every passage.
    documents
        The document of every passage.

    """
    if not first:
        return Estimate(None, ALONE)
    labels, codes = np.unique([*first, *second], return_inverse=True)
    if len(labels) < 2:
        return Estimate(None, ONE_VALUE)
    rows = np.unique(np.asarray(documents), return_inverse=True)[1]
    one, other = codes[: len(first)], codes[len(first) :]
    size = int(rows.max()) + 1
    equal, count = np.bincount(rows, one == other, size), np.bincount(rows, minlength=size).astype(np.float64)
    said = np.zeros((2, size, len(labels)))
    np.add.at(said[0], (rows, one), 1.0)
    np.add.at(said[1], (rows, other), 1.0)
    times = _times(size)
    total = times @ count
    observed = _divided(times @ equal, total)
    chance = _divided(((times @ said[0]) * (times @ said[1])).sum(axis=1), total * total)
    return _estimate(float(cohen_kappa_score(list(first), list(second))), _divided(observed - chance, 1.0 - chance))


def alpha(units: Sequence[Sequence[str | None]], documents: Sequence[int]) -> Estimate:
    """Krippendorff's alpha, nominal, over any number of reviewers.

    Parameters
    ----------
    units
        What each reviewer said of every passage; None where a reviewer said nothing of it.
    documents
        The document of every passage.

    """
    pairable = [
        (row, at) for row, at in zip(units, documents, strict=True) if sum(value is not None for value in row) > 1
    ]
    if not pairable:
        return Estimate(None, ALONE)
    used = sorted({value for row, _ in pairable for value in row if value is not None})
    labels = {value: at for at, value in enumerate(used)}
    if len(labels) < 2:
        return Estimate(None, ONE_VALUE)
    counts = np.zeros((len(pairable), len(labels)))
    for at, (row, _) in enumerate(pairable):
        for value in row:
            if value is not None:
                counts[at, labels[value]] += 1.0
    rows = np.unique([document for _, document in pairable], return_inverse=True)[1]
    said = np.zeros((int(rows.max()) + 1, len(labels)))
    np.add.at(said, rows, counts)
    each = counts.sum(axis=1)
    apart = np.bincount(rows, (each**2 - (counts**2).sum(axis=1)) / (each - 1.0))
    times = np.vstack([np.ones(len(said)), _times(len(said))])  # all documents once, then each sample
    drawn = times @ said
    total = drawn.sum(axis=1)
    chance = _divided(total**2 - (drawn**2).sum(axis=1), total - 1.0)
    values = 1.0 - _divided(times @ apart, chance)
    return _estimate(float(values[0]), values[1:])


@lru_cache(maxsize=4)
def _times(size: int) -> Values:
    """How often each bootstrap sample has each document, (resamples, documents); shared, so it cannot be written."""
    drawn = draws(size)
    places = (drawn + np.arange(len(drawn))[:, None] * size).ravel()
    times = np.bincount(places, minlength=drawn.size).reshape(drawn.shape).astype(np.float64)
    times.setflags(write=False)
    return times


def _divided(part: Values, whole: Values) -> Values:
    """Part over whole; where there is no whole, not a number."""
    answer = np.full(part.shape, np.nan)
    np.divide(part, whole, out=answer, where=whole > 1e-12)
    return answer


def _estimate(value: float, sampled: Values) -> Estimate:
    known = sampled[np.isfinite(sampled)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (value, value)
    return Estimate(Figure(value, float(low), float(high)))
