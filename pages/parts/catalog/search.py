"""Search within the book; while its results are listed they stand in the tree's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.catalog.find import finder
from core.interface import _, ngettext, number
from pages.parts.book import catalog
from pages.parts.components import Card, code_list
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.catalog.find import Found, Hit

LISTING = "catalog_listing"
LONGEST = 200
"""Characters of a search that are looked at."""


def _list() -> None:
    st.session_state[LISTING] = bool(st.session_state["catalog_search"].strip())


def search_box() -> Found | None:
    """The box; returns what is found for the words in it, None where it is empty."""
    typed = st.text_input(
        _("Search in the book"),
        key="catalog_search",
        placeholder=_("a code or its beginning, or words: {examples}").format(examples="e11.2, fracture radius left"),
        type="search",
        live="250ms",
        label_visibility="collapsed",
        on_change=_list,
        persist_state="session",
    )
    return finder(catalog()).find(typed[:LONGEST]) if typed.strip() else None


def listing(found: Found | None) -> bool:
    """Whether the results are listed; where a code was chosen among them, a button leads back to them."""
    if found is None:
        return False
    if st.session_state.get(LISTING):
        return True
    back = ngettext("Back to the {count} code found", "Back to the {count} codes found", found.total)
    st.button(back.format(count=number(found.total)), type="tertiary", icon=":material/list:", on_click=_list)
    return False


def results(found: Found, chosen: str, *, on_choose: Callable[[str], None]) -> None:
    """What was found, by chapter."""
    if not found.total:
        st.info(
            _("All words must occur in a title or an inclusion term of the book. Look up understands other wordings."),
            title=_("Nothing in the book has these words"),
            icon=":material/search_off:",
        )
        return
    if found.shown < found.total:
        told = _("{codes}; the nearest {count} are shown")
        st.caption(told.format(codes=_codes(found.total), count=number(found.shown)))
    else:
        st.caption(_codes(found.total))
    with st.container(height=460, border=False, key="catalog_results"):
        for group in found.groups:
            st.markdown(f"**{group.chapter}. {plain(group.title)}** ({len(group.hits)})")
            code_list(
                [_card(hit) for hit in group.hits],
                key=f"catalog_hits_{group.chapter}",
                label=group.title,
                chosen=chosen,
                on_choose=on_choose,
            )


def _card(hit: Hit) -> Card:
    lines = (_("also called “{term}”").format(term=hit.term),) if hit.term else ()
    return Card(hit.code, hit.code, hit.title, hit.billable, None, "", lines)


def _codes(count: int) -> str:
    return ngettext("{count} code", "{count} codes", count).format(count=number(count))
