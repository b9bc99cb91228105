"""Suggestions for all documents that have none, with a bar and a way to stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from core.interface import _, ngettext, number
from core.review.queue import time_left
from core.review.suggest import suggest
from pages.parts.review.queue_told import tell

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.review.model import Document, Project
    from core.review.store import ReviewStore

RUN, STOPPED = "queue_suggest_run", "queue_suggest_stopped"


def offer(project: Project, documents: int, left: int) -> DeltaGenerator | None:
    """Say how many documents have no suggestions; returns where they are to be made, if somebody asked for that."""
    running = st.session_state.pop(RUN, None) == project.id  # once: whatever else a person does stops it
    if not left:
        return None
    with st.container(border=True, key="queue_suggest"):
        offered, run = st.empty(), st.empty()  # each clears what it held before: nothing moves under the pointer
    if running:
        return run
    stopped = st.session_state.get(STOPPED) == project.id
    with offered.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        said = _("{count} of {total} documents have no suggestions yet.")
        if left == documents:
            said = ngettext(
                "{count} document has no suggestions yet.", "{count} documents have no suggestions yet.", left
            )
        wanted = ngettext("Suggest for {count} document", "Suggest for {count} documents", left)
        st.markdown(said.format(count=number(left), total=number(documents)), width="content")
        st.button(
            (_("Continue: {count} left") if stopped else wanted).format(count=number(left)),
            key="queue_suggest_start",
            icon=":material/auto_awesome:",
            on_click=_start,
            args=(project.id,),
        )
    return None


def _start(project: int) -> None:
    st.session_state[RUN] = st.session_state[STOPPED] = project


def suggest_all(reviews: ReviewStore, project: Project, place: DeltaGenerator) -> None:
    """Make suggestions, one document after the other; each is kept when it is done, so that a stop loses little."""
    from pages.parts.resources import coder  # noqa: PLC0415  it brings the models' packages: only when they are needed

    documents = reviews.unsuggested(project.id)
    done, begun = 0, time.monotonic()
    with place.container():
        with st.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0, text=time_left(0, len(documents), 0.0))
            st.button(_("Stop"), key="queue_suggest_stop", icon=":material/stop:")
        st.caption(_("Stay on this page meanwhile. What is done is kept; the rest can be continued later."))
        product = coder()

    def tick(_document: Document) -> None:
        nonlocal done
        done += 1
        bar.progress(done / len(documents), text=time_left(done, len(documents), time.monotonic() - begun))

    suggest(reviews, product, documents, tick)
    st.session_state.pop(STOPPED, None)
    said = ngettext(
        "Suggestions are there for {count} more document.", "Suggestions are there for {count} more documents.", done
    )
    tell(said.format(count=number(done)))
    st.rerun()
