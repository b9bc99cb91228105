"""The training of the trees that rank a note's codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from core.note.ranking import NAMES
from core.train.trees import boosted
from core.trees import columns

if TYPE_CHECKING:
    from numpy.typing import NDArray


def train_ranking(
    rows: NDArray[np.float32], given: NDArray[np.bool_], seed: int = 7, rounds: int = 300
) -> lightgbm.Booster:
    """Gradient-boosted trees; a surer candidate never counts less."""
    rising = {"confidence", "first confidence", "mention score", "team share"}
    data = lightgbm.Dataset(rows, given.astype(np.int8), feature_name=columns(NAMES))
    return boosted(
        data,
        rounds,
        seed,
        objective="binary",
        learning_rate=0.05,
        num_leaves=12,
        min_data_in_leaf=60,
        feature_fraction=0.6,
        monotone_constraints=[int(name in rising) for name in NAMES],
    )
