"""One code in full: its place, what the book says of it, and its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.catalog.tables.titles import local_titles
from core.interface import _, language_name, number
from pages.parts.components import code_list, plain_card
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.catalog import Catalog

MOST = 60
"""Children and siblings shown at once."""


def code_details(catalog: Catalog, name: str, *, key: str, on_choose: Callable[[str], None]) -> None:
    """Everything the book has on a code; `on_choose` gets another code that a person opens from here."""
    code = catalog[name]
    path = catalog.ancestors(name)
    st.caption(plain(" › ".join(f"{above.code} {above.title}" if above.codable else above.title for above in path)))
    st.subheader(plain(code.title), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.code(code.code, language=None, width="content")
        if code.billable:
            st.badge(_("billable"), icon=":material/check:", color="green")
        else:
            st.badge(_("header, cannot be billed"), icon=":material/account_tree:", color="orange")
        st.caption(plain(catalog.label), width="content")
    if said := in_other_tables(name):
        st.caption("  \n".join(plain(sentence) for sentence in said))
    if code.inclusion_terms:
        st.markdown(f"**{_('Also called')}**")
        st.markdown("\n".join(f"- {plain(term)}" for term in code.inclusion_terms))
    for heading, lines in code.notes.printed():
        st.markdown(f"**{_(heading)}**")
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    _inherited(catalog, name)
    if code.children:
        st.markdown(f"**{_('Under it')}** ({number(len(code.children))})")
        children = [plain_card(catalog[child]) for child in code.children[:MOST]]
        code_list(children, key=f"{key}_children_{name}", label=_("Codes under it"), on_choose=on_choose)
        if len(code.children) > MOST:
            told = _("The first {count} are shown; search for the code to see the others.")
            st.caption(told.format(count=MOST))
    siblings = [sibling for sibling in catalog.siblings(name) if sibling.codable]
    above = [ancestor for ancestor in path if ancestor.codable]
    if above or siblings:
        with st.expander(
            _("Beside and above it ({count})").format(count=len(above) + min(len(siblings), MOST)),
            icon=":material/account_tree:",
        ):
            cards = [plain_card(other) for other in (*above, *siblings[:MOST])]
            code_list(cards, key=f"{key}_beside_{name}", label=_("Codes beside and above it"), on_choose=on_choose)


def in_other_tables(name: str) -> list[str]:
    """Titles in other languages from imported tables, and where one means something else by the code."""
    titles = local_titles()
    said = [f"{language_name(one.lang)}: {one.title} ({one.source})" for one in titles.of(name)]
    other = _("In {table} this code is “{title}”, something else.")
    return said + [other.format(table=one.source, title=one.title) for one in titles.elsewhere(name)]


def _inherited(catalog: Catalog, name: str) -> None:
    """Exclusions printed at a code's ancestors hold for the code too."""
    rows = [
        f"- {_('from {code}').format(code=above.code)}: {plain(line)}"
        for above in catalog.ancestors(name)
        for heading, lines in above.notes.printed()
        if heading.startswith("Excludes1")
        for line in lines
    ]
    if rows:
        with st.expander(
            _("Excludes1 notes of the headings above it ({count})").format(count=len(rows)), icon=":material/block:"
        ):
            st.markdown("\n".join(rows))
