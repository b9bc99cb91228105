"""What the sections share: the code that is open, and how another one is opened."""

from __future__ import annotations

import streamlit as st

EXAMPLE = "J44.0"
"""Open where nobody has asked for a code yet: in ICD-10-CM it has notes of its own and inherited ones."""
CHOSEN = "catalog_code"


def asked() -> str:
    """What the address asks for, else what was open last in this session, else an example; as a person wrote it."""
    return st.query_params.get("code") or st.session_state.get(CHOSEN) or EXAMPLE


def choose(code: str) -> None:
    """Open a code (a callback of widgets); it stands in the address, so that it can be sent on."""
    st.session_state[CHOSEN] = code
    st.session_state["catalog_listing"] = False
    st.session_state["catalog_section"] = "Book"
    st.query_params.from_dict({"code": code})
