"""Systems over one data set, and what others have published."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import Slice, about, label
from core.evaluate.charts.chart import NO, ROW, YES, Chart, blank, interval, worded
from core.evaluate.metrics import figure
from core.evaluate.significance import SIGNIFICANT, compare
from core.interface import N_, _, language_name, ngettext, number
from core.settings import ASSETS

if TYPE_CHECKING:
    from core.evaluate.board import Board
    from core.evaluate.charts.chart import Palette

SWITCH = ("MRR@10", "Hit@1", "R@3", "R@5", "R@10", "MAP@10")
ITSELF = N_("itself")
PUBLISHED = ASSETS / "evaluation" / "published.tsv"
PROTOCOLS = frozenset(
    {
        N_("pool of codes and split not stated"),
        N_("mentions given by span; generates the code"),
        N_("mentions not in the training part"),
        N_("whole documents, codes of the 2018 release"),
        N_("reported to us; the original was not read"),
    }
)
"""What is said there of how others have measured."""


def leaderboard(board: Board, measure: str, against: str, part: Slice, palette: Palette) -> Chart:
    """Each system's mean with its interval, greyed where the difference to `against` could be chance."""
    other = part.values(board.run(against), measure)
    rows, ahead = [], f"ahead of {against} by"
    for run in board.runs:
        values = part.values(run, measure)
        if not len(values):
            continue
        mean, found = figure(values), compare(values, other) if len(values) == len(other) else None
        rows.append(
            {
                "system": label(run),
                "what it is": about(run),
                "queries": len(values),
                measure: mean.value,
                "low": mean.low,
                "high": mean.high,
                ahead: found.difference if found else None,
                "p": found.p if found else None,
                "differs": ITSELF if label(run) == against else YES if found and found.significant else NO,
            }
        )
    table = pl.DataFrame(rows).sort(measure, descending=True)
    count = int(table["queries"][0]) if table.height else 0
    chart = blank(palette, 70 + ROW * table.height, _("{measure} (0 to 1)").format(measure=measure), "")
    for differs, name, colour, symbol in (
        (ITSELF, _("compared with"), palette.warn, "diamond"),
        (YES, _("differs (p < {p})").format(p=SIGNIFICANT), palette.accent, "circle"),
        (NO, _("difference may be chance"), palette.grey, "circle-open"),
    ):
        own = table.filter(pl.col("differs") == differs)
        if not own.height:
            continue
        chart.add_trace(
            go.Scatter(
                x=own[measure].to_list(),
                y=own["system"].to_list(),
                mode="markers",
                name=name,
                marker={"color": colour, "size": 10, "symbol": symbol, "line": {"width": 2, "color": colour}},
                error_x=interval(own[measure], own["low"], own["high"], colour, thickness=2, width=0),
                hovertemplate="%{y}: %{x:.3f}<extra></extra>",
            )
        )
    chart.update_yaxes(categoryorder="array", categoryarray=table["system"].to_list()[::-1])
    chart.update_xaxes(range=[0, 1.0], tickformat=".1f")
    best = table.row(0, named=True)
    even = table.filter((pl.col("differs") == NO) & (pl.col("system") != best["system"]))["system"].to_list()
    alt = _(
        "{system} leads with {measure} {value} ({level} interval {low} to {high}); {count} systems, the last {last} "
        "with {least}."
    ).format(
        system=best["system"],
        measure=measure,
        value=f"{best[measure]:.3f}",
        level="95 %",
        low=f"{best['low']:.3f}",
        high=f"{best['high']:.3f}",
        count=table.height,
        last=table["system"][-1],
        least=f"{table[measure][-1]:.3f}",
    )
    if even:
        alt = f"{alt} {_('Not told apart from {system}: {others}.').format(system=against, others=', '.join(even))}"
    title = _("{measure} of {systems} on {queries}: {data}").format(
        measure=measure,
        systems=ngettext("{count} system", "{count} systems", table.height).format(count=table.height),
        queries=ngettext("{count} query", "{count} queries", count).format(count=number(count)) + _where(part),
        data=board.title,
    )
    heads = {ahead: _("ahead of {system} by").format(system=against)}
    return Chart(f"leaderboard-{board.name}-{measure}", title, alt, chart, worded(table, "differs"), heads)


def _where(part: Slice) -> str:
    words = [_("in {language}").format(language=language_name(part.lang))] if part.lang else []
    if part.seen is not None:
        words.append(_("seen in the team memory") if part.seen else _("not in the team memory"))
    return f" ({', '.join(words)})" if words else ""


def published() -> pl.DataFrame:
    """What others report, each by its own protocol, said in words: columns as in ``published.tsv``."""
    lines = [line for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return worded(pl.DataFrame(list(csv.DictReader(lines, delimiter="\t"))), "protocol", "source")
