"""The one entry to all readers: what a file is, told from its content, and its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.archives import is_zip
from core.catalog.tables import atih, claml, datasus, german, order, plain, tabular, workbook
from core.catalog.tables.model import Form, Reading, Shape, System
from core.catalog.tables.rows import collect
from core.catalog.tables.text import decode, fields, lines_of
from core.errors import ClinicodeError
from core.interface import _
from core.markup import parse

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from core.catalog.tables.model import Columns
    from core.catalog.tables.text import Fields

LARGEST = 200 * 2**20
FORMS = {
    Form.ORDER: order.read,
    Form.DATASUS: datasus.read,
    Form.ATIH: atih.read,
    Form.METADATA: german.read_metadata,
    Form.RUBRICS: german.read_rubrics,
}
RECOGNISERS = (order.recognise, datasus.recognise, atih.recognise, german.recognise, plain.recognise)
PREVIEW = 6


@dataclass(frozen=True, slots=True)
class Opened:
    """A file opened and recognised: its name, its bytes, what it is, and what of it has been parsed."""

    name: str
    data: bytes
    shape: Shape
    text: str = ""
    root: Element | None = None
    sheet: tuple[Fields, ...] = ()

    def preview(self, count: int = PREVIEW) -> list[dict[str, str]]:
        """Its first rows, column by column; lines of text where it has no columns."""
        if self.sheet:
            return _tabled(workbook.table_of(list(self.sheet)), self.shape, count)
        if self.root is not None:
            return []
        if self.shape.form is Form.DELIMITED:
            return _tabled(list(_some(self.text, self.shape.delimiter, count + 1)), self.shape, count)
        return [{"line": line} for line in lines_of(self.text[:20_000])[:count] if line.strip()]


def open_file(path: Path) -> Opened:
    """What a file is.

    Raises
    ------
    ClinicodeError
        If it cannot be read, or is nothing that holds codes.
    """
    try:
        if path.stat().st_size > LARGEST:
            message = _("{name} is larger than any table of codes ({largest} MB at most).").format(
                name=path.name, largest=LARGEST // 2**20
            )
            raise ClinicodeError(message)
        data = path.read_bytes()
    except OSError as error:
        message = _("{path} cannot be read ({strerror}).").format(path=path, strerror=error.strerror)
        raise ClinicodeError(message) from error
    return open_bytes(path.name, data)


def open_bytes(name: str, data: bytes) -> Opened:
    """What a file's content is.

    Raises
    ------
    ClinicodeError
        If it is empty, or nothing that holds codes.
    """
    if not data.strip():
        message = _("{name} is empty.").format(name=name)
        raise ClinicodeError(message)
    try:
        opened = _open(name, data)
    except ClinicodeError as error:
        message = f"{name}: {error}"
        raise ClinicodeError(message) from error
    if year := re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", name):
        shape = opened.shape
        return replace(opened, shape=replace(shape, release=shape.release or year[0]))
    return opened


def _open(name: str, data: bytes) -> Opened:
    if is_zip(data):
        sheet = workbook.rows(data)
        return Opened(name, data, workbook.recognise(sheet), sheet=tuple(sheet))
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") or data[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<"):
        root = parse(data)
        shape = tabular.recognise(root) or claml.recognise(root)
        if shape is None:
            message = _("It is XML of a kind that is not known (<{tag}>); give ClaML or a tabular list.").format(
                tag=root.tag[:40]
            )
            raise ClinicodeError(message)
        return Opened(name, data, shape, root=root)
    decoded = decode(data)
    for recognise in RECOGNISERS:
        shape = recognise(decoded.text)
        if shape is not None:
            return Opened(name, data, replace(shape, encoding=decoded.encoding), decoded.text)
    raise ClinicodeError(
        _("No codes and titles are found in it; give a table with a column of codes and one of titles, as published.")
    )


def read(opened: Opened, columns: Columns | None = None) -> Reading:
    """The rows of a recognised file; of a plain table with the columns that a person named (default: the guess).

    Raises
    ------
    ClinicodeError
        If too few rows can be used, or the columns are not known.
    """
    shape = opened.shape
    try:
        if shape.form is Form.TABULAR and opened.root is not None:
            book = tabular.read(opened.root)
            return Reading(shape, tabular.rows_of(book), book=book)
        if shape.form is Form.CLAML and opened.root is not None:
            return collect(shape, claml.read(opened.root))
        if not shape.form.plain:
            return collect(shape, FORMS[shape.form](opened.text))
        columns = columns or shape.guess
        if columns is None:
            named = ", ".join(shape.columns)
            message = _("Which columns hold code and title cannot be told; say it (the columns are {named}).").format(
                named=named
            )
            raise ClinicodeError(message)
        if shape.form is Form.DELIMITED:
            return collect(shape, plain.read(opened.text, shape, columns))
        return collect(shape, plain.rows_of(workbook.table_of(list(opened.sheet)), shape.columns, columns))
    except ClinicodeError as error:
        message = f"{opened.name}: {error}"
        raise ClinicodeError(message) from error


def _tabled(rows: list[Fields], shape: Shape, count: int) -> list[dict[str, str]]:
    below = plain.headed(rows)[1]
    return [dict(zip(shape.columns, row.values, strict=False)) for row in below[:count]]


def _some(text: str, delimiter: str, count: int) -> list[Fields]:
    found: list[Fields] = []
    for row in fields(text, delimiter):
        found.append(row)
        if len(found) >= count:
            break
    return found


def system_of(shape: Shape, chosen: str = "") -> System:
    """The system that a person chose, else the recognised one.

    Raises
    ------
    ClinicodeError
        If neither is there, or the choice is unknown.
    """
    named = ", ".join(System)
    if chosen:
        try:
            return System(chosen.strip().lower())
        except ValueError as error:
            message = _("Code system {chosen!r} is not known; choose one of {named}.").format(
                chosen=chosen, named=named
            )
            raise ClinicodeError(message) from error
    if shape.system is None:
        message = _("The table does not say which code system it is; choose one of {named}.").format(named=named)
        raise ClinicodeError(message)
    return shape.system
