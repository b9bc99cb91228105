"""The report: one HTML file with every figure, its words and its table, that needs no connection and prints."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from plotly.offline import get_plotlyjs

from core.evaluate.board import Slice, ablations, boards, label, languages, own_runs, reference_runs, reviewing
from core.evaluate.charts.chart import LIGHT, heads
from core.evaluate.charts.confidence import answered, coverage, has_confidence, reliability
from core.evaluate.charts.explanations import deletion, stability
from core.evaluate.charts.languages import by_language_and_style, gap_to_english, lift
from core.evaluate.charts.leaderboard import leaderboard, published
from core.evaluate.charts.learning import curve, left_out, reviewed
from core.evaluate.charts.mistakes import by_frequency, has_places, nearness_of_first
from core.evaluate.charts.notes import by_language, by_status
from core.evaluate.charts.robustness import flips, kept
from core.evaluate.charts.speed import growth, stages, throughput
from core.evaluate.measured import latest
from core.interface import N_, _, number, spoken
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from core.evaluate.board import Board
    from core.evaluate.charts.chart import Chart
    from core.evaluate.runs import Run

OPENED = "addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(one => one.open = true))"
"""The tables are folded away on a screen, and open on paper."""
STYLE = ASSETS / "interface" / "report.css"
MEASURES = ("MRR@10", "Hit@1", "R@5")
RECORDED = (N_("system"), N_("command"), N_("data"), N_("encoder"), N_("release"), N_("day"), N_("machine"), "s")
LEADERS = ("clinicode", "reranked, memory", "reranked")


def all_boards() -> list[Board]:
    """The boards of the reference runs and of the user's own."""
    return boards([*reference_runs(), *own_runs()[0]])


def html_report(found: Sequence[Board]) -> str:
    """The whole page; no text of a query is in it."""
    parts = ["".join(_board(board)) for board in found]
    parts.append("".join(_experiments()))
    parts.append("".join(_further()))
    parts.append(
        f"<section><h2>{escape(_('What others have published'))}</h2>"
        f"<p>{escape(_('As they state it, each by its own protocol; none was measured here.'))}</p>"
        f"{_table(published())}</section>"
    )
    title = escape(_("Clinicode: evaluation"))
    told = _(
        "Made on {day}. Brackets and bars are bootstrap {level} intervals over queries; differences are tested by "
        "paired randomisation. Every table names the command that repeats it."
    ).format(day=datetime.now(UTC).date().isoformat(), level="95 %")
    return (
        f"<!doctype html><html lang='{spoken()}'><head><meta charset='utf-8'><title>{title}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<style>{STYLE.read_text(encoding='utf-8')}</style><script>{get_plotlyjs()}</script><script>{OPENED}</script></head><body>"
        f"<h1>{title}</h1><p>{escape(told)}</p>"
        f"{''.join(parts)}</body></html>"
    )


def _board(board: Board) -> Iterator[str]:
    names = [label(run) for run in board.runs]
    leader = next((board.run(name) for name in LEADERS if name in names), board.best)
    yield f"<section><h2>{escape(board.title)}</h2>"
    for measure in MEASURES:
        yield _figure(leaderboard(board, measure, label(leader), Slice(), LIGHT))
    if len(languages([leader])) > 1:
        if any(leader.table["style"].to_list()):
            yield _figure(by_language_and_style(leader, "R@5", LIGHT))
        if "en" in languages([leader]):
            yield _figure(gap_to_english(leader, "R@5", LIGHT))
    if {"hybrid", "reranked"} <= set(names):
        yield _figure(lift(board.run("hybrid"), board.run("reranked"), "Hit@1", LIGHT))
    placed = [run for run in board.runs[::-1] if has_places(run)]
    if placed:
        yield _figure(nearness_of_first(placed, LIGHT))
    if has_places(leader) and leader.table["frequency"].null_count() < leader.table.height:
        yield _figure(by_frequency([leader], "R@5", LIGHT))
    if has_confidence(leader):
        yield _figure(reliability(leader, LIGHT))
        yield _figure(coverage(leader, 0.5, LIGHT))
        told = _("With a threshold of {threshold}: {sentence}")
        yield f"<p>{escape(told.format(threshold=0.5, sentence=answered(leader, 0.5).sentence()))}</p>"
    yield f"<h3>{escape(_('Where the rows come from'))}</h3>"
    yield _provenance(board.runs)
    yield "</section>"


def _experiments() -> Iterator[str]:
    by_set = ablations(reference_runs())
    if not by_set:
        return
    yield f"<section><h2>{escape(_('Training data'))}</h2>"
    if taught := reviewing(reference_runs()):
        yield _figure(reviewed(taught, "MAP@10", LIGHT))
    yield _figure(curve(by_set, "MRR@10", LIGHT))
    for name, runs in by_set.items():
        yield _figure(left_out(runs, "MRR@10", LIGHT, name))
    yield "</section>"


def _further() -> Iterator[str]:
    for kind, heading, charts in (
        ("notes", N_("Whole notes"), (by_language, by_status)),
        ("robustness", N_("Robustness"), (kept, flips)),
        ("explanations", N_("Explanations"), (deletion, stability)),
        ("bench", N_("Speed"), (stages, throughput, growth)),
    ):
        run = latest(kind)
        if run is not None:
            yield f"<section><h2>{escape(_(heading))}</h2>"
            yield from (_figure(draw(run, LIGHT)) for draw in charts)
            yield _provenance([run]) + "</section>"


def _figure(chart: Chart) -> str:
    drawn = chart.figure.to_html(
        full_html=False, include_plotlyjs=False, config={"staticPlot": True, "responsive": True}
    )
    return (
        f"<figure role='group' aria-label='{escape(chart.alt, quote=True)}'>"
        f"<figcaption>{escape(chart.title)}</figcaption>"
        f"{drawn}<p class='alt'>{escape(chart.alt)}</p></figure>"
        f"<details><summary>{escape(_('Table'))}</summary>{_table(chart.table, chart.heads)}</details>"
    )


def _table(frame: pl.DataFrame, named: Mapping[str, str] | None = None) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in {**heads(frame), **(named or {})}.values())
    rows = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in frame.iter_rows())
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else escape(str(value))


def _provenance(runs: Sequence[Run]) -> str:
    rows = "".join(
        f"<tr><td>{escape(label(run))}</td><td><code>{escape(run.provenance.command)}</code></td>"
        f"<td>{escape(run.provenance.data)}</td><td>{escape(run.provenance.encoder or _('none'))}</td>"
        f"<td>{escape(run.provenance.release)}</td><td>{escape(run.provenance.day)}</td>"
        f"<td>{escape(run.provenance.machine)}</td><td>{number(run.provenance.seconds, 1)}</td></tr>"
        for run in runs
    )
    head = "".join(f"<th>{escape(_(name))}</th>" for name in RECORDED)
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
