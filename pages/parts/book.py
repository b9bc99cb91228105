"""The code set for pages that need no model: those open at once, without waiting for the packages that models need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.catalog import load_catalog

if TYPE_CHECKING:
    from core.catalog import Catalog


@st.cache_resource(show_spinner="Opening the code book…")
def catalog() -> Catalog:
    """The code set, loaded once for all sessions."""
    return load_catalog()
