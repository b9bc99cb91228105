"""What is found in annotated notes, and how much of it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.evaluate.board import label
from core.evaluate.charts.chart import ROW, Chart, blank, interval
from core.evaluate.notes import NotesReport
from core.evaluate.report import rows
from core.interface import N_, _, language_name, number
from core.language import LANGUAGES
from core.note.context import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.board import Board
    from core.evaluate.charts.chart import Palette
    from core.evaluate.runs import Run

PARTS = {
    "found": N_("found"),
    "status": N_("of those, status right"),
    "code in first 5": N_("of those, a right code in five"),
}
STATUSES = frozenset({N_("affirmed"), N_("uncertain"), N_("historical"), N_("family"), N_("negated")})
MEASURES = frozenset({N_("precision"), N_("recall")})
"""Those whose names are words."""


def by_language(run: Run, palette: Palette) -> Chart:
    """Passages found, their status and code, in each language."""
    report = NotesReport.of(run.table)
    langs = [lang for lang in LANGUAGES if any(one.lang == lang for one in report.outcomes)]
    rows = [(_("all"), "", None), *((language_name(lang), lang, None) for lang in langs)]
    often = 1000 * report.spurious / max(1, report.characters)
    title = _("What is found in {count} annotated notes, by language").format(count=number(report.notes))
    more = _("{count} passages in {characters} characters were found that nobody annotated.").format(
        count=f"{often:.1f}", characters=number(1000)
    )
    return _shares("notes-languages", title, "language", more, report, rows, palette)


def by_status(run: Run, palette: Palette) -> Chart:
    """The same by what the note says of the diagnosis."""
    report = NotesReport.of(run.table)
    rows = [(_(status.value), "", status) for status in Status if any(one.gold is status for one in report.outcomes)]
    title = _("What is found of what is present, uncertain, past, a relative's or denied")
    return _shares("notes-status", title, "status", "", report, rows, palette)


def whole_cases(board: Board, palette: Palette) -> Chart:
    """Each run's MAP, and its suggested codes' micro precision, recall and F1, over notes that have codes as gold."""
    found = []
    for run in sorted(board.runs, key=lambda run: run.provenance.day, reverse=True):
        row = rows(run)[0]
        found += [(label(run), _(part), row.queries, one.value, one.low, one.high) for part, one in row.figures.items()]
    table = pl.DataFrame(found, schema=["run", "measure", "notes", "value", "low", "high"], orient="row")
    measures = table["measure"].unique(maintain_order=True).to_list()
    shown = min(len(board.runs), len(palette.series))
    chart = blank(palette, 130 + ROW * len(measures) * (1 + shown // 3), _("value (0 to 1)"), "")
    for colour, name in zip(palette.series, table["run"].unique(maintain_order=True), strict=False):
        own = table.filter(pl.col("run") == name)
        chart.add_trace(
            go.Scatter(
                x=own["value"].to_list(),
                y=own["measure"].to_list(),
                orientation="h",
                mode="markers",
                name=name,
                marker={"color": colour, "size": 10},
                error_x=interval(own["value"], own["low"], own["high"], colour, thickness=2, width=0),
                hovertemplate=f"{name}, %{{y}}: %{{x:.3f}}<extra></extra>",
            )
        )
    chart.update_layout(scattermode="group", scattergap=0.5, showlegend=True)
    chart.update_xaxes(range=[0, 1], tickformat=".1f")
    chart.update_yaxes(type="category", autorange="reversed")
    newest = table.filter(pl.col("run") == table["run"][0])
    bounds = _("{value} ({low} to {high})")
    said = ", ".join(
        f"{row['measure']} "
        + bounds.format(value=f"{row['value']:.3f}", low=f"{row['low']:.3f}", high=f"{row['high']:.3f}")
        for row in newest.to_dicts()
    )
    title = _("Codes of {count} whole notes, ranked and suggested: {data}").format(
        count=number(board.runs[0].table.height), data=board.title
    )
    return Chart(f"whole-notes-{board.data}", title, f"{table['run'][0]}: {said}.", chart, table)


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
            rows.append((words, _(PARTS[part]), count, one.value, one.low, one.high))
    table = pl.DataFrame(rows, schema=[column, "share", "passages", "value", "low", "high"], orient="row")
    chart = blank(palette, 380, _(column), _("share of annotated passages"))
    for colour, part in zip(palette.series, map(_, PARTS.values()), strict=False):
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
    found = table.filter(pl.col("share") == _(PARTS["found"]))
    said = ", ".join(f"{row[0]} {row[3]:.3f}" for row in found.iter_rows())
    alt = f"{_('Found: {shares}.').format(shares=said)} {more}".strip()
    return Chart(name, title, alt, chart, table)
