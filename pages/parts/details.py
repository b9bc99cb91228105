"""One code in full: its place, what the book says of it, and its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

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
    st.caption(" › ".join(f"{above.code} {above.title}" if above.codable else above.title for above in path))
    st.subheader(code.title, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.code(code.code, language=None, width="content")
        if code.billable:
            st.badge("billable", icon=":material/check:", color="green")
        else:
            st.badge("header, cannot be billed", icon=":material/account_tree:", color="orange")
        st.caption(catalog.label, width="content")
    if code.inclusion_terms:
        st.markdown("**Also called**")
        st.markdown("\n".join(f"- {plain(term)}" for term in code.inclusion_terms))
    for heading, lines in code.notes.printed():
        st.markdown(f"**{heading}**")
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    _inherited(catalog, name)
    if code.children:
        st.markdown(f"**Under it** ({len(code.children)})")
        children = [plain_card(catalog[child]) for child in code.children[:MOST]]
        code_list(children, key=f"{key}_children_{name}", label="Codes under it", on_choose=on_choose)
        if len(code.children) > MOST:
            st.caption(f"The first {MOST} are shown; search for the code to see the others.")
    siblings = [sibling for sibling in catalog.siblings(name) if sibling.codable]
    above = [ancestor for ancestor in path if ancestor.codable]
    if above or siblings:
        with st.expander(
            f"Beside and above it ({len(above) + min(len(siblings), MOST)})", icon=":material/account_tree:"
        ):
            cards = [plain_card(other) for other in (*above, *siblings[:MOST])]
            code_list(cards, key=f"{key}_beside_{name}", label="Codes beside and above it", on_choose=on_choose)


def _inherited(catalog: Catalog, name: str) -> None:
    """Exclusions printed at a code's ancestors hold for the code too."""
    rows = [
        f"- from {above.code}: {plain(line)}"
        for above in catalog.ancestors(name)
        for heading, lines in above.notes.printed()
        if heading.startswith("Excludes1")
        for line in lines
    ]
    if rows:
        with st.expander(f"Excludes1 notes of the headings above it ({len(rows)})", icon=":material/block:"):
            st.markdown("\n".join(rows))
