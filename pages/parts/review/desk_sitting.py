"""One person at one document: what is open on the screen, and everything that can be done to it.

The acts are callbacks of widgets. Each reads the work again before it writes, and writes nothing where it is no longer
what was on the screen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from core.errors import ClinicodeError
from core.interface import N_, _, ngettext, number
from core.review import decide
from core.review.desk import Clock, find_words, next_document, next_open, step, trimmed
from core.review.model import Decision
from core.review.store import StaleError
from pages.parts.review.common import go

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.note.context import Status
    from core.review.model import Annotation, Change, Document, Project, Work
    from core.review.people import Person
    from core.review.store import ReviewStore

BEFORE = N_("Those were still the codes of the annotation before; choose again.")
FINISHED = N_("This document is finished; take it up again to change it.")
QUERY, WORDS, COMMENT, REMARK = (f"review_field_{name}" for name in ("query", "words", "comment", "remark"))
"""Keys of the fields; ``review_keys.js`` knows them by their common beginning."""
KEEP, WHY, OPEN_ONLY = "review_keep", "review_why", "review_open_only"


class Mode(StrEnum):
    """What the panel under the open annotation shows."""

    OPTIONS = "options"
    FIND = "find"
    WORDS = "words"
    STATUS = "status"
    COMMENT = "comment"


FIELDS = {Mode.FIND: QUERY, Mode.WORDS: WORDS, Mode.COMMENT: COMMENT}
"""The field that takes the keyboard when a mode is opened."""


@dataclass(slots=True)
class Sitting:
    """What is on one session's screen. `seen` is the version of the work that was drawn last.

    `passage` is a selection that waits for its code, `looked` a code that is read in the book, `told` what went wrong
    with the last act, `field` what the keyboard goes to when `turn` changes.
    """

    document: int
    lane: str
    listed: tuple[int, ...]
    order: tuple[int, ...]
    clock: Clock
    seen: int = 0
    current: str = ""
    mode: Mode = Mode.OPTIONS
    query: str = ""
    passage: tuple[int, int] | None = None
    looked: str = ""
    told: str = ""
    field: str = ""
    turn: int = 0

    def back(self) -> None:
        """Close what stands where the options are."""
        self.mode, self.query, self.passage, self.looked = Mode.OPTIONS, "", None, ""
        self.field, self.turn = "", self.turn + 1


@dataclass(frozen=True, slots=True)
class Desk:
    """A document under review by one person."""

    reviews: ReviewStore
    me: Person
    project: Project
    document: Document
    sitting: Sitting

    # moving about

    def stepped(self, by: int) -> None:
        """Open the next annotation, or the one before."""
        self._act()
        work = self.work()
        shown = work.shown
        if st.session_state.get(OPEN_ONLY):
            shown = tuple(one for one in shown if one.decision is Decision.OPEN or one.id == self.sitting.current)
        self.open(step(shown, self.sitting.current, by))

    def open(self, name: str) -> None:
        """Open an annotation."""
        self._act()
        self.sitting.current = name
        self.sitting.back()

    def enter(self, mode: Mode) -> None:
        """Show something else in the panel; the same again closes it, or gives its field the keyboard."""
        self._act()
        sitting = self.sitting
        if mode is sitting.mode and mode not in FIELDS:
            sitting.back()
            return
        passage = sitting.passage if mode is Mode.FIND else None
        sitting.back()
        sitting.mode, sitting.passage, sitting.field = mode, passage, FIELDS.get(mode, "")
        if sitting.field:
            st.session_state[sitting.field] = ""

    def back(self) -> None:
        """Return to the options."""
        self._act()
        self.sitting.back()

    def look(self, code: str) -> None:
        """Read another code in the book."""
        self._act()
        self.sitting.looked = code

    def toggle_why(self) -> None:
        """Show or hide why the code may be right; stays so for the documents that follow."""
        self._act()
        st.session_state[WHY] = not st.session_state.get(WHY, False)

    def search(self) -> None:
        """Take the words typed into the search field."""
        self._act()
        self.sitting.query = st.session_state[QUERY].strip()

    def select(self, start: int, end: int) -> None:
        """Take words of the note that were selected."""
        self._act()
        place = trimmed(self.document.text, start, end)
        if place is not None:
            self.sitting.back()
            self.sitting.mode, self.sitting.passage = Mode.FIND, place

    def find_words(self) -> None:
        """Take words of the note that were typed."""
        self._act()
        sitting = self.sitting
        words = " ".join(st.session_state[WORDS].split())
        near = next((one.start for one in self.work().shown if one.id == sitting.current), 0)
        place = find_words(self.document.text, words, near)
        if place is not None:
            self.select(*place)
        elif words:
            sitting.told = _("Those words are not in the note; type them as they stand there.")

    # deciding

    def decide(self, decision: Decision) -> None:
        """Decide on the open annotation and go on; what was decided so already is not written down again."""
        name = self.sitting.current
        again = False

        def change(work: Work, at: datetime) -> Change | None:
            nonlocal again
            again = self._found(work, name).decision is decision
            return None if again else decide.decide(work, name, decision, self.me.name, at)

        self._onward(self._record(change))

    def take(self, card: str) -> None:
        """Give a code, by the id of its card: ``annotation|code``, or ``|code`` for the words that are selected."""
        name, _bar, code = card.partition("|")
        passage = self.sitting.passage
        if not name and passage is not None:
            self._added(self._record(lambda work, at: self._add(work, passage, code, at)))
            return

        def change(work: Work, at: datetime) -> Change | None:
            if name != self.sitting.current:
                raise ClinicodeError(_(BEFORE))
            before = self._found(work, name)
            kept = before.codes if self.sitting.mode is Mode.FIND and st.session_state.get(KEEP) else ()
            codes = tuple(dict.fromkeys((*kept, code)))
            if codes != before.codes:
                return decide.correct_codes(work, name, codes, self.me.name, at)
            if before.decision is Decision.ACCEPTED:
                return None
            return decide.decide(work, name, Decision.ACCEPTED, self.me.name, at)

        self._onward(self._record(change))

    def correct_status(self, status: Status) -> None:
        """Another status for the open annotation, which stays open to be decided on."""
        name = self.sitting.current

        def change(work: Work, at: datetime) -> Change | None:
            same = self._found(work, name).status is status
            return None if same else decide.correct_status(work, name, status, self.me.name, at)

        if self._record(change) is not None:
            self.sitting.back()

    def correct_words(self, *, also: bool) -> None:
        """The selected words instead of the open annotation's, or beside them."""
        name, passage = self.sitting.current, self.sitting.passage
        if passage is None:
            return

        def change(work: Work, at: datetime) -> Change:
            spans = (*self._found(work, name).spans, passage) if also else (passage,)
            return decide.correct_spans(work, name, spans, self.document.text, self.me.name, at)

        if self._record(change) is not None:
            self.sitting.back()

    def comment(self, field: str) -> None:
        """Write down what was typed beside the open annotation, or beside the document."""
        name = self.sitting.current if field == COMMENT else ""
        text = st.session_state[field]
        if self._record(lambda work, at: decide.comment(work, name, text, self.me.name, at)) is not None:
            st.session_state[field] = ""
            self.sitting.back()

    def undo(self) -> None:
        """Take the last change of this document back and open what it was about."""
        undone = ""

        def change(_work: Work, _at: datetime) -> Change:
            nonlocal undone
            last = decide.undo(self.reviews.events(self.project.id, self.document.id, self.me.name))
            undone = last.annotation
            return last

        if self._record(change) is not None:
            self.sitting.back()
            self.sitting.current = undone or self.sitting.current

    def reveal(self) -> None:
        """Show what the machine suggests."""
        after = self._record(lambda work, _at: decide.reveal() if work.blind and not work.revealed else None)
        if after is not None:
            self.sitting.current = next_open(after.shown, "") or self.sitting.current

    def finish(self) -> None:
        """Finish the document, if nothing that is shown is open, and go to the next one that is not finished."""

        def change(work: Work, _at: datetime) -> Change | None:
            left = sum(one.decision is Decision.OPEN for one in work.shown)
            if left:
                self.sitting.current = next_open(work.shown, self.sitting.current)
                message = ngettext(
                    "{count} annotation is still open; mark as unsure what you cannot decide.",
                    "{count} annotations are still open; mark as unsure what you cannot decide.",
                    left,
                )
                raise ClinicodeError(message.format(count=number(left)))
            return None if work.finished else decide.finish(work)

        if self._record(change) is None:
            return
        own = (one for one in self.reviews.progress(self.project.id) if one.lane == self.me.name)
        following = next_document(self.sitting.order, self.document.id, {one.document for one in own if one.finished})
        if following is not None:
            go("Review", document=following)

    def reopen(self) -> None:
        """Take a finished document up again."""
        self._record(lambda work, _at: decide.finish(work, done=False) if work.finished else None)

    # the work as it is now

    def work(self) -> Work:
        """The person's work on the document as the store has it."""
        return self.reviews.work(self.document, self.me.name, self.project.settings)

    def _act(self) -> None:
        self.sitting.told = ""
        self.sitting.clock = self.sitting.clock.tick(time.monotonic())

    def _record(self, make: Callable[[Work, datetime], Change | None]) -> Work | None:
        """Write a change down (None: nothing is to change); the work after it, None where that failed."""
        self._act()
        sitting = self.sitting
        try:
            work = self.work()
            if work.version != sitting.seen:
                raise StaleError
            change = make(work, datetime.now(UTC))
            if change is None:
                return work
            after = self.reviews.record(self.me, self.project, self.document, work, change, sitting.clock.pending)
        except ClinicodeError as error:
            sitting.told = str(error)
            return None
        except SQLAlchemyError:
            sitting.told = _("That could not be saved, because the database did not answer; try again.")
            return None
        sitting.seen = after.version
        sitting.clock = replace(sitting.clock, pending=0.0)
        return after

    def _found(self, work: Work, name: str) -> Annotation:
        if work.finished:
            raise ClinicodeError(_(FINISHED))
        found = next((one for one in work.shown if one.id == name), None)
        if found is None:
            raise ClinicodeError(_("There is no annotation open; choose one first."))
        return found

    def _add(self, work: Work, passage: tuple[int, int], code: str, at: datetime) -> Change:
        if work.finished:
            raise ClinicodeError(_(FINISHED))
        return decide.add(work, (passage,), (code,), self.document.text, self.me.name, at)

    def _added(self, after: Work | None) -> None:
        if after is not None:
            self.sitting.back()
            self.sitting.current = max(after.annotations, key=lambda one: one.at).id

    def _onward(self, after: Work | None) -> None:
        if after is not None:
            self.sitting.back()
            self.sitting.current = next_open(after.shown, self.sitting.current) or self.sitting.current
