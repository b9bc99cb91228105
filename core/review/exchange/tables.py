"""Documents from tables (CSV, TSV), and accepted annotations as one."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from core.interface import _
from core.review.exchange.found import Problem, incoming
from core.spreadsheet import restored, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalog import Catalog
    from core.review.exchange.reviewed import Reviewed
    from core.review.model import Incoming

DELIMITERS = "\t;,|"
NAMES = ("id", "name", "document")
LANGS = ("lang", "language")
COLUMNS = (
    "document", "start", "end", "text", "status", "codes", "decision", "by", "at", "confidence", "corrected",
    "comments", "passages",
)  # fmt: skip


def delimiter(text: str, *, named: bool = False) -> str:
    """What parts the columns of a table that has ``text`` among them; empty where it is none.

    Its name says that it is a table (`named`), or else a column of names or languages does.
    """
    for one in DELIMITERS:
        columns = _columns(text, one)
        if "text" in columns and (named or not {*NAMES, *LANGS}.isdisjoint(columns)):
            return one
    return ""


def read(text: str, delimiter: str, catalog: Catalog) -> tuple[list[Incoming], list[Problem]]:
    """The documents of a table; what cannot be used is said by the line where its row ends."""
    documents: list[Incoming] = []
    problems: list[Problem] = []
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a note may be longer than what csv takes for a cell
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [name.strip().lower() for name in next(row for row in rows if row)]
    ours = tuple(columns) == COLUMNS
    named = next((columns.index(name) for name in NAMES if name in columns), None)
    spoken = next((columns.index(name) for name in LANGS if name in columns), None)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return documents, problems
        except csv.Error:
            where = _("line {number}").format(number=rows.line_num)
            problems.append(Problem(where, _("It is not a row of a table.")))
            continue
        where = _("line {number}").format(number=rows.line_num)
        if not any(row):
            continue
        if len(row) != len(columns):
            reason = _("It has {cells} cells for {columns} columns; a text with the delimiter in it needs quotes.")
            problems.append(Problem(where, reason.format(cells=len(row), columns=len(columns))))
            continue
        row = [restored(cell) for cell in row] if ours else row
        name = (row[named] if named is not None else "") or f"line {rows.line_num}"
        lang = row[spoken] if spoken is not None else ""
        document, wrong = incoming(where, name, row[columns.index("text")], lang, (), catalog)
        problems += wrong
        if document is not None:
            documents.append(document)


def write(found: Iterable[Reviewed]) -> bytes:
    """One row an accepted annotation; `passages` has the bounds of each where there are several."""
    rows = []
    for one in found:
        for annotation in one.annotations:
            said = annotation.suggestion
            spans = ";".join(f"{start} {end}" for start, end in annotation.spans)
            comments = "\n".join(f"{comment.by}: {comment.text}" for comment in annotation.comments)
            rows.append(
                [
                    one.document.name,
                    annotation.start,
                    annotation.spans[-1][1],
                    annotation.text(one.document.text),
                    annotation.status.value,
                    "; ".join(annotation.codes),
                    annotation.decision.value,
                    annotation.by,
                    annotation.at.isoformat(),
                    f"{said.confidence:.4f}" if said else "",
                    "yes" if annotation.corrected else "no",
                    comments,
                    spans,
                ]
            )
    return table(COLUMNS, rows)


def _columns(text: str, delimiter: str) -> list[str]:
    first = text.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")
    try:
        return [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    except csv.Error:
        return []
