"""How much training data it takes, and what each source and language adds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import FULL
from core.evaluate.charts.chart import Chart, blank, interval
from core.evaluate.charts.languages import difference_bars
from core.evaluate.metrics import figure
from core.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run


def curve(by_set: Mapping[str, Sequence[Run]], measure: str, palette: Palette) -> Chart:
    """A measure against the share of the training pairs, a line a data set."""
    rows = []
    for name, runs in by_set.items():
        for run in runs:
            if share := re.fullmatch(r"share (\d+)%", run.provenance.system):
                one = figure(run.table[measure].to_numpy())
                rows.append((name, int(share[1]), one.value, one.low, one.high, run.table.height))
    table = pl.DataFrame(
        rows, schema=["data set", "training pairs, %", measure, "low", "high", "queries"], orient="row"
    ).sort("data set", "training pairs, %")
    chart = blank(palette, 380, "training pairs used, % (logarithmic)", f"{measure}, share of queries")
    for colour, name in zip(palette.series, by_set, strict=False):
        own = table.filter(pl.col("data set") == name)
        chart.add_trace(
            go.Scatter(
                x=own["training pairs, %"].to_list(),
                y=own[measure].to_list(),
                mode="lines+markers",
                name=name,
                line={"color": colour},
                marker={"size": 8},
                error_y=interval(own[measure], own["low"], own["high"]),
                hovertemplate="%{x} % of the pairs: %{y:.3f}<extra></extra>",
            )
        )
    chart.update_xaxes(type="log", tickvals=[1, 3, 10, 30, 100])
    chart.update_yaxes(rangemode="tozero")
    parts = []
    for name in by_set:
        own = table.filter(pl.col("data set") == name)
        points = ", ".join(f"{row[1]} % {row[2]:.3f}" for row in own.iter_rows())
        parts.append(f"{name}: {points}")
    return Chart(
        "learning-curve", f"{measure} against the share of the training pairs", "; ".join(parts) + ".", chart, table
    )


def left_out(runs: Sequence[Run], measure: str, palette: Palette, name: str) -> Chart:
    """What leaving one source or one language out of the training costs, on the same queries."""
    full = next(run for run in runs if run.provenance.system == FULL)
    rows = []
    for run in runs:
        if run.provenance.system.startswith("without "):
            one = figure(run.table[measure].to_numpy() - full.table[measure].to_numpy())
            rows.append(
                {
                    "left out": LANGUAGES.get(out := run.provenance.system.removeprefix("without "), out),
                    "what it is": run.provenance.about.removeprefix("trained without "),
                    measure: float(run.table[measure].to_numpy().mean()),
                    "difference": one.value,
                    "low": one.low,
                    "high": one.high,
                    "clear": "yes" if one.low > 0 or one.high < 0 else "no",
                }
            )
    table = pl.DataFrame(rows).sort("difference")
    title = f"What {measure} changes when one source or language is left out: {name}"
    return difference_bars(f"ablations-{name}", title, f"difference in {measure}", table, "left out", palette)
