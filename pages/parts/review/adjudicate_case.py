"""One difference between reviewers: who said what, and the ways to settle it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.explain.sentence import listed
from core.interface import N_, _
from core.note.context import Status
from core.review.adjudicate import neither, own, take
from core.review.compare import Differs, overlap
from core.review.model import Decision
from core.turns import PHRASES
from pages.parts.busy import turn
from pages.parts.components import STATUS_WORDS
from pages.parts.markdown import plain
from pages.parts.resources import coder
from pages.parts.review.adjudicate_text import in_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from core.catalog import Catalog
    from core.review.adjudicate import Adjudication, Case
    from core.review.model import Annotation, Change, Document, Spans, Work

LETTERS = "ABDEFG"
"""Keys of the sides; C and R are Streamlit's own."""
FOUND = 15
"""Codes that a search offers."""
PROBLEM = "adjudicate_problem"
"""Where what went wrong waits for the next run, which says it."""
UNSEEN = {
    Decision.REJECTED: N_("rejected it"),
    Decision.UNSURE: N_("was unsure"),
    Decision.OPEN: N_("left it open"),
}
DIFFERS = {
    Differs.SPANS: N_("different bounds"),
    Differs.CODES: N_("different codes"),
    Differs.STATUS: N_("different status"),
    Differs.UNSURE: N_("somebody is unsure"),
}
"""What the interface calls what reviewers differ in (to be translated where it is shown)."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What a card is drawn from: the document, its reviewers, what is settled so far, and what settles more."""

    document: Document
    names: tuple[str, ...]
    shown: Adjudication
    settle: Callable[[Callable[[Work, str, datetime], Change]], None]


def titled(book: Catalog, code: str) -> str:
    """A code's title; what the book does not have is said."""
    return book.title(code) if code in book else f"({_('not in this release')})"


def card(sides: Sides, case: Case, book: Catalog, *, keys: bool, opened: bool = False) -> None:
    """A difference; with `keys` its buttons have shortcuts. What is settled says how, and can be settled otherwise.

    `opened` shows the ways to do that at once.
    """
    with st.container(border=True, key=f"case_{sides.document.id}_{case.id}"):
        in_context(sides.document.text, case)
        decision = sides.shown.decision(case)
        if decision is Decision.OPEN:
            st.caption(_differs(sides, case))
            _choices(sides, case, book, keys=keys)
            return
        standing = sides.shown.annotation(case)
        if decision is Decision.REJECTED or standing is None:
            st.markdown(f":material/block: **{_('Left out')}**")
        else:
            st.markdown(f":material/check_circle: {_codes(standing, book)}")
            st.caption(_status(standing))
            if len({one.spans for one in case.said if one is not None} | {standing.spans}) > 1:
                st.text(f"“{standing.text(sides.document.text)}”")
        with st.expander(_("Settle it otherwise"), icon=":material/edit:", expanded=opened):
            _choices(sides, case, book, keys=False)


def _differs(sides: Sides, case: Case) -> str:
    words = [_(DIFFERS[kind]) for kind in case.kinds if kind is not Differs.MARKED]
    if Differs.MARKED in case.kinds:
        there = [plain(name) for name, one in zip(sides.names, case.said, strict=True) if one is not None]
        words.insert(0, _("only {names} marked it").format(names=listed(there)))
    return ", ".join(words)


def _choices(sides: Sides, case: Case, book: Catalog, *, keys: bool) -> None:
    name = f"{sides.document.id}_{case.id}"
    fresh = "_key" if keys else ""  # another button: one that loses its shortcut would keep listening to the key
    if not case.kinds:
        _leave_out(sides, case, _("Leave it out"), f"neither_{name}")
        _another(sides, case, book, name)
        return
    several = len({one.spans for one in case.said if one is not None}) > 1
    for place, column in enumerate(st.columns(len(sides.names), gap="medium")):
        with column:
            _side(sides, case, place, book, several=several)
            told = _("Take {name}'s") if case.said[place] is not None else _("Take {name}'s: leave it out")
            st.button(
                told.format(name=plain(sides.names[place])),
                key=f"take_{name}_{place}{fresh}",
                shortcut=LETTERS[place] if keys and place < len(LETTERS) else None,
                width="stretch",
                wrap=True,
                on_click=sides.settle,
                args=(partial(_take, case, place),),
            )
    out = _("Both wrong: leave it out") if len(sides.names) == 2 else _("None of them: leave it out")
    _leave_out(sides, case, out, f"neither_{name}{fresh}", "N" if keys else None)
    with st.expander(_("Another code"), icon=":material/search:"):
        _another(sides, case, book, name)


def _leave_out(sides: Sides, case: Case, label: str, key: str, shortcut: str | None = None) -> None:
    st.button(
        label,
        key=key,
        icon=":material/block:",
        shortcut=shortcut,
        disabled=sides.shown.decision(case) is Decision.REJECTED,
        on_click=sides.settle,
        args=(partial(_neither, case),),
    )


def _side(sides: Sides, case: Case, number: int, book: Catalog, *, several: bool) -> None:
    st.markdown(f"**{plain(sides.names[number])}**")
    one = case.said[number]
    if one is None:
        st.caption(_unmarked(sides, case, number))
        return
    st.markdown(_codes(one, book) or _("no code"))
    unsure = f" · {_('unsure')}" if one.decision is Decision.UNSURE else ""
    st.caption(f"{_status(one)}{unsure}")
    if several:
        st.text(f"“{one.text(sides.document.text)}”")
    for comment in one.comments:
        st.text(f"{comment.by}: {comment.text}")


def _unmarked(sides: Sides, case: Case, number: int) -> str:
    """What a side that did not mark a passage did with what was suggested there."""
    over = [one for one in sides.shown.reviewers[number].annotations if overlap(one.spans, case.spans)]
    said = next((_(UNSEEN[one.decision]) for one in over if one.decision in UNSEEN), _("did not mark it"))
    return f":material/remove: {said}"


def _codes(one: Annotation, book: Catalog) -> str:
    return "  \n".join(f"**{plain(code)}** {plain(titled(book, code))}" for code in one.codes)


def _status(one: Annotation) -> str:
    word, icon = STATUS_WORDS[one.status]
    return f"{icon} {_(word)}"


def _another(sides: Sides, case: Case, book: Catalog, name: str) -> None:
    said = [code for one in case.said if one is not None for code in one.codes]
    codes = codes_field(sides.document, book, name, said)
    spans = list(dict.fromkeys(one.spans for one in case.said if one is not None))
    words = {one.spans: plain(one.text(sides.document.text)) for one in case.said if one is not None}
    bounds = spans[0]
    if len(spans) > 1:
        bounds = st.radio(_("Bounds"), spans, format_func=words.__getitem__, key=f"bounds_{name}")
    status = status_field(name, case.first.status)
    st.button(
        _("Take this"),
        key=f"own_{name}",
        icon=":material/check:",
        disabled=not codes,
        on_click=sides.settle,
        args=(partial(_own, case, tuple(codes), status, bounds or spans[0]),),
    )


def codes_field(document: Document, book: Catalog, name: str, said: Sequence[str], words: str = "") -> list[str]:
    """Codes to choose from: those that a search finds (for `words` until something is typed), and what was `said`."""
    typed = st.text_input(
        _("Search for a code"), key=f"query_{name}", placeholder=_("words, or the beginning of a code")
    )
    key = f"codes_{name}"
    kept = st.session_state.get(key, [])
    options = list(dict.fromkeys([*kept, *_found(typed or words, document.lang, book), *said]))
    return st.multiselect(_("Codes"), options, format_func=lambda code: f"{code} {titled(book, code)}", key=key)


def status_field(name: str, status: Status) -> Status:
    """What the note says of a diagnosis, `status` until another is chosen."""
    return st.selectbox(
        _("Status"),
        list(Status),
        index=list(Status).index(status),
        format_func=lambda one: _(STATUS_WORDS[one][0]),
        key=f"status_{name}",
    )


def _found(typed: str, lang: str, book: Catalog) -> Sequence[str]:
    """Codes for what was typed; models are loaded only for words."""
    words = typed.strip()
    if not words:
        return ()
    if book.looks_like_code(words) and (codes := book.starting_with(words, FOUND)):
        return [one.code for one in codes]
    try:
        product = coder()
        with turn(PHRASES):
            return [one.code for one in product.search(words, lang or None, FOUND).candidates]
    except ClinicodeError as error:
        st.caption(plain(str(error)))
        return ()


def _take(case: Case, side: int, work: Work, by: str, at: datetime) -> Change:
    return take(work, case, side, by, at)


def _neither(case: Case, work: Work, by: str, at: datetime) -> Change:
    return neither(work, case, by, at)


def _own(case: Case, codes: Sequence[str], status: Status, spans: Spans, work: Work, by: str, at: datetime) -> Change:
    return own(work, case, codes, status, spans, by, at)
