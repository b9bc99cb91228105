"""The code set for pages that need no model: those open at once, without waiting for the packages that models need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.catalog import load_catalog
from core.catalog.tables import sets, store
from core.interface import _

if TYPE_CHECKING:
    from core.catalog import Catalog


def in_use() -> str:
    """Changes whenever another code set is chosen, or a table is imported or removed."""
    return f"{sets.chosen()} {store.version()}"


def catalog() -> Catalog:
    """The code set in use, loaded once for all sessions."""
    codes = in_use()
    if codes in _OPENED:
        return _load(codes)
    with st.spinner(_("Opening the code book…"), show_time=False):
        book = _load(codes)
    _OPENED.add(codes)
    return book


@st.cache_resource(show_spinner=False, max_entries=2)
def _load(codes: str) -> Catalog:
    return load_catalog()


_OPENED: set[str] = set()
"""Those for which nobody has to wait."""
