"""A project made again from its archive: documents and log as they were, work and assignments from the log."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import insert, select
from sqlalchemy.exc import DataError, IntegrityError

from core.errors import ClinicodeError
from core.interface import _
from core.note.documents import check_note
from core.review import decide, rows
from core.review.codec import suggestion_of
from core.review.exchange.archive import DAMAGED, assigned
from core.review.learning import relearn, withdraw
from core.review.model import FINAL, MACHINE, Event, Kind, Project, Work
from core.review.schema import ASSIGNMENT, DOCUMENT, EVENT, PROJECT
from core.text import fold

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.review.exchange.archive import Archive
    from core.review.model import Document, Json

BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
"""What a log that does not hold together raises where it is replayed."""


def restore(connection: Connection, archive: Archive, name: str = "", *, teach: bool = False) -> Project:
    """Write a project down as it is in an archive; without a `name` under its old one, numbered if that is taken.

    Parameters
    ----------
    teach
        Whether its decisions go into the team memory as they did when they were made.

    Raises
    ------
    ClinicodeError
        If the name is taken, or the archive does not hold together.
    """
    project = _project(connection, archive, rows.title(name) if name else _free(connection, archive.name))
    try:
        documents = _documents(connection, archive, project)
        log = [replace(one, document=documents[one.document].id if one.document else None) for one in archive.events]
        if log:
            connection.execute(insert(EVENT), [_row(one, project) for one in log])
        _assignments(connection, archive, project, documents)
        _work(connection, archive, project, documents, teach=teach)
    except (*BROKEN, ClinicodeError, DataError, IntegrityError) as error:
        raise ClinicodeError(_(DAMAGED)) from error
    return project


def _free(connection: Connection, name: str) -> str:
    taken = set(connection.execute(select(PROJECT.c.name)).scalars())
    stem = name[: rows.LONGEST_TITLE - 8]
    names = (rows.title(name) if number == 1 else rows.title(f"{stem} ({number})") for number in count(1))
    return next(one for one in names if one not in taken)


def _project(connection: Connection, archive: Archive, name: str) -> Project:
    row = {"name": name, "settings": asdict(archive.settings), "created": archive.created}
    try:
        number = rows.key(connection.execute(insert(PROJECT).values(row)))
    except IntegrityError as error:
        message = _("There is a project “{name}” already; take another name.").format(name=name)
        raise ClinicodeError(message) from error
    return Project(number, name, archive.settings, archive.created)


def _documents(connection: Connection, archive: Archive, project: Project) -> dict[int, Document]:
    """The documents as they are now, by their numbers in the archive."""
    found = {}
    for one in archive.documents:
        check_note(one.text)
        digest = hashlib.sha256(one.text.encode()).hexdigest()
        row = {"project": project.id, "name": one.name, "text": one.text, "sha256": digest, "lang": one.lang}
        row |= {"imported": one.imported, "uncertainty": one.uncertainty}
        number = rows.key(connection.execute(insert(DOCUMENT).values(row)))
        found[one.id] = replace(one, id=number, project=project.id)
    return found


def _row(event: Event, project: Project) -> Json:
    fields = {name: getattr(event, name) for name in Event.__slots__ if name not in ("id", "project", "kind")}
    return fields | {"project": project.id, "kind": event.kind.value}


def _assignments(connection: Connection, archive: Archive, project: Project, documents: dict[int, Document]) -> None:
    held = assigned(archive.events)
    if held != archive.assignments:
        raise ClinicodeError(_(DAMAGED))
    for number, names in held.items():
        for name in names:
            row = {"document": documents[number].id, "reviewer": name, "project": project.id}
            connection.execute(insert(ASSIGNMENT).values(row))


def _work(
    connection: Connection, archive: Archive, project: Project, documents: dict[int, Document], *, teach: bool
) -> None:
    """Replay the log: the state of each lane, and with `teach` what each change taught or took back."""
    lanes: dict[tuple[int, str], Work] = {}
    approval = False
    for event in archive.events:
        if event.kind in (Kind.CREATE, Kind.SETTINGS):
            approval = bool((event.after or {}).get("approval", False))
        elif event.kind is Kind.WITHDRAW and teach:
            pair = event.before or {}
            withdraw(connection, project.id, fold(pair["text"])[:1000], pair["code"])
        if event.document is None or event.version is None:
            continue
        document = documents[event.document]
        before = lanes.get((document.id, event.lane)) or Work(document.id, event.lane)
        after = lanes[document.id, event.lane] = _advanced(before, event)
        if teach and event.lane != MACHINE and (not approval or event.lane == FINAL):
            relearn(connection, document, before, after)
    texts = {document.id: document.text for document in documents.values()}
    for work in lanes.values():
        if work.lane != MACHINE:
            for annotation in work.annotations:
                decide.checked_spans(annotation.spans, texts[work.document])
            rows.keep(connection, project.id, work)


def _advanced(work: Work, event: Event) -> Work:
    """A lane after its next event; a lane's events are in the log in their order, none is left out."""
    after = event.after or {}
    if event.version != work.version + 1:
        raise ClinicodeError(_(DAMAGED))
    if event.lane == MACHINE:
        for one in after["suggestions"]:
            suggestion_of(one)
        return replace(work, version=event.version)
    seconds = work.seconds + float(after.get("seconds", 0.0))
    return replace(decide.apply(work, event), version=event.version, seconds=seconds)
