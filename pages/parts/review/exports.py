"""Export: what can be taken out of a project, and a project brought back from its archive."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _, number
from core.review.exchange.archive import archived
from core.review.exchange.exporting import EXPORTS, export, log_lines, log_table
from core.review.exchange.reviewed import stem
from core.review.final import final_work
from core.review.model import FINAL
from core.review.people import Role
from pages.parts.book import catalog as code_set
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.review.model import Progress, Project
    from core.review.people import Person
    from core.review.store import ReviewStore

RESULT = ""
"""Whose annotations: nobody's in particular, but what is final."""
MAX_UPLOAD = 500
"""Megabytes of an archive."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a project is: documents in all, those with a result, those with several results to settle."""

    documents: int
    final: int
    unsettled: int
    begun: dict[str, int]
    finished: dict[str, int]

    @property
    def open(self) -> int:
        """Documents that nobody has finished."""
        return self.documents - self.final - self.unsettled


def section(reviews: ReviewStore, me: Person, project: Project | None) -> None:
    """The result or one reviewer's work in five formats, the log, the archive; without a project only restoring."""
    if project is not None:
        standing = _standing(reviews, project)
        st.subheader(_("Accepted annotations"), anchor=False)
        whose = _whose(me, standing)
        _say(standing, whose)
        _formats(reviews, project, whose, standing)
        if me.role >= Role.ADJUDICATOR:
            st.subheader(_("The whole project"), anchor=False)
            _whole(reviews, project)
    if me.role >= Role.ADMIN:
        st.subheader(_("Restore a project"), anchor=False)
        _restore(reviews, me)


def _standing(reviews: ReviewStore, project: Project) -> Standing:
    lanes: dict[int, list[Progress]] = defaultdict(list)
    begun: dict[str, int] = defaultdict(int)
    finished: dict[str, int] = defaultdict(int)
    for one in reviews.progress(project.id):
        lanes[one.document].append(one)
        if one.lane != FINAL:
            begun[one.lane] += 1
            finished[one.lane] += one.finished
    done = [several for several in lanes.values() if any(one.finished for one in several)]
    final = sum(final_work(several, project.settings.reviewers) is not None for several in done)
    return Standing(len(reviews.documents(project.id)), final, len(done) - final, dict(begun), dict(finished))


def _whose(me: Person, standing: Standing) -> str:
    """Whose annotations; a reviewer may not look into the work of others before it is final."""
    lanes = sorted(lane for lane in standing.begun if me.role >= Role.ADJUDICATOR or lane == me.name)
    if st.session_state.get("exports_whose", RESULT) not in (RESULT, *lanes):
        del st.session_state["exports_whose"]  # of another project
    chosen = st.selectbox(
        _("Whose annotations"),
        [RESULT, *lanes],
        format_func=lambda lane: lane or _("Final"),
        key="exports_whose",
        help=_("Final: what was adjudicated, or the work of the only reviewer who finished the document."),
        width=320,
        persist_state="session",
    )
    return chosen or RESULT


def _say(standing: Standing, whose: str) -> None:
    if whose:
        begun, finished = standing.begun[whose], standing.finished[whose]
        told = _(
            "**{name}** has begun {begun} of {total} documents and finished {finished}; all that are begun are "
            "exported as they stand."
        )
        st.markdown(
            told.format(
                name=plain(whose), begun=number(begun), total=number(standing.documents), finished=number(finished)
            )
        )
        return
    waiting = [
        words.format(count=number(count))
        for count, words in (
            (standing.unsettled, _("{count} to adjudicate")),
            (standing.open, _("{count} not finished")),
        )
        if count
    ]
    told = _("**{count} of {total} documents are final**.")
    if waiting:
        told = _("**{count} of {total} documents are final**; left out: {others}.")
    said = told.format(count=number(standing.final), total=number(standing.documents), others=", ".join(waiting))
    st.markdown(said)


def _formats(reviews: ReviewStore, project: Project, whose: str, standing: Standing) -> None:
    book = code_set()
    called = stem(f"{project.name}-{whose}" if whose else project.name)
    nothing = not (standing.begun[whose] if whose else standing.final)
    for one in EXPORTS:
        make = partial(export, reviews, project, book, one.key, whose)
        _row(one.key, _(one.title), _(one.purpose), f"{called}{one.ending}", one.mime, make, disabled=nothing)


def _whole(reviews: ReviewStore, project: Project) -> None:
    called = stem(project.name)
    _row(
        "archive", _("Archive"), _("Notes, log, assignments: to keep, or to restore here or elsewhere."),
        f"{called}-clinicode-review.zip", "application/zip", partial(archived, reviews, project),
    )  # fmt: skip
    _row(
        "log_csv", _("Log as CSV"), _("Who did what and when, with what was before and after."), f"{called}-log.csv",
        "text/csv", partial(log_table, reviews, project),
    )  # fmt: skip
    _row(
        "log_jsonl", _("Log as JSON lines"), _("The same for scripts."), f"{called}-log.jsonl", "application/x-ndjson",
        partial(log_lines, reviews, project),
    )  # fmt: skip


def _row(
    key: str, title: str, purpose: str, file: str, mime: str, make: Callable[[], bytes], *, disabled: bool = False
) -> None:
    """One thing to take out; it is made when it is asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.download_button(
            title,
            make,
            file_name=file,
            mime=mime,
            key=f"exports_{key}",
            on_click="ignore",
            icon=":material/download:",
            disabled=disabled,
            width=190,
        )
        st.markdown(purpose, width=500)


def _restore(reviews: ReviewStore, me: Person) -> None:
    st.caption(_("Makes a new project from an archive. Nothing of the projects here is changed."))
    round_ = st.session_state.setdefault("exports_round", 0)
    upload = st.file_uploader(
        _("Archive of a project (.zip)"), type=["zip"], key=f"exports_archive_{round_}", max_upload_size=MAX_UPLOAD
    )
    if upload is None:
        return
    st.text_input(
        _("Name of the new project"),
        key="exports_name",
        placeholder=_("As it was called"),
        help=_("Left empty: its old name, with a number where that is taken."),
        max_chars=120,
        width=320,
    )
    st.checkbox(
        _("Teach its decisions to the team memory"),
        key="exports_teach",
        help=_("As they taught when they were made. Leave it off where this workspace learned from them already."),
    )
    st.button(
        _("Restore"),
        type="primary",
        icon=":material/settings_backup_restore:",
        key="exports_restore",
        on_click=_restored,
        args=(reviews, me),
    )
    if wrong := st.session_state.pop("exports_wrong", ""):
        st.warning(plain(wrong), icon=":material/edit:")


def _restored(reviews: ReviewStore, me: Person) -> None:
    state = st.session_state
    upload = state.get(f"exports_archive_{state['exports_round']}")
    if upload is None:
        return
    try:
        name, teach = state["exports_name"].strip(), bool(state["exports_teach"])
        project = reviews.restore(me, upload.getvalue(), name, teach=teach)
    except ClinicodeError as error:
        state["exports_wrong"] = str(error)
        return
    state["exports_round"] += 1
    state["review_project"] = project.id
    st.toast(_("Restored as “{name}”.").format(name=plain(project.name)), icon=":material/check:")
