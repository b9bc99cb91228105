"""Adjudicate: what two or more reviewers say of a document side by side, and one person who settles it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import N_, _, ngettext, number
from core.review import decide
from core.review.adjudicate import begin, begun, needed, open_adjudication, standings, undo
from core.review.desk import Clock
from core.review.people import Role
from pages.parts.book import catalog as code_set
from pages.parts.components import STATUS_WORDS
from pages.parts.markdown import plain
from pages.parts.review.adjudicate_case import PROBLEM, Sides, card, titled
from pages.parts.review.adjudicate_note import whole_note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.catalog import Catalog
    from core.review.adjudicate import Adjudication, Standing
    from core.review.model import Change, Document, Project, Work
    from core.review.people import Person
    from core.review.store import ReviewStore

OPEN, DONE = N_("To settle"), N_("Settled")


def section(reviews: ReviewStore, me: Person, project: Project) -> None:
    """Choose a document that is ready, settle its differences, finish it."""
    if me.role < Role.ADJUDICATOR:
        st.info(_("Settling differences takes the role adjudicator. Ask an admin."), icon=":material/lock:")
        return
    found = standings(reviews.progress(project.id), reviews.assignments(project.id), project.settings)
    done = [one for one in found if one.done]
    ready = [one for one in found if not one.done and (one.begun or not one.missing)]
    if problem := st.session_state.pop(PROBLEM, None):
        st.warning(problem, icon=":material/sync_problem:")
    _waiting(found, needed(project.settings))
    if not ready and not done:
        told = ngettext(
            "Nothing to settle yet: {count} reviewer has to finish the same document.",
            "Nothing to settle yet: {count} reviewers have to finish the same document.",
            needed(project.settings),
        )
        st.info(told.format(count=number(needed(project.settings))), icon=":material/group:")
        return
    counts = {OPEN: len(ready), DONE: len(done)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            _("Show"),
            [OPEN, DONE],
            format_func=lambda name: f"{_(name)} ({number(counts[name])})",
            default=OPEN,
            required=True,
            key="adjudicate_which",
        )
        listed = done if which == DONE else ready
        chosen = _choose(reviews, project, listed)
    if chosen is None:
        empty = _("Every document that was ready is settled.") if which == OPEN else _("No document is settled yet.")
        st.info(empty, icon=":material/task_alt:")
        return
    document = reviews.document(chosen)
    shown = open_adjudication(reviews, me, project, document, datetime.now(UTC))
    desk = _Desk(reviews, me, project, document, shown)
    following = [one.document for one in ready if one.document != chosen]
    later = [one for one in following if one > chosen]
    desk.draw(code_set(), (later or following or [None])[0])


def _waiting(found: Sequence[Standing], least: int) -> None:
    waiting = [one for one in found if one.missing and not one.begun]
    if not waiting:
        return
    names = Counter(name for one in waiting for name in set(one.missing))
    said = [f"{plain(name)} {number(count)}" for name, count in sorted(names.items()) if name]
    if names[""]:
        said.append(f"{_('another reviewer')} {number(names[''])}")
    told = ngettext(
        "{count} document waits until {least} reviewers have finished: for {names}.",
        "{count} documents wait until {least} reviewers have finished: for {names}.",
        len(waiting),
    )
    st.caption(told.format(count=number(len(waiting)), least=number(least), names=", ".join(said)))


def _choose(reviews: ReviewStore, project: Project, listed: Sequence[Standing]) -> int | None:
    """The document that is open; one that another section asked for comes first."""
    begun_ones = {one.document: one.begun and not one.done for one in listed}
    asked = st.session_state.get("review_document")
    if asked != st.session_state.get("adjudicate_asked"):
        st.session_state["adjudicate_asked"] = asked
        if asked in begun_ones:
            st.session_state["adjudicate_document"] = asked
    if not listed:
        return None
    if st.session_state.get("adjudicate_document") not in begun_ones:
        st.session_state["adjudicate_document"] = listed[0].document
    names = {one.id: one.name for one in reviews.documents(project.id) if one.id in begun_ones}
    return st.selectbox(
        _("Document"),
        list(begun_ones),
        format_func=lambda one: f"{names.get(one, '')} ({_('begun')})" if begun_ones[one] else names.get(one, ""),
        key="adjudicate_document",
        width=360,
        persist_state="session",
    )


class _Desk:
    """One document on the table: what is shown of it, and what its buttons do."""

    def __init__(
        self, reviews: ReviewStore, me: Person, project: Project, document: Document, shown: Adjudication
    ) -> None:
        self.reviews = reviews
        self.me = me
        self.project = project
        self.document = document
        self.shown = shown
        name, clock = st.session_state.get("adjudicate_clock", (None, None))
        self.clock: Clock = clock if name == document.id else Clock(monotonic())
        st.session_state["adjudicate_clock"] = (document.id, self.clock)

    def draw(self, book: Catalog, following: int | None) -> None:
        """The document with its differences, or, where it is finished, with what became of them."""
        shown, document = self.shown, self.document
        if shown.changed:
            self._changed()
        if shown.work.finished:
            self._result(book)
            return
        self._progress(following)
        sides = Sides(document, tuple(side.lane for side in shown.reviewers), shown, self.settle)
        first = shown.open[0].id if shown.open else ""
        with st.expander(_("The whole note"), icon=":material/description:", key="adjudicate_note"):
            opened = whole_note(sides, book, first)
        for case in (*shown.disputed, *shown.added):
            if case.id != opened:
                card(sides, case, book, keys=case.id == first)
        if shown.agreed and st.toggle(
            _("Show what they agree on ({count})").format(count=number(len(shown.agreed))),
            value=not shown.disputed,
            key="adjudicate_all",
            persist_state="session",
        ):
            self._table([case.id for case in shown.agreed], book)

    def _changed(self) -> None:
        names = ", ".join(plain(name) for name in self.shown.changed)
        told = _("{names} changed this document after settling began; what stands below is what was said before.")
        st.warning(told.format(names=names), icon=":material/update:")
        st.button(
            _("Begin again with what they say now"),
            icon=":material/restart_alt:",
            key="adjudicate_again",
            on_click=self._safely,
            args=(self._begin_again,),
            help=_("What was settled here is dropped; it stays in the log."),
        )

    def _progress(self, following: int | None) -> None:
        total, left = len(self.shown.disputed), len(self.shown.open)
        if total:
            told = _("{count} of {total} settled").format(count=number(total - left), total=number(total))
            st.progress((total - left) / total, text=told)
        else:
            st.success(_("They agree on everything: finish the document."), icon=":material/handshake:")
        with st.container(horizontal=True):
            st.button(
                _("Finish"),
                type="primary",
                icon=":material/check_circle:",
                key="adjudicate_finish",
                disabled=left > 0,
                shortcut="Ctrl+Enter",
                on_click=self._safely,
                args=(self._finish, following),
                help=_("Settle every difference first.") if left else None,
            )
            st.button(
                _("Undo"),
                icon=":material/undo:",
                key="adjudicate_undo",
                shortcut="U",
                disabled=self.shown.work.version == 0,
                on_click=self._safely,
                args=(self._undo,),
            )

    def _result(self, book: Catalog) -> None:
        count = len(self.shown.work.gold)
        told = ngettext("Settled: {count} diagnosis stands.", "Settled: {count} diagnoses stand.", count)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/task_alt: {told.format(count=number(count))}", width="content")
            st.button(
                _("Open it again"),
                icon=":material/lock_open:",
                key="adjudicate_reopen",
                on_click=self._safely,
                args=(self._reopen,),
            )
        self._table([one.id for one in self.shown.work.gold], book)

    def _table(self, names: Sequence[str], book: Catalog) -> None:
        standing = [one for one in self.shown.work.annotations if one.id in names]
        st.dataframe(
            [
                {
                    "passage": one.text(self.document.text),
                    "codes": "; ".join(f"{code} {titled(book, code)}" for code in one.codes),
                    "status": _(STATUS_WORDS[one.status][0]),
                }
                for one in standing
            ],
            hide_index=True,
            column_config={"passage": _("passage"), "codes": _("codes"), "status": _("status")},
        )

    # what the buttons do

    def settle(self, make: Callable[[Work, str, datetime], Change]) -> None:
        """Decide on a difference; where nothing is begun yet, what they agree on is taken over first."""
        self._safely(self._record, make)

    def _record(self, make: Callable[[Work, str, datetime], Change]) -> Work:
        now = datetime.now(UTC)
        work = begun(self.reviews, self.me, self.project, self.document, now, self.shown)
        return self.reviews.record(
            self.me, self.project, self.document, work, make(work, self.me.name, now), self._seconds()
        )

    def _finish(self, following: int | None) -> None:
        self._record(lambda work, _by, _at: decide.finish(work))
        if following is not None:
            st.session_state["adjudicate_document"] = following
        st.toast(_("Settled."), icon=":material/task_alt:")

    def _reopen(self) -> None:
        self._record(lambda work, _by, _at: decide.finish(work, done=False))
        st.session_state["adjudicate_which"] = OPEN
        st.session_state["adjudicate_document"] = self.document.id

    def _undo(self) -> None:
        undo(self.reviews, self.me, self.project, self.document, self.shown.work)

    def _begin_again(self) -> None:
        begin(self.reviews, self.me, self.project, self.document, datetime.now(UTC), self.shown.work)
        st.session_state["adjudicate_which"] = OPEN
        st.session_state["adjudicate_document"] = self.document.id

    def _seconds(self) -> float:
        ticked = self.clock.tick(monotonic())
        st.session_state["adjudicate_clock"] = (self.document.id, Clock(ticked.last))
        return ticked.pending

    @staticmethod
    def _safely(act: Callable[..., object], *given: object) -> None:
        """Do something; what goes wrong is said in the next run."""
        try:
            act(*given)
        except ClinicodeError as error:
            st.session_state[PROBLEM] = str(error)
