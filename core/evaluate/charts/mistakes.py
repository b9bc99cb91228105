"""Where codes are confused: how near a wrong one is, between which chapters and siblings, and for rare codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import label
from core.evaluate.charts.chart import ROW, Chart, blank, interval
from core.evaluate.charts.learning import share_of_queries
from core.evaluate.metrics import figure
from core.evaluate.nearness import MEANING, Nearness
from core.interface import N_, _, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.catalog import Catalog
    from core.evaluate.charts.chart import Palette
    from core.evaluate.gold import GoldQuery
    from core.evaluate.runs import Run

OFTEN = (
    (0, 0, N_("never")),
    (1, 1, N_("once")),
    (2, 4, N_("2 to 4")),
    (5, 19, N_("5 to 19")),
    (20, 10**9, N_("20 and more")),
)
KNOWN = ("nearness", "chapter_said")


def has_places(run: Run) -> bool:
    """Whether the run says where its first codes stand; runs of earlier versions do not."""
    return all(column in run.table.columns for column in KNOWN)


def nearness_of_first(runs: Sequence[Run], palette: Palette) -> Chart:
    """For each system, the share of queries whose first code is right, near, or far."""
    kinds = [kind for kind in Nearness if any((run.table["nearness"] == kind).any() for run in runs)]
    rows = [
        {
            "system": label(run),
            "first code is": _(MEANING[kind]),
            "queries": int((run.table["nearness"] == kind).sum()),
            "share": int((run.table["nearness"] == kind).sum()) / run.table.height,
        }
        for run in runs
        for kind in kinds
    ]
    table = pl.DataFrame(rows)
    chart = blank(palette, 250 + ROW * len(runs), _("share of queries"), "")
    shades = _shades(palette)
    for kind in kinds:
        own = table.filter(pl.col("first code is") == _(MEANING[kind]))
        chart.add_trace(
            go.Bar(
                x=own["share"].to_list(),
                y=own["system"].to_list(),
                orientation="h",
                name=_(MEANING[kind]),
                marker_color=shades[kind],
                hovertemplate=f"%{{y}}: {_(MEANING[kind])} %{{x:.1%}}<extra></extra>",
            )
        )
    chart.update_layout(barmode="stack", bargap=0.25)
    chart.update_xaxes(range=[0, 1], tickformat=".0%")
    chart.update_yaxes(autorange="reversed", showgrid=False)
    best = table.filter(pl.col("system") == label(runs[0]))
    alt = f"{label(runs[0])}: " + ", ".join(f"{row[1]} {row[3]:.1%}" for row in best.iter_rows()) + "."
    return Chart("nearness", _("How near the first code of each system is to a right one"), alt, chart, table)


def _shades(palette: Palette) -> dict[Nearness, str]:
    accent, warn, blue, violet, olive, red, sky = palette.series
    return {
        Nearness.RIGHT: accent,
        Nearness.ABOVE_OR_BELOW: sky,
        Nearness.SIBLING: blue,
        Nearness.CATEGORY: violet,
        Nearness.BLOCK: olive,
        Nearness.CHAPTER: warn,
        Nearness.ELSEWHERE: red,
        Nearness.NOTHING: palette.grey,
        Nearness.RETIRED: palette.line,
    }


def chapters(run: Run, titles: Mapping[str, str], palette: Palette) -> Chart:
    """Chapter of the gold against chapter of the first code; each row adds up to one."""
    told = run.table.filter((pl.col("chapter") != "") & (pl.col("chapter_said") != ""))
    counts = told.group_by("chapter", "chapter_said").len(name="queries")
    table = (
        counts.with_columns((pl.col("queries") / pl.col("queries").sum().over("chapter")).alias("share"))
        .sort(pl.col("chapter").cast(pl.Int32), pl.col("chapter_said").cast(pl.Int32))
        .rename({"chapter": "gold chapter", "chapter_said": "chapter of the first code"})
    )
    names = sorted({*told["chapter"].to_list(), *told["chapter_said"].to_list()}, key=int)
    cells = {(row[0], row[1]): (row[2], row[3]) for row in table.iter_rows()}
    shares = [[cells.get((gold, said), (0, None))[1] for said in names] for gold in names]
    texts = [[str(cells[gold, said][0]) if (gold, said) in cells else "" for said in names] for gold in names]
    confused = (_("gold {chapter}"), _("said {chapter}"))
    hover = [
        [
            "<br>".join(
                told.format(chapter=titles.get(one, one)) for told, one in zip(confused, (gold, said), strict=True)
            )
            for said in names
        ]
        for gold in names
    ]
    chart = blank(palette, 110 + 24 * len(names), _("chapter of the first code"), _("chapter of the gold code"))
    chart.add_trace(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            text=texts,
            texttemplate="%{text}",
            customdata=hover,
            colorscale=[list(step) for step in palette.scale],
            zmin=0,
            zmax=1,
            xgap=1,
            ygap=1,
            showscale=False,
            hovertemplate="%{customdata}<br>"
            + _("{count} queries, {share}").format(count="%{text}", share="%{z:.0%}")
            + "<extra></extra>",
        )
    )
    chart.update_xaxes(type="category", showgrid=False, tickangle=0)
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False)
    wrong = table.filter(pl.col("gold chapter") != pl.col("chapter of the first code")).sort("queries", descending=True)
    pair = _("gold {gold}, said {said} ({count})")
    often = "; ".join(
        pair.format(gold=titles.get(row[0], row[0]), said=titles.get(row[1], row[1]), count=row[2])
        for row in wrong.head(3).iter_rows()
    )
    alt = _("{count} of {total} first codes are of another chapter than the gold's. Most often: {confusions}.").format(
        count=int(wrong["queries"].sum()), total=told.height, confusions=often
    )
    title = _("Which chapters {system} takes for which (numbers: queries; shade: share of the row)").format(
        system=label(run)
    )
    return Chart(f"chapters-{label(run)}", title, alt, chart, table)


def confused_codes(
    run: Run, gold: Mapping[str, GoldQuery], catalog: Catalog, kind: Nearness | None = None
) -> pl.DataFrame:
    """Pairs of gold and first code that were confused, most frequent first; only for queries whose gold is at hand."""
    wrong = run.table.filter(~pl.col("nearness").is_in([Nearness.RIGHT, Nearness.RETIRED, Nearness.NOTHING]))
    if kind is not None:
        wrong = wrong.filter(pl.col("nearness") == kind)
    rows = []
    for name, codes, near in wrong.select("query", "codes", "nearness").iter_rows():
        if name not in gold:
            continue
        said = codes[0]
        right = max(gold[name].codes, key=lambda code, said=said: (_shared(code, said), -len(code), code))  # type: ignore[misc]
        rows.append((right, catalog.title(right), said, catalog.title(said), _(MEANING[Nearness(near)])))
    columns = ["gold", "its title", "first code", "its own title", "where it stands"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.group_by(columns, maintain_order=True).len(name="queries").sort("queries", descending=True)


def _shared(first: str, second: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


def by_frequency(runs: Sequence[Run], measure: str, palette: Palette) -> Chart:
    """A measure by how often annotators of CodiEsp train gave the gold code: rare codes beside frequent ones."""
    rows = []
    for run in runs:
        for least, most, words in OFTEN:
            values = run.table.filter(pl.col("frequency").is_between(least, most))[measure].to_numpy()
            if len(values):
                one = figure(values)
                rows.append((label(run), _(words), len(values), one.value, one.low, one.high))
    table = pl.DataFrame(
        rows, schema=["system", "gold code in CodiEsp train", "queries", measure, "low", "high"], orient="row"
    )
    chart = blank(palette, 360, _("how often the gold code was given in CodiEsp train"), share_of_queries(measure))
    for colour, run in zip(palette.series, runs, strict=False):
        own = table.filter(pl.col("system") == label(run))
        chart.add_trace(
            go.Scatter(
                x=own["gold code in CodiEsp train"].to_list(),
                y=own[measure].to_list(),
                mode="lines+markers",
                name=label(run),
                line={"color": colour},
                marker={"size": 8},
                error_y=interval(own[measure], own["low"], own["high"]),
                hovertemplate="%{x}: %{y:.3f}<extra></extra>",
            )
        )
    chart.update_yaxes(range=[0, 1.02])
    chart.update_xaxes(categoryorder="array", categoryarray=[_(words) for *_range, words in OFTEN])
    first = table.filter(pl.col("system") == label(runs[0]))
    each = _("{often} {value} ({count} queries)")
    said = ", ".join(
        each.format(often=row[1], value=f"{row[3]:.3f}", count=number(row[2])) for row in first.iter_rows()
    )
    title = _("{measure} for rare and for frequent codes").format(measure=measure)
    return Chart("frequency", title, f"{label(runs[0])}: {said}.", chart, table)
