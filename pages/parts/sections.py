"""The sections of a page: one is open, and stands in the page's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Iterable


def chosen_section(names: Iterable[str], key: str) -> str:
    """The section that is open, the first until another is chosen or asked for; names are messages."""
    listed = list(names)
    asked = st.query_params.get("section", "")
    chosen = st.segmented_control(
        _("Section"),
        listed,
        format_func=_,
        default=asked if asked in listed else listed[0],
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=_keep_address,
        args=(key,),
        persist_state="session",
    )
    return chosen or listed[0]


def _keep_address(key: str) -> None:
    """Put it into the address, so that it can be sent on; a bound widget would not let a page be left."""
    st.query_params["section"] = st.session_state[key]
