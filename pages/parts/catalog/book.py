"""The book: the tree and the code that is open."""

from __future__ import annotations

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _
from pages.parts.book import catalog
from pages.parts.catalog.code import chosen_code
from pages.parts.catalog.common import CHOSEN, EXAMPLE, asked, choose
from pages.parts.catalog.search import listing, results, search_box
from pages.parts.catalog.text import near
from pages.parts.catalog.tree import tree
from pages.parts.markdown import plain


def section() -> None:
    """Tree or search results on the left, the chosen code on the right."""
    book = catalog()
    wanted = asked()
    try:
        chosen, problem = book.find(wanted).code, ""
    except ClinicodeError as error:
        chosen, problem = ("", str(error)) if wanted != EXAMPLE else (book.chapters()[0].code, "")
    if chosen and "code" in st.query_params:
        st.session_state[CHOSEN] = chosen
    left, right = st.columns([5, 6], gap="large")
    with left:
        found = search_box()
        if listing(found) and found is not None:
            results(found, chosen, on_choose=choose)
        else:
            tree(book, chosen, on_choose=choose)
    with right:
        if chosen:
            chosen_code(book, chosen, on_choose=choose)
        else:
            st.warning(plain(problem), title=_("No such code"), icon=":material/edit:")
            near(problem, book, on_choose=choose)
