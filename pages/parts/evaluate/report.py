"""One file with every figure and table, to be printed or sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.evaluate.printed import html_report
from core.interface import _, spoken

if TYPE_CHECKING:
    from core.evaluate.board import Board


def section(found: list[Board]) -> None:
    """One file with every figure and table, to be printed or sent."""
    st.markdown(
        _(
            "One HTML file with the figures and tables of all sections, the queries' texts left out. It opens in any "
            "browser without a connection and prints."
        )
    )
    if st.button(_("Make the report"), type="primary", icon=":material/description:"):
        with st.spinner(_("Putting the report together…")):
            st.session_state["evaluate_report"] = {spoken(): html_report(found)}
    if made := st.session_state.get("evaluate_report", {}).get(spoken()):
        st.download_button(
            _("Download the report"),
            made.encode(),
            "clinicode-report.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
        )
    told = _("The same from the command line: {command}")
    st.caption(told.format(command="clinicode evaluate report --out report.html"))
