"""Settling what reviewers differ in: what they agree on is taken over, the rest waits for the adjudicator.

The lane of adjudication begins with one event that holds both: what all reviewers say alike, accepted, and one open
annotation for each difference. Deciding on those is like deciding on suggestions, so the log, undo and the state are
those of any lane. When a reviewer changes the document afterwards, the lane can be begun again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _
from core.review import decide
from core.review.codec import annotation_json
from core.review.compare import Differs, Said, aligned, differences
from core.review.model import FINAL, MACHINE, Change, Decision, Kind, Work
from core.review.store import StaleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.note.context import Status
    from core.review.model import Annotation, Document, Event, Progress, Project, Settings, Spans
    from core.review.people import Person
    from core.review.store import ReviewStore

LOOKED_AT = frozenset({Decision.ACCEPTED, Decision.UNSURE})
"""What a reviewer accepted or was unsure of is compared; what was rejected or left open was not marked."""


@dataclass(frozen=True, slots=True)
class Case:
    """A passage with what each reviewer said of it; `id` names its annotation in the lane of adjudication."""

    id: str
    said: Said
    kinds: tuple[Differs, ...]

    @property
    def spans(self) -> Spans:
        """Where the passage is: the first bounds that somebody gave it."""
        return self.first.spans

    @property
    def first(self) -> Annotation:
        """The first annotation of it."""
        return next(one for one in self.said if one is not None)


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A document whose differences are settled.

    `reviewers` are the sides as they stood when it began, `work` the lane of adjudication, `changed` who has written
    in the document since it began.
    """

    reviewers: tuple[Work, ...]
    cases: tuple[Case, ...]
    work: Work
    changed: tuple[str, ...] = ()

    @property
    def agreed(self) -> tuple[Case, ...]:
        """What all sides say alike."""
        return tuple(case for case in self.cases if not case.kinds)

    @property
    def disputed(self) -> tuple[Case, ...]:
        """What they differ in."""
        return tuple(case for case in self.cases if case.kinds)

    @property
    def open(self) -> tuple[Case, ...]:
        """The differences that are not settled yet."""
        return tuple(case for case in self.disputed if self.decision(case) is Decision.OPEN)

    @property
    def added(self) -> tuple[Case, ...]:
        """What no side marked and the adjudicator did, as cases of one side."""
        known = {case.id for case in self.cases}
        return tuple(Case(one.id, (one,), ()) for one in self.work.annotations if one.id not in known)

    def annotation(self, case: Case) -> Annotation | None:
        """What stands for a case in the lane of adjudication."""
        return next((one for one in self.work.annotations if one.id == case.id), None)

    def decision(self, case: Case) -> Decision:
        """What was decided of a case."""
        one = self.annotation(case)
        return one.decision if one else Decision.OPEN


@dataclass(frozen=True, slots=True)
class Standing:
    """A document on its way to adjudication.

    `missing` names who has to finish it first (an empty name: a reviewer whom nobody has named); nobody where it is
    ready. `begun` and `done` are the adjudicator's.
    """

    document: int
    missing: tuple[str, ...] = ()
    begun: bool = False
    done: bool = False


def needed(settings: Settings) -> int:
    """How many reviewers have to finish a document before it is adjudicated; with approval, one may be enough."""
    return settings.reviewers if settings.approval else max(2, settings.reviewers)


def standings(progress: Iterable[Progress], assigned: dict[int, list[str]], settings: Settings) -> tuple[Standing, ...]:
    """Where each document stands that somebody reviews or has been given, in the order of the documents."""
    lanes: dict[int, dict[str, Progress]] = {document: {} for document, names in assigned.items() if names}
    for one in progress:
        lanes.setdefault(one.document, {})[one.lane] = one
    found = []
    for document, own in sorted(lanes.items()):
        final = own.pop(FINAL, None)
        done = {name for name, one in own.items() if one.finished}
        waits = sorted({*own, *assigned.get(document, [])} - done)
        lacking = needed(settings) - len(done)
        missing = (*waits, *[""] * max(0, lacking - len(waits))) if lacking > 0 else ()
        if final is not None or done or len(waits) > 1:
            found.append(Standing(document, missing, final is not None, final is not None and final.finished))
    return tuple(found)


def open_adjudication(
    store: ReviewStore, person: Person, project: Project, document: Document, at: datetime
) -> Adjudication:
    """A document's sides, its cases, and what is settled of them; nothing is written.

    Raises
    ------
    ClinicodeError
        If it is not begun and fewer than two reviewers have finished it.
    """
    events = store.events(project.id, document.id)
    final = _lane(events, document.id, FINAL)
    started = max((one.id for one in events if one.lane == FINAL and one.kind is Kind.BEGIN), default=None)
    sides = _sides([one for one in events if started is None or one.id < started], document.id, project.settings)
    found = cases(sides)
    if final.version == 0:
        final = replace(final, annotations=_begun(found, person.name, at))
    changed = sorted({one.lane for one in events if started is not None and one.id > started} - {FINAL, MACHINE})
    return Adjudication(tuple(sides), found, final, tuple(changed))


def cases(sides: Sequence[Work]) -> tuple[Case, ...]:
    """The passages that reviewers marked, in the order of the text, with what they differ in."""
    compared = [[one for one in side.annotations if one.decision in LOOKED_AT] for side in sides]
    found = []
    for number, said in enumerate(aligned(compared), 1):
        kinds = differences(said)
        found.append(Case(f"{'d' if kinds else 'a'}{number}", said, kinds))
    return tuple(found)


def begin(
    store: ReviewStore, person: Person, project: Project, document: Document, at: datetime, work: Work
) -> Adjudication:
    """Take over what the sides agree on, as they stand now, and open what they differ in; also to begin again.

    It is one change of the lane: done twice it is refused the second time, and half of it is never there.

    Raises
    ------
    StaleError
        If somebody has written in the lane since `work` was read.
    ClinicodeError
        If the person may not, or fewer than two reviewers have finished the document.
    """
    sides = _sides(store.events(project.id, document.id), document.id, project.settings)
    found = cases(sides)
    after = {"annotations": [annotation_json(one) for one in _begun(found, person.name, at)], "blind": False}
    bare = work if work.version else replace(work, annotations=())
    if bare.finished:
        bare = store.record(person, project, document, bare, decide.finish(bare, done=False))
    state = store.record(person, project, document, bare, Change(Kind.BEGIN, "", None, after))
    return Adjudication(tuple(sides), found, state)


def begun(
    store: ReviewStore, person: Person, project: Project, document: Document, at: datetime, shown: Adjudication
) -> Work:
    """The lane of adjudication to decide in, begun first where it is not.

    Raises
    ------
    StaleError
        If a reviewer has changed the document since it was `shown`, or somebody has written in the lane.
    ClinicodeError
        If the person may not.
    """
    if shown.work.version:
        return shown.work
    fresh = open_adjudication(store, person, project, document, at)
    if fresh.cases != shown.cases:
        raise StaleError
    return begin(store, person, project, document, at, shown.work).work


def take(work: Work, case: Case, side: int, by: str, at: datetime) -> Change:
    """Settle a case as one side has it: its annotation is accepted, or rejected where that side did not mark it.

    Raises
    ------
    ClinicodeError
        If that side gave it no code.
    """
    wanted = case.said[side]
    if wanted is None:
        return neither(work, case, by, at)
    if not wanted.codes:
        raise ClinicodeError(_("That side gave no code; search for another."))
    return _settled(Kind.ACCEPT, work, replace(wanted, id=case.id, comments=()), by, at)


def own(work: Work, case: Case, codes: Sequence[str], status: Status, spans: Spans, by: str, at: datetime) -> Change:
    """Settle a case as no side has it.

    Raises
    ------
    ClinicodeError
        If there is no code.
    """
    chosen = tuple(dict.fromkeys(codes))
    if not chosen:
        raise ClinicodeError(_("Choose at least one code, or take “None of them”."))
    wanted = replace(case.first, id=case.id, codes=chosen, status=status, spans=spans, comments=())
    return _settled(Kind.CORRECT_CODE, work, wanted, by, at)


def neither(work: Work, case: Case, by: str, at: datetime) -> Change:
    """Settle a case by leaving it out."""
    return decide.decide(work, case.id, Decision.REJECTED, by, at)


def undo(store: ReviewStore, person: Person, project: Project, document: Document, work: Work) -> Work:
    """Take back the adjudicator's last change since the lane was (last) begun.

    Raises
    ------
    ClinicodeError
        If there is none, or somebody has written since.
    """
    events = store.events(project.id, document.id, FINAL)
    begun = max((at for at, one in enumerate(events) if one.kind is Kind.BEGIN), default=0)
    return store.record(person, project, document, work, decide.undo(events[begun:]))


def _settled(kind: Kind, work: Work, wanted: Annotation, by: str, at: datetime) -> Change:
    before = work.annotation(wanted.id)
    after = replace(wanted, decision=Decision.ACCEPTED, by=by, at=at, comments=before.comments)
    return Change(kind, wanted.id, annotation_json(before), annotation_json(after))


def _begun(found: Sequence[Case], by: str, at: datetime) -> tuple[Annotation, ...]:
    return tuple(
        replace(
            case.first,
            id=case.id,
            decision=Decision.OPEN if case.kinds else Decision.ACCEPTED,
            by=by,
            at=at,
            comments=(),
        )
        for case in found
    )


def _sides(events: Sequence[Event], document: int, settings: Settings) -> list[Work]:
    """The lanes that are finished after these events."""
    names = sorted({one.lane for one in events if one.version is not None} - {FINAL, MACHINE})
    found = [side for name in names if (side := _lane(events, document, name)).finished]
    if len(found) < min(2, needed(settings)):
        raise ClinicodeError(
            _("A reviewer has to finish the document before it can be settled.")
            if needed(settings) == 1
            else _("Two reviewers have to finish the document before it can be settled.")
        )
    return found


def _lane(events: Iterable[Event], document: int, lane: str) -> Work:
    own = (one for one in events if one.lane == lane and one.version is not None)
    return decide.folded(document, lane, sorted(own, key=lambda one: one.version or 0))
