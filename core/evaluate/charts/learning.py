"""How much training data it takes, and what each source and language adds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import FULL, title_of
from core.evaluate.charts.chart import NO, YES, Chart, blank, interval, worded
from core.evaluate.charts.languages import difference_bars, difference_in
from core.evaluate.metrics import figure
from core.interface import N_, _, language_name, number
from core.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run


ALL, FRESH = N_("all mentions"), N_("mentions that nobody has reviewed")


def curve(by_set: Mapping[str, Sequence[Run]], measure: str, palette: Palette) -> Chart:
    """A measure against the share of the training pairs, a line a data set."""
    rows = []
    names = [title_of(runs[0]) for runs in by_set.values()]
    for name, runs in zip(names, by_set.values(), strict=True):
        for run in runs:
            if share := re.fullmatch(r"share (\d+)%", run.provenance.system):
                one = figure(run.table[measure].to_numpy())
                rows.append((name, int(share[1]), one.value, one.low, one.high, run.table.height))
    table = pl.DataFrame(
        rows, schema=["data set", "training pairs, %", measure, "low", "high", "queries"], orient="row"
    ).sort("data set", "training pairs, %")
    chart = blank(palette, 380, _("training pairs used, % (logarithmic)"), share_of_queries(measure))
    hover = _("{share} of the pairs: {value}").format(share="%{x} %", value="%{y:.3f}")
    _lines(chart, table, ("data set", "training pairs, %", measure), names, palette, hover)
    chart.update_xaxes(type="log", tickvals=[1, 3, 10, 30, 100])
    parts = []
    for name in names:
        own = table.filter(pl.col("data set") == name)
        points = ", ".join(f"{row[1]} % {row[2]:.3f}" for row in own.iter_rows())
        parts.append(f"{name}: {points}")
    title = _("{measure} against the share of the training pairs").format(measure=measure)
    return Chart("learning-curve", title, "; ".join(parts) + ".", chart, table)


def share_of_queries(measure: str) -> str:
    """What the axis of a measure is called."""
    return _("{measure}, share of queries").format(measure=measure)


def reviewed(runs: Sequence[Run], measure: str, palette: Palette) -> Chart:
    """A measure on documents that nobody has reviewed, against the pairs that reviewing others has taught."""
    rows = []
    for run in runs:
        fresh = run.table.filter(pl.col("seen").fill_null(value=False).not_())
        for name, part in ((ALL, run.table), (FRESH, fresh)):
            one = figure(part[measure].to_numpy())
            share = run.provenance.system.removeprefix("reviewed ")
            rows.append((name, share, run.provenance.remembered, part.height, one.value, one.low, one.high))
    columns = ["mentions", "of CodiEsp train", "pairs", "queries", measure, "low", "high"]
    table = pl.DataFrame(rows, schema=columns, orient="row").sort("mentions", "pairs")
    chart = blank(palette, 360, _("reviewed pairs in the team memory"), share_of_queries(measure))
    whole = table.filter(pl.col("mentions") == ALL)
    table = worded(table, "mentions")
    names = table["mentions"].unique(maintain_order=True)
    hover = _("{count} pairs: {value}").format(count="%{x:,}", value="%{y:.3f}")
    _lines(chart, table, ("mentions", "pairs", measure), names, palette, hover)
    told = _("{share} of CodiEsp train ({count} pairs) {value}")
    points = ", ".join(
        told.format(share=row[1], count=number(row[2]), value=f"{row[4]:.3f}") for row in whole.iter_rows()
    )
    title = _(
        "{measure} on CodiEsp dev as more of CodiEsp train is reviewed (an encoder that never saw CodiEsp)"
    ).format(measure=measure)
    return Chart("reviewing", title, _("All mentions: {points}.").format(points=points), chart, table)


def _lines(
    chart: go.Figure,
    table: pl.DataFrame,
    columns: tuple[str, str, str],
    names: Iterable[str],
    palette: Palette,
    hover: str,
) -> None:
    """A line with intervals for each name; `columns` are those of the names and of both axes."""
    by, x, y = columns
    for colour, name in zip(palette.series, names, strict=False):
        own = table.filter(pl.col(by) == name)
        chart.add_trace(
            go.Scatter(
                x=own[x].to_list(),
                y=own[y].to_list(),
                mode="lines+markers",
                name=name,
                line={"color": colour},
                marker={"size": 8},
                error_y=interval(own[y], own["low"], own["high"]),
                hovertemplate=f"{hover}<extra></extra>",
            )
        )
    chart.update_yaxes(rangemode="tozero")


def left_out(runs: Sequence[Run], measure: str, palette: Palette, name: str) -> Chart:
    """What leaving one source or one language out of the training costs, on the same queries."""
    full = next(run for run in runs if run.provenance.system == FULL)
    rows = []
    for run in runs:
        if run.provenance.system.startswith("without "):
            one = figure(run.table[measure].to_numpy() - full.table[measure].to_numpy())
            out, what = run.provenance.system.removeprefix("without "), run.provenance.about
            lang = language_name(out) if out in LANGUAGES else ""
            rows.append(
                {
                    "left out": lang or out,
                    "what it is": lang or what.removeprefix("trained without "),
                    measure: float(run.table[measure].to_numpy().mean()),
                    "difference": one.value,
                    "low": one.low,
                    "high": one.high,
                    "clear": YES if one.low > 0 or one.high < 0 else NO,
                }
            )
    table = pl.DataFrame(rows).sort("difference")
    title = _("What {measure} changes when one source or language is left out: {data}").format(
        measure=measure, data=title_of(full)
    )
    return difference_bars(f"ablations-{name}", title, difference_in(measure), table, "left out", palette)
