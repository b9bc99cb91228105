"""A whole project as one file, to be kept or taken elsewhere: a zip file with a manifest, documents and the log.

``manifest.json``: format, version, name, settings, when created, and how many documents and events there are.
``documents.jsonl``: a line a document: name, text, lang, imported, uncertainty, and who has it to review.
``events.jsonl``: a line an event in the order of the log; its document is the number of the line in documents.jsonl.
What follows from the log (work, assignments) is made again from it, see :mod:`core.review.exchange.restoring`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from core.archives import is_zip, zipped
from core.errors import ClinicodeError
from core.interface import N_, _
from core.review.codec import instant, settings_of
from core.review.exchange.files import unzipped
from core.review.model import Document, Event, Kind, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from typing import TypeVar

    from core.review.model import Json, Project
    from core.review.store import ReviewStore

    Line = TypeVar("Line")

MANIFEST, DOCUMENTS, EVENTS = "manifest.json", "documents.jsonl", "events.jsonl"
FORMAT, VERSION = "clinicode-review", 1
MOST = 1_000_000_000
"""Bytes that an archive may unpack to."""
MOST_REVIEWERS = 9
DAMAGED = N_("The archive is damaged or was changed by hand; nothing was restored. Export the project again.")


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive holds; documents and events are numbered from 1, in the order in which they came."""

    name: str
    settings: Settings
    created: datetime
    documents: tuple[Document, ...]
    assignments: dict[int, list[str]]
    events: tuple[Event, ...]


def archived(store: ReviewStore, project: Project) -> bytes:
    """The archive of a project as it stands.

    Raises
    ------
    ClinicodeError
        If it is deleted meanwhile.
    """
    events = store.events(project.id)  # before the documents: what is written meanwhile leaves the log whole
    return packed(store.project(project.id), store.texts(project.id), events)


def packed(project: Project, documents: Sequence[Document], events: Sequence[Event]) -> bytes:
    """An archive from its parts."""
    numbers = {document.id: number for number, document in enumerate(documents, 1)}
    held = assigned(events)
    lines = [
        {
            "name": one.name,
            "text": one.text,
            "lang": one.lang,
            "imported": one.imported.isoformat(),
            "uncertainty": one.uncertainty,
            "assignments": held.get(one.id, []),
        }
        for one in documents
    ]
    log = [
        {
            "at": one.at.isoformat(),
            "actor": one.actor,
            "kind": one.kind.value,
            "document": numbers[one.document] if one.document is not None else None,
            "lane": one.lane,
            "version": one.version,
            "annotation": one.annotation,
            "before": one.before,
            "after": one.after,
        }
        for one in events
    ]
    manifest = {"format": FORMAT, "version": VERSION, "name": project.name, "settings": asdict(project.settings)}
    manifest |= {"created": project.created.isoformat(), "documents": len(lines), "events": len(log)}
    return zipped([(MANIFEST, json.dumps(manifest, indent=1)), (DOCUMENTS, _lines(lines)), (EVENTS, _lines(log))])


def read(data: bytes) -> Archive:
    """What an archive holds.

    Raises
    ------
    ClinicodeError
        If it is none, is damaged, or a newer Clinicode wrote it.
    """
    files = unzipped(_("The archive"), data, MOST) if is_zip(data) else {}
    if MANIFEST not in files:
        raise ClinicodeError(_("This is no archive of a review project; choose the .zip file that Export made of one."))
    try:
        manifest = _whole(files[MANIFEST])
        if manifest["format"] != FORMAT:
            raise ClinicodeError(_(DAMAGED))
        if manifest["version"] > VERSION:
            raise ClinicodeError(_("A newer Clinicode wrote this archive; update this one to restore it."))
        rows = _parsed(files[DOCUMENTS], lambda row, number: (_document(row, number), row["assignments"]))
        events = _parsed(files[EVENTS], lambda row, number: _event(row, number, len(rows)))
        if (len(rows), len(events)) != (manifest["documents"], manifest["events"]):
            raise ClinicodeError(_(DAMAGED))
        held = {document.id: [_text(name, 100) for name in names] for document, names in rows if names}
        documents = tuple(document for document, _ in rows)
        name, created = _text(manifest["name"], 200), instant(manifest["created"])
        return Archive(name, _settings(manifest["settings"]), created, documents, held, tuple(events))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise ClinicodeError(_(DAMAGED)) from error


def assigned(events: Iterable[Event]) -> dict[int, list[str]]:
    """Who has each document to review, from the log alone."""
    held: dict[int, set[str]] = defaultdict(set)
    for event in events:
        if event.document is not None and event.kind is Kind.ASSIGN:
            held[event.document].add((event.after or {})["reviewer"])
        elif event.document is not None and event.kind is Kind.UNASSIGN:
            held[event.document].discard((event.before or {})["reviewer"])
    return {document: sorted(names) for document, names in held.items() if names}


def _lines(rows: Iterable[Json]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def _parsed(data: bytes, make: Callable[[Json, int], Line]) -> list[Line]:
    lines = [line for line in data.decode("utf-8").split("\n") if line]
    return [make(_whole(line), number) for number, line in enumerate(lines, 1)]


def _whole(line: bytes | str) -> Json:
    """A JSON object that can be written again: half of a character, which only an escape can bring, is a ValueError."""
    row: Json = json.loads(line)
    json.dumps(row, ensure_ascii=False).encode()
    return row


def _settings(data: Json) -> Settings:
    settings = settings_of(data)
    for name in Settings.__slots__:
        usual, given = type(getattr(Settings(), name)), type(getattr(settings, name))
        if given is not usual and (given, usual) != (int, float):
            raise ClinicodeError(_(DAMAGED))
    if not (1 <= settings.reviewers <= MOST_REVIEWERS and 0 <= settings.least <= 1):
        raise ClinicodeError(_(DAMAGED))
    return settings


def _document(row: Json, number: int) -> Document:
    unsure = row["uncertainty"]
    return Document(
        number,
        0,
        _text(row["name"], 300),
        _text(row["text"], len(row["text"])),
        _text(row["lang"], 8),
        instant(row["imported"]),
        float(unsure) if unsure is not None else None,
    )


def _event(row: Json, number: int, documents: int) -> Event:
    document, version, before, after = row["document"], row["version"], row["before"], row["after"]
    whole = all(one is None or (type(one) is int and one > 0) for one in (document, version))
    if not whole or (document or 0) > documents or not all(isinstance(one, dict | None) for one in (before, after)):
        raise ClinicodeError(_(DAMAGED))
    return Event(
        number,
        0,
        document,
        _text(row["lane"], 100),
        version,
        _text(row["actor"], 100),
        instant(row["at"]),
        Kind(row["kind"]),
        _text(row["annotation"], 40),
        before,
        after,
    )


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ClinicodeError(_(DAMAGED))
    return value
