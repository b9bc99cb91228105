"""The frame around every page: its navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

FRAMED = "framed"


def navigation() -> StreamlitPage:
    """All pages; returns the one that was asked for."""
    return st.navigation(
        [
            st.Page("pages/look_up.py", title="Look up", icon=":material/search:", default=True),
            st.Page("pages/code_a_note.py", title="Code a note", icon=":material/clinical_notes:"),
        ],
        position="top",
    )


def ensure_frame() -> None:
    """Start again from ``app.py`` where Streamlit ran a page by itself.

    Until ``st.navigation`` has been called once in a server's life, an address that names a file under ``pages/`` runs
    that file alone (the older way of several pages), without title, logo and layout. Every page calls this first.
    """
    if not st.session_state.get(FRAMED):
        navigation()
        st.rerun()
