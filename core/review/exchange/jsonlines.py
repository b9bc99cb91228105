"""Documents as JSON lines: ``{"id", "text"[, "lang"][, "mentions": [{"start", "end", "text", "status", "codes"}]]}``.

A mention of several passages has them all in ``"spans"``; ``start`` and ``end`` are then where the first starts and the
last ends. Offsets count code points.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _
from core.jsonl import BadLine, read_item
from core.note.context import Status
from core.review.exchange.found import Mark, Problem, incoming, status_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalog import Catalog
    from core.review.exchange.reviewed import Reviewed
    from core.review.model import Annotation, Incoming, Json, Spans

LOOKED_AT = 100
"""Lines among which one has to be a document for a text to be JSON lines."""


def is_jsonl(text: str) -> bool:
    """Whether there is a line that holds a document."""
    lines = [line for line in text.split("\n") if line.strip()][:LOOKED_AT]
    return any(line.lstrip().startswith("{") and not isinstance(read_item(0, line), BadLine) for line in lines)


def read(text: str, catalog: Catalog) -> tuple[list[Incoming], list[Problem]]:
    """The documents of JSON lines; what cannot be used is said by its line."""
    documents: list[Incoming] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = _("line {number}").format(number=number)
        item = read_item(number, line)
        if isinstance(item, BadLine):
            problems.append(Problem(where, f"{item.reason[:1].upper()}{item.reason[1:]}."))
            continue
        marks, wrong = _marks(where, json.loads(line).get("mentions") or [])
        document, more = incoming(where, str(item.name), item.text, item.lang or "", marks, catalog)
        problems += [*wrong, *more] if document is not None else more
        if document is not None:
            documents.append(document)
    return documents, problems


def write(found: Iterable[Reviewed]) -> bytes:
    """Documents with their accepted annotations, and of each who decided and when; `read` takes them again."""
    lines = [
        json.dumps(
            {
                "id": one.document.name,
                "text": one.document.text,
                "lang": one.document.lang,
                "mentions": [_mention(annotation, one.document.text) for annotation in one.annotations],
            },
            ensure_ascii=False,
        )
        for one in found
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _mention(annotation: Annotation, note: str) -> Json:
    row: Json = {"start": annotation.start, "end": annotation.spans[-1][1]}
    if len(annotation.spans) > 1:
        row["spans"] = [list(span) for span in annotation.spans]
    row |= {"text": annotation.text(note), "status": annotation.status.value, "codes": list(annotation.codes)}
    return row | {"by": annotation.by, "at": annotation.at.isoformat()}


def _marks(where: str, rows: object) -> tuple[list[Mark], list[Problem]]:
    if not isinstance(rows, list):
        return [], [Problem(where, _('"mentions" is not a list; the document is read without annotations.'))]
    marks, problems = [], []
    for number, row in enumerate(rows, 1):
        place = _("{line}, mention {number}").format(line=where, number=number)
        try:
            if not isinstance(row, dict):
                raise ClinicodeError(_("It is not a JSON object."))
            text, status = row.get("text") or "", row.get("status") or Status.AFFIRMED.value
            codes = row.get("codes") or row.get("code") or []
            codes = [codes] if isinstance(codes, str) else codes
            if not isinstance(codes, list) or not all(isinstance(one, str) for one in (text, status, *codes)):
                raise ClinicodeError(_('Its "text", "status" or "codes" is of the wrong kind.'))
            marks.append(Mark(place, _spans(row), text, status_of(status), tuple(codes)))
        except ClinicodeError as error:
            problems.append(Problem(place, str(error)))
    return marks, problems


def _spans(row: Json) -> Spans:
    pairs = row.get("spans") or [[row.get("start"), row.get("end")]]
    try:
        spans = tuple((start, end) for start, end in pairs)
    except (TypeError, ValueError):
        spans = ()
    if not spans or not all(type(offset) is int for span in spans for offset in span):
        raise ClinicodeError(_('It needs "start" and "end", whole numbers.'))
    return spans
