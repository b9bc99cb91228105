"""Review: one note, its annotations, and a decision on each, by the keyboard alone if one likes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _, language_name, number
from core.language import LANGUAGES
from core.review.desk import Clock, duration, next_open
from core.review.model import Decision
from pages.parts.book import catalog as code_book
from pages.parts.markdown import plain
from pages.parts.review.common import go
from pages.parts.review.desk_note import annotation_list, keys, note
from pages.parts.review.desk_panel import actions, comments, describe, panel, why
from pages.parts.review.desk_sitting import OPEN_ONLY, REMARK, Desk, Mode, Sitting

if TYPE_CHECKING:
    from core.review.model import Annotation, Document, Project, Work
    from core.review.people import Person
    from core.review.store import ReviewStore

STYLE = """<style>
.st-key-review_head { scroll-margin-top: 4rem; }
.st-key-review_left { position: sticky; top: 4rem; }
.st-key-review_words h4 { padding: 0 0 0.4rem; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  .st-key-review_left { position: static; }
  [class*="st-key-review_"] [aria-label^="Shortcut"] { display: none; }
}
</style>"""


def section(reviews: ReviewStore, me: Person, project: Project) -> None:
    """The document that is open, or the first that the person has not finished."""
    opened = _open(reviews, me, project)
    if opened is None:
        st.info(_("There is no document in this project yet: import some in the queue."), icon=":material/folder_open:")
        return
    document, sitting = opened
    desk = Desk(reviews, me, project, document, sitting)
    work = desk.work()
    shown = work.shown
    sitting.seen = work.version
    current = next((one for one in shown if one.id == sitting.current), None)
    if current is None and shown:
        first = next_open(shown, "") or shown[0].id
        current = next(one for one in shown if one.id == first)
    sitting.current = current.id if current else ""
    catalog = code_book()

    st.html(STYLE)
    _head(desk, work, shown)
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="review_left"):
        note(desk, shown, catalog)
    with right:
        _messages(desk, work, shown)
        _position(desk, shown, current)
        if current is not None and sitting.passage is None:
            with st.container(key="review_words", gap="xsmall"):
                describe(desk, current)
        actions(desk, decidable=current is not None and sitting.passage is None, finished=work.finished)
        panel(desk, current, catalog)
        if current is not None and sitting.mode is Mode.OPTIONS:
            why(desk, current, catalog, finished=work.finished)
        if shown:
            _list(desk, shown, current)
        _beside(desk, work)
    keys(desk)


def _open(reviews: ReviewStore, me: Person, project: Project) -> tuple[Document, Sitting] | None:
    """The document that was asked for with what was on its screen; a new screen where it is another than before."""
    listed = tuple(st.session_state.get("review_order") or ())
    document = _asked(reviews, project)
    sitting = st.session_state.get("review_sitting")
    same = (
        document is not None
        and isinstance(sitting, Sitting)
        and (sitting.document, sitting.lane, sitting.listed) == (document.id, me.name, listed)
    )
    if document is not None and same:
        return document, sitting
    there = [one.id for one in reviews.documents(project.id)]
    order = tuple(one for one in listed if one in set(there)) or _own(reviews, me, project, there)
    if document is None:
        finished = {one.document for one in reviews.progress(project.id) if one.lane == me.name and one.finished}
        following = next((one for one in order if one not in finished), next(iter(order), None))
        if following is None:
            return None
        document = reviews.document(following)
        st.session_state["review_document"] = following
    if document.id not in order:
        order = tuple(there)
    sitting = Sitting(document.id, me.name, listed, order, Clock(time.monotonic()))
    st.session_state["review_sitting"] = sitting
    return document, sitting


def _asked(reviews: ReviewStore, project: Project) -> Document | None:
    wanted = st.session_state.get("review_document")
    if wanted is None:
        return None
    try:
        document = reviews.document(wanted)
    except ClinicodeError:
        return None
    return document if document.project == project.id else None


def _own(reviews: ReviewStore, me: Person, project: Project, there: list[int]) -> tuple[int, ...]:
    """The documents given to the person, or all where none is."""
    held = reviews.assignments(project.id)
    return tuple(one for one in there if me.name in held.get(one, ())) or tuple(there)


def _head(desk: Desk, work: Work, shown: tuple[Annotation, ...]) -> None:
    """Which document it is, how far it is, and the way to the others."""
    order = desk.sitting.order
    place = order.index(desk.document.id)
    left = sum(one.decision is Decision.OPEN for one in shown)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="review_head"):
        st.button(
            _("Queue"), icon=":material/arrow_back:", type="tertiary", key="review_queue", on_click=go, args=("Queue",)
        )
        for label, key, icon, by in (
            (_("Document before"), "Shift+K", ":material/chevron_left:", -1),
            (_("Document after"), "Shift+J", ":material/chevron_right:", 1),
        ):
            there = 0 <= place + by < len(order)
            st.button(
                "",
                icon=icon,
                help=f"{label} ({key})",
                shortcut=key,
                type="tertiary",
                key=f"review_document_{'after' if by > 0 else 'before'}",
                disabled=not there,
                on_click=go,
                args=("Review",),
                kwargs={"document": order[place + by] if there else desk.document.id},
            )
            if by < 0:
                st.caption(
                    _("{rank} of {count}").format(rank=number(place + 1), count=number(len(order))), width="content"
                )
        name = " ".join(desk.document.name.split())
        language = f" · {language_name(desk.document.lang)}" if desk.document.lang in LANGUAGES else ""
        decided = _("{count} of {total} decided").format(count=number(len(shown) - left), total=number(len(shown)))
        st.markdown(f"**{plain(name)}** :small[{language} · {decided} · {duration(work.seconds)}]", width="stretch")
        if work.finished:
            st.button(
                _("Take up again"), shortcut="O", icon=":material/lock_open:", key="review_reopen", on_click=desk.reopen
            )
        st.button(
            _("Next document") if work.finished else _("Finish"),
            shortcut="F",
            icon=":material/task_alt:",
            type="primary" if shown and not left else "secondary",
            key="review_finish",
            on_click=desk.finish,
        )


def _messages(desk: Desk, work: Work, shown: tuple[Annotation, ...]) -> None:
    """What went wrong with the last act, and what there is to know."""
    if desk.sitting.told:
        st.warning(desk.sitting.told, icon=":material/edit:")
    if work.blind and not work.revealed:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            line = _("Suggestions are hidden; press V to show them when you are through.")
            st.caption(f":material/visibility_off: {line}", width="stretch")
            st.button(_("Show"), shortcut="V", key="review_reveal", on_click=desk.reveal)
    if work.finished:
        st.success(_("Finished."), icon=":material/task_alt:")
    elif shown and all(one.decision is not Decision.OPEN for one in shown):
        st.success(_("All decided; F finishes the document."), icon=":material/done_all:")
    elif not shown and not work.blind:
        st.info(_("Nothing is marked in this note: select words in it, or press N."), icon=":material/ink_highlighter:")


def _position(desk: Desk, shown: tuple[Annotation, ...], current: Annotation | None) -> None:
    place = shown.index(current) + 1 if current else 0
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="review_position"):
        told = _("Annotation {rank} of {count}").format(rank=number(place), count=number(len(shown)))
        st.caption(told, width="stretch")
        for name, label, key, icon, by in (
            ("previous", _("Previous"), "K", ":material/arrow_upward:", -1),
            ("next", _("Next"), "J", ":material/arrow_downward:", 1),
        ):
            st.button(
                label,
                shortcut=key,
                icon=icon,
                type="tertiary",
                key=f"review_{name}",
                disabled=not shown,
                on_click=desk.stepped,
                args=(by,),
            )


def _list(desk: Desk, shown: tuple[Annotation, ...], current: Annotation | None) -> None:
    left = sum(one.decision is Decision.OPEN for one in shown)
    only = st.toggle(_("Only open ones ({count})").format(count=number(left)), key=OPEN_ONLY, persist_state="session")
    listed = [one for one in shown if not only or one is current or one.decision is Decision.OPEN]
    annotation_list(desk, listed, code_book())


def _beside(desk: Desk, work: Work) -> None:
    """What the project asks for, and what was written beside the document."""
    if desk.project.settings.guideline.strip():
        with st.expander(_("Guideline"), icon=":material/menu_book:", key="review_guideline"):
            st.text(desk.project.settings.guideline)
    count = f" ({number(len(work.comments))})" if work.comments else ""
    with st.expander(f"{_('Comments on the document')}{count}", icon=":material/comment:", key="review_remarks"):
        comments(work.comments)
        with st.form("review_remark", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(_("Comment on the document"), key=REMARK, label_visibility="collapsed")
            st.form_submit_button(_("Keep"), on_click=desk.comment, args=(REMARK,))
