"""Giving documents to reviewers, and taking them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import N_, _, ngettext, number
from core.review.queue import shared_out
from pages.parts.markdown import plain
from pages.parts.review.queue_told import documents_said, tell

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.review.model import Project
    from core.review.people import Person
    from core.review.queue import Entry
    from core.review.store import ReviewStore

FREE, SHOWN, CHOSEN = N_("Those nobody has"), N_("All in the list"), N_("Those chosen in the list")
ALL, SPLIT = N_("To each of them"), N_("Split evenly")


def assigning(
    reviews: ReviewStore,
    me: Person,
    project: Project,
    found: Sequence[Entry],
    shown: Sequence[Entry],
    chosen: Sequence[Entry],
) -> None:
    """Which documents, to whom, and how."""
    sets = {FREE: [one for one in found if not one.reviewers], SHOWN: shown, CHOSEN: chosen}
    known = {me.name, *(one for entry in found for one in (*entry.reviewers, *(lane.lane for lane in entry.lanes)))}
    with st.popover(_("Assign"), icon=":material/person_add:", key="queue_assign"):
        which = st.radio(
            _("Which documents"),
            list(sets),
            format_func=_,
            captions=[documents_said(len(one)) for one in sets.values()],
            key="queue_assign_which",
        )
        readers = st.multiselect(
            _("Reviewers"),
            sorted(known, key=str.casefold),
            accept_new_options=True,
            key="queue_assign_readers",
            placeholder=_("Choose or type names"),
            help=_("As they sign in, or the name under which they review on this machine. Commas part several names."),
        )
        how = st.segmented_control(
            _("How"),
            [ALL, SPLIT],
            format_func=_,
            default=ALL,
            required=True,
            key="queue_assign_how",
            help=ngettext(
                "Split: every document gets {count} reviewer, as the settings say, counting those who have it.",
                "Split: every document gets {count} reviewers, as the settings say, counting those who have it.",
                project.settings.reviewers,
            ).format(count=number(project.settings.reviewers)),
        )
        documents, names = sets[which or FREE], _names(readers, known)
        ready = bool(documents and names)
        given = (reviews, me, project, documents, names)
        with st.container(horizontal=True):
            st.button(
                _("Assign"),
                type="primary",
                key="queue_assign_do",
                disabled=not ready,
                on_click=_assign,
                args=given,
                kwargs={"split": how == SPLIT},
            )
            st.button(
                _("Take away"),
                key="queue_unassign_do",
                disabled=not ready,
                on_click=_unassign,
                args=given,
                help=_("What they decided in them stays."),
            )


def _names(typed: Sequence[str], known: Collection[str]) -> list[str]:
    """The names in what was chosen or typed; a comma in what is new parts several."""
    parts = [part for one in typed for part in ([one] if one in known else one.split(","))]
    return list(dict.fromkeys(name for part in parts if (name := " ".join(part.split()))))


def _assign(
    reviews: ReviewStore,
    me: Person,
    project: Project,
    entries: Sequence[Entry],
    names: Sequence[str],
    *,
    split: bool,
) -> None:
    try:
        documents = [one.document for one in entries]
        if split:
            held = {one.document.id: one.reviewers for one in entries}
            given = shared_out(documents, names, project.settings.reviewers, held)
        else:
            given = dict.fromkeys(names, documents)
        new = {name: reviews.assign(me, own, [name]) for name, own in given.items()}
    except ClinicodeError as error:
        tell(plain(str(error)), wrong=True)
        return
    said = ", ".join(f"{plain(name)} {number(count)}" for name, count in new.items() if count)
    told = _("Newly assigned: {names}.").format(names=said)
    tell(told if said else _("They have these documents already."))


def _unassign(
    reviews: ReviewStore, me: Person, _project: Project, entries: Sequence[Entry], names: Sequence[str]
) -> None:
    gone = 0
    try:
        for one in entries:
            for name in names:
                if name in one.reviewers:
                    reviews.unassign(me, one.document, name)
                    gone += 1
    except ClinicodeError as error:
        tell(plain(str(error)), wrong=True)
        return
    told = ngettext("{count} document taken away.", "{count} documents taken away.", gone).format(count=number(gone))
    tell(told if gone else _("They had none of these documents."))
