"""In which language a session is spoken to: as its reader chose, else as the browser asks."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.interface import ENGLISH, _, own_name, speak
from core.language import LANGUAGES
from pages.parts.components import interface

CHOSEN, ASKED, KEPT = "interface_language", "interface_asked", "interface_kept"
COOKIE = "clinicode_language"
"""Kept by the browser for a year: the language that was chosen and nothing else."""
_TELL_BROWSER = st.components.v2.component("clinicode_language", js=interface("language.js"))


def follow_reader() -> None:
    """Say everything in the language of the session that asks."""
    st.session_state.setdefault(ASKED, asked_for())
    speak(reader_language)


def asked_for() -> str:
    """The language that the browser remembers from an earlier choice or is set to; English where it is none of ours."""
    wished = (st.context.cookies.get(COOKIE) or st.context.locale or "")[:2].lower()
    return wished if wished in LANGUAGES else ENGLISH


def reader_language() -> str:
    """The language of this session; outside of any session English."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    return st.session_state.get(CHOSEN) or st.session_state.get(ASKED, ENGLISH)


def language_switch() -> None:
    """Choose the language of the interface; the browser keeps the choice."""

    def keep() -> None:
        st.session_state[KEPT] = True

    st.selectbox(
        _("Language of the interface"),
        list(LANGUAGES),
        index=list(LANGUAGES).index(reader_language()),
        format_func=own_name,
        key=CHOSEN,
        width=150,
        label_visibility="collapsed",
        icon=":material/language:",
        on_change=keep,
        persist_state="session",
    )


def tell_browser() -> None:
    """In which language the page is, for who reads it aloud; and which one was chosen, for the next visit."""
    data = {"lang": reader_language(), "cookie": COOKIE, "keep": st.session_state.get(KEPT, False)}
    _TELL_BROWSER(data=data, key="interface_told")
