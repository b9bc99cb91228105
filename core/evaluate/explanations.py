"""Explanations measured on mentions: what deleting words does, and what writing them otherwise does, as one run."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import polars as pl

from core.evaluate.runs import Run, provenance
from core.evaluate.systems import clinicode
from core.explain.faithfulness import LEAST, faithfulness
from core.explain.stability import stability

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.coder import Coder
    from core.evaluate.gold import GoldQuery
    from core.explain.faithfulness import Curve
    from core.explain.stability import Compared

DELETION, STABILITY = "deletion", "stability"
SCHEMA = {
    "part": pl.String,
    "name": pl.String,
    "measure": pl.String,
    "query": pl.String,
    "lang": pl.String,
    "seed": pl.Int32,
    "x": pl.Float64,
    "value": pl.Float64,
}


def long_enough(queries: Sequence[GoldQuery], limit: int = 0) -> list[GoldQuery]:
    """The first `limit` queries (0: all) of as many words as deletion needs."""
    return [one for one in queries if len(one.text.split()) >= LEAST][: limit or None]


def measure_explanations(coder: Coder, queries: Sequence[GoldQuery], command: str) -> Run:
    """The explanations of the first candidate of each query, deleted from and written otherwise.

    Columns of the run: ``part`` (``deletion`` or ``stability``), ``name`` (the order of deletion, or how the text was
    written), ``measure``, ``query``, ``lang``, ``seed`` (of a random order, else 0), ``x``, ``value``. A deletion has
    ``similarity`` (left after the share ``x`` of the words was deleted) and ``area`` (AOPC); a stability has ``rank
    correlation``, ``cosine``, ``share moved``, ``same first word`` and ``same first code`` (1 or 0).
    """
    started = time.perf_counter()
    texts, langs = [one.text for one in queries], [one.lang or None for one in queries]
    rows = [row for curve in faithfulness(coder, texts, langs).curves for row in _deleted(curve)]
    rows += [row for compared in stability(coder, texts, langs) for row in _otherwise(compared)]
    said = [
        (part, name, measure, queries[at].name, queries[at].lang, seed, x, value)
        for part, name, measure, at, seed, x, value in rows
    ]
    system = clinicode(coder)
    told = provenance(
        system,
        "explanations",
        "mentions",
        hashlib.sha256("\n".join(texts).encode()).hexdigest()[:10],
        release=coder.catalog.label,
        command=command,
        seconds=time.perf_counter() - started,
    )
    return Run(told, pl.DataFrame(said, schema=SCHEMA, orient="row"))


def summary(run: Run) -> list[str]:
    """The run in a few lines: AOPC by order, and what each change leaves as it was."""
    lines = []
    areas = (
        run.table.filter(pl.col("measure") == "area")
        .group_by("name", maintain_order=True)
        .agg(pl.col("value").mean(), pl.col("query").n_unique())
    )
    for name, area, count in areas.iter_rows():
        lines.append(f"deleted {name}: AOPC {area:.3f} ({count} queries)")
    for (name,), own in run.table.filter(pl.col("part") == STABILITY).group_by("name", maintain_order=True):
        means = dict(own.group_by("measure").agg(pl.col("value").mean()).iter_rows())
        lines.append(
            f"{name}: rank correlation {means['rank correlation']:.3f}, the same first word "
            f"{100 * means['same first word']:.0f} %, the same first code {100 * means['same first code']:.0f} % "
            f"({own['query'].n_unique()} queries)"
        )
    return lines


def _deleted(curve: Curve) -> Iterator[tuple[str, str, str, int, int, float | None, float]]:
    words = len(curve.similarities)
    name = str(curve.order)
    for count, value in enumerate(curve.similarities):
        yield DELETION, name, "similarity", curve.query, curve.seed, count / words, value
    yield DELETION, name, "area", curve.query, curve.seed, None, curve.area


def _otherwise(one: Compared) -> Iterator[tuple[str, str, str, int, int, float | None, float]]:
    for measure, value in (
        ("rank correlation", one.rank_correlation),
        ("cosine", one.cosine),
        ("share moved", one.moved),
        ("same first word", float(one.same_word)),
        ("same first code", float(one.same_code)),
    ):
        yield STABILITY, str(one.change), measure, one.query, 0, None, value
