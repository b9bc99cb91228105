"""Gradient-boosted trees as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def columns(names: Sequence[str]) -> list[str]:
    """Feature names as LightGBM writes them."""
    return [name.replace(" ", "_") for name in names]


def load_trees(path: Path, names: Sequence[str]) -> lightgbm.Booster:
    """Trees over these features.

    Raises
    ------
    OSError, ValueError, LightGBMError
        If the file is absent, of other features, or damaged.
    """
    trees = lightgbm.Booster(model_str=path.read_text(encoding="utf-8"))
    if trees.feature_name() != columns(names):
        message = "it was trained for other features"
        raise ValueError(message)
    return trees
