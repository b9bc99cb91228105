"""Imported tables on this machine: ``CLINICODE_HOME/tables`` holds for each a JSON of where it is from, and its rows.

The JSON is what counts: it names the file of rows and is put in place last, in one step, so that an import that is cut
short leaves what was there before. Importing a table of the same name replaces it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from core import settings
from core.catalog.build import read_frame, write_frame
from core.catalog.tables.model import System
from core.errors import ClinicodeError
from core.interface import _
from core.partial import beside

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

ROWS: dict[str, pl.DataType | type[pl.DataType]] = {
    "code": pl.String,
    "title": pl.String,
    "terms": pl.List(pl.String),
    "line": pl.Int64,
    "standing": pl.String,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """Where a table is from and what became of its rows.

    `set_name` is the code set that it is, or is a part of; `book` says that it is a whole release of ICD-10-CM. `same`,
    `differs` and `only` count how its codes stand to ICD-10-CM of the release `against`; `left_out` are headings and
    withdrawn codes. `sha256` is that of the file imported on `day`; `rows` names the file of its rows.
    """

    name: str
    set_name: str
    system: System
    lang: str
    release: str
    part: str
    book: bool
    file: str
    sha256: str
    day: str
    form: str
    encoding: str
    rows_in: int
    rejected: int
    left_out: int
    same: int
    differs: int
    only: int
    against: str
    rows: str

    @property
    def label(self) -> str:
        """What a person calls it: system, release, part."""
        part = f", {self.part}" if self.part else ""
        return f"{self.system.label} {self.release}".strip() + part


def folder() -> Path:
    """Where imported tables lie; made if absent.

    Raises
    ------
    ClinicodeError
        If it cannot be made.
    """
    place = settings.home() / "tables"
    try:
        place.mkdir(exist_ok=True)
    except OSError as error:
        message = _("Cannot use {place} for imported tables ({strerror}); make room or set CLINICODE_HOME.").format(
            place=place, strerror=error.strerror
        )
        raise ClinicodeError(message) from error
    return place


def version() -> str:
    """Changes whenever a table is imported, replaced or removed."""
    place = settings.home() / "tables"
    digest = hashlib.sha256(str(place).encode())
    for path in sorted(place.glob("*.json")):
        with suppress(OSError):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def tables() -> tuple[Imported, ...]:
    """All imported tables by name; one that cannot be read is left out and reported in the log."""
    found = []
    for path in sorted((settings.home() / "tables").glob("*.json")):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            found.append(Imported(**{**kept, "system": System(kept["system"])}))
        except (OSError, ValueError, TypeError, KeyError) as error:
            logger.warning("The imported table %s cannot be read (%s); import it again.", path, error)
    return tuple(found)


def rows(table: Imported) -> pl.DataFrame:
    """Its rows, with the columns `ROWS`, or `core.catalog.build.SCHEMA` where it is a book.

    Raises
    ------
    ClinicodeError
        If the file is gone or damaged.
    """
    path = settings.home() / "tables" / table.rows
    try:
        return read_frame(path)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        message = _(
            "The imported table {name} is damaged ({path}); import {file} again, remove the table, or restore a backup."
        ).format(name=table.name, path=path, file=table.file)
        raise ClinicodeError(message) from error


def save(table: Imported, frame: pl.DataFrame) -> Imported:
    """Keep a table in the place of one of its name.

    Raises
    ------
    ClinicodeError
        If it cannot be written; what was there before is then as it was.
    """
    place = folder()
    listed = place / f"{table.name}.json"
    partial = beside(listed)
    try:
        kept = replace(table, rows=write_frame(frame, place, table.name).name)
        partial.write_text(json.dumps(_plain(kept), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(listed)
    except OSError as error:
        partial.unlink(missing_ok=True)
        _sweep(place)
        message = _("The table cannot be kept in {place} ({strerror}); make room there or set CLINICODE_HOME.").format(
            place=place, strerror=error.strerror
        )
        raise ClinicodeError(message) from error
    _sweep(place)
    return kept


def remove(name: str) -> Imported:
    """Remove a table.

    Raises
    ------
    ClinicodeError
        If there is none of this name, or it cannot be removed.
    """
    known = {table.name: table for table in tables()}
    if name not in known:
        named = ", ".join(known) or "none is"
        message = _("No table {name!r} is imported; imported: {named}.").format(name=name, named=named)
        raise ClinicodeError(message)
    place = folder()
    try:
        (place / f"{name}.json").unlink(missing_ok=True)
    except OSError as error:
        message = _("{place}.json cannot be removed ({strerror}).").format(place=place / name, strerror=error.strerror)
        raise ClinicodeError(message) from error
    _sweep(place)
    return known[name]


def _sweep(place: Path) -> None:
    """Delete files of rows that no table names any more; what names them may be damaged, then they stay."""
    known = tables()
    used, names = {table.rows for table in known}, {table.name for table in known}
    unread = tuple(f"{path.stem}-" for path in place.glob("*.json") if path.stem not in names)
    for path in place.glob("*.parquet"):
        if path.name not in used and not path.name.startswith(unread):
            with suppress(OSError):
                path.unlink()


def _plain(table: Imported) -> dict[str, object]:
    return {name: str(value) if isinstance(value, System) else value for name, value in asdict(table).items()}
