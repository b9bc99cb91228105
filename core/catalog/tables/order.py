"""The order file of ICD-10-CM (CMS): every code of a release in fixed columns, headers too.

Columns counted from 1: order number 1-5, code without dot 7-13, 15 is 1 where the code may be billed, short title
17-76, long title from 78.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.catalog.tables.model import Form, Rejected, Shape, System
from core.catalog.tables.rows import Raw
from core.catalog.tables.text import lines_of
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW = re.compile(r"\d{5} [A-Z]\d[\dA-Z]{1,5} +[01] ")
CODE, TITLE = slice(6, 13), slice(77, None)


def recognise(text: str) -> Shape | None:
    """What this is if it is such a file."""
    lines = [line for line in lines_of(text[:20_000]) if line.strip()][:20]
    if lines and sum(ROW.match(line) is not None for line in lines) >= 0.8 * len(lines):
        return Shape(Form.ORDER, delimiter="fixed columns", system=System.CM, lang="en")
    return None


def read(text: str) -> Iterator[Raw | Rejected]:
    """Its rows."""
    for number, line in enumerate(lines_of(text), 1):
        if not line.strip():
            continue
        if ROW.match(line):
            yield Raw(number, line[CODE].strip(), line[TITLE].strip())
        else:
            yield Rejected(number, _("no row of an order file: number, code, 0 or 1, titles in fixed columns"))
