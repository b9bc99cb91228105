"""Catalog: the code book as a tree, what changed between its releases, and further code sets."""

from importlib import import_module

import streamlit as st

from core.errors import ClinicodeError
from core.interface import N_, _
from pages.parts.frame import ensure_frame
from pages.parts.markdown import plain
from pages.parts.sections import chosen_section

# Each section's module, imported when it is opened. All of them have `section()`.
SECTIONS = {N_("Book"): "book", N_("Changes"): "changes", N_("Tables"): "tables"}

ensure_frame()
st.title(_("Catalog"), anchor=False)
st.markdown(_("The code book: open it at any code, search in it, and see every term that leads to a code."))
chosen = chosen_section(SECTIONS, "catalog_section")
try:
    import_module(f"pages.parts.catalog.{SECTIONS[chosen]}").section()
except ClinicodeError as error:
    st.warning(plain(str(error)), icon=":material/edit:")
