"""Queue: a project's documents, where they come from, who has them, and which is reviewed next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st

from core.interface import _, number
from core.review.people import Role
from core.review.queue import Stage, entries
from pages.parts.review.queue_import import importing
from pages.parts.review.queue_list import STAGE_WORDS, documents, progress
from pages.parts.review.queue_project import change_project, first_project
from pages.parts.review.queue_suggest import offer, suggest_all
from pages.parts.review.queue_told import documents_said, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.review.model import Project
    from core.review.people import Person
    from core.review.queue import Entry
    from core.review.store import ReviewStore


def section(reviews: ReviewStore, me: Person, project: Project | None) -> None:
    """What there is to review; admins bring documents in, assign them, and run the project."""
    told()
    if project is None:
        first_project(reviews, me)
        return
    found = entries(reviews, project)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(_summary(found), width="content")
        if me.role >= Role.ADMIN:
            change_project(reviews, me, project, len(found))
    if me.role >= Role.ADMIN:
        importing(reviews, me, project, empty=not found)
    if not found:
        if me.role < Role.ADMIN:
            st.info(_("There are no documents yet; an admin imports them."), icon=":material/inbox:")
        return
    place = offer(project, len(found), sum(not one.suggested for one in found))
    documents(reviews, me, project, found)
    progress(reviews, project, found)
    if place is not None:
        suggest_all(reviews, project, place)  # last: all else is on the page while it runs


def _summary(found: Sequence[Entry]) -> str:
    if not found:
        return _("No documents yet.")
    counts = Counter(one.stage for one in found)
    stages = " · ".join(f"{_(STAGE_WORDS[stage])} {number(counts[stage])}" for stage in Stage if counts[stage])
    return f"**{documents_said(len(found))}** · {stages}"
