"""Who is ahead of whom, and how every row can be had again."""

from __future__ import annotations

import streamlit as st

from core.evaluate.board import Board, Slice, label, languages
from core.evaluate.charts.leaderboard import leaderboard, published
from core.evaluate.runs import REFERENCE, UNMEASURED
from core.language import LANGUAGES
from pages.parts.evaluate.common import choose_board, choose_measure, palette, show
from pages.parts.markdown import plain

SEEN = {"all": None, "seen in the team memory": True, "not in the team memory": False}


def section(found: list[Board]) -> None:
    """Systems over a data set with intervals; provenance of each row; what others published."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = choose_board(found)
        measure = choose_measure()
        names = [label(run) for run in board.runs][::-1]
        usual = next((name for name in ("clinicode", "reranked, memory") if name in names), label(board.best))
        against = st.selectbox(
            "Compared with",
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
                "Language",
                ["", *langs],
                format_func=lambda name: LANGUAGES.get(name, "All languages"),
                key="evaluate_lang",
                width=170,
                persist_state="session",
            )
        seen = "all"
        if any(run.table["seen"].null_count() < run.table.height for run in board.runs):
            seen = st.selectbox("Mentions", list(SEEN), key="evaluate_seen", width=230, persist_state="session")
    if SEEN[seen] is not None:
        st.caption("Only systems that remember something know which mentions they had seen; the others are left out.")
        board = Board(board.data, board.name, tuple(run for run in board.runs if run.table["seen"].any()))
        against = against if against in [label(run) for run in board.runs] else label(board.best)
    show(leaderboard(board, measure, against, Slice(lang, SEEN[seen]), palette()), "leaderboard")
    provenance(board)
    others()


def provenance(board: Board) -> None:
    """What is needed to have a row again."""
    st.subheader("How each row was measured", anchor=False)
    name = st.selectbox("System", [label(run) for run in board.runs][::-1], key=f"evaluate_row_{board.data}", width=320)
    told = board.run(name).provenance
    st.markdown(plain(f"{told.about}."))
    st.caption("The command that repeats it; the button at its end copies it")
    st.code(told.command, language="bash", wrap_lines=True)
    facts = {
        "Data set": f"{told.dataset} {told.split}, fingerprint {told.data}",
        "Code release": told.release,
        "Encoder": told.encoder or "none",
        "Reranker": told.reranker or "none, or not recorded",
        "Remembered pairs": f"{told.remembered:,}",
        "Day": told.day.replace("T", " "),
        "Machine": told.machine,
        "Seconds": f"{told.seconds:,.1f} to answer, {told.training:,.0f} to train its encoder",
    }
    st.table({"": list(facts), "recorded": list(facts.values())}, border="horizontal", hide_index=True)


def others() -> None:
    """Published figures, apart from ours, and the systems that could not be measured here."""
    st.subheader("What others have published", anchor=False)
    st.markdown("As they state it, each by its own protocol: none of these was measured here, so none stands above.")
    st.table(published(), border="horizontal", hide_index=True)
    missing = REFERENCE / UNMEASURED
    if missing.is_file():
        lines = missing.read_text(encoding="utf-8").splitlines()[1:]
        names = ", ".join(line.split("\t")[0] for line in lines if line)
        st.caption(f"In the suite, but their weights could not be loaded where the reference runs were made: {names}.")
