"""CIM-10 as ATIH publishes it: padded codes without a dot, vertical bars, no header line.

Columns: code, type for hospital stays, profile, type for psychiatry, short title in capitals, title.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.catalog.tables.model import Form, Rejected, Shape, System
from core.catalog.tables.rows import Raw
from core.catalog.tables.text import fields, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = 6
ROW = re.compile(r"[A-Z]\d\d[\dA-Z+]{0,4} *\|\d\|[A-Z]*\|\d\|[^|]*\|")
WITHDRAWN = re.compile(r"^\*\*\* *SU\d\d *\*\*\*")
"""``*** SU17 ***`` before a title: withdrawn in 2017."""
SEEN, LEAST = 20, 0.8
CROSS_REFERENCE = re.compile(r" \([A-Z]\d\d[^)]*\)")


def recognise(text: str) -> Shape | None:
    """What this is if it is such a file."""
    lines = [line for line in lines_of(text[:20_000]) if line.strip()][:SEEN]
    if lines and sum(ROW.match(line) is not None for line in lines) >= LEAST * len(lines):
        return Shape(Form.ATIH, delimiter="|", system=System.CIM, lang="fr")
    return None


def read(text: str) -> Iterator[Raw | Rejected]:
    """Its rows; withdrawn codes are marked as not to be used."""
    for row in fields(text, "|", quoted=False):
        if len(row.values) != COLUMNS:
            yield Rejected.columns(row.line, len(row.values), COLUMNS)
            continue
        code, title = row.values[0], row.values[-1]
        yield Raw(row.line, code, CROSS_REFERENCE.sub("", title), heading=WITHDRAWN.match(title) is not None)
