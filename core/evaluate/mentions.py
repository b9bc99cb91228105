"""Tables of mentions with gold codes: the public evaluation set, or a team's own."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.gold import GoldQuery
from core.note.documents import decode
from core.settings import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalog import Catalog


PUBLIC = ASSETS / "evaluation" / "mentions.tsv"
"""The public evaluation set that ships."""


def read_table(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a tab-separated table with their line numbers; lines that start with ``#`` are comments.

    Raises
    ------
    ClinicodeError
        If the file is absent, is no text, or lacks a needed column.
    """
    if not path.is_file():
        message = f"There is no file {path}."
        raise ClinicodeError(message)
    lines = decode(path.name, path.read_bytes()).splitlines()
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered:
        message = f"{path} has no rows."
        raise ClinicodeError(message)
    reader = csv.DictReader(
        io.StringIO("\n".join(line for _, line in numbered)), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in needed if name not in names]
    if missing:
        message = (
            f"{path} has no column {', '.join(missing)}; it needs a first line with {', '.join(needed)}, tab-separated."
        )
        raise ClinicodeError(message)
    reader.fieldnames = names
    return [
        (
            number,
            {
                key: (value or "").strip()
                for key, value in row.items()
                if isinstance(key, str) and not isinstance(value, list)
            },
        )
        for (number, _), row in zip(numbered[1:], reader, strict=False)
    ]


def read_mentions(path: Path, catalog: Catalog) -> list[GoldQuery]:
    """Rows of a table with the columns ``text, code[, also, lang, style]``: one thing to find, under any of its codes.

    Raises
    ------
    ClinicodeError
        If the table cannot be read or names a code that does not exist.
    """
    queries = []
    for number, row in read_table(path, ("text", "code")):
        codes = [row["code"], *(code for code in row.get("also", "").split("|") if code)]
        try:
            group = frozenset(catalog.find(code).code for code in codes)
        except ClinicodeError as error:
            message = f"{path}, line {number}: {error}"
            raise ClinicodeError(message) from error
        tags = tuple((name, row[name]) for name in ("lang", "style") if row.get(name))
        queries.append(GoldQuery(f"{path.stem}-{number}", row["text"], (group,), row.get("lang", ""), tags))
    return queries
