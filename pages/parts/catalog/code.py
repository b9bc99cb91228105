"""The chosen code: its place, title, notes, children and the terms under which it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.catalog import Level
from core.catalog.tables.sets import INSTALLED, chosen
from core.interface import _, number
from pages.parts.catalog import changes, terms
from pages.parts.catalog.text import notes, path
from pages.parts.catalog.tree import billable_under
from pages.parts.components import code_list, plain_card
from pages.parts.details import in_other_tables
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.catalog import Catalog, Code


def chosen_code(catalog: Catalog, name: str, *, on_choose: Callable[[str], None]) -> None:
    """Everything the book has on a code; `on_choose` gets another code that a person opens from here."""
    code = catalog[name]
    if code.parent:
        path(code, catalog, on_choose=on_choose)
    st.subheader(plain(code.title), anchor=False)
    if code.codable:
        _elsewhere(name)
    _marks(catalog, code)
    notes(code, catalog, on_choose=on_choose)
    if code.children:
        under = billable_under(catalog, name)
        told = _("{count} billable at any depth").format(count=number(under))
        st.markdown(f"**{_('Under it')}** ({number(len(code.children))}; {told})")
        cards = [plain_card(catalog[child]) for child in code.children]
        code_list(cards, key="catalog_children", label=_("Codes under it"), on_choose=on_choose)
    if code.codable:
        terms.section(name)


def _elsewhere(name: str) -> None:
    """Titles in other languages from imported tables, and what other releases say of the code."""
    said = in_other_tables(name) + (changes.of_code(name) if chosen() == INSTALLED else [])
    if said:
        st.caption("  \n".join(plain(sentence) for sentence in said))


def _marks(catalog: Catalog, code: Code) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.code(code.code, language=None, width="content")
        if code.billable:
            st.badge(_("billable"), icon=":material/check:", color="green")
        elif code.codable:
            st.badge(_("header, cannot be billed"), icon=":material/account_tree:", color="orange")
        else:
            chapter, block = _("chapter, no code"), _("block, no code")
            st.badge(chapter if code.level is Level.CHAPTER else block, icon=":material/account_tree:", color="gray")
        st.caption(plain(catalog.label), width="content")
        if code.codable and st.button(_("Look up similar"), icon=":material/search:", type="tertiary"):
            st.session_state["lookup_text"] = code.title
            st.session_state["lookup_code"] = None
            st.switch_page("pages/look_up.py")
