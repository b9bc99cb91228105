"""Rows of the review store's tables: written from what they are, and read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from core.errors import ClinicodeError
from core.interface import _
from core.review.codec import settings_of, suggestion_of, work_json, zoned
from core.review.model import MACHINE, Decision, Document, Event, Kind, Project
from core.review.schema import EVENT, WORK

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection, CursorResult, Row

    from core.review.model import Json, Suggestion, Work

LONGEST_TITLE = 120


def log(
    connection: Connection,
    project: int,
    actor: str,
    kind: Kind,
    before: Json | None,
    after: Json | None,
    document: int | None = None,
    lane: str = "",
    version: int | None = None,
    annotation: str = "",
    at: datetime | None = None,
) -> None:
    """Append an event."""
    row: Json = {"project": project, "document": document, "lane": lane, "version": version, "actor": actor}
    row |= {"at": at or datetime.now(UTC), "kind": kind.value, "annotation": annotation}
    connection.execute(insert(EVENT).values(row | {"before": before, "after": after}))


def keep(connection: Connection, project: int, work: Work) -> None:
    """Keep the state that follows from the events of a lane."""
    counts = work.counts()
    row = {
        "project": project,
        "version": work.version,
        "finished": work.finished,
        **{decision.value: counts[decision] for decision in Decision},
        "seconds": work.seconds,
        "state": work_json(work),
    }
    own = (WORK.c.document == work.document) & (WORK.c.lane == work.lane)
    if not connection.execute(update(WORK).where(own).values(row)).rowcount:
        connection.execute(insert(WORK).values({"document": work.document, "lane": work.lane} | row))


def latest_suggestions(connection: Connection, document: int) -> tuple[list[Suggestion], Json] | None:
    """What the machine said last of a document, and what it was made by."""
    said = select(EVENT.c.after).where(EVENT.c.document == document, EVENT.c.lane == MACHINE)
    after = connection.execute(said.order_by(EVENT.c.version.desc()).limit(1)).scalar()
    if after is None:
        return None
    return [suggestion_of(one) for one in after["suggestions"]], after["origin"]


def key(result: CursorResult[Any]) -> int:
    """The number that a new row got."""
    (number,) = result.inserted_primary_key or (0,)
    return int(number)


def title(name: str) -> str:
    """A project's name on one line.

    Raises
    ------
    ClinicodeError
        If it is empty or too long.
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in name).split())
    if not line or len(line) > LONGEST_TITLE:
        message = _("A project needs a name of at most {longest_title} characters.").format(longest_title=LONGEST_TITLE)
        raise ClinicodeError(message)
    return line


def project_of(row: Row[Any]) -> Project:
    """A project from its row."""
    return Project(row.id, row.name, settings_of(row.settings), zoned(row.created))


def document_of(row: Row[Any], text: str) -> Document:
    """A document from its row."""
    return Document(row.id, row.project, row.name, text, row.lang, zoned(row.imported), row.uncertainty)


def event_of(row: Row[Any]) -> Event:
    """An event from its row."""
    return Event(
        row.id, row.project, row.document, row.lane, row.version, row.actor, zoned(row.at), Kind(row.kind),
        row.annotation, row.before, row.after,
    )  # fmt: skip
