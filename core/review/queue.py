"""What is left to review: every document of a project, who has it, how far it is; an order; progress by reviewer."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from core.interface import _, number
from core.review.adjudicate import needed
from core.review.codec import zoned
from core.review.model import FINAL, MACHINE
from core.review.schema import EVENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from core.review.model import Document, Progress, Project, Settings, Work
    from core.review.store import ReviewStore


class Stage(StrEnum):
    """How far a document is, all its reviewers together."""

    NEW = "not begun"
    BEGUN = "in progress"
    READ = "to adjudicate"
    DONE = "finished"


class Order(StrEnum):
    """In which order documents are reviewed."""

    UNCERTAIN = "most uncertain first"
    OLDEST = "oldest first"
    NEWEST = "newest first"
    RANDOM = "random"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the queue.

    `reviewers` are those it is assigned to, `lanes` the work of everybody who began on it, `final` its adjudication,
    `changed` when a person last decided something in it.
    """

    document: Document
    stage: Stage
    suggested: bool
    reviewers: tuple[str, ...]
    lanes: tuple[Progress, ...]
    final: Progress | None
    changed: datetime | None

    def finished_by(self, name: str) -> bool:
        """Whether this reviewer is done with it."""
        return any(one.finished for one in self.lanes if one.lane == name)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents are shown; what is empty lets everything through. `mine` is a reviewer's name."""

    mine: str = ""
    stages: frozenset[Stage] = frozenset()
    langs: frozenset[str] = frozenset()
    words: str = ""

    def lets(self, entry: Entry) -> bool:
        """Whether a document is shown."""
        return (
            (not self.mine or self.mine in entry.reviewers)
            and (not self.stages or entry.stage in self.stages)
            and (not self.langs or entry.document.lang in self.langs)
            and all(word in entry.document.name.casefold() for word in self.words.casefold().split())
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """One reviewer's share of a project.

    `seconds_document` is the median over finished documents, `seconds_decision` the mean over all decisions; None
    where there is none yet.
    """

    reviewer: str
    assigned: int
    finished: int
    begun: int
    accepted: int
    rejected: int
    unsure: int
    corrected: int
    seconds_document: float | None
    seconds_decision: float | None

    @property
    def decided(self) -> int:
        """How many decisions stand."""
        return self.accepted + self.rejected + self.unsure


def entries(store: ReviewStore, project: Project) -> list[Entry]:
    """Every document of a project as it stands now, in the order in which they came."""
    documents, held = store.documents(project.id), store.assignments(project.id)
    asked, changed = _latest(store, project.id)
    lanes: dict[int, list[Progress]] = {}
    for one in store.progress(project.id):
        lanes.setdefault(one.document, []).append(one)
    found = []
    for document in documents:
        own = lanes.get(document.id, [])
        people = tuple(one for one in own if one.lane != FINAL)
        final = next((one for one in own if one.lane == FINAL), None)
        reviewers = tuple(held.get(document.id, ()))
        done = stage(project.settings, reviewers, people, final)
        last = changed.get(document.id)
        found.append(Entry(document, done, document.id in asked, reviewers, people, final, last))
    return found


def stage(settings: Settings, reviewers: Collection[str], lanes: Sequence[Progress], final: Progress | None) -> Stage:
    """How far a document is.

    It can be adjudicated when as many are done as that takes; where the project wants one reviewer, and nobody else has
    the document, it is finished with that one.
    """
    if final is not None and final.finished:
        return Stage.DONE
    done = {one.lane for one in lanes if one.finished}
    if len(done) >= needed(settings):
        return Stage.READ
    if done and settings.reviewers == 1 and done.issuperset(reviewers):
        return Stage.DONE
    return Stage.BEGUN if lanes or final is not None else Stage.NEW


def arranged(found: Iterable[Entry], order: Order) -> list[Entry]:
    """Documents in the order chosen; what the machine was not asked for comes last where uncertainty counts."""
    known = list(found)
    if order is Order.UNCERTAIN:
        return sorted(known, key=lambda one: -1.0 if (sure := one.document.uncertainty) is None else sure, reverse=True)
    if order is Order.RANDOM:
        return sorted(known, key=lambda one: _lot(one.document))
    if order is Order.NAME:
        return sorted(known, key=lambda one: _name(one.document.name))
    newest = order is Order.NEWEST
    return sorted(known, key=lambda one: (one.document.imported, one.document.id), reverse=newest)


def following(found: Sequence[Entry], name: str, settings: Settings) -> Document | None:
    """The document that a reviewer takes next: the first of one's own that is not finished, else one nobody has.

    What as many as the project wants have begun already is left to them.
    """
    free = None
    for one in found:
        if one.finished_by(name) or one.stage is Stage.DONE:
            continue
        if name in one.reviewers:
            return one.document
        others = sum(lane.lane != name for lane in one.lanes)
        if free is None and not one.reviewers and others < settings.reviewers:
            free = one.document
    return free


def shared_out(
    documents: Sequence[Document], reviewers: Sequence[str], each: int, held: Mapping[int, Collection[str]]
) -> dict[str, list[Document]]:
    """Split documents evenly among reviewers so that `each` of them is read by as many, counting those who have it.

    Parameters
    ----------
    held
        Who has a document (by its id) already.

    Returns
    -------
    dict of str to list of Document
        What each reviewer gets in addition; for each `reviewers` at most one more or less than for another, as far as
        what they hold of these documents already allows.

    """
    names = list(dict.fromkeys(reviewers))
    given: dict[str, list[Document]] = {name: [] for name in names}
    load = {name: sum(name in held.get(one.id, ()) for one in documents) for name in names}
    for one in documents:
        there = held.get(one.id, ())
        able = sorted((name for name in names if name not in there), key=load.__getitem__)  # stable: as they were named
        for name in able[: max(0, each - len(there))]:
            given[name].append(one)
            load[name] += 1
    return given


def paces(found: Sequence[Entry], works: Iterable[Work] = ()) -> list[Pace]:
    """How far each reviewer is, the adjudication last; `works` says what was corrected."""
    corrected: dict[str, int] = {}
    for work in works:
        corrected[work.lane] = corrected.get(work.lane, 0) + sum(one.corrected for one in work.annotations)
    lanes: dict[str, list[Progress]] = {}
    for entry in found:
        for name in entry.reviewers:
            lanes.setdefault(name, [])
        for one in (*entry.lanes, *((entry.final,) if entry.final else ())):
            lanes.setdefault(one.lane, []).append(one)
    assigned = {name: sum(name in one.reviewers for one in found) for name in lanes}
    people = sorted(lanes, key=lambda name: (name == FINAL, name.casefold()))
    return [_pace(name, assigned[name], lanes[name], corrected.get(name, 0)) for name in people]


def time_left(done: int, total: int, seconds: float) -> str:
    """How far a batch is, in words; `seconds` is what it took so far."""
    said = _("{count} of {total}").format(count=number(done), total=number(total))
    if not done or done >= total:
        return said
    left = seconds / done * (total - done)
    about = _("about {minutes} min left").format(minutes=number(round(left / 60)))
    return f"{said} · {about if left >= 90 else _('a minute or less left')}"


def _pace(name: str, assigned: int, lanes: Sequence[Progress], corrected: int) -> Pace:
    finished = [one for one in lanes if one.finished]
    decided = sum(one.decided for one in lanes)
    return Pace(
        name,
        assigned,
        len(finished),
        len(lanes) - len(finished),
        sum(one.accepted for one in lanes),
        sum(one.rejected for one in lanes),
        sum(one.unsure for one in lanes),
        corrected,
        median(one.seconds for one in finished) if finished else None,
        sum(one.seconds for one in lanes) / decided if decided else None,
    )


def _latest(store: ReviewStore, project: int) -> tuple[set[int], dict[int, datetime]]:
    """The documents for which something was suggested, and when a person last did something in each."""
    machine = EVENT.c.lane == MACHINE
    query = select(EVENT.c.document, machine.label("machine"), func.max(EVENT.c.at).label("at"))
    query = query.where(EVENT.c.project == project, EVENT.c.version.is_not(None)).group_by(EVENT.c.document, machine)
    with store.engine.connect() as connection:
        found = list(connection.execute(query))
    return {row.document for row in found if row.machine}, {
        row.document: zoned(row.at) for row in found if not row.machine
    }


def _lot(document: Document) -> bytes:
    """A random place that stays when other documents are added."""
    return hashlib.blake2b(f"{document.project}:{document.id}".encode(), digest_size=8).digest()


def _name(name: str) -> list[tuple[str, int]]:
    """A name's place among others, numbers in it by their value."""
    return [(text, int(digits or -1)) for text, digits in re.findall(r"(\D*)(\d*)", name.casefold())]
