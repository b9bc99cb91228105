"""What a perturbed query keeps: R@5 before and after, and first codes that flip or fail to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.charts.chart import ROW, Chart, blank, interval
from core.evaluate.flips import summary
from core.evaluate.metrics import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.charts.chart import Palette
    from core.evaluate.flips import Kept
    from core.evaluate.runs import Run

FLIPS = "flips where it should not"
FAILS = "fails to flip where it must"


def kept(run: Run, palette: Palette) -> Chart:
    """A dumbbell a harmless change: the share of queries with a right code among the first five, before and after."""
    rows = sorted((one for one in summary(run) if not one.must_flip), key=_lost)
    names = [one.about for one in rows]
    chart = blank(palette, 110 + ROW * len(rows), "queries with a right code among the first five (R@5)", "")
    for one in rows:
        chart.add_trace(
            go.Scatter(
                x=[one.r5_before.value, one.r5_after.value],
                y=[one.about] * 2,
                mode="lines",
                line={"color": palette.line, "width": 4},
                showlegend=False,
                hoverinfo="skip",
            )
        )
    for word, figures, colour, symbol in (
        ("before", [one.r5_before for one in rows], palette.grey, "circle-open"),
        ("after", [one.r5_after for one in rows], palette.accent, "circle"),
    ):
        chart.add_trace(
            go.Scatter(
                x=[one.value for one in figures],
                y=names,
                error_x=_interval(figures, colour) if word == "after" else None,
                mode="markers",
                name=word,
                marker={"color": colour, "size": 10, "symbol": symbol, "line": {"width": 2}},
                customdata=[one.queries for one in rows],
                hovertemplate="%{y}, " + word + ": %{x:.1%} of %{customdata} queries<extra></extra>",
            )
        )
    chart.update_xaxes(tickformat=".0%")
    chart.update_yaxes(autorange="reversed", showgrid=False)
    table = pl.DataFrame([_row(one) for one in rows])
    worst, best = rows[-1], rows[0]
    alt = (
        f"R@5 before and after each of {len(rows)} changes that leave the meaning as it is. It falls most under "
        f"“{worst.about}”, from {worst.r5_before.value:.1%} to {worst.r5_after.value:.1%} of {worst.queries} queries, "
        f"and least under “{best.about}”, from {best.r5_before.value:.1%} to {best.r5_after.value:.1%}."
    )
    title = "What typos, capitals and other harmless changes leave of the right codes among the first five"
    return Chart("robustness-kept", title, alt, chart, table)


def flips(run: Run, palette: Palette) -> Chart:
    """Two groups of bars: first codes that flip under harmless changes, and that do not when the meaning changes."""
    harmless = sorted((one for one in summary(run) if not one.must_flip), key=lambda one: one.flips.value)
    turning = sorted((one for one in summary(run) if one.must_flip), key=lambda one: -one.flips.value)
    groups = (
        (FLIPS, palette.accent, harmless, [one.flips for one in harmless]),
        (FAILS, palette.warn, turning, [_rest(one.flips) for one in turning]),
    )
    chart = blank(palette, 130 + ROW * (len(harmless) + len(turning)), "share of first codes", "")
    rows = []
    for group, colour, members, figures in groups:
        chart.add_trace(
            go.Bar(
                x=[one.value for one in figures],
                y=[[group] * len(members), [one.about for one in members]],
                error_x=_interval(figures, palette.text),
                orientation="h",
                name=group,
                marker_color=colour,
                customdata=[one.queries for one in members],
                hovertemplate="%{y}: %{x:.1%} of %{customdata} queries<extra></extra>",
            )
        )
        rows += [
            {"first code": group, "change": one.about, "queries": one.queries, **_figure("share", figure)}
            for one, figure in zip(members, figures, strict=True)
        ]
    chart.update_layout(bargap=0.3)
    chart.update_xaxes(tickformat=".0%", rangemode="tozero")
    chart.update_yaxes(autorange="reversed", showgrid=False)
    alt = (
        f"The first code {FLIPS}: {_said(harmless, [one.flips for one in harmless])}. "
        f"It {FAILS}: {_said(turning, [_rest(one.flips) for one in turning])}."
    )
    title = "First codes that flip though the meaning stays, and that stay though the meaning flips"
    return Chart("robustness-flips", title, alt, chart, pl.DataFrame(rows))


def _lost(one: Kept) -> float:
    return one.r5_before.value - one.r5_after.value


def _rest(one: Figure) -> Figure:
    return Figure(1 - one.value, 1 - one.high, 1 - one.low)


def _said(members: Sequence[Kept], figures: Sequence[Figure]) -> str:
    return ", ".join(f"{one.about} {figure.value:.1%}" for one, figure in zip(members, figures, strict=True))


def _interval(figures: Sequence[Figure], colour: str) -> dict[str, object]:
    values = [one.value for one in figures]
    return interval(values, [one.low for one in figures], [one.high for one in figures], colour)


def _figure(name: str, one: Figure) -> dict[str, float]:
    return {name: one.value, f"{name} low": one.low, f"{name} high": one.high}


def _row(one: Kept) -> dict[str, object]:
    return {
        "change": one.about,
        "queries": one.queries,
        **_figure("R@5 before", one.r5_before),
        **_figure("R@5 after", one.r5_after),
    }
