"""The log of a project as a table or as JSON lines: who did what and when, with what was before and after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.spreadsheet import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.review.model import Event, Json

COLUMNS = ("id", "at", "actor", "kind", "document", "lane", "version", "annotation", "before", "after")


def as_table(events: Iterable[Event], names: Mapping[int, str]) -> bytes:
    """CSV; what was before and after as JSON, documents by their `names`."""
    rows = []
    for event in events:
        row = _row(event, names)
        changes = (json.dumps(row[name], ensure_ascii=False) if row[name] is not None else "" for name in COLUMNS[-2:])
        rows.append([*(row[name] for name in COLUMNS[:-2]), *changes])
    return table(COLUMNS, rows)


def as_lines(events: Iterable[Event], names: Mapping[int, str]) -> bytes:
    """JSON lines, documents by their `names`."""
    lines = (json.dumps(_row(event, names), ensure_ascii=False) for event in events)
    return "".join(f"{line}\n" for line in lines).encode()


def _row(event: Event, names: Mapping[int, str]) -> Json:
    document = names.get(event.document, "") if event.document is not None else ""
    values = (event.id, event.at.isoformat(), event.actor, event.kind.value, document)
    return dict(
        zip(COLUMNS, (*values, event.lane, event.version, event.annotation, event.before, event.after), strict=True)
    )
