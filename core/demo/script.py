"""The demonstration's scripted decisions: read from ``assets/demo/review`` and carried out as people would."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.review import decide
from core.review.model import Decision, Settings
from core.review.people import local
from core.settings import ASSETS

if TYPE_CHECKING:
    from core.review.model import Annotation, Change, Document, Json, Project, Work
    from core.review.people import Person
    from core.review.store import ReviewStore

SCRIPT = ASSETS / "demo" / "review" / "decisions.json"
NOTES = ASSETS / "demo"
QUICK, SLOW = 4.0, 11.0
"""Seconds that a scripted decision is said to have taken: a plain one, and one that corrects or adds something."""
DECISIONS = {"accept": Decision.ACCEPTED, "reject": Decision.REJECTED, "unsure": Decision.UNSURE}


@dataclass(frozen=True, slots=True)
class Line:
    """One decision: on the `nth` occurrence of a passage, what is done, and the remark beside it."""

    passage: str
    act: str
    codes: tuple[str, ...] = ()
    nth: int = 1
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """What one reviewer does in a note: the lines, then the `rest` (accepted from this confidence on or rejected)."""

    reviewer: str
    lines: tuple[Line, ...]
    rest: float | None = None
    finished: bool = False
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A demo note and who did what in it."""

    name: str
    work: tuple[Lane, ...]

    @property
    def text(self) -> str:
        """Its text."""
        return (NOTES / f"{self.name}.txt").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Script:
    """The project of the demonstration."""

    project: str
    reviewers: tuple[str, ...]
    settings: Settings
    notes: tuple[Note, ...]


def read_script() -> Script:
    """The script that ships."""
    told = json.loads(SCRIPT.read_text(encoding="utf-8"))
    reviewers = tuple(told["reviewers"])
    notes = tuple(Note(one["note"], tuple(map(_lane, one["work"]))) for one in told["notes"])
    chosen = Settings(reviewers=len(reviewers), least=float(told["least"]), guideline=told["guideline"])
    return Script(told["project"], reviewers, chosen, notes)


def play(store: ReviewStore, project: Project, document: Document, lane: Lane) -> Work:
    """Carry out what one reviewer does in a document; returns the work as it is then.

    A line whose passage is not there, or which no annotation stands on, is skipped.
    """
    person = local(lane.reviewer)
    work = store.work(document, person.name, replace(project.settings, blind=lane.blind))
    for line in lane.lines:
        work = _act(store, project, document, work, person, line)
    if lane.rest is not None:
        for one in [one for one in work.shown if one.decision is Decision.OPEN]:
            sure = bool(one.codes) and one.suggestion is not None and one.suggestion.confidence >= lane.rest
            what = Decision.ACCEPTED if sure else Decision.REJECTED
            change = decide.decide(work, one.id, what, person.name, datetime.now(UTC))
            work = store.record(person, project, document, work, change, QUICK)
    if lane.finished:
        work = store.record(person, project, document, work, decide.finish(work), QUICK)
    return work


def _act(store: ReviewStore, project: Project, document: Document, work: Work, person: Person, line: Line) -> Work:
    span = place(document.text, line.passage, line.nth)
    if span is None:
        return work
    before = {one.id for one in work.annotations}
    found = None if line.act == "add" else standing_on(work, span)
    change = _change(work, found, span, document.text, person.name, line)
    if change is None:
        return work
    plain = line.act in DECISIONS
    work = store.record(person, project, document, work, change, QUICK if plain else SLOW)
    if line.comment:
        name = found.id if found else next(one.id for one in work.annotations if one.id not in before)
        remark = decide.comment(work, name, line.comment, person.name, datetime.now(UTC))
        work = store.record(person, project, document, work, remark, SLOW)
    return work


def _change(
    work: Work, found: Annotation | None, span: tuple[int, int], note: str, by: str, line: Line
) -> Change | None:
    now = datetime.now(UTC)
    if line.act == "add":
        return decide.add(work, (span,), line.codes, note, by, now)
    if found is None:
        return None
    if line.act == "code":
        return decide.correct_codes(work, found.id, line.codes, by, now)
    return decide.decide(work, found.id, DECISIONS[line.act], by, now)


def place(note: str, passage: str, nth: int = 1) -> tuple[int, int] | None:
    """Where the nth occurrence of a passage stands in a note; None where there is none."""
    at = -1
    for _ in range(nth):
        at = note.find(passage, at + 1)
        if at < 0:
            return None
    return at, at + len(passage)


def standing_on(work: Work, span: tuple[int, int]) -> Annotation | None:
    """The shown annotation that has most of a passage; None where none has any of it."""

    def common(one: Annotation) -> int:
        return sum(max(0, min(end, span[1]) - max(start, span[0])) for start, end in one.spans)

    best = max(work.shown, key=common, default=None)
    return best if best is not None and common(best) else None


def _lane(told: Json) -> Lane:
    lines = tuple(Line(**{**line, "codes": tuple(line.get("codes", ()))}) for line in told["lines"])
    return Lane(told["reviewer"], lines, told.get("rest"), told.get("finished", False), told.get("blind", False))
