"""A project's own forms: a new one, its settings, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _, ngettext, number
from core.review import effect
from core.review.model import Settings
from core.review.people import Role
from pages.parts.markdown import plain
from pages.parts.review.queue_told import documents_said, tell

if TYPE_CHECKING:
    from core.review.model import Project
    from core.review.people import Person
    from core.review.store import ReviewStore

ROUND = "queue_new_round"
"""Counts the projects made in this session: a form that has done its work is drawn anew, empty."""
ENDING = "queue_ending"
MOST_READERS = 3


def first_project(reviews: ReviewStore, me: Person) -> None:
    """The page of a workspace that has no project."""
    if me.role < Role.ADMIN:
        st.info(_("There is no project yet; an admin makes one."), icon=":material/folder_open:")
        return
    with st.container(border=True, width=640):
        st.subheader(_("New project"), anchor=False)
        st.markdown(_("A project is a set of notes that are reviewed together. It can hold a few or thousands."))
        _new(reviews, me)


def change_project(reviews: ReviewStore, me: Person, project: Project, size: int) -> None:
    """What an admin does with a project as a whole."""
    made = st.session_state.get(ROUND, 0)
    with st.container(horizontal=True, width="content", gap="small"):
        with st.popover(_("Settings"), icon=":material/tune:", key=f"queue_settings_{project.id}", type="tertiary"):
            _settings_form(reviews, me, project)
        with st.popover(_("New project"), icon=":material/add:", key=f"queue_new_{made}", type="tertiary"):
            _new(reviews, me)
        st.button(
            _("Delete"),
            icon=":material/delete:",
            key="queue_delete",
            type="tertiary",
            on_click=_begin_end,
            args=(project,),
        )
    if st.session_state.get(ENDING) == project.id:
        ask = st.dialog(_("Delete the project"), icon=":material/delete:", on_dismiss=_stop_end)
        ask(_end)(reviews, me, project, size)


def _new(reviews: ReviewStore, me: Person) -> None:
    prefix = f"queue_new{st.session_state.get(ROUND, 0)}"
    with st.form(prefix, border=False):
        st.text_input(_("Name"), key=f"{prefix}_name", max_chars=120, placeholder=_("Discharge letters, spring"))
        _fields(prefix, Settings())
        st.form_submit_button(
            _("Make the project"), type="primary", icon=":material/add:", on_click=_create, args=(reviews, me, prefix)
        )


def _create(reviews: ReviewStore, me: Person, prefix: str) -> None:
    try:
        made = reviews.create(me, st.session_state[f"{prefix}_name"] or "", _chosen(prefix, Settings()))
    except ClinicodeError as error:
        tell(plain(str(error)), wrong=True)
        return
    st.session_state["review_project"] = made.id
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    tell(_("The project “{name}” is made. Import its documents.").format(name=plain(made.name)))


def _settings_form(reviews: ReviewStore, me: Person, project: Project) -> None:
    prefix = f"queue_set{project.id}"
    with st.form(prefix, border=False):
        _fields(prefix, project.settings)
        st.slider(
            _("Hide suggestions weaker than"),
            0.0,
            0.95,
            project.settings.least,
            0.05,
            format="percent",
            key=f"{prefix}_least",
            help=_("By the chance that a passage is a diagnosis at all. For documents that nobody has begun."),
        )
        st.text_area(
            _("Guideline"),
            project.settings.guideline,
            key=f"{prefix}_guideline",
            placeholder=_("What to code and what to leave, in your team's words."),
            height=140,
        )
        st.form_submit_button(_("Save"), type="primary", on_click=_save, args=(reviews, me, project, prefix))


def _save(reviews: ReviewStore, me: Person, project: Project, prefix: str) -> None:
    try:
        reviews.change_settings(me, project, _chosen(prefix, project.settings))
    except ClinicodeError as error:
        tell(plain(str(error)), wrong=True)
    else:
        tell(_("The settings are kept; they hold from now on."))


def _fields(prefix: str, settings: Settings) -> None:
    st.segmented_control(
        _("Reviewers a document"),
        range(1, max(MOST_READERS, settings.reviewers) + 1),
        default=settings.reviewers,
        required=True,
        key=f"{prefix}_reviewers",
        help=_("Several read the same document, each alone; where they differ, somebody adjudicates."),
    )
    st.toggle(
        _("Blind"),
        settings.blind,
        key=f"{prefix}_blind",
        help=_("Suggestions stay hidden until the reviewer asks for them, so that they do not lead."),
    )
    st.toggle(
        _("Only adjudicated pairs teach"),
        settings.approval,
        key=f"{prefix}_approval",
        help=_(
            "Off: what a reviewer accepts is in the team memory at once. On: only after adjudication, which takes two "
            "reviewers a document."
        ),
    )


def _chosen(prefix: str, before: Settings) -> Settings:
    state = st.session_state
    return Settings(
        int(state[f"{prefix}_reviewers"]),
        bool(state[f"{prefix}_blind"]),
        bool(state[f"{prefix}_approval"]),
        float(state.get(f"{prefix}_least", before.least)),
        str(state.get(f"{prefix}_guideline", before.guideline)).strip(),
    )


def _begin_end(project: Project) -> None:
    st.session_state[ENDING] = project.id


def _stop_end() -> None:
    st.session_state.pop(ENDING, None)


def _end(reviews: ReviewStore, me: Person, project: Project, size: int) -> None:
    pairs = len(reviews.taught(project.id))
    goes = _("{documents} with their texts, everything that was suggested and decided in them, and their log.")
    goes = goes.format(documents=documents_said(size))
    st.markdown(f"**{_('Goes, for everybody and for good:')}** {goes}")
    stays = _("one line in the log: who deleted a project and how much there was in it.")
    if pairs:
        stays = ngettext(
            "{count} pair of a term and a code that it taught the team memory, and one line in the log: who deleted a "
            "project and how much there was in it.",
            "{count} pairs of a term and a code that it taught the team memory, and one line in the log: who deleted a "
            "project and how much there was in it.",
            pairs,
        ).format(count=number(pairs))
    st.markdown(f"**{_('Stays:')}** {stays} {_('Files that were exported stay where they are.')}")
    withdrawn = bool(pairs) and st.checkbox(_("Withdraw what it taught too"), key="queue_end_withdraw")
    st.text(_("To confirm, type the project's name: {name}").format(name=project.name))
    typed = st.text_input(_("The project's name"), key="queue_end_name", label_visibility="collapsed")
    if st.button(_("Delete for good"), type="primary", key="queue_end", disabled=_line(typed) != project.name):
        try:
            counts = reviews.delete(me, project, withdraw=withdrawn)
        except ClinicodeError as error:
            st.warning(plain(str(error)), icon=":material/edit:")
            return
        effect.delete(project.id)
        tell(_gone(project.name, counts, withdrawn=withdrawn))
        _stop_end()
        st.rerun()


def _line(typed: str | None) -> str:
    return " ".join((typed or "").split())


def _gone(name: str, counts: dict[str, int], *, withdrawn: bool) -> str:
    events, taught, stay = counts["events"], counts["taught"], counts["stay"]
    lines = ngettext("{count} line of the log", "{count} lines of the log", events).format(count=number(events))
    said = _("“{name}” is deleted: {documents} and {lines} are gone.")
    said = said.format(name=plain(name), documents=documents_said(counts["documents"]), lines=lines)
    pairs = _("It had taught nothing.")
    if withdrawn:
        pairs = ngettext(
            "{count} pair that it taught went with it.", "{count} pairs that it taught went with it.", taught
        ).format(count=number(taught))
    elif stay:
        pairs = ngettext(
            "{count} pair that it taught stays in the team memory.",
            "{count} pairs that it taught stay in the team memory.",
            stay,
        ).format(count=number(stay))
    return f"{said} {pairs}"
