"""The whole note of an adjudication: any passage is opened in it, and what nobody marked is added."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.interface import _
from core.note.context import Status
from core.review import decide
from core.review.desk import find_words, trimmed
from pages.parts.components import review_note
from pages.parts.markdown import plain
from pages.parts.review.adjudicate_case import PROBLEM, card, codes_field, status_field
from pages.parts.review.desk_note import PENDING, parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.catalog import Catalog
    from core.review.model import Change, Document, Work
    from pages.parts.review.adjudicate_case import Sides

PLACE, OPENED, WORDS = "adjudicate_place", "adjudicate_opened", "adjudicate_words"


def whole_note(sides: Sides, book: Catalog, first: str) -> str:
    """The note as it is settled so far, and under it what is chosen in it; the id of the case that is opened there.

    `first` is the case whose buttons have shortcuts.
    """
    document, shown = sides.document, sides.shown
    words = _of(document, PLACE)
    (opened,) = _of(document, OPENED) or ("",)
    case = None if words else next((one for one in (*shown.cases, *shown.added) if one.id == opened), None)
    current = case.id if case else ""
    st.caption(_("Choose a passage to settle it here; select words that nobody marked to add a diagnosis."))
    review_note(
        parts(document.text, shown.work.annotations, current, words or None, book),
        key=f"adjudicate_note_{document.id}",
        chosen=PENDING if words else current,
        on_choose=partial(_open, document),
        on_select=partial(_select, document),
    )
    with st.form("adjudicate_find", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("Words of the note to mark"), key=WORDS, placeholder=_("as they stand in the note, then Enter"))
        st.form_submit_button(
            _("Mark them"), icon=":material/ink_highlighter:", on_click=_find, args=(document,), key="adjudicate_mark"
        )
    if words:
        _new(sides, words, book)
    elif case is not None:
        card(sides, case, book, keys=case.id == first, opened=True)
    return current


def _of(document: Document, key: str) -> tuple[Any, ...]:
    """What is kept under a key, if it is about this document."""
    kept = st.session_state.get(key)
    return kept[1:] if kept and kept[0] == document.id else ()


def _new(sides: Sides, words: tuple[int, int], book: Catalog) -> None:
    """What the selected words are: codes, and what the note says of them."""
    said = " ".join(sides.document.text[slice(*words)].split())
    name = f"{sides.document.id}_{words[0]}_{words[1]}"
    with st.container(border=True, key=f"case_{name}"):
        st.markdown(f"**{_('New annotation:')}** “{plain(said)}”")
        codes = codes_field(sides.document, book, name, (), said)
        status = status_field(name, Status.AFFIRMED)
        with st.container(horizontal=True):
            st.button(
                _("Add it"),
                key=f"add_{name}",
                type="primary",
                icon=":material/add:",
                disabled=not codes,
                on_click=_add,
                args=(sides, words, tuple(codes), status),
            )
            st.button(_("Cancel"), key=f"cancel_{name}", on_click=_open, args=(sides.document, ""))


def _open(document: Document, name: str) -> None:
    """Open a passage, or (no name) close it; words that were selected are let go."""
    if name != PENDING:
        st.session_state.pop(PLACE, None)
        st.session_state[OPENED] = (document.id, name)


def _select(document: Document, start: int, end: int) -> None:
    place = trimmed(document.text, start, end)
    if place is not None:
        st.session_state[PLACE] = (document.id, *place)


def _find(document: Document) -> None:
    words = " ".join(st.session_state[WORDS].split())
    place = find_words(document.text, words)
    if place is not None:
        _select(document, *place)
    elif words:
        st.session_state[PROBLEM] = _("Those words are not in the note; type them as they stand there.")


def _add(sides: Sides, words: tuple[int, int], codes: Sequence[str], status: Status) -> None:
    def make(work: Work, by: str, at: datetime) -> Change:
        return decide.add(work, (words,), codes, sides.document.text, by, at, status)

    sides.settle(make)
    if PROBLEM not in st.session_state:
        _open(sides.document, "")
