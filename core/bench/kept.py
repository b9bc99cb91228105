"""The figures of a bench as a run that is kept."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from core.evaluate.runs import Provenance, Run, machine
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
    provenance = Provenance(
        system=system.name,
        about=system.about,
        dataset="bench",
        split="public",
        release=coder.catalog.label,
        data=hashlib.sha256("\n".join(queries).encode()).hexdigest()[:10],
        encoder=system.encoder,
        reranker=system.reranker,
        remembered=system.remembered,
        command=command,
        machine=machine(),
        day=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 2),
    )
    return Run(provenance, table)
