"""One file with every figure and table, to be printed or sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.evaluate.printed import html_report

if TYPE_CHECKING:
    from core.evaluate.board import Board


def section(found: list[Board]) -> None:
    """One file with every figure and table, to be printed or sent."""
    st.markdown(
        "One HTML file with the figures and tables of all sections, the queries' texts left out. It opens in any "
        "browser without a connection and prints."
    )
    if st.button("Make the report", type="primary", icon=":material/description:"):
        with st.spinner("Putting the report together…"):
            st.session_state["evaluate_report"] = html_report(found)
    if made := st.session_state.get("evaluate_report"):
        st.download_button(
            "Download the report",
            made.encode(),
            "clinicode-report.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption("The same from the command line: clinicode evaluate report --out report.html")
