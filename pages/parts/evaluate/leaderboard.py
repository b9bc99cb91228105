"""Who is ahead of whom, and how every row can be had again."""

from __future__ import annotations

import streamlit as st

from core.evaluate.board import Board, Slice, about, label, languages
from core.evaluate.charts.chart import heads
from core.evaluate.charts.leaderboard import leaderboard, published
from core.evaluate.runs import REFERENCE, UNMEASURED
from core.interface import N_, _, language_name, number
from pages.parts.evaluate.common import choose_board, choose_measure, palette, show, wide_table
from pages.parts.markdown import plain

SEEN = {N_("all"): None, N_("seen in the team memory"): True, N_("not in the team memory"): False}


def section(found: list[Board]) -> None:
    """Systems over a data set with intervals; provenance of each row; what others published."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = choose_board(found)
        measure = choose_measure()
        names = [label(run) for run in board.runs][::-1]
        usual = next((name for name in ("clinicode", "reranked, memory") if name in names), label(board.best))
        against = st.selectbox(
            _("Compared with"),
            names,
            index=names.index(usual),
            key=f"evaluate_against_{board.data}",
            width=220,
            persist_state="session",
        )
        langs = languages(board.runs)
        lang = ""
        if len(langs) > 1:
            lang = st.selectbox(
                _("Language"),
                ["", *langs],
                format_func=lambda name: language_name(name) if name else _("All languages"),
                key="evaluate_lang",
                width=170,
                persist_state="session",
            )
        seen = "all"
        if any(run.table["seen"].null_count() < run.table.height for run in board.runs):
            seen = st.selectbox(
                _("Mentions"), list(SEEN), format_func=_, key="evaluate_seen", width=230, persist_state="session"
            )
    if SEEN[seen] is not None:
        st.caption(
            _("Only systems that remember something know which mentions they had seen; the others are left out.")
        )
        board = Board(board.data, board.name, tuple(run for run in board.runs if run.table["seen"].any()))
        against = against if against in [label(run) for run in board.runs] else label(board.best)
    show(leaderboard(board, measure, against, Slice(lang, SEEN[seen]), palette()), "leaderboard")
    provenance(board)
    others()


def provenance(board: Board) -> None:
    """What is needed to have a row again."""
    st.subheader(_("How each row was measured"), anchor=False)
    names = [label(run) for run in board.runs][::-1]
    name = st.selectbox(_("System"), names, key=f"evaluate_row_{board.data}", width=320)
    told = board.run(name).provenance
    st.markdown(plain(f"{about(board.run(name))}."))
    st.caption(_("The command that repeats it; the button at its end copies it"))
    st.code(told.command, language="bash", wrap_lines=True)
    facts = {
        _("Data set"): _("{data}, fingerprint {fingerprint}").format(
            data=f"{told.dataset} {told.split}", fingerprint=told.data
        ),
        _("Code release"): told.release,
        _("Encoder"): told.encoder or _("none"),
        _("Reranker"): told.reranker or _("none, or not recorded"),
        _("Remembered pairs"): number(told.remembered),
        _("Day"): told.day.replace("T", " "),
        _("Machine"): told.machine,
        _("Seconds"): _("{seconds} to answer, {training} to train its encoder").format(
            seconds=number(told.seconds, 1), training=number(told.training, 0)
        ),
    }
    wide_table(_("How each row was measured"), ("", _("recorded")), facts.items())


def others() -> None:
    """Published figures, apart from ours, and the systems that could not be measured here."""
    st.subheader(_("What others have published"), anchor=False)
    st.markdown(_("As they state it, each by its own protocol: none of these was measured here, so none stands above."))
    stated = published()
    wide_table(_("What others have published"), heads(stated).values(), stated.iter_rows())
    missing = REFERENCE / UNMEASURED
    if missing.is_file():
        lines = missing.read_text(encoding="utf-8").splitlines()[1:]
        names = ", ".join(line.split("\t")[0] for line in lines if line)
        told = _("In the suite, but their weights could not be loaded where the reference runs were made: {systems}.")
        st.caption(told.format(systems=names))
