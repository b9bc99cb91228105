"""Bring a recognised file in: read it, compare it with ICD-10-CM, keep it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from core.catalog.tables import sets, store
from core.catalog.tables.match import standings
from core.catalog.tables.model import Form, Standing, System
from core.catalog.tables.read import read, system_of
from core.catalog.tables.store import Imported
from core.errors import ClinicodeError
from core.interface import _
from core.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.catalog.tables.model import Columns, Reading
    from core.catalog.tables.read import Opened
    from core.encode.load import Encoder

LONGEST_RELEASE = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says of a file where the file does not, or says otherwise; empty: as recognised."""

    system: str = ""
    lang: str = ""
    release: str = ""
    columns: Columns | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A file read and compared, ready to be kept: nothing of it is on disk yet."""

    table: Imported
    reading: Reading
    frame: pl.DataFrame


def bring(opened: Opened, wanted: Wanted, encoder: Callable[[], Encoder]) -> Compared:
    """Read a file and compare it with the installed ICD-10-CM; :func:`keep` keeps it.

    Parameters
    ----------
    opened, wanted
        The file, and what a person said of it.
    encoder
        Gives the encoder that compares titles; called only where codes are the WHO's.

    Raises
    ------
    ClinicodeError
        If the file cannot be used, or it is not known what it is.
    """
    reading = read(opened, wanted.columns)
    system = system_of(opened.shape, wanted.system)
    lang = wanted.lang or system.lang or opened.shape.lang
    if wanted.lang == "" and opened.shape.system is system and opened.shape.lang:
        lang = opened.shape.lang
    if lang not in LANGUAGES:
        message = _("Say which language the titles are in: one of {languages}.").format(languages=", ".join(LANGUAGES))
        raise ClinicodeError(message)
    release = " ".join((wanted.release or opened.shape.release).split())
    if len(release) > LONGEST_RELEASE:
        message = _("A release is named with {longest_release} characters at most.").format(
            longest_release=LONGEST_RELEASE
        )
        raise ClinicodeError(message)
    installed = sets.open_set(sets.INSTALLED)
    book = reading.book
    if opened.shape.form is Form.ORDER and system is System.CM:
        book = sets.book_of((row.code, row.title, ()) for row in reading.rows)
    if book is not None and system is not System.CM:
        message = _("{name} is a release of ICD-10-CM and cannot be imported as {label}.").format(
            name=opened.name, label=system.label
        )
        raise ClinicodeError(message)
    if book is not None:
        shared = sum(row.code in installed for row in reading.rows)
        counts = {Standing.SAME: shared, Standing.DIFFERS: 0, Standing.ONLY: len(reading.rows) - shared}
        frame = book
    else:
        known = standings(reading.rows, system, installed, None if system.clinical else encoder())
        counts = {standing: known.count(standing) for standing in Standing}
        frame = pl.DataFrame(
            [
                (row.code, row.title, list(row.terms), row.line, standing.value)
                for row, standing in zip(reading.rows, known, strict=True)
            ],
            orient="row",
            schema=store.ROWS,
        )
    set_name = _set_name(system, lang, release, book=book is not None)
    table = Imported(
        name=f"{set_name}-{opened.shape.part}" if opened.shape.part else set_name,
        set_name=set_name,
        system=system,
        lang=lang,
        release=release,
        part=opened.shape.part,
        book=book is not None,
        file=opened.name,
        sha256=hashlib.sha256(opened.data).hexdigest(),
        day=datetime.now(UTC).date().isoformat(),
        form=opened.shape.form.value,
        encoding=opened.shape.encoding,
        rows_in=reading.rows_in,
        rejected=len(reading.rejected),
        left_out=reading.left_out,
        same=counts[Standing.SAME],
        differs=counts[Standing.DIFFERS],
        only=counts[Standing.ONLY],
        against=installed.label,
        rows="",
    )
    return Compared(table, reading, frame)


def keep(compared: Compared) -> Imported:
    """Keep what was brought in, in the place of a table of the same name.

    Raises
    ------
    ClinicodeError
        If it cannot be written; then everything is as it was.
    """
    return store.save(compared.table, compared.frame)


def _set_name(system: System, lang: str, release: str, *, book: bool) -> str:
    if book:
        slug = re.sub(r"[^a-z0-9]+", "-", release.lower()).strip("-")
        return f"{system.value}-{slug or 'imported'}"
    return system.value if lang == system.lang else f"{system.value}-{lang}"
