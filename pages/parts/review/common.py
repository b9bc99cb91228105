"""What the sections share: the store, the project that is open, and who is working."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

import streamlit as st

from core import settings
from core.errors import ClinicodeError
from core.interface import N_, _
from core.review.model import FINAL
from core.review.people import PROFILE, Role, local, signed_in
from core.review.store import ReviewStore
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from core.review.model import Project
    from core.review.people import Person

ROLE_WORDS = {Role.REVIEWER: N_("reviewer"), Role.ADJUDICATOR: N_("adjudicator"), Role.ADMIN: N_("admin")}
"""What the interface calls each role (to be translated where it is shown)."""


@st.cache_resource(show_spinner=False)
def _store(address: str) -> ReviewStore:
    return ReviewStore()


def store() -> ReviewStore:
    """The review store of this workspace: a connection, shared by all sessions; what it reads is kept by none."""
    return _store(os.environ.get("CLINICODE_DATABASE_URL") or str(settings.home()))


def go(section: str = "", **state: object) -> None:
    """Open a section of the page (a callback of widgets), and keep it in the address so that it can be sent on."""
    if section:
        st.session_state["review_section"] = section
    st.query_params["section"] = st.session_state["review_section"]
    for name, value in state.items():
        st.session_state[f"review_{name}"] = value


def choose_project(reviews: ReviewStore) -> Project | None:
    """The project that is worked on; None where there is none."""
    found = reviews.projects()
    if not found:
        return None
    names = {project.id: project.name for project in found}
    if st.session_state.get("review_project") not in names:
        st.session_state["review_project"] = found[-1].id
    chosen = st.selectbox(
        _("Project"),
        list(names),
        format_func=names.__getitem__,
        key="review_project",
        width=320,
        persist_state="session",
    )
    return next(project for project in found if project.id == chosen)


def lane_name(lane: str) -> str:
    """Whose work it is, as a page says it: a reviewer's name, or that it is the adjudication."""
    return _("adjudication") if lane == FINAL else lane


def sign_in_configured() -> bool:
    """Whether the server asks for a sign-in (``[auth]`` in Streamlit's secrets)."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def person() -> Person:
    """Who is working: whoever signed in, or the local profile; without a sign-in that is asked for, the page stops."""
    if not sign_in_configured():
        return local(st.session_state.get("review_name") or _profile())
    if not st.user.get("is_logged_in"):
        st.info(_("Reviewing is done under one's own name: sign in."), icon=":material/login:")
        st.button(_("Sign in"), type="primary", on_click=st.login)
        st.stop()
    return signed_in(str(st.user.get("email") or st.user.get("name") or ""))


def who_is_who(me: Person) -> None:
    """Shows who is working, and lets a local user take another name or a signed-in one leave."""
    with st.popover(plain(me.name), icon=":material/person:"):
        st.caption(_("Role: {role}").format(role=_(ROLE_WORDS[me.role])))
        if sign_in_configured():
            st.button(_("Sign out"), on_click=st.logout, icon=":material/logout:")
        else:
            st.text_input(_("Review under the name"), value=me.name, key="review_new_name", on_change=_rename)
            st.caption(_("Decisions stand under this name in the log. With a sign-in server, names come from there."))


def _profile() -> str:
    path = settings.home() / PROFILE
    try:
        return local(path.read_text("utf-8")).name
    except (OSError, UnicodeDecodeError, ClinicodeError):  # not there, or damaged: another name can be taken
        pass
    try:
        return getpass.getuser().capitalize()
    except (KeyError, OSError):
        return "Reviewer"


def _rename() -> None:
    try:
        name = local(st.session_state["review_new_name"]).name
        (settings.home() / PROFILE).write_text(name, "utf-8")
    except (ClinicodeError, OSError) as error:
        st.toast(plain(str(error)), icon=":material/edit:")
        return
    st.session_state["review_name"] = name
