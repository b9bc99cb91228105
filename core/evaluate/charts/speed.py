"""How long each stage takes, how many queries a second a batch gives, and what a larger code book costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.bench.figures import BARE, NOTE, PHRASE, RERANKED
from core.evaluate.charts.chart import Chart, blank, folded, worded
from core.interface import N_, _, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

PERCENTILES = (5, 25, 50, 75, 95, 99)
SECOND = 1000
"""Milliseconds."""
TIMES = (
    ("dense, one query", N_("vectors, one query"), "ms", 0, "solid"),
    ("dense, a batch of 256", N_("vectors, a query of a batch of 256"), "ms", 0, "dot"),
    ("lexical, one query", N_("words, one query"), "ms", 1, "solid"),
)
WORDS = frozenset(
    {
        *(N_("language detection"), N_("first stage"), N_("second stage"), N_("whole search")),
        *(N_("reading"), N_("ranking"), N_("whole note"), N_("with reranking"), N_("without reranking")),
        *(N_("phrase"), N_("note"), N_("batch"), N_("baseline")),
        *(N_("dense, one query"), N_("dense, a batch of 256"), N_("dense, build"), N_("dense, size")),
        *(N_("lexical, one query"), N_("lexical, build"), N_("lexical, size")),
    }
)
"""The stages and parts that a bench names."""


def stages(run: Run, palette: Palette) -> Chart:
    """The percentiles of each stage's time, for a phrase by itself and for a note of 3,000 characters."""
    table = _latencies(run)
    figure = blank(palette, 90 + 50 * table.height, _("milliseconds (logarithmic)"), "")
    hover = _("{stage}: median {median} ms, {middle} {low} to {high} ms, {most} under {tail} ms").format(
        stage="%{y}",
        median="%{x:.2f}",
        middle=_("5 to 95 %"),
        low="%{customdata[0]:.2f}",
        high="%{customdata[1]:.2f}",
        most="99 %",
        tail="%{customdata[2]:.2f}",
    )
    for part, colour in (("phrase", palette.accent), ("note", palette.warn)):
        own = table.filter(pl.col("part") == part)
        names = [folded(f"{_(part)}: {_(measure)}") for measure in own["stage"]]
        for low, high, width in ((5, 95, 3), (25, 75, 9)):
            for name, start, end in zip(names, own[f"p{low}"], own[f"p{high}"], strict=True):
                figure.add_trace(
                    go.Scatter(
                        x=[start, end],
                        y=[name, name],
                        mode="lines",
                        line={"color": colour, "width": width},
                        hoverinfo="skip",
                        showlegend=False,
                    )
                )
        figure.add_trace(
            go.Scatter(
                x=own["p50"].to_list(),
                y=names,
                mode="markers+text",
                text=[_time(value) for value in own["p50"]],
                textposition="top center",
                cliponaxis=False,
                marker={"color": palette.background, "size": 9, "line": {"color": colour, "width": 2}},
                customdata=own.select("p5", "p95", "p99").to_numpy(),
                hovertemplate=f"{hover}<extra></extra>",
                showlegend=False,
            )
        )
    order = [folded(f"{_(part)}: {_(stage)}") for part, stage in table.select("part", "stage").iter_rows()]
    figure.update_yaxes(categoryorder="array", categoryarray=order[::-1])
    figure.update_xaxes(type="log", dtick=1, tickangle=0)
    told = _("{part}, {stage}: median {median}, 95th percentile {tail} (n {count})")
    said = [
        told.format(
            part=_(row["part"]),
            stage=_(row["stage"]),
            median=_time(row["p50"]),
            tail=_time(row["p95"]),
            count=number(row["n"]),
        )
        for row in table.iter_rows(named=True)
    ]
    phrase, note = (table.row(by_predicate=(pl.col("stage") == stage), named=True)["p50"] for stage in (PHRASE, NOTE))
    title = _(
        "A phrase by itself is answered in {phrase}, a note of {characters} characters in {note} (medians; thick 25 to "
        "75 %, thin 5 to 95 %; {machine})"
    ).format(phrase=_time(phrase), characters=number(3000), note=_time(note), machine=run.provenance.machine)
    return Chart("speed-stages", title, "; ".join(said) + ".", figure, worded(table, "part", "stage"))


def throughput(run: Run, palette: Palette) -> Chart:
    """Queries a second against the size of a batch, with and without the second stage, beside the baselines."""
    rows = run.table.filter((pl.col("unit") == "queries/s") & (pl.col("part").is_in(["batch", "baseline"])))
    table = rows.select("part", system="measure", batch=pl.col("x").cast(pl.Int64), queries_a_second="value")
    figure = blank(palette, 380, _("queries in a batch (logarithmic)"), _("queries a second (logarithmic)"))
    a_second = _("queries/s")
    for name, colour, dash in ((RERANKED, palette.series[0], "solid"), (BARE, palette.series[1], "dash")):
        own = table.filter(pl.col("system") == name).sort("batch")
        _line(figure, own["batch"].to_list(), own["queries_a_second"].to_list(), _(name), colour, dash, a_second)
    for name, batch, rate in table.filter(pl.col("part") == "baseline").select(pl.exclude("part")).iter_rows():
        figure.add_trace(
            go.Scatter(
                x=[batch],
                y=[rate],
                mode="markers+text",
                name=_("baseline {system}").format(system=name),
                text=[name],
                textposition="middle right",
                marker={"color": palette.grey, "size": 10, "symbol": "diamond"},
                hovertemplate=f"%{{y:.0f}} {a_second}<extra>%{{fullData.name}}</extra>",
                showlegend=False,
            )
        )
    figure.update_xaxes(type="log", tickvals=sorted(set(table.filter(pl.col("part") == "batch")["batch"].to_list())))
    figure.update_yaxes(type="log")
    said = []
    for name in (RERANKED, BARE):
        own = table.filter(pl.col("system") == name).sort("batch")
        best = own.sort("queries_a_second").row(-1, named=True)
        told = _("{system} {rate} queries a second one by one, at most {most} in batches of {size}")
        said.append(
            told.format(
                system=_(name),
                rate=f"{own['queries_a_second'][0]:.0f}",
                most=f"{best['queries_a_second']:.0f}",
                size=best["batch"],
            )
        )
    others = [
        f"{name} {rate:.0f}"
        for name, rate in table.filter(pl.col("part") == "baseline").select("system", "queries_a_second").iter_rows()
    ]
    if others:
        said.append(_("baselines (built on the book's terms alone): {rates}").format(rates=", ".join(others)))
    title = _("Queries a second by the size of a batch, with and without the second stage ({machine})").format(
        machine=run.provenance.machine
    )
    return Chart("speed-throughput", title, "; ".join(said) + ".", figure, worded(table, "part", "system"))


def growth(run: Run, palette: Palette) -> Chart:
    """Search time of both indexes, their size and the time to build them, as the entry terms become more."""
    table = (
        run.table.filter(pl.col("part") == "growth")
        .group_by("measure", "unit", pl.col("x").cast(pl.Int64).alias("entry terms"), maintain_order=True)
        .agg(median=pl.col("value").median(), p95=pl.col("value").quantile(0.95), n=pl.len())
    )
    figure = blank(palette, 420, _("entry terms in the index (logarithmic)"), _("milliseconds a query (logarithmic)"))
    told = _("{index}: {least} with {few} terms, {most} with {many}")
    said = []
    for measure, name, unit, colour, dash in TIMES:
        own = table.filter(pl.col("measure") == measure).sort("entry terms")
        if own.height:
            sizes, values = own["entry terms"].to_list(), own["median"].to_list()
            _line(figure, sizes, values, _(name), palette.series[colour], dash, unit)
            said.append(
                told.format(
                    index=_(name),
                    least=_time(values[0]),
                    few=number(sizes[0]),
                    most=_time(values[-1]),
                    many=number(sizes[-1]),
                )
            )
    said += list(_costs(table))
    shipped = run.table.filter((pl.col("part") == "open") & (pl.col("measure") == "entry terms"))["value"].to_list()
    if shipped:
        figure.add_vline(x=shipped[0], line={"color": palette.grey, "dash": "dot"})
        figure.add_annotation(
            x=math.log10(shipped[0]),  # annotations on a logarithmic axis are placed by the exponent
            y=0.02,
            yref="paper",
            xanchor="left",
            text=_("as shipped: {count}").format(count=number(shipped[0], 0)),
            showarrow=False,
        )
    figure.update_xaxes(type="log", tickvals=sorted(set(table["entry terms"].to_list())))
    figure.update_yaxes(type="log")
    most = max(table["entry terms"].to_list(), default=0)
    title = _(
        "Search time a query as the code book grows to {count} entry terms, the shipped ones and copies with a word "
        "exchanged ({machine})"
    ).format(count=number(most), machine=run.provenance.machine)
    return Chart("speed-growth", title, "; ".join(said) + ".", figure, worded(table, "measure"))


def _latencies(run: Run) -> pl.DataFrame:
    return (
        run.table.filter((pl.col("unit") == "ms") & pl.col("part").is_in(["phrase", "note"]))
        .group_by("part", pl.col("measure").alias("stage"), maintain_order=True)
        .agg(
            pl.len().alias("n"),
            *(pl.col("value").quantile(share / 100, "linear").alias(f"p{share}") for share in PERCENTILES),
        )
    )


def _costs(table: pl.DataFrame) -> Iterator[str]:
    """In words what building and keeping the largest index of each kind takes."""
    told = {
        "dense": _("the index of vectors of {count} terms is built in {seconds} s and takes {size} MB"),
        "lexical": _("the index of words of {count} terms is built in {seconds} s and takes {size} MB"),
    }
    for kind, said in told.items():
        built = table.filter(pl.col("measure") == f"{kind}, build").sort("entry terms")
        stored = table.filter(pl.col("measure") == f"{kind}, size").sort("entry terms")
        if built.height and stored.height:
            yield said.format(
                count=number(built["entry terms"][-1]),
                seconds=f"{built['median'][-1]:.0f}",
                size=number(stored["median"][-1], 0),
            )


def _line(figure: go.Figure, x: list[int], y: list[float], name: str, colour: str, dash: str, unit: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=x,
            y=y,
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 8},
            hovertemplate=f"%{{x:,}}: %{{y:.3g}} {unit}<extra>{name}</extra>",
        )
    )


def _time(milliseconds: float) -> str:
    """Milliseconds in words, seconds from one second on."""
    if milliseconds >= SECOND:
        return f"{milliseconds / SECOND:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"
