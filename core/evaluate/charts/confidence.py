"""Whether a confidence means what it says, and what a threshold on it would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import label
from core.evaluate.charts.chart import Chart, blank, interval
from core.evaluate.metrics import figure
from core.interface import _, ngettext, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

BINS = 10


def has_confidence(run: Run) -> bool:
    """Whether the system said how sure it was."""
    return "confidence" in run.table.columns and run.table["confidence"].null_count() < run.table.height


def _answers(run: Run) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidence in the first code and whether that is right, for each query; 0 where nothing was found."""
    right = (run.table["rank"] == 1).fill_null(value=False).to_numpy()
    return run.table["confidence"].fill_null(0.0).to_numpy().astype(np.float64), right


def reliability(run: Run, palette: Palette) -> Chart:
    """Confidence said against the share that was right, in ten bins, with the number of queries in each."""
    said, right = _answers(run)
    at = np.minimum((said * BINS).astype(int), BINS - 1)
    rows = []
    for place in range(BINS):
        own = at == place
        if own.any():
            one = figure(right[own].astype(float))
            rows.append(
                (
                    _("{low} to {high}").format(low=f"{place / BINS:.1f}", high=f"{(place + 1) / BINS:.1f}"),
                    int(own.sum()),
                    float(said[own].mean()),
                    one.value,
                    one.low,
                    one.high,
                )
            )
    table = pl.DataFrame(
        rows, schema=["confidence", "queries", "mean confidence", "share right", "low", "high"], orient="row"
    )
    error = float((table["queries"] * (table["mean confidence"] - table["share right"]).abs()).sum() / len(said))
    chart = blank(
        palette, 400, _("confidence in the first code, mean of the bin"), _("share of first codes that are right")
    )
    chart.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            name=_("as it should be"),
            line={"color": palette.grey, "dash": "dash"},
            hoverinfo="skip",
        )
    )
    chart.add_trace(
        go.Scatter(
            x=table["mean confidence"].to_list(),
            y=table["share right"].to_list(),
            mode="lines+markers+text",
            name=_("measured (number: queries)"),
            text=[str(count) for count in table["queries"].to_list()],
            textposition="bottom right",
            line={"color": palette.accent},
            marker={"size": 9},
            error_y=interval(table["share right"], table["low"], table["high"]),
            hovertemplate=_("said {said}, right {right}").format(said="%{x:.2f}", right="%{y:.2f}") + "<extra></extra>",
        )
    )
    chart.update_xaxes(range=[0, 1.03])
    chart.update_yaxes(range=[0, 1.03])
    alt = _("Expected calibration error {error} over {count} queries.").format(
        error=f"{error:.3f}", count=number(len(said))
    )
    each = "; ".join(
        ngettext(
            "said {said}, right {right} ({count} query)", "said {said}, right {right} ({count} queries)", row[1]
        ).format(said=f"{row[2]:.2f}", right=f"{row[3]:.2f}", count=row[1])
        for row in rows
    )
    return Chart(
        f"reliability-{label(run)}",
        _("Is “{system}” right as often as it says? (error {error})").format(system=label(run), error=f"{error:.3f}"),
        f"{alt} {each}.",
        chart,
        table,
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """What a coder would see at a threshold: phrases with a first code, those of them wrong, right ones held back."""

    threshold: float
    queries: int
    answered: int
    wrong: int
    held_back_right: int

    def sentence(self) -> str:
        """In words."""
        every = _("none of them")
        if self.wrong:
            every = _("one in {count}").format(count=f"{self.answered / self.wrong:.0f}")
        return _(
            "Of {queries} phrases {answered} ({share}) would get a first code without a warning, and {wrong} of those "
            "({every}) would be wrong. The other {others} would be offered as not confident; {right} of them are right."
        ).format(
            queries=number(self.queries),
            answered=number(self.answered),
            share=f"{self.answered / self.queries:.0%}",
            wrong=number(self.wrong),
            every=every,
            others=number(self.queries - self.answered),
            right=number(self.held_back_right),
        )


def answered(run: Run, threshold: float) -> Answered:
    """What abstaining below a confidence comes to on a run."""
    said, right = _answers(run)
    over = said >= threshold
    return Answered(threshold, len(said), int(over.sum()), int((over & ~right).sum()), int((~over & right).sum()))


def coverage(run: Run, threshold: float, palette: Palette) -> Chart:
    """Share of first codes that are wrong among the most confident ones, against how many those are."""
    said, right = _answers(run)
    order = np.argsort(-said, kind="stable")
    covered = np.arange(1, len(said) + 1) / len(said)
    risk = np.cumsum(~right[order]) / np.arange(1, len(said) + 1)
    steps = np.unique(np.linspace(max(0, len(said) // 50), len(said) - 1, 120).astype(int))
    table = pl.DataFrame(
        {
            "queries answered, share": covered[steps],
            "of those wrong, share": risk[steps],
            "confidence of the last": said[order][steps],
        }
    )
    chosen = answered(run, threshold)
    chart = blank(
        palette, 400, _("queries answered, most confident first, share"), _("wrong among those answered, share")
    )
    told = _("{answered} answered, {wrong} wrong")
    hover = _("{answered} answered, {wrong} wrong (confidence from {confidence})")
    chart.add_trace(
        go.Scatter(
            x=table["queries answered, share"].to_list(),
            y=table["of those wrong, share"].to_list(),
            mode="lines",
            line={"color": palette.accent, "width": 2.5},
            customdata=table["confidence of the last"].to_list(),
            name="risk",
            showlegend=False,
            hovertemplate=hover.format(answered="%{x:.0%}", wrong="%{y:.1%}", confidence="%{customdata:.2f}")
            + "<extra></extra>",
        )
    )
    if chosen.answered:
        chart.add_trace(
            go.Scatter(
                x=[chosen.answered / chosen.queries],
                y=[chosen.wrong / chosen.answered],
                mode="markers",
                marker={"size": 14, "color": palette.warn, "symbol": "diamond"},
                name=_("threshold {value}").format(value=f"{threshold:.2f}"),
                showlegend=True,
                hoverinfo="skip",
            )
        )
    chart.update_xaxes(range=[0, 1.02], tickformat=".0%")
    chart.update_yaxes(rangemode="tozero", tickformat=".0%")
    marks = [(share, float(risk[min(len(risk) - 1, int(share * len(risk)) - 1)])) for share in (0.5, 0.8, 1.0)]
    alt = "; ".join(told.format(answered=f"{share:.0%}", wrong=f"{value:.1%}") for share, value in marks)
    return Chart(
        f"risk-coverage-{label(run)}",
        _("How often the first code of “{system}” is wrong, against how many are answered").format(system=label(run)),
        alt + ".",
        chart,
        table,
    )
