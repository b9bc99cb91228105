"""What the queue has to say after something was done: once, on top, however the page came to be drawn again."""

from __future__ import annotations

import streamlit as st

from core.interface import ngettext, number

TOLD = "queue_told"


def tell(text: str, *, wrong: bool = False) -> None:
    """Say something when the page is drawn next; `text` is Markdown, what a user wrote in it escaped."""
    st.session_state[TOLD] = (text, wrong)


def told() -> None:
    """Show what there is to say."""
    text, wrong = st.session_state.pop(TOLD, ("", False))
    place = st.empty()  # there in every run, so that what was said before goes at once
    if text:
        (place.warning if wrong else place.success)(text, icon=":material/edit:" if wrong else ":material/check:")


def documents_said(count: int) -> str:
    """So many documents, in words."""
    return ngettext("{count} document", "{count} documents", count).format(count=number(count))
