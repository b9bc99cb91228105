"""The entry terms of a code: every text under which it is found, by language and source."""

from __future__ import annotations

import os
from collections import defaultdict

import streamlit as st

from core import settings
from core.errors import ClinicodeError
from core.interface import N_, _, language_name
from core.language import LANGUAGES
from core.retrieve.candidate import EntryTerm, Source
from core.retrieve.entries import entries
from core.retrieve.memory import TeamMemory
from pages.parts.book import catalog, in_use
from pages.parts.catalog.text import term_list
from pages.parts.components import SOURCE_WORDS
from pages.parts.markdown import plain

UNSAID = N_("not said")


@st.cache_resource(show_spinner=False, max_entries=2)
def _beside(codes: str) -> dict[str, tuple[EntryTerm, ...]]:
    """The entry terms beside the book's own by code: written corpus, abbreviations, imported tables."""
    found: dict[str, list[EntryTerm]] = defaultdict(list)
    for term in dict.fromkeys(entries(catalog())):
        found[term.code].append(term)
    return {code: tuple(terms) for code, terms in found.items()}


@st.cache_resource(show_spinner=False)
def _memory(address: str) -> TeamMemory:
    """The connection to the team memory; what is read over it is kept by none."""
    return TeamMemory()


def remembered(code: str) -> list[EntryTerm]:
    """What the team has given the code to, read now.

    Raises
    ------
    ClinicodeError
        If the workspace cannot be opened.
    """
    memory = _memory(os.environ.get("CLINICODE_DATABASE_URL") or str(settings.home()))
    return [term for term in memory.terms() if term.code == code]


def book_terms(code: str) -> list[EntryTerm]:
    """The title and the inclusion terms."""
    book = catalog()
    found = book[code]
    return [
        EntryTerm(found.title, code, Source.TITLE, book.lang),
        *(EntryTerm(term, code, Source.INCLUSION, book.lang) for term in found.inclusion_terms),
    ]


def language(term: EntryTerm) -> str:
    """The language of a term: its code, or that it is not said."""
    return term.lang if term.lang in LANGUAGES else UNSAID


def named(lang: str) -> str:
    """What the reader calls such a language."""
    return _(UNSAID) if lang == UNSAID else language_name(lang)


def section(code: str) -> None:
    """The terms by language, each with its source, and filters."""
    found = [*book_terms(code), *_beside(in_use()).get(code, ())]
    problem = ""
    try:
        found += remembered(code)
    except ClinicodeError as error:
        problem = str(error)
    places = {name: place for place, name in enumerate([*LANGUAGES, UNSAID])}
    sources = list(Source)
    found.sort(key=lambda term: (places[language(term)], sources.index(term.source), term.text))
    st.markdown(f"**{_('Found by these terms')}** ({len(found)})")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lang = st.selectbox(
            _("Language"),
            ["", *places],
            format_func=lambda name: named(name) if name else _("All languages"),
            key="catalog_terms_language",
            width=160,
            label_visibility="collapsed",
            persist_state="session",
        )
        source = st.selectbox(
            _("Source"),
            ["", *(one.value for one in Source)],
            format_func=lambda name: _(SOURCE_WORDS[Source(name)]) if name else _("All sources"),
            key="catalog_terms_source",
            width=180,
            label_visibility="collapsed",
            persist_state="session",
        )
    rows = [term for term in found if lang in ("", language(term)) and source in ("", term.source.value)]
    if problem:
        st.caption(_("Without the team memory: {problem}").format(problem=plain(problem)))
    if not rows:
        st.caption(_("No term of this language and source."))
        return
    term_list([(named(name), [term for term in rows if language(term) == name]) for name in places])
