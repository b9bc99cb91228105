"""The list of documents, the way into them, and how far everybody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from core.interface import N_, _, language_name, ngettext, number
from core.review.model import FINAL
from core.review.people import Role
from core.review.queue import Filter, Order, Stage, arranged, following, paces
from pages.parts.review.common import go, lane_name
from pages.parts.review.queue_assign import assigning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.review.model import Progress, Project
    from core.review.people import Person
    from core.review.queue import Entry
    from core.review.store import ReviewStore

STAGE_WORDS = {
    Stage.NEW: N_("not begun"),
    Stage.BEGUN: N_("in progress"),
    Stage.READ: N_("to adjudicate"),
    Stage.DONE: N_("finished"),
}
ORDER_WORDS = {
    Order.UNCERTAIN: N_("Most uncertain first"),
    Order.OLDEST: N_("Oldest first"),
    Order.NEWEST: N_("Newest first"),
    Order.RANDOM: N_("Random"),
    Order.NAME: N_("Name"),
}
"""What the interface calls each stage and each order (to be translated where it is shown)."""
SHOWN_IDS = "review_order"
"""In the session: the documents in the order of the list, for whoever goes from one to the next."""
ROW, HEAD, MOST_ROWS = 35, 38, 12
"""Pixels of a row and of the head of a table; more rows than that scroll."""


def documents(reviews: ReviewStore, me: Person, project: Project, found: Sequence[Entry]) -> None:
    """The documents in an order, narrowed by filters; choose one to open, or some to assign."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        doing = st.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
        shown = _narrowed(me, found)
    st.session_state[SHOWN_IDS] = [one.document.id for one in shown]
    if len(shown) < len(found):
        said = ngettext(
            "{count} of {total} document fit the filters.", "{count} of {total} documents fit the filters.", len(found)
        )
        st.caption(said.format(count=number(len(shown)), total=number(len(found))))
    chosen = _table(shown) if shown else []
    coming = following(shown, me.name, project.settings)
    with doing:
        st.button(
            _("Review next"),
            type="primary",
            icon=":material/play_arrow:",
            key="queue_next",
            disabled=coming is None,
            help=_("The first document of this list that is yours, or nobody's, and not finished by you."),
            on_click=_open,
            args=(coming.id if coming else 0,),
        )
        st.button(
            _("Open"),
            icon=":material/open_in_full:",
            key="queue_open",
            disabled=len(chosen) != 1,
            on_click=_open,
            args=(chosen[0].document.id if chosen else 0,),
        )
        if me.role >= Role.ADMIN:
            assigning(reviews, me, project, found, shown, chosen)


def progress(reviews: ReviewStore, project: Project, found: Sequence[Entry]) -> None:
    """How far each reviewer is; read only when it is opened."""
    box = st.expander(_("Progress by reviewer"), icon=":material/group:", key="queue_progress", on_change="rerun")
    if not box.open:
        return
    with box:
        people = paces(found, reviews.all_work(project.id))
        if not people:
            st.caption(_("Nobody has a document yet, and nobody has begun."))
            return
        column = st.column_config
        st.dataframe(
            pl.DataFrame(
                {
                    "reviewer": [lane_name(one.reviewer) for one in people],
                    "assigned": [one.assigned if one.reviewer != FINAL else None for one in people],
                    "finished": [one.finished for one in people],
                    "in progress": [one.begun for one in people],
                    "decisions": [one.decided for one in people],
                    "accepted": [one.accepted for one in people],
                    "rejected": [one.rejected for one in people],
                    "unsure": [one.unsure for one in people],
                    "corrected": [one.corrected for one in people],
                    "s a document": [one.seconds_document for one in people],
                    "s a decision": [one.seconds_decision for one in people],
                }
            ),
            hide_index=True,
            column_config={
                "reviewer": _("reviewer"),
                "assigned": _("assigned"),
                "finished": _("finished"),
                "in progress": _("in progress"),
                "decisions": _("decisions"),
                "accepted": _("accepted"),
                "rejected": _("rejected"),
                "unsure": _("unsure"),
                "corrected": column.NumberColumn(
                    _("corrected"), help=_("Suggestions whose code, passage or status was changed.")
                ),
                "s a document": column.NumberColumn(
                    _("s a document"), format="%.0f", help=_("Median of the finished documents, in seconds.")
                ),
                "s a decision": column.NumberColumn(_("s a decision"), format="%.1f", help=_("Mean, in seconds.")),
            },
            placeholder="–",
        )


def _narrowed(me: Person, found: Sequence[Entry]) -> list[Entry]:
    langs = sorted({one.document.lang for one in found}, key=lambda lang: (not lang, language_name(lang)))
    with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
        order = st.selectbox(
            _("Order"),
            list(Order),
            format_func=lambda one: _(ORDER_WORDS[one]),
            key="queue_order",
            persist_state="session",
            label_visibility="collapsed",
            width=210,
        )
        filters = ("queue_mine", "queue_words", "queue_stages", "queue_langs")
        active = sum(bool(st.session_state.get(key)) for key in filters)
        label = _("Filters ({count})").format(count=number(active)) if active else _("Filters")
        with st.popover(label, icon=":material/filter_list:", key="queue_by"):
            mine = st.toggle(_("Only mine"), key="queue_mine", persist_state="session")
            words = st.text_input(_("Name"), key="queue_words", persist_state="session", placeholder=_("Words in it"))
            stages = st.pills(
                _("Status"),
                list(Stage),
                format_func=lambda one: _(STAGE_WORDS[one]),
                selection_mode="multi",
                key="queue_stages",
                persist_state="session",
            )
            chosen = st.multiselect(
                _("Language"),
                langs,
                format_func=lambda lang: language_name(lang) or _("not known yet"),
                key="queue_langs",
                persist_state="session",
                placeholder=_("All"),
            )
    wanted = Filter(me.name if mine else "", frozenset(stages), frozenset(chosen), words or "")
    return arranged((one for one in found if wanted.lets(one)), order)


def _table(shown: Sequence[Entry]) -> list[Entry]:
    """The list; returns the rows that are chosen."""
    column = st.column_config
    unsure = [one.document.uncertainty for one in shown]
    stages = {stage: _(word) for stage, word in STAGE_WORDS.items()}  # once: there may be thousands of rows
    langs = {lang: language_name(lang) for lang in {one.document.lang for one in shown}}
    yes, no, part = _("yes"), _("not yet"), _("{count} of {total}")
    columns = {
        "name": [one.document.name for one in shown],
        "status": [stages[one.stage] for one in shown],
        "reviewers": [_standing(one, stages[Stage.DONE], part) for one in shown],
        "uncertainty": [None if one is None else 100.0 * one for one in unsure],
        "suggestions": [yes if one.suggested else no for one in shown],
        "language": [langs[one.document.lang] for one in shown],
        "last change": [one.changed for one in shown],
        "imported": [one.document.imported for one in shown],
    }
    moment = pl.Datetime("us", "UTC")
    state = st.dataframe(
        pl.DataFrame(columns, schema_overrides={"uncertainty": pl.Float64, "last change": moment, "imported": moment}),
        key=f"queue_list_{hash(tuple(one.document.id for one in shown))}",  # another list: nothing is chosen in it
        hide_index=True,
        height=HEAD + ROW * min(len(shown), MOST_ROWS),
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
        column_config={
            "name": column.TextColumn(_("name"), width=220),
            "status": column.TextColumn(_("status"), width=105),
            "reviewers": column.TextColumn(
                _("reviewers"), width=230, help=_("Who has it or began on it, and how far.")
            ),
            "uncertainty": column.ProgressColumn(
                _("uncertainty"),
                min_value=0,
                max_value=100,
                format="%.0f%%",
                width=120,
                help=_("How unsure the suggestions are."),
            ),
            "suggestions": _("suggestions"),
            "language": _("language"),
            "last change": column.DatetimeColumn(
                _("last change"), format="distance", width=130, help=_("When a person last decided something.")
            ),
            "imported": column.DatetimeColumn(_("imported"), format="D MMM YYYY, HH:mm"),
        },
    )
    return [shown[row] for row in state.selection.rows if row < len(shown)]


def _standing(entry: Entry, done: str, part: str) -> str:
    """Who has a document or began on it, and how far everybody is, in the words for `done` and for a `part` of it."""
    lanes = {one.lane: one for one in entry.lanes}
    said = [f"{name}{_far(lanes.get(name), done, part)}" for name in dict.fromkeys((*entry.reviewers, *lanes))]
    if entry.final is not None:
        said.append(f"{lane_name(FINAL)}{_far(entry.final, done, part)}")
    return " · ".join(said)


def _far(lane: Progress | None, done: str, part: str) -> str:
    if lane is None:
        return ""
    return f": {done if lane.finished else part.format(count=lane.decided, total=lane.decided + lane.open)}"


def _open(document: int) -> None:
    go("Review", document=document)
