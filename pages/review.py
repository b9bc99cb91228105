"""Review: notes of a project, read by people who decide on what the machine suggests."""

from importlib import import_module

import streamlit as st

from core.errors import ClinicodeError
from core.interface import N_, _
from pages.parts.frame import ensure_frame
from pages.parts.markdown import plain
from pages.parts.review.common import choose_project, go, person, store, who_is_who

# Each section's module, imported when it is opened. All of them have `section(store, person, project)`.
SECTIONS = {
    N_("Queue"): "queue",
    N_("Review"): "desk",
    N_("Adjudicate"): "adjudicate",
    N_("Agreement"): "agreement",
    N_("Learning"): "taught",
    N_("Export"): "exports",
}

ensure_frame()
st.title(_("Review"), anchor=False)
st.markdown(_("Read notes, decide on what is suggested in them, settle differences, and take the result with you."))
try:
    reviews = store()
    me = person()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        project = choose_project(reviews)
        who_is_who(me)
    asked = st.query_params.get("section", "")
    st.session_state.setdefault("review_section", asked if asked in SECTIONS else "Queue")
    chosen = st.segmented_control(
        _("Section"),
        list(SECTIONS),
        format_func=_,
        required=True,
        key="review_section",
        label_visibility="collapsed",
        on_change=go,
        persist_state="session",
    )
    if project is None and chosen not in ("Queue", "Export"):
        st.info(_("There is no project yet: make one in the queue."), icon=":material/folder_open:")
    else:
        import_module(f"pages.parts.review.{SECTIONS[chosen or 'Queue']}").section(reviews, me, project)
except ClinicodeError as error:
    st.warning(plain(str(error)), icon=":material/edit:")
