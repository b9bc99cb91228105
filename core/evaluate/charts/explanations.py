"""Whether the words that are said to matter do, and whether that stays so when the text is written otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import polars as pl

from core.evaluate.charts.chart import ROW, Chart, blank, folded, worded
from core.explain.deletion import Order
from core.interface import N_, _, number

if TYPE_CHECKING:
    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

GRID = tuple(at / 20 for at in range(21))
"""Shares of the words of a text that curves of texts of different length are compared at."""
MEASURES = {
    "rank correlation": N_("rank correlation of the words' shares, mean"),
    "same first word": N_("the word that matters most is the same"),
    "same first code": N_("the first code is the same"),
}
CHANGES = frozenset({N_("accents dropped"), N_("all in capitals"), N_("a typo in another word")})
"""How a text is written otherwise."""
ORDERS = frozenset({N_("largest first"), N_("at random"), N_("smallest first")})
"""In which words are deleted."""


def deletion(run: Run, palette: Palette) -> Chart:
    """The mean similarity left while words are deleted: largest share first, at random, smallest first."""
    table = _curves(run)
    means = run.table.filter(pl.col("measure") == "area").group_by("name").agg(pl.col("value").mean())
    areas: dict[str, float] = dict(means.iter_rows())
    figure = blank(
        palette, 380, _("words deleted, share of the text's"), _("similarity left to the matched term, mean")
    )
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
                name=f"{_(order)} (AOPC {areas[order]:.3f})",
                line={"color": colour, "width": 3, "dash": dash},
                hovertemplate=_("{share} deleted: {similarity} left").format(share="%{x:.0%}", similarity="%{y:.3f}")
                + f"<extra>{_(order)}</extra>",
            )
        )
        half = own.filter(pl.col("deleted") == 0.5)["similarity"][0]
        told = _("{order} {similarity} (area over the curve {area})")
        said.append(told.format(order=_(order), similarity=f"{half:.3f}", area=f"{areas[order]:.3f}"))
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(rangemode="tozero")
    queries = run.table.filter(pl.col("part") == "deletion")["query"].n_unique()
    start = table.filter(pl.col("deleted") == 0)["similarity"][0]
    times = areas[Order.LARGEST] / areas[Order.RANDOM]
    title = _(
        "Deleting the words with the largest shares first lowers the similarity {times} times as much as deleting "
        "words at random ({count} mentions)"
    ).format(times=f"{times:.1f}", count=number(queries))
    alt = _("From a mean similarity of {similarity}, half of the words deleted leaves: {each}.").format(
        similarity=f"{start:.3f}", each="; ".join(said)
    )
    return Chart("explanations-deletion", title, alt, figure, worded(table, "order"))


def stability(run: Run, palette: Palette) -> Chart:
    """For each way of writing the text otherwise how often the first word and the first code stay the same."""
    table = (
        run.table.filter(pl.col("part") == "stability")
        .group_by("name", "measure", maintain_order=True)
        .agg(pl.col("value").mean(), pl.col("query").n_unique().alias("queries"))
        .pivot("measure", index=["name", "queries"], values="value")
        .rename({"name": "written otherwise"})
    )
    table = worded(table, "written otherwise")
    names = [
        folded(f"{name} (n {queries})") for name, queries in table.select("written otherwise", "queries").iter_rows()
    ]
    figure = blank(palette, 100 + 3 * ROW * table.height, _("share, or correlation (0 to 1)"), "")
    for (measure, said), colour in zip(MEASURES.items(), palette.series, strict=False):
        figure.add_trace(
            go.Bar(
                x=table[measure].to_list(),
                y=names,
                orientation="h",
                name=_(said),
                marker={"color": colour},
                text=[f"{value:.2f}" for value in table[measure]],
                textposition="outside",
                hovertemplate=f"{_(said)}: %{{x:.3f}}<extra>%{{y}}</extra>",
            )
        )
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(range=[0, 1.1], tickformat=".1f")
    told = _(
        "{change} ({count} mentions): rank correlation {correlation}, the same first word in {words}, the same first "
        "code in {codes}"
    )
    alt = "; ".join(
        told.format(
            change=row["written otherwise"],
            count=number(row["queries"]),
            correlation=f"{row['rank correlation']:.3f}",
            words=f"{row['same first word']:.0%}",
            codes=f"{row['same first code']:.0%}",
        )
        for row in table.iter_rows(named=True)
    )
    least = table.sort("same first word").row(0, named=True) if table.height else {}
    title = _(
        "The word that matters most stays the same in at least {share} of the mentions when they are written without "
        "accents, in capitals, or with a typo in another word"
    ).format(share=f"{least.get('same first word', 0):.0%}")
    return Chart("explanations-stability", title, alt + ".", figure, table)


def _curves(run: Run) -> pl.DataFrame:
    """The mean curve of each order over shares of the words; every text counts the same, however many words it has."""
    rows = run.table.filter(pl.col("measure") == "similarity").sort("x")
    heights: dict[str, list[np.ndarray[tuple[int], np.dtype[np.float64]]]] = {}
    for (name, *_which), own in rows.group_by("name", "query", "seed", maintain_order=True):
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
