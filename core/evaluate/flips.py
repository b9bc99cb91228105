"""What a robustness run says: R@5 before and after each change, and first codes that flip or fail to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.evaluate.metrics import Figure, figure
from core.evaluate.perturb import PERTURBATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.evaluate.runs import Run

FIGURES = ("hit5_before", "hit5_after", "flipped", "right_after")


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept under a perturbation: R@5 before and after, and the share of first codes that flipped.

    `right` is the share of answers that are right after it, as :func:`measure_robustness` says.
    """

    perturbation: str
    about: str
    must_flip: bool
    queries: int
    r5_before: Figure
    r5_after: Figure
    flips: Figure
    right: Figure


def summary(run: Run) -> list[Kept]:
    """Each perturbation that the run has, in the order of :data:`PERTURBATIONS`."""
    kept = []
    for one in PERTURBATIONS:
        rows = run.table.filter(pl.col("perturbation") == one.name)
        if rows.height:
            figures = (figure(rows[name].cast(pl.Float64).to_numpy()) for name in FIGURES)
            kept.append(Kept(one.name, one.about, one.must_flip, rows.height, *figures))
    return kept


def lines(run: Run) -> Iterator[str]:
    """The summary as text."""
    yield f"{'':<38}{'n':>5}{'R@5 before':>22}{'R@5 after':>22}{'first code flips':>22}{'right after':>22}"
    for must in (False, True):
        yield "must flip" if must else "must not flip"
        for one in summary(run):
            if one.must_flip == must:
                figures = (one.r5_before, one.r5_after, one.flips, one.right)
                cells = (f"{cell.value:.3f} [{cell.low:.3f}, {cell.high:.3f}]" for cell in figures)
                yield f"  {one.about:<36}{one.queries:>5}" + "".join(f"{cell:>22}" for cell in cells)
    yield f"{run.provenance.seconds:.1f} s"
