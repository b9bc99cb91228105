"""What is found in annotated notes, and how much of it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.charts.chart import Chart, blank, interval
from core.evaluate.notes import NotesReport
from core.language import LANGUAGES
from core.note.context import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

PARTS = {"found": "found", "status": "of those, status right", "code in first 5": "of those, a right code in five"}


def by_language(run: Run, palette: Palette) -> Chart:
    """Passages found, their status and code, in each language."""
    report = NotesReport.of(run.table)
    langs = [lang for lang in LANGUAGES if any(one.lang == lang for one in report.outcomes)]
    rows = [("all", "", None), *((LANGUAGES[lang], lang, None) for lang in langs)]
    often = 1000 * report.spurious / max(1, report.characters)
    title = f"What is found in {report.notes} annotated notes, by language"
    more = f" {often:.1f} passages in 1,000 characters were found that nobody annotated."
    return _shares("notes-languages", title, "language", more, report, rows, palette)


def by_status(run: Run, palette: Palette) -> Chart:
    """The same by what the note says of the diagnosis."""
    report = NotesReport.of(run.table)
    rows = [(status.value, "", status) for status in Status if any(one.gold is status for one in report.outcomes)]
    title = "What is found of what is present, uncertain, past, a relative's or denied"
    return _shares("notes-status", title, "status", "", report, rows, palette)


def _shares(
    name: str,
    title: str,
    column: str,
    more: str,
    report: NotesReport,
    slices: Sequence[tuple[str, str, Status | None]],
    palette: Palette,
) -> Chart:
    rows = []
    for words, lang, status in slices:
        count = sum((not lang or one.lang == lang) and status in (None, one.gold) for one in report.outcomes)
        for part, one in report.figures(lang, status).items():
            rows.append((words, PARTS[part], count, one.value, one.low, one.high))
    table = pl.DataFrame(rows, schema=[column, "share", "passages", "value", "low", "high"], orient="row")
    chart = blank(palette, 380, column, "share of annotated passages")
    for colour, part in zip(palette.series, PARTS.values(), strict=False):
        own = table.filter(pl.col("share") == part)
        chart.add_trace(
            go.Scatter(
                x=own[column].to_list(),
                y=own["value"].to_list(),
                mode="markers",
                name=part,
                marker={"color": colour, "size": 10},
                error_y=interval(own["value"], own["low"], own["high"], colour, thickness=2, width=4),
                hovertemplate="%{x}: %{y:.3f}<extra></extra>",
            )
        )
    chart.update_layout(scattermode="group", scattergap=0.6)
    chart.update_yaxes(range=[0.5, 1.01])
    chart.update_xaxes(type="category")
    found = table.filter(pl.col("share") == PARTS["found"])
    alt = "Found: " + ", ".join(f"{row[0]} {row[3]:.3f}" for row in found.iter_rows()) + "." + more
    return Chart(name, title, alt, chart, table)
