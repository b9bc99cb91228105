"""Finding a code: for the open annotation, or for words of the note that nobody had marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _
from core.turns import PHRASES
from pages.parts.book import catalog
from pages.parts.busy import turn
from pages.parts.components import Card, candidate_card, code_list, plain_card
from pages.parts.markdown import plain
from pages.parts.resources import coder
from pages.parts.review.desk_sitting import KEEP, QUERY, WORDS

if TYPE_CHECKING:
    from core.review.model import Annotation
    from pages.parts.review.desk_sitting import Desk

RESULTS = 9
"""As many as there are digits."""
SHORT = 24


def quoted(text: str) -> str:
    """Words of a note inside Markdown, cut where they are many."""
    return f"“{plain(text if len(text) <= SHORT else f'{text[:SHORT]}…')}”"


def find(desk: Desk, current: Annotation | None) -> None:
    """A search field with its results, and for selected words their own candidates and what else they can be."""
    sitting = desk.sitting
    words = ""
    if sitting.passage is not None:
        words = " ".join(desk.document.text[slice(*sitting.passage)].split())
        st.markdown(f"**{_('New annotation:')}** “{plain(words)}”")
        if current is not None:
            _other_words(desk, current)
    elif current is None:
        st.info(_("Select words in the note first."), icon=":material/ink_selection:")
        return
    with st.form("review_find", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            _("Another code") if words else _("Code, its beginning, or words for it"),
            key=QUERY,
            placeholder=_("type and press Enter, then choose by digit"),
        )
        st.form_submit_button(_("Search"), icon=":material/search:", on_click=desk.search)
    if not words and current is not None and current.codes:
        st.toggle(_("Keep the codes it has"), key=KEEP, help=_("Add the code to them instead of replacing them."))
    query = sitting.query or words
    if not query:
        return
    try:
        cards = results(query, "" if sitting.query else desk.document.lang)
    except ClinicodeError as error:
        st.warning(plain(str(error)), icon=":material/edit:")
        return
    if not cards:
        st.info(_("Nothing in the book is like that; try other words."), icon=":material/search_off:")
        return
    target = "" if words else current.id if current else ""
    code_list(
        [
            replace(card, id=f"{target}|{card.code}", digit=str(number))
            for number, card in enumerate(cards[:RESULTS], 1)
        ],
        key="review_results",
        label=_("Codes found"),
        on_choose=desk.take,
    )


def results(query: str, lang: str) -> list[Card]:
    """Codes for words or for the beginning of a code; the models are asked for words only."""
    book = catalog()
    if book.looks_like_code(query):
        codes = [code for code in book.starting_with(query, 2 * RESULTS) if code.codable]
        if codes:
            return [plain_card(code) for code in codes]
    product = coder()
    with turn(PHRASES):
        found = product.search(query, lang or None, RESULTS)
    return [candidate_card(candidate, product, query, found.language.lang) for candidate in found.candidates]


def _other_words(desk: Desk, current: Annotation) -> None:
    """The words may belong to the annotation that was open."""
    old = quoted(current.text(desk.document.text))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_("or for {words}:").format(words=old), width="content")
        st.button(
            _("These words instead"),
            shortcut="B",
            type="tertiary",
            key="review_instead",
            on_click=desk.correct_words,
            kwargs={"also": False},
        )
        st.button(
            _("These words too"),
            shortcut="P",
            type="tertiary",
            key="review_too",
            on_click=desk.correct_words,
            kwargs={"also": True},
        )


def type_words(desk: Desk) -> None:
    """A field for words of the note, for those who have no mouse."""
    with st.form("review_words", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("Words of the note to mark"), key=WORDS, placeholder=_("as they stand in the note, then Enter"))
        st.form_submit_button(_("Mark them"), icon=":material/ink_highlighter:", on_click=desk.find_words)
