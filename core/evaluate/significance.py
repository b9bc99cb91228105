"""Whether two systems differ on the same queries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RESAMPLES = 9_999
SIGNIFICANT = 0.05
TOLERANCE = 1e-6
"""Part of a sum by which two orders of adding may differ."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the first system is ahead of the second on the mean of a measure, and the p-value of no difference."""

    difference: float
    p: float

    @property
    def significant(self) -> bool:
        """Whether so large a difference would be rare if there were none."""
        return self.p < SIGNIFICANT


def compare(
    ours: Sequence[float] | NDArray[np.floating], theirs: Sequence[float] | NDArray[np.floating], seed: int = 7
) -> Comparison:
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
    exchanged = np.abs(_signs(len(difference), seed) @ difference.astype(np.float32))
    extreme = int((exchanged >= abs(difference.sum()) * (1 - TOLERANCE)).sum())
    return Comparison(float(difference.mean()), (extreme + 1) / (RESAMPLES + 1))


@lru_cache(maxsize=4)
def _signs(size: int, seed: int) -> NDArray[np.float32]:
    """Which queries' differences are exchanged in each resample, (resamples, size): all comparisons draw the same."""
    drawn = np.random.default_rng(seed).integers(0, 2, (RESAMPLES, size), dtype=np.int8)
    return 2 * drawn.astype(np.float32) - 1
