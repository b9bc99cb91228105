"""What the gradient-boosted trees of this package have in common: seeded, repeatable, quiet."""

from __future__ import annotations

import lightgbm

from core.settings import PROCESSORS

COMMON = {
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def boosted(data: lightgbm.Dataset, rounds: int, seed: int, **own: object) -> lightgbm.Booster:
    """Train `rounds` trees with `COMMON` and the parameters of `own`."""
    return lightgbm.train({**COMMON, "num_threads": PROCESSORS, "seed": seed, **own}, data, rounds)
