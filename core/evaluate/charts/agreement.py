"""How well each two reviewers agree, with intervals."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.charts.chart import ROW, Chart, blank, folded, interval
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.charts.chart import Palette
    from core.review.agreement import Pair
    from core.review.coefficients import Estimate


def measures(pair: Pair) -> dict[str, Estimate]:
    """What is shown of two reviewers, by the words for it."""
    return {
        _("same passage (F1)"): pair.scores.overlapping,
        _("same bounds (F1)"): pair.scores.exact,
        _("same code"): pair.scores.codes,
        _("kappa of the codes"): pair.codes,
    }


def by_pair(pairs: Sequence[Pair], palette: Palette) -> Chart:
    """Passages, codes and kappa of every two reviewers."""
    rows = [
        (_both(pair), words, pair.scores.documents, *_bounds(one, pair), _(one.reason) if one.reason else "")
        for pair in pairs
        for words, one in measures(pair).items()
    ]
    columns = {"reviewers": pl.String, "measure": pl.String, "documents": pl.Int64}
    columns |= {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "why not": pl.String}
    table = pl.DataFrame(rows, schema=columns, orient="row")
    chart = blank(palette, 130 + 3 * ROW * len(pairs), _("agreement (1: all)"), "")
    for colour, words in zip(palette.series, measures(pairs[0]), strict=False):
        own = table.filter((pl.col("measure") == words) & pl.col("value").is_not_null())
        names = [folded(escape(name)) for name in own["reviewers"].to_list()]
        chart.add_trace(
            go.Scatter(
                x=own["value"].to_list(),
                y=names,
                orientation="h",
                mode="markers",
                name=words,
                marker={"color": colour, "size": 10},
                error_x=interval(
                    own["value"],
                    own["low"].fill_null(own["value"]),
                    own["high"].fill_null(own["value"]),
                    colour,
                    thickness=2,
                    width=0,
                ),
                hovertemplate=f"%{{y}}, {words}: %{{x:.2f}}<extra></extra>",
            )
        )
    chart.update_layout(scattermode="group", scattergap=0.4, showlegend=True)
    chart.update_xaxes(
        range=[min(-0.02, *table["low"].drop_nulls(), *table["value"].drop_nulls()), 1.02], tickformat=".1f"
    )
    order = [folded(escape(_both(pair))) for pair in pairs]
    chart.update_yaxes(type="category", categoryorder="array", categoryarray=order, autorange="reversed")
    said = ", ".join(f"{_both(pair)} {_said(pair)}" for pair in pairs)
    alt = _("Same code where both marked a passage: {agreement}.").format(agreement=said)
    return Chart("agreement-pairs", _("How well each two reviewers agree"), alt, chart, table)


def _both(pair: Pair) -> str:
    return _("{one} and {other}").format(one=pair.first, other=pair.second)


def _bounds(one: Estimate, pair: Pair) -> tuple[float | None, float | None, float | None]:
    """A figure with its interval; one document has none."""
    if one.figure is None:
        return None, None, None
    several = pair.scores.documents > 1
    return one.figure.value, one.figure.low if several else None, one.figure.high if several else None


def _said(pair: Pair) -> str:
    value, low, high = _bounds(pair.scores.codes, pair)
    if value is None:
        return f"– ({_(pair.scores.codes.reason)})"
    if low is None or high is None:
        return _("{value} (one document, no interval)").format(value=f"{value:.2f}")
    return _("{value} ({low} to {high})").format(value=f"{value:.2f}", low=f"{low:.2f}", high=f"{high:.2f}")
