"""The frame around every page: its title, icon and navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.settings import ASSETS

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

FRAMED = "framed"


def navigation() -> StreamlitPage:
    """Title, icon and all pages; returns the page that was asked for.

    The icon is set before the pages are: without one of ours the browser would fetch a page's icon from the internet.
    """
    st.set_page_config(page_title="Clinicode", page_icon=str(ASSETS / "interface" / "icon.svg"), layout="wide")
    st.logo(str(ASSETS / "interface" / "logo.svg"), size="large")
    return st.navigation(
        [
            st.Page("pages/look_up.py", title="Look up", icon=":material/search:", default=True),
            st.Page("pages/code_a_note.py", title="Code a note", icon=":material/clinical_notes:"),
            st.Page("pages/evaluate.py", title="Evaluate", icon=":material/monitoring:"),
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
