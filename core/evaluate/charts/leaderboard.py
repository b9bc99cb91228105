"""Systems over one data set, and what others have published."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import Slice, label
from core.evaluate.charts.chart import ROW, Chart, blank, interval
from core.evaluate.metrics import figure
from core.evaluate.significance import SIGNIFICANT, compare
from core.language import LANGUAGES
from core.settings import ASSETS

if TYPE_CHECKING:
    from core.evaluate.board import Board
    from core.evaluate.charts.chart import Palette

SWITCH = ("MRR@10", "Hit@1", "R@3", "R@5", "R@10", "MAP@10")
PUBLISHED = ASSETS / "evaluation" / "published.tsv"


def leaderboard(board: Board, measure: str, against: str, part: Slice, palette: Palette) -> Chart:
    """Each system's mean with its interval, greyed where the difference to `against` could be chance."""
    other = part.values(board.run(against), measure)
    rows = []
    for run in board.runs:
        values = part.values(run, measure)
        if not len(values):
            continue
        mean, found = figure(values), compare(values, other) if len(values) == len(other) else None
        rows.append(
            {
                "system": label(run),
                "what it is": run.provenance.about,
                "queries": len(values),
                measure: mean.value,
                "low": mean.low,
                "high": mean.high,
                f"ahead of {against} by": found.difference if found else None,
                "p": found.p if found else None,
                "differs": "itself" if label(run) == against else "yes" if found and found.significant else "no",
            }
        )
    table = pl.DataFrame(rows).sort(measure, descending=True)
    count = int(table["queries"][0]) if table.height else 0
    where = _where(part)
    chart = blank(palette, 70 + ROW * table.height, f"{measure} (0 to 1)", "")
    for differs, name, colour, symbol in (
        ("itself", "compared with", palette.warn, "diamond"),
        ("yes", f"differs (p < {SIGNIFICANT})", palette.accent, "circle"),
        ("no", "difference may be chance", palette.grey, "circle-open"),
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
    even = table.filter((pl.col("differs") == "no") & (pl.col("system") != best["system"]))["system"].to_list()
    alt = (
        f"{best['system']} leads with {measure} {best[measure]:.3f} (95 % interval {best['low']:.3f} to "
        f"{best['high']:.3f}); {table.height} systems, the last {table['system'][-1]} with {table[measure][-1]:.3f}."
    )
    if even:
        alt += f" Not told apart from {against}: {', '.join(even)}."
    title = f"{measure} of {table.height} systems on {count:,} queries{where}: {board.name}"
    return Chart(f"leaderboard-{board.name}-{measure}", title, alt, chart, table)


def _where(part: Slice) -> str:
    words = [f"in {LANGUAGES.get(part.lang, part.lang)}"] if part.lang else []
    if part.seen is not None:
        words.append("seen in the team memory" if part.seen else "not in the team memory")
    return f" ({', '.join(words)})" if words else ""


def published() -> pl.DataFrame:
    """What others report, each by its own protocol, said in words: columns as in ``published.tsv``."""
    lines = [line for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return pl.DataFrame(list(csv.DictReader(lines, delimiter="\t")))
