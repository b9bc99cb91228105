"""Catalog: the code book as a tree, what changed between its releases, and further code sets."""

from importlib import import_module

import streamlit as st

from core.errors import ClinicodeError
from core.interface import N_, _
from pages.parts.frame import ensure_frame
from pages.parts.markdown import plain

# Each section's module, imported when it is opened. All of them have `section()`.
SECTIONS = {N_("Book"): "book", N_("Changes"): "changes", N_("Tables"): "tables"}


def keep_address() -> None:
    """The section stands in the address, so that it can be sent on."""
    st.query_params["section"] = st.session_state["catalog_section"]


ensure_frame()
st.title(_("Catalog"), anchor=False)
st.markdown(_("The code book: open it at any code, search in it, and see every term that leads to a code."))
asked = st.query_params.get("section", "")
chosen = st.segmented_control(
    _("Section"),
    list(SECTIONS),
    format_func=_,
    default=asked if asked in SECTIONS else "Book",
    required=True,
    key="catalog_section",
    label_visibility="collapsed",
    on_change=keep_address,
    persist_state="session",
)
try:
    import_module(f"pages.parts.catalog.{SECTIONS[chosen or 'Book']}").section()
except ClinicodeError as error:
    st.warning(plain(str(error)), icon=":material/edit:")
