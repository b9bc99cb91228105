"""The frame around every page: its title, icon and navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.demo import is_demo
from core.discreet import discreet
from core.interface import _
from core.settings import ASSETS
from pages.parts.language import follow_reader, language_switch, tell_browser

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

FRAMED = "framed"


def navigation() -> StreamlitPage:
    """Title, icon and all pages; returns the page that was asked for.

    The icon is set before the pages are: without one of ours the browser would fetch a page's icon from the internet.
    """
    discreet()
    follow_reader()
    st.set_page_config(page_title="Clinicode", page_icon=str(ASSETS / "interface" / "icon.svg"), layout="wide")
    st.html(ASSETS / "interface" / "page.css")
    st.logo(str(ASSETS / "interface" / "logo.svg"), size="large")
    return st.navigation(
        [
            st.Page("pages/look_up.py", title=_("Look up"), icon=":material/search:", default=True),
            st.Page("pages/code_a_note.py", title=_("Code a note"), icon=":material/clinical_notes:"),
            st.Page("pages/review.py", title=_("Review"), icon=":material/rate_review:"),
            st.Page("pages/evaluate.py", title=_("Evaluate"), icon=":material/monitoring:"),
            st.Page("pages/catalog.py", title=_("Catalog"), icon=":material/menu_book:"),
        ],
        position="top",
    )


def demo_banner() -> None:
    """In a demonstration: says so above every page, with a button that puts everything back as it was."""
    if not is_demo():
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        said = _("This is a demonstration on invented notes; nothing is kept.")
        st.markdown(f":material/theater_comedy: {said}", width="content")
        pressed = st.button(_("Start over"), key="demo_reset", icon=":material/restart_alt:")
    if pressed:
        from core.demo.fill import reset  # noqa: PLC0415  heavy packages, which only this needs
        from pages.parts.resources import coder  # noqa: PLC0415
        from pages.parts.review.common import store  # noqa: PLC0415

        said = _("Starting over")
        bar = st.progress(0.0, text=said)
        reset(store(), coder(), lambda share, what: bar.progress(share, text=f"{said}: {what}"))
        st.session_state.clear()
        st.session_state[FRAMED] = True
        st.rerun()


def footer() -> None:
    """Under every page: what it is for and not for, and the language of the interface."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            _("Decision support, not a coder: check every code. Nothing you type leaves this machine."), width="stretch"
        )
        language_switch()
    tell_browser()


def ensure_frame() -> None:
    """Start again from ``app.py`` where Streamlit ran a page by itself.

    Until ``st.navigation`` has been called once in a server's life, an address that names a file under ``pages/`` runs
    that file alone (the older way of several pages), without title, logo and layout. Every page calls this first.
    """
    if not st.session_state.get(FRAMED):
        navigation()
        st.rerun()
