"""How languages and ways of writing differ, and what the second stage brings each language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import Slice, label, languages
from core.evaluate.charts.chart import NO, ROW, YES, Chart, blank, hatch, interval, worded
from core.evaluate.metrics import Figure, draws, figure
from core.interface import N_, _, language_name
from core.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

ALL = N_("all")
STYLES = frozenset({N_("clinical"), N_("abbrev"), N_("lay"), N_("specific"), N_("typo")})
"""How the public mentions are written."""
SAID = 8
"""Differences that are put into words."""


def by_language_and_style(run: Run, measure: str, palette: Palette) -> Chart:
    """A heat map of a measure's mean, languages down, styles across, with the number of queries in each cell."""
    langs, styles = languages([run]), [style for style in dict.fromkeys(run.table["style"].to_list()) if style]
    rows, values, words = [], [], []
    for lang in [*langs, ALL]:
        line: list[float | None] = []
        said: list[str] = []
        for style in [*styles, ALL]:
            own = _cell(run.table, lang, style)[measure]
            value = float(own.to_numpy().mean()) if len(own) else None
            line.append(value)
            said.append(f"{value:.2f}" if value is not None else "–")
            rows.append({"language": _name(lang), "style": _(style), "queries": len(own), measure: value})
        values.append(line)
        words.append(said)
    chart = blank(palette, 90 + 34 * (len(langs) + 1), _("how the mention is written"), "")
    chart.add_trace(
        go.Heatmap(
            z=values,
            x=[_(style) for style in [*styles, ALL]],
            y=[_name(lang) for lang in [*langs, ALL]],
            text=words,
            texttemplate="%{text}",
            colorscale=[list(step) for step in palette.scale],
            zmin=0.5,
            zmax=1,
            xgap=2,
            ygap=2,
            showscale=False,
            hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
        )
    )
    chart.update_yaxes(autorange="reversed", showgrid=False)
    chart.update_xaxes(showgrid=False)
    table = pl.DataFrame(rows)
    cells = table.filter((pl.col("language") != _(ALL)) & (pl.col("style") != _(ALL))).drop_nulls(measure).sort(measure)
    low, high = cells.row(0, named=True), cells.row(-1, named=True)
    alt = _("{measure} is lowest for {lowest} and highest for {highest}, of {count} cells.").format(
        measure=measure, lowest=_told(low, measure), highest=_told(high, measure), count=cells.height
    )
    title = _("{measure} of {system} by language and by how the mention is written").format(
        measure=measure, system=label(run)
    )
    return Chart(f"languages-styles-{label(run)}", title, alt, chart, table)


def _told(cell: Mapping[str, Any], measure: str) -> str:
    return f"{cell['language']}, {cell['style']} ({cell[measure]:.2f})"


def _cell(table: pl.DataFrame, lang: str, style: str) -> pl.DataFrame:
    if lang != ALL:
        table = table.filter(pl.col("lang") == lang)
    return table.filter(pl.col("style") == style) if style != ALL else table


def _name(lang: str) -> str:
    return language_name(lang) if lang in LANGUAGES else _(lang) if lang else ""


def gap_to_english(run: Run, measure: str, palette: Palette) -> Chart:
    """How far each language is from English, with intervals of the difference (the queries differ)."""
    english = Slice("en").values(run, measure)
    rows = []
    for lang in languages([run]):
        if lang != "en":
            own = Slice(lang).values(run, measure)
            rows.append((_name(lang), len(own), _unpaired(own, english)))
    title = _("{measure} of {system} in each language, less that in English").format(measure=measure, system=label(run))
    return _differences(f"gap-{label(run)}", title, difference_in(measure), rows, palette)


def lift(before: Run, after: Run, measure: str, palette: Palette) -> Chart:
    """What a second system brings each language over a first on the same queries."""
    rows = []
    for lang in ["", *languages([after])]:
        part = Slice(lang)
        own = part.values(after, measure) - part.values(before, measure)
        rows.append((_name(lang or ALL), len(own), figure(own)))
    title = _("What “{system}” brings over “{other}” in each language ({measure})").format(
        system=label(after), other=label(before), measure=measure
    )
    return _differences(f"lift-{label(after)}", title, difference_in(measure), rows, palette)


def difference_in(measure: str) -> str:
    """What the axis of a chart of differences is called."""
    return _("difference in {measure}").format(measure=measure)


def _unpaired(first: NDArray[np.float64], second: NDArray[np.float64]) -> Figure:
    """A difference of two means with its bootstrap interval, each resampled by itself."""
    ours = first[draws(len(first), seed=7)].mean(axis=1)
    theirs = second[draws(len(second), seed=8)].mean(axis=1)
    low, high = np.percentile(ours - theirs, [2.5, 97.5])
    return Figure(float(first.mean() - second.mean()), float(low), float(high))


def _differences(name: str, title: str, axis: str, rows: Iterable[tuple[str, int, Figure]], palette: Palette) -> Chart:
    """Bars left and right of zero with intervals; grey and hatched where zero lies within."""
    table = pl.DataFrame(
        [
            {
                "language": lang,
                "queries": count,
                "difference": one.value,
                "low": one.low,
                "high": one.high,
                "clear": YES if one.low > 0 or one.high < 0 else NO,
            }
            for lang, count, one in rows
        ]
    )
    return difference_bars(name, title, axis, table, "language", palette)


def difference_bars(name: str, title: str, axis: str, table: pl.DataFrame, column: str, palette: Palette) -> Chart:
    """A chart of a table with `column`, ``difference, low, high, clear``; grey and hatched where it is not clear."""
    chart = blank(palette, 70 + ROW * table.height, axis, "")
    colours = [
        palette.grey if row["clear"] == NO else palette.accent if row["difference"] > 0 else palette.warn
        for row in table.iter_rows(named=True)
    ]
    chart.add_trace(
        go.Bar(
            x=table["difference"].to_list(),
            y=table[column].to_list(),
            orientation="h",
            marker={"color": colours, "pattern": hatch(["/" if one == NO else "" for one in table["clear"]])},
            error_x=interval(table["difference"], table["low"], table["high"], palette.text),
            hovertemplate="%{y}: %{x:+.3f}<extra></extra>",
        )
    )
    chart.update_yaxes(autorange="reversed", showgrid=False)
    chart.update_xaxes(tickformat="+.2f", zerolinecolor=palette.text)
    return Chart(name, title, _said(table, column), chart, worded(table, "clear"))


def _said(table: pl.DataFrame, column: str) -> str:
    """The differences in words; of many, those that are furthest from nothing."""
    clear = table.filter(pl.col("clear") == YES)
    told = table if table.height <= SAID else clear.sort(pl.col("difference").abs(), descending=True).head(SAID)
    bounds = _("{value} ({low} to {high})")
    words = "; ".join(
        f"{row[column]} "
        + bounds.format(value=f"{row['difference']:+.3f}", low=f"{row['low']:+.3f}", high=f"{row['high']:+.3f}")
        for row in told.iter_rows(named=True)
    )
    grey = _("Clear of zero: {count} of {total}; the others are grey.").format(count=clear.height, total=table.height)
    return f"{words}. {grey}"
