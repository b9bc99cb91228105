"""CID-10 as DATASUS publishes it: one file of categories, one of subcategories, semicolons, ISO-8859-1, no quoting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.catalog.tables.model import Form, Rejected, Shape, System
from core.catalog.tables.rows import Raw
from core.catalog.tables.text import fields
from core.interface import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = {"CAT": N_("categories"), "SUBCAT": N_("subcategories")}
"""The column that holds the code, and the part of CID-10 that is then in the file."""
TITLE = "DESCRICAO"


def recognise(text: str) -> Shape | None:
    """What this is if it is such a file."""
    names = _header(text)
    if names and names[0] in PARTS and TITLE in names:
        return Shape(Form.DATASUS, delimiter=";", system=System.CID, lang="pt", part=PARTS[names[0]])
    return None


def read(text: str) -> Iterator[Raw | Rejected]:
    """Its rows."""
    rows = fields(text, ";", quoted=False)
    names = next(rows).values
    title = _header(text).index(TITLE)
    for row in rows:
        if len(row.values) != len(names):
            yield Rejected.columns(row.line, len(row.values), len(names))
        else:
            yield Raw(row.line, row.values[0], row.values[title])


def _header(text: str) -> list[str]:
    first = text.lstrip().split("\n", 1)[0]
    return [name.strip().strip('"').upper() for name in first.split(";")]
