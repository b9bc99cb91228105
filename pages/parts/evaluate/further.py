"""Sections over what is measured beside the rankings: robustness, explanations, speed, whole notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.evaluate.charts.explanations import deletion, stability
from core.evaluate.charts.notes import by_language, by_status, whole_cases
from core.evaluate.charts.robustness import flips, kept
from core.evaluate.charts.speed import growth, stages, throughput
from core.evaluate.measured import latest
from core.interface import _, number
from pages.parts.evaluate.common import palette, show
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from core.evaluate.board import Board
    from core.evaluate.runs import Run


def robustness(found: list[Board]) -> None:
    """What small changes to a text do to its codes."""
    st.markdown(
        _(
            "Each public mention is asked again with one small change. Most changes mean nothing, and the first code "
            "should stay; a side, a number or a negation means everything, and it must not."
        )
    )
    if (run := _measured("robustness", "clinicode evaluate --robustness")) is not None:
        show(kept(run, palette()), "kept")
        show(flips(run, palette()), "flips")
        _told(run)


def explanations(found: list[Board]) -> None:
    """Whether the words that an explanation marks are the ones that matter."""
    st.markdown(
        _(
            "If the marked words are the ones that matter, the match must fall fastest when they are taken away first; "
            "and a change that means nothing must leave them marked."
        )
    )
    if (run := _measured("explanations", "clinicode evaluate --explanations")) is not None:
        show(deletion(run, palette()), "deletion")
        show(stability(run, palette()), "stability")
        _told(run)


def notes(found: list[Board]) -> None:
    """What is found in whole notes."""
    st.markdown(
        _(
            "Invented notes in seven languages, every diagnosis in them annotated with its status and its codes by "
            "writers who did not see how the product reads."
        )
    )
    if (
        run := _measured("notes", "clinicode evaluate --dataset notes --path assets/evaluation/notes.jsonl")
    ) is not None:
        show(by_language(run, palette()), "notes_language")
        show(by_status(run, palette()), "notes_status")
        _told(run)
    for board in found:
        if "said" in board.runs[0].table.columns:
            show(whole_cases(board, palette()), f"cases_{board.data}")
            _told(max(board.runs, key=lambda run: run.provenance.day))


def speed(found: list[Board]) -> None:
    """How long each part takes, and how that grows."""
    if (run := _measured("bench", "clinicode bench --growth")) is not None:
        st.markdown(_("Measured on {machine}.").format(machine=plain(run.provenance.machine)))
        show(stages(run, palette()), "stages")
        show(throughput(run, palette()), "throughput")
        show(growth(run, palette()), "growth")
        _told(run)


def _measured(kind: str, command: str) -> Run | None:
    """The newest measurement of a kind; where there is none the page says how to make one."""
    run = latest(kind)
    if run is None:
        told = _("Nothing of this was measured yet. Measure it with: {command}")
        st.info(told.format(command=command), icon=":material/monitoring:")
    return run


def _told(run: Run) -> None:
    told = run.provenance
    st.caption(f"{told.release} · {told.machine} · {told.day.replace('T', ' ')} · {number(told.seconds, 0)} s")
    st.code(told.command, language="bash", wrap_lines=True)
