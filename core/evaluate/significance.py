"""Whether two systems differ on the same queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import permutation_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RESAMPLES = 9_999


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the first system is ahead of the second on the mean of a measure, and the p-value of no difference."""

    difference: float
    p: float


def compare(ours: Sequence[float], theirs: Sequence[float], seed: int = 7) -> Comparison:
    """Paired randomisation test (Smucker et al., CIKM 2007), two-sided, over the same queries in the same order.

    Raises
    ------
    ValueError
        If the two do not have the same number of queries.
    """
    first, second = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if len(first) != len(second):
        message = f"{len(first)} and {len(second)} queries cannot be paired"
        raise ValueError(message)
    difference = first - second
    if not difference.any():
        return Comparison(0.0, 1.0)

    def mean(sample: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
        return np.asarray(sample.mean(axis=axis))

    # the sign of each query's difference is exchanged: the paired test on one sample
    result = permutation_test(
        (difference,),
        mean,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        vectorized=True,
        rng=np.random.default_rng(seed),
        batch=500,
    )
    return Comparison(float(difference.mean()), float(result.pvalue))
