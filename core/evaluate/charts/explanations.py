"""Whether the words that are said to matter do, and whether that stays so when the text is written otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import polars as pl

from core.evaluate.charts.chart import ROW, Chart, blank
from core.explain.deletion import Order

if TYPE_CHECKING:
    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

GRID = tuple(at / 20 for at in range(21))
"""Shares of the words of a text that curves of texts of different length are compared at."""
MEASURES = {
    "rank correlation": "rank correlation of the words' shares, mean",
    "same first word": "the word that matters most is the same",
    "same first code": "the first code is the same",
}


def deletion(run: Run, palette: Palette) -> Chart:
    """The mean similarity left while words are deleted: largest share first, at random, smallest first."""
    table = _curves(run)
    means = run.table.filter(pl.col("measure") == "area").group_by("name").agg(pl.col("value").mean())
    areas: dict[str, float] = dict(means.iter_rows())
    figure = blank(palette, 380, "words deleted, share of the text's", "similarity left to the matched term, mean")
    looks = {
        Order.LARGEST: (palette.accent, "solid"),
        Order.RANDOM: (palette.grey, "dash"),
        Order.SMALLEST: (palette.warn, "dot"),
    }
    said = []
    for order, (colour, dash) in looks.items():
        own = table.filter(pl.col("order") == str(order))
        figure.add_trace(
            go.Scatter(
                x=own["deleted"].to_list(),
                y=own["similarity"].to_list(),
                mode="lines",
                name=f"{order} (AOPC {areas[order]:.3f})",
                line={"color": colour, "width": 3, "dash": dash},
                hovertemplate=f"%{{x:.0%}} deleted: %{{y:.3f}} left<extra>{order}</extra>",
            )
        )
        half = own.filter(pl.col("deleted") == 0.5)["similarity"][0]
        said.append(f"{order} {half:.3f} (area over the curve {areas[order]:.3f})")
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(rangemode="tozero")
    queries = run.table.filter(pl.col("part") == "deletion")["query"].n_unique()
    start = table.filter(pl.col("deleted") == 0)["similarity"][0]
    times = areas[Order.LARGEST] / areas[Order.RANDOM]
    title = (
        f"Deleting the words with the largest shares first lowers the similarity {times:.1f} times as much as deleting "
        f"words at random ({queries} mentions)"
    )
    alt = f"From a mean similarity of {start:.3f}, half of the words deleted leaves: {'; '.join(said)}."
    return Chart("explanations-deletion", title, alt, figure, table)


def stability(run: Run, palette: Palette) -> Chart:
    """For each way of writing the text otherwise how often the first word and the first code stay the same."""
    table = (
        run.table.filter(pl.col("part") == "stability")
        .group_by("name", "measure", maintain_order=True)
        .agg(pl.col("value").mean(), pl.col("query").n_unique().alias("queries"))
        .pivot("measure", index=["name", "queries"], values="value")
        .rename({"name": "written otherwise"})
    )
    names = [f"{name} (n {queries})" for name, queries in table.select("written otherwise", "queries").iter_rows()]
    figure = blank(
        palette, 100 + 3 * ROW * table.height, "share of mentions; rank correlation (1: nothing changes)", ""
    )
    for (measure, said), colour in zip(MEASURES.items(), palette.series, strict=False):
        figure.add_trace(
            go.Bar(
                x=table[measure].to_list(),
                y=names,
                orientation="h",
                name=said,
                marker={"color": colour},
                text=[f"{value:.2f}" for value in table[measure]],
                hovertemplate=f"{said}: %{{x:.3f}}<extra>%{{y}}</extra>",
            )
        )
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(range=[0, 1.03], tickformat=".1f")
    alt = "; ".join(
        f"{row['written otherwise']} ({row['queries']} mentions): rank correlation {row['rank correlation']:.3f}, the "
        f"same first word in {row['same first word']:.0%}, the same first code in {row['same first code']:.0%}"
        for row in table.iter_rows(named=True)
    )
    least = table.sort("same first word").row(0, named=True) if table.height else {}
    title = (
        f"The word that matters most stays the same in at least {least.get('same first word', 0):.0%} of the mentions "
        "when they are written without accents, in capitals, or with a typo in another word"
    )
    return Chart("explanations-stability", title, alt + ".", figure, table)


def _curves(run: Run) -> pl.DataFrame:
    """The mean curve of each order over shares of the words; every text counts the same, however many words it has."""
    rows = run.table.filter(pl.col("measure") == "similarity").sort("x")
    heights: dict[str, list[np.ndarray[tuple[int], np.dtype[np.float64]]]] = {}
    for (name, _, _), own in rows.group_by("name", "query", "seed", maintain_order=True):
        # a text without words is like nothing
        curve = np.interp(GRID, [*own["x"].to_list(), 1.0], [*own["value"].to_list(), 0.0])
        heights.setdefault(str(name), []).append(curve)
    return pl.DataFrame(
        [
            {"order": str(order), "deleted": share, "similarity": float(height)}
            for order in Order
            for share, height in zip(GRID, np.mean(heights[order], axis=0), strict=True)
        ]
    )
