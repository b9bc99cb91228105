"""The open annotation: what it is, what can be done with it, and what stands in the place of its options."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel.dates import format_datetime

from core.interface import N_, _, spoken
from core.language import LANGUAGES
from core.review.model import MACHINE, Decision
from pages.parts.components import STATUS_WORDS, Card, code_list, word_for
from pages.parts.details import code_details
from pages.parts.explanation import why_this_code
from pages.parts.markdown import plain
from pages.parts.resources import coder
from pages.parts.review.desk_find import find, type_words
from pages.parts.review.desk_note import title
from pages.parts.review.desk_sitting import COMMENT, WHY, Mode

if TYPE_CHECKING:
    from datetime import datetime

    from core.catalog import Catalog
    from core.review.model import Annotation, Comment
    from pages.parts.review.desk_sitting import Desk

DECISION_WORDS = {
    Decision.OPEN: (N_("Still open"), ":material/radio_button_unchecked:"),
    Decision.ACCEPTED: (N_("Accepted"), ":material/check_circle:"),
    Decision.REJECTED: (N_("Rejected"), ":material/cancel:"),
    Decision.UNSURE: (N_("Unsure"), ":material/help:"),
}
"""What the interface calls each decision (to be translated where it is shown), and its icon."""


def actions(desk: Desk, *, decidable: bool, finished: bool) -> None:
    """The buttons, always in the same place; each says its key."""
    with st.container(horizontal=True, gap="small", key="review_decisions"):
        for label, key, icon, decision in (
            (_("Accept"), "A", ":material/check:", Decision.ACCEPTED),
            (_("Reject"), "X", ":material/close:", Decision.REJECTED),
            (_("Unsure"), "U", ":material/question_mark:", Decision.UNSURE),
        ):
            st.button(
                label,
                shortcut=key,
                icon=icon,
                type="primary" if decision is Decision.ACCEPTED else "secondary",
                key=f"review_{decision.value}",
                disabled=not decidable or finished,
                on_click=desk.decide,
                args=(decision,),
            )
        st.button(_("Undo"), shortcut="Z", icon=":material/undo:", key="review_undo", on_click=desk.undo)
    with st.container(horizontal=True, gap="small", key="review_further"):
        for label, key, mode, needs in (
            (_("Find code"), "S", Mode.FIND, True),
            (_("Status"), "T", Mode.STATUS, True),
            (_("Comment"), "M", Mode.COMMENT, True),
            (_("New"), "N", Mode.WORDS, False),
        ):
            st.button(
                label,
                shortcut=key,
                type="tertiary",
                key=f"review_mode_{mode.value}",
                disabled=(needs and not decidable and desk.sitting.passage is None) or finished,
                on_click=desk.enter,
                args=(mode,),
            )
        st.button(
            _("Why"),
            shortcut="W",
            type="tertiary",
            key="review_why_button",
            disabled=not decidable,
            on_click=desk.toggle_why,
        )


def describe(desk: Desk, one: Annotation) -> None:
    """The words, what the note says of them, and what people made of it."""
    # without an anchor, which would put the words into the address
    st.subheader(f"“{plain(one.text(desk.document.text))}”", anchor=False)
    word, icon = STATUS_WORDS[one.status]
    said = one.suggestion
    cue = f": “{plain(said.cue)}”" if said and said.cue and said.status is one.status else ""
    decision, sign = DECISION_WORDS[one.decision]
    decided = _(decision)
    if one.by != MACHINE:
        told = _("{decision} by {name}, {moment}")
        decided = told.format(decision=decided, name=plain(one.by), moment=when(one.at))
    st.caption(f"{icon} {_(word)}{cue} · {sign} {decided}{_corrected(desk, one)}")
    comments(one.comments)


def _corrected(desk: Desk, one: Annotation) -> str:
    """What the machine had said, where people changed it."""
    said = one.suggestion
    if said is None:
        return f" · {_('added')}" if one.by != MACHINE else ""
    was = []
    if said.codes != one.codes:
        was.append(", ".join(map(plain, said.codes)) or _("no code"))
    if said.status is not one.status:
        was.append(_(STATUS_WORDS[said.status][0]))
    if said.spans != one.spans:
        words = " ".join(" ".join(desk.document.text[start:end].split()) for start, end in said.spans)
        was.append(f"“{plain(words)}”")
    return f" · {_('corrected from {before}').format(before=', '.join(was))}" if was else ""


def comments(found: tuple[Comment, ...]) -> None:
    """What was written, and by whom."""
    for one in found:
        text = plain(" ".join(one.text.split()))
        st.caption(f":material/comment: **{plain(one.by)}** {when(one.at)}: {text}")


def when(moment: datetime) -> str:
    """A moment in the reader's zone, as the reader's language calls the month."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = UTC
    return str(format_datetime(moment.astimezone(zone), "dd MMM HH:mm", locale=spoken()))


def panel(desk: Desk, one: Annotation | None, catalog: Catalog) -> None:
    """What stands under the annotation: its options, or what was opened in their place."""
    mode = desk.sitting.mode
    if mode is not Mode.OPTIONS:
        st.button(
            _("Back to the annotation"),
            shortcut="Esc",
            type="tertiary",
            icon=":material/arrow_back:",
            key="review_back",
            on_click=desk.back,
        )
    if mode is Mode.FIND:
        find(desk, one)
    elif mode is Mode.WORDS:
        type_words(desk)
    elif one is None:
        return
    elif mode is Mode.STATUS:
        _statuses(desk, one)
    elif mode is Mode.COMMENT:
        with st.form("review_comment", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(_("Comment on this annotation"), key=COMMENT, placeholder=_("type and press Enter"))
            st.form_submit_button(_("Keep"), icon=":material/comment:", on_click=desk.comment, args=(COMMENT,))
    else:
        code_list(
            option_cards(one, catalog),
            key="review_options",
            label=_("Codes for the annotation"),
            chosen=[f"{one.id}|{code}" for code in one.codes],
            on_choose=desk.take,
        )


def option_cards(one: Annotation, catalog: Catalog) -> list[Card]:
    """The annotation's codes and the machine's other options, in the machine's order; its own further codes first."""
    options = one.suggestion.options if one.suggestion else ()
    offered = {option.code for option in options}
    cards = [_card(one, code, None, catalog) for code in one.codes if code not in offered]
    return cards + [_card(one, option.code, option.confidence, catalog, place) for place, option in enumerate(options)]


def _card(one: Annotation, code: str, chance: float | None, catalog: Catalog, place: int | None = None) -> Card:
    known = catalog[code] if code in catalog else None  # noqa: SIM401 (a catalog has no get)
    billable = known is not None and (known.billable or not known.codable)
    lines = () if billable or known is None else (_("header, cannot be billed: choose a code under it"),)
    return Card(
        f"{one.id}|{code}",
        code,
        title(catalog, code),
        billable or known is None,
        chance,
        word_for(chance) if chance is not None else "",
        lines if chance is not None else (),
        str(place + 1) if place is not None and place < 9 else "",
    )


def _statuses(desk: Desk, one: Annotation) -> None:
    st.caption(_("What does the note say of it?"))
    with st.container(horizontal=True, gap="small"):
        for digit, (status, (word, icon)) in enumerate(STATUS_WORDS.items(), 1):
            st.button(
                _(word),
                shortcut=str(digit),
                icon=icon,
                type="primary" if status is one.status else "secondary",
                key=f"review_status_{status.value}",
                on_click=desk.correct_status,
                args=(status,),
            )


def why(desk: Desk, one: Annotation, catalog: Catalog, *, finished: bool) -> None:
    """Why the code may be right, and what the book says of it; loads the models."""
    if not st.session_state.get(WHY) or not (one.codes or desk.sitting.looked):
        return
    code = desk.sitting.looked or one.codes[0]
    if code not in catalog:
        told = _("{code} is not in {release}.")
        st.info(told.format(code=plain(code), release=plain(catalog.label)), icon=":material/search_off:")
        return
    if code not in one.codes and catalog[code].codable:
        st.button(
            _("Use {code}").format(code=code),
            shortcut="E",
            icon=":material/check:",
            key="review_use",
            disabled=finished,
            on_click=desk.take,
            args=(f"{one.id}|{code}",),
        )
    words, lang = one.text(desk.document.text), desk.document.lang
    product = coder()
    language = product.detector.detect(words, lang if lang in LANGUAGES else None)
    why_this_code(product, words, code, language, key="review", rerank=True)
    with st.container(border=True):
        code_details(catalog, code, key="review", on_choose=desk.look)
