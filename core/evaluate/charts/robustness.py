"""What a perturbed query keeps: R@5 before and after, and first codes that flip or fail to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.charts.chart import Chart, blank, folded, interval, row_height
from core.evaluate.charts.learning import share_of_queries
from core.evaluate.flips import summary
from core.evaluate.metrics import Figure
from core.interface import N_, _, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.charts.chart import Palette
    from core.evaluate.flips import Kept
    from core.evaluate.runs import Run

FLIPS = N_("flips where it should not")
FAILS = N_("fails to flip where it must")


def kept(run: Run, palette: Palette) -> Chart:
    """A dumbbell a harmless change: the share of queries with a right code among the first five, before and after."""
    rows = sorted((one for one in summary(run) if not one.must_flip), key=_lost)
    names = [folded(_(one.about)) for one in rows]
    chart = blank(palette, 110 + row_height(names) * len(rows), share_of_queries("R@5"), "")
    hover = _("{change}, {when}: {share} of {count} queries")
    for one in rows:
        chart.add_trace(
            go.Scatter(
                x=[one.r5_before.value, one.r5_after.value],
                y=[folded(_(one.about))] * 2,
                mode="lines",
                line={"color": palette.line, "width": 4},
                showlegend=False,
                hoverinfo="skip",
            )
        )
    for word, figures, colour, symbol in (
        (N_("before"), [one.r5_before for one in rows], palette.grey, "circle-open"),
        (N_("after"), [one.r5_after for one in rows], palette.accent, "circle"),
    ):
        chart.add_trace(
            go.Scatter(
                x=[one.value for one in figures],
                y=names,
                error_x=_interval(figures, colour) if word == "after" else None,
                mode="markers",
                name=_(word),
                marker={"color": colour, "size": 10, "symbol": symbol, "line": {"width": 2}},
                customdata=[one.queries for one in rows],
                hovertemplate=hover.format(change="%{y}", when=_(word), share="%{x:.1%}", count="%{customdata}")
                + "<extra></extra>",
            )
        )
    chart.update_xaxes(tickformat=".0%", nticks=6, tickangle=0)
    chart.update_yaxes(autorange="reversed", showgrid=False)
    table = pl.DataFrame([_row(one) for one in rows])
    worst, best = rows[-1], rows[0]
    alt = _(
        "R@5 before and after each of {count} changes that leave the meaning as it is. It falls most under “{worst}”, "
        "from {before} to {after} of {queries} queries, and least under “{best}”, from {first} to {last}."
    ).format(
        count=len(rows),
        worst=_(worst.about),
        before=f"{worst.r5_before.value:.1%}",
        after=f"{worst.r5_after.value:.1%}",
        queries=number(worst.queries),
        best=_(best.about),
        first=f"{best.r5_before.value:.1%}",
        last=f"{best.r5_after.value:.1%}",
    )
    title = _("What typos, capitals and other harmless changes leave of the right codes among the first five")
    return Chart("robustness-kept", title, alt, chart, table)


def flips(run: Run, palette: Palette) -> Chart:
    """Two groups of bars: first codes that flip under harmless changes, and that do not when the meaning changes."""
    harmless = sorted((one for one in summary(run) if not one.must_flip), key=lambda one: one.flips.value)
    turning = sorted((one for one in summary(run) if one.must_flip), key=lambda one: -one.flips.value)
    groups = (
        (FLIPS, palette.accent, harmless, [one.flips for one in harmless]),
        (FAILS, palette.warn, turning, [_rest(one.flips) for one in turning]),
    )
    names = [folded(_(one.about)) for one in (*harmless, *turning)]
    chart = blank(palette, 130 + row_height(names) * len(names), _("share of first codes"), "")
    hover = _("{change}: {share} of {count} queries")
    rows = []
    for group, colour, members, figures in groups:
        chart.add_trace(
            go.Bar(
                x=[one.value for one in figures],
                y=[folded(_(one.about)) for one in members],
                error_x=_interval(figures, palette.text),
                orientation="h",
                name=_(group),
                marker_color=colour,
                customdata=[one.queries for one in members],
                hovertemplate=hover.format(change="%{y}", share="%{x:.1%}", count="%{customdata}") + "<extra></extra>",
            )
        )
        rows += [
            {"first code": _(group), "change": _(one.about), "queries": one.queries, **_figure("share", figure)}
            for one, figure in zip(members, figures, strict=True)
        ]
    chart.update_layout(bargap=0.3)
    chart.update_xaxes(tickformat=".0%", rangemode="tozero", nticks=5, tickangle=0)
    chart.update_yaxes(autorange="reversed", showgrid=False)
    alt = _("The first code flips where it should not: {harmless}. It fails to flip where it must: {turning}.").format(
        harmless=_said(harmless, [one.flips for one in harmless]),
        turning=_said(turning, [_rest(one.flips) for one in turning]),
    )
    title = _("First codes that flip though the meaning stays, and that stay though the meaning flips")
    return Chart("robustness-flips", title, alt, chart, pl.DataFrame(rows))


def _lost(one: Kept) -> float:
    return one.r5_before.value - one.r5_after.value


def _rest(one: Figure) -> Figure:
    return Figure(1 - one.value, 1 - one.high, 1 - one.low)


def _said(members: Sequence[Kept], figures: Sequence[Figure]) -> str:
    return ", ".join(f"{_(one.about)} {figure.value:.1%}" for one, figure in zip(members, figures, strict=True))


def _interval(figures: Sequence[Figure], colour: str) -> dict[str, object]:
    values = [one.value for one in figures]
    return interval(values, [one.low for one in figures], [one.high for one in figures], colour)


def _figure(name: str, one: Figure) -> dict[str, float]:
    return {name: one.value, f"{name} low": one.low, f"{name} high": one.high}


def _row(one: Kept) -> dict[str, object]:
    return {
        "change": _(one.about),
        "queries": one.queries,
        **_figure("R@5 before", one.r5_before),
        **_figure("R@5 after", one.r5_after),
    }
