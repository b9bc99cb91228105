"""The note with its annotations, and the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.interface import N_, _
from core.review.desk import Mark, pieces
from core.review.model import Decision
from pages.parts.components import STATUS_WORDS, Part, interface, review_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalog import Catalog
    from core.review.model import Annotation
    from pages.parts.review.desk_sitting import Desk

PENDING = "pending"
SIGNS = {Decision.OPEN: "", Decision.ACCEPTED: "✓", Decision.REJECTED: "✕", Decision.UNSURE: "?"}
SAID = {
    Decision.OPEN: N_("still open"),
    Decision.ACCEPTED: N_("accepted"),
    Decision.REJECTED: N_("rejected"),
    Decision.UNSURE: N_("unsure"),
}
"""What the interface calls each decision inside a line (to be translated where it is shown)."""

_LIST = st.components.v2.component(
    "clinicode_review_list",
    html='<ul class="list">\n</ul>',
    css=interface("review_list.css"),
    js=interface("review_list.js"),
)
_KEYS = st.components.v2.component(
    "clinicode_review_keys",
    html='<span class="keys" hidden></span>',
    js=interface("review_keys.js"),
)


def keys(desk: Desk) -> None:
    """What the keyboard needs beyond the buttons' own keys: a field that opens gets it, Escape leaves, arrows step."""

    def escaped() -> None:
        desk.back()

    def stepped() -> None:
        state = st.session_state.get("review_keys")
        if state is not None and state.stepped is not None:
            desk.stepped(int(state.stepped))

    data = {"field": desk.sitting.field, "turn": desk.sitting.turn, "opened": desk.document.id}
    _KEYS(data=data, key="review_keys", height=1, on_escaped_change=escaped, on_stepped_change=stepped)


def note(desk: Desk, shown: Sequence[Annotation], catalog: Catalog) -> None:
    """The note, every annotation marked; a click opens one, a selection waits for its code."""
    review_note(
        parts(desk.document.text, shown, desk.sitting.current, desk.sitting.passage, catalog),
        key="review_note",
        chosen=PENDING if desk.sitting.passage else desk.sitting.current,
        on_choose=lambda name: desk.open(name) if name != PENDING else None,
        on_select=desk.select,
    )


def parts(
    text: str, shown: Sequence[Annotation], current: str, passage: tuple[int, int] | None, catalog: Catalog
) -> list[Part]:
    """The note in stretches: on top lies what is selected, then the open annotation, then the shorter of two."""
    known = {one.id: one for one in shown}
    ranked = sorted(
        shown,
        key=lambda one: (
            one.id != current,
            one.decision is Decision.REJECTED,
            sum(end - start for start, end in one.spans),
        ),
    )
    marks = [Mark(one.id, one.spans) for one in ranked]
    if passage is not None:
        marks.insert(0, Mark(PENDING, (passage,)))
    found = []
    for piece in pieces(len(text), marks):
        words = text[piece.start : piece.end]
        if not piece.names:
            found.append(Part(words))
        elif piece.names[0] == PENDING:
            found.append(Part(words, piece.names, PENDING, first=piece.first, last=piece.last))
        else:
            one = known[piece.names[0]]
            found.append(
                Part(
                    words,
                    piece.names,
                    one.status.value,
                    one.decision.value,
                    said(one),
                    hint(one, catalog),
                    piece.first,
                    piece.last,
                )
            )
    return found


def hint(one: Annotation, catalog: Catalog) -> str:
    """An annotation in a line."""
    codes = ", ".join(f"{code} {title(catalog, code)}" for code in one.codes) or _("no code")
    return f"{said(one)}: {codes}"


def said(one: Annotation) -> str:
    """What was decided on an annotation, and what the note says of it."""
    return f"{_(SAID[one.decision])}, {_(STATUS_WORDS[one.status][0])}"


def title(catalog: Catalog, code: str) -> str:
    """A code's title; imported annotations may have codes of another release."""
    return catalog.title(code) if code in catalog else _("not in this release")


def annotation_list(desk: Desk, listed: Sequence[Annotation], catalog: Catalog) -> None:
    """All annotations, a line each, with what was decided."""

    def react() -> None:
        state = st.session_state.get("review_list")
        if state is not None and state.chosen is not None:
            desk.open(str(state.chosen))

    items = [
        {
            "id": one.id,
            "mark": SIGNS[one.decision],
            "words": one.text(desk.document.text),
            "status": _(STATUS_WORDS[one.status][0]),
            "code": ", ".join(one.codes),
            "decision": one.decision.value,
            "said": _(SAID[one.decision]),
            "hint": hint(one, catalog),
        }
        for one in listed
    ]
    data = {"items": items, "chosen": desk.sitting.current, "label": _("Annotations")}
    _LIST(data=data, key="review_list", on_chosen_change=react)
