"""What decisions teach the team memory: the words of an accepted annotation with its codes.

What a relative has, what is denied and what is past is coded by more than the words, and is not taught. Every pair that
was taught is kept with where it came from, so that it can be taken out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from core.note.context import Status
from core.retrieve.memory import Reviewed, count_down, count_up
from core.review.codec import zoned
from core.review.schema import TAUGHT
from core.text import fold

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.review.model import Document, Work

TEACHES = frozenset({Status.AFFIRMED, Status.UNCERTAIN})
LONGEST = 200
"""Code points of a text that is worth remembering; a longer one is a sentence, not a term."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A text that a decision taught, with its code: where (document, lane, annotation), and when."""

    document: int
    lane: str
    annotation: str
    code: str
    text: str
    lang: str
    at: datetime

    @property
    def folded(self) -> str:
        """What the memory knows the text by."""
        return fold(self.text)[:1000]


def lessons(document: Document, work: Work) -> list[Taught]:
    """What a piece of work has to teach as it stands."""
    now = datetime.now(UTC)
    return [
        Taught(document.id, work.lane, one.id, code, text, document.lang, now)
        for one in work.gold
        if one.status in TEACHES and fold(text := one.text(document.text)) and len(text) <= LONGEST
        for code in one.codes
    ]


def relearn(connection: Connection, document: Document, before: Work, after: Work) -> None:
    """Remember what a change newly teaches, and take back what it no longer does.

    What was withdrawn by hand is not taught again until somebody decides on it again.
    """
    old = {(one.annotation, one.code, one.folded): one for one in lessons(document, before)}
    new = {(one.annotation, one.code, one.folded): one for one in lessons(document, after)}
    own = (TAUGHT.c.document == document.id) & (TAUGHT.c.lane == after.lane)
    # In the order of the memory's rows: two changes that wait for each other's rows would wait for ever.
    for annotation, code, folded in sorted(old.keys() ^ new.keys(), key=lambda key: (key[2], key[1], key[0])):
        one = new.get((annotation, code, folded))
        if one is None:
            it = own & (TAUGHT.c.annotation == annotation) & (TAUGHT.c.code == code) & (TAUGHT.c.folded == folded)
            if connection.execute(delete(TAUGHT).where(it)).rowcount:
                count_down(connection, folded, code)
            continue
        row = {"document": one.document, "lane": one.lane, "annotation": one.annotation, "code": one.code}
        row |= {"project": document.project, "folded": one.folded, "text": one.text, "lang": one.lang, "at": one.at}
        connection.execute(insert(TAUGHT).values(row))
        count_up(connection, [Reviewed(one.text, one.code, one.lang)])


def taught(connection: Connection, project: int) -> list[Taught]:
    """Everything that a project has taught and that still stands, the latest first."""
    query = select(TAUGHT).where(TAUGHT.c.project == project).order_by(TAUGHT.c.at.desc(), TAUGHT.c.folded)
    return [
        Taught(row.document, row.lane, row.annotation, row.code, row.text, row.lang, zoned(row.at))
        for row in connection.execute(query)
    ]


def withdraw(connection: Connection, project: int, folded: str, code: str) -> int:
    """Take a text with a code out of the team memory, as often as the project taught it; returns how often."""
    own = (TAUGHT.c.project == project) & (TAUGHT.c.folded == folded) & (TAUGHT.c.code == code)
    times = connection.execute(delete(TAUGHT).where(own)).rowcount
    count_down(connection, folded, code, times)
    return times


def withdraw_all(connection: Connection, project: int) -> int:
    """Take everything that a project taught out of the team memory; returns how many pairs that were."""
    pairs = {(one.folded, one.code) for one in taught(connection, project)}
    return sum(withdraw(connection, project, folded, code) for folded, code in sorted(pairs))
