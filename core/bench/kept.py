"""The figures of a bench as a run that is kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl

from core.evaluate.runs import Run, provenance
from core.evaluate.systems import clinicode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.bench.figures import Step
    from core.coder import Coder

SCHEMA = {"part": pl.String, "measure": pl.String, "value": pl.Float64, "unit": pl.String, "x": pl.Float64}


def as_run(steps: Sequence[Step], coder: Coder, command: str, queries: Sequence[str], seconds: float) -> Run:
    """The figures of all steps as a run: one row a figure, the machine named in its provenance.

    Columns: ``part``, ``measure``, ``value``, ``unit`` and ``x``; see :class:`core.bench.figures.Figure`.
    """
    system = clinicode(coder)
    figures = [figure for step in steps for figure in step.figures]
    table = pl.DataFrame(
        [(one.part, one.measure, one.value, one.unit, one.x) for one in figures], schema=SCHEMA, orient="row"
    )
    told = provenance(
        system,
        "bench",
        "public",
        hashlib.sha256("\n".join(queries).encode()).hexdigest()[:10],
        release=coder.catalog.label,
        command=command,
        seconds=seconds,
    )
    return Run(told, table)
