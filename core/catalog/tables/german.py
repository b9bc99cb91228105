"""ICD-10-GM as text: the metadata file of codes that BfArM publishes, and tables of its rubrics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.catalog.tables.model import Form, Rejected, Shape, System
from core.catalog.tables.rows import Raw
from core.catalog.tables.text import fields, lines_of
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Iterator

METADATA_ROW = re.compile(r"[345];[TN];[XS];\d\d;[A-Z]\d\d;[A-Z]\d\d[^;]*;[^;]*;[A-Z]\d\d\d*;")
LEVELS = {"3", "4", "5"}
CODE, TITLE, LEAST_COLUMNS = 6, 8, 9
"""Positions in the metadata: the code without dash, cross and exclamation mark; its whole title."""
RUBRICS = ("code", "kind", "title_de")
UNASSIGNED = "Nicht belegte Schlüsselnummer"
_CODE = r"[A-Z]\d\d(?:\.[\d-]{0,2})?-?[†*!]?"
GLUED = re.compile(rf"(?<=[a-zäöüß.)\]]){_CODE}(?:\s*[,-]\s*{_CODE})*(?![\w.])")
"""A code that a rubric refers to, set right behind its last word."""
BARE = re.compile(rf"(?<!\w){_CODE}(?![\w])")


def recognise(text: str) -> Shape | None:
    """What this is if it is either file."""
    lines = [line for line in lines_of(text[:20_000]) if line.strip()][:20]
    if lines and sum(METADATA_ROW.match(line) is not None for line in lines) >= 0.8 * len(lines):
        return Shape(Form.METADATA, delimiter=";", system=System.GM, lang="de")
    if lines and tuple(name.strip().lower() for name in lines[0].split("\t")[:3]) == RUBRICS:
        return Shape(Form.RUBRICS, delimiter="\t", system=System.GM, lang="de")
    return None


def read_metadata(text: str) -> Iterator[Raw | Rejected]:
    """The rows of a metadata file."""
    for row in fields(text, ";", quoted=False):
        if len(row.values) < LEAST_COLUMNS or row.values[0] not in LEVELS:
            yield Rejected(row.line, _("no row of the metadata ({count} columns)").format(count=len(row.values)))
            continue
        code, title = row.values[CODE], row.values[TITLE]
        yield Raw(row.line, code, title, heading=title.startswith(UNASSIGNED))


def read_rubrics(text: str) -> Iterator[Raw | Rejected]:
    """The rows of a table of rubrics: titles, and inclusions as further names."""
    rows = fields(text, "\t", quoted=False)
    names = [name.lower() for name in next(rows).values]
    inclusion = names.index("inclusion_de") if "inclusion_de" in names else None
    for row in rows:
        if len(row.values) < len(RUBRICS):
            yield Rejected.columns(row.line, len(row.values), len(names))
            continue
        code, kind, title = row.values[:3]
        listed = row.values[inclusion] if inclusion is not None and inclusion < len(row.values) else ""
        heading = kind in ("chapter", "block") or title.startswith(UNASSIGNED)
        yield Raw(row.line, code, GLUED.sub("", title), tuple(inclusions(listed)), heading)


def inclusions(listed: str) -> Iterator[str]:
    """The names in a rubric of inclusions, without the codes that they refer to.

    What a colon introduces is a name together with what stands before the colon. A line that only says which other
    codes belong here is no name.
    """
    for name in re.split(r"\s*[;|]\s+", listed):
        bare = GLUED.sub("", name).strip()
        if bare and not BARE.search(bare):
            yield " ".join(bare.replace(": ", " ", 1).split())
