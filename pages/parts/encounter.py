"""The encounter list: accepted codes in their order, what the rules say of them, and the list to take along."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.encounter import Encounter, Listed, as_csv, as_fhir, as_json, as_text
from core.interface import N_, _, number
from core.rules import Patient, Severity, check
from pages.parts.components import interface
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.catalog import Catalog
    from core.rules import Finding, Remedy

KEY = "note_encounter"
LOOKS = {
    Severity.ERROR: (":material/error:", "red", N_("Error")),
    Severity.WARNING: (":material/warning:", "orange", N_("Warning")),
    Severity.HINT: (":material/lightbulb:", "blue", N_("Hint")),
}
SEXES = {"": N_("not said"), "female": N_("female"), "male": N_("male")}
_LISTED = st.components.v2.component(
    "clinicode_listed",
    html='<ol class="listed">\n</ol>',
    css=interface("listed.css"),
    js=interface("listed.js"),
)
SHOWN = 3
"""Remedies of a finding that are offered as buttons."""


def encounter() -> Encounter:
    """The list of this session."""
    found: Encounter = st.session_state.setdefault(KEY, Encounter())
    return found


def accept(items: Collection[Listed]) -> None:
    """Put codes on the list (a callback of buttons)."""
    now = encounter()
    for item in items:
        now = now.having(item)
    st.session_state[KEY] = now


def clear() -> None:
    """Begin a new list."""
    st.session_state[KEY] = Encounter()


def encounter_list(catalog: Catalog, langs: Collection[str], mentioned: Collection[str]) -> None:
    """The list with its findings; `mentioned` are codes that the note speaks for."""
    now = encounter()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(_("On the list ({count})").format(count=number(len(now.items))), anchor=False, width="content")
        if now.items:
            st.button(
                _("Empty it"), type="tertiary", icon=":material/delete_sweep:", on_click=clear, key="encounter_empty"
            )
    if not now.items:
        st.caption(_("Accept codes to put them here: in their order, checked against the rules of the book."))
        return
    patient = _patient()
    found = check(now.codes, catalog, now.texts, langs, mentioned, patient)
    _lines(catalog, now)
    with st.container():
        _findings(found)
    _take(now, catalog)


def _lines(catalog: Catalog, now: Encounter) -> None:
    def react() -> None:
        state = st.session_state.get("encounter_lines")
        if state is None or state.acted is None:
            return
        code, act = state.acted
        if code in encounter().codes:
            st.session_state[KEY] = (
                encounter().without(code) if act == "off" else encounter().moved(code, {"up": -1, "down": 1}[act])
            )

    items = [
        {
            "code": one.code,
            "title": catalog.title(one.code),
            "billable": catalog.billable(one.code),
            "words": one.words,
        }
        for one in now.items
    ]
    data = {
        "items": items,
        "label": _("Codes on the list, in their order"),
        "first": _("first-listed"),
        "header": _("header, cannot be billed"),
        "acts": {"up": _("one up"), "down": _("one down"), "off": _("off the list")},
    }
    _LISTED(data=data, key="encounter_lines", on_acted_change=react)


def _findings(found: list[Finding]) -> None:
    """Errors and warnings open; hints folded away."""
    grave = [one for one in found if one.severity is not Severity.HINT]
    for place, one in enumerate(grave):
        _finding(one, f"grave_{place}")
    if hints := [one for one in found if one.severity is Severity.HINT]:
        with st.expander(_("Worth knowing ({count})").format(count=len(hints)), icon=":material/lightbulb:"):
            for place, one in enumerate(hints):
                _finding(one, f"hint_{place}")
    if not grave:
        st.caption(f":material/check: {_('No rule of the book speaks against this list.')}")


def _finding(one: Finding, key: str) -> None:
    icon, colour, word = LOOKS[one.severity]
    with st.container(border=True, key=f"finding_{key}"):
        st.markdown(f":{colour}[{icon} **{_(word)}: {_(one.rule)}**] {plain(one.message)}")
        if one.sentence:
            st.caption(_("At {code}: {sentence}").format(code=one.at, sentence=plain(one.sentence)))
        if one.remedies:
            with st.container(horizontal=True, gap="small"):
                for place, remedy in enumerate(one.remedies[:SHOWN]):
                    st.button(
                        plain(remedy.label), key=f"remedy_{key}_{place}_{'_'.join(one.codes)}", on_click=_mend,
                        args=(remedy, one.codes),
                    )  # fmt: skip


def _patient() -> Patient:
    with st.expander(_("Patient (for the rules on age and sex; kept in this session only)"), icon=":material/person:"):
        left, right = st.columns(2)
        sex = left.selectbox(
            _("Sex"), list(SEXES), format_func=lambda one: _(SEXES[one]), key="encounter_sex", persist_state="session"
        )
        age = right.number_input(
            _("Age in years"), min_value=0, max_value=130, value=None, key="encounter_age", persist_state="session"
        )
    return Patient(sex or "", None if age is None else float(age))


def _take(now: Encounter, catalog: Catalog) -> None:
    with st.expander(_("Take it along"), icon=":material/download:"):
        st.code(as_text(now, catalog), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            # made when they are asked for: what lies ready has an address that whoever guesses the content can work out
            for label, name, mime, make in (
                ("CSV", "codes.csv", "text/csv", partial(as_csv, now, catalog)),
                ("JSON", "codes.json", "application/json", partial(as_json, now, catalog)),
                ("FHIR R4B", "codes.fhir.json", "application/fhir+json", partial(_fhir, now, catalog)),
            ):
                st.download_button(label, make, name, mime, icon=":material/download:", on_click="ignore")


def _fhir(now: Encounter, catalog: Catalog) -> bytes:
    return as_fhir(now, catalog, datetime.now(UTC))


def _mend(remedy: Remedy, codes: tuple[str, ...]) -> None:
    st.session_state[KEY] = encounter().mended(remedy, codes)
