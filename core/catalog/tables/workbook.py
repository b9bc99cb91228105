"""Spreadsheets (.xlsx): the values of one sheet, refused where the file unpacks to more than a table of codes is."""

from __future__ import annotations

import io

import openpyxl

from core.archives import office, unpacked
from core.catalog.tables import plain
from core.catalog.tables.model import Form, Shape
from core.catalog.tables.text import WIDEST, Fields
from core.errors import ClinicodeError
from core.interface import _

UNPACKED = 400_000_000
"""Bytes that all parts together may unpack to."""
CHARACTERS = 100_000_000
"""Of all cells together: a text that many share counts each time."""
MOST_ROWS = 400_000
"""Rows of all sheets together, those that are left out too: four times what the largest classification has."""
WORKBOOK = "xl/workbook.xml"


def rows(data: bytes) -> list[Fields]:
    """The rows of the sheet that holds the most, values as text; the line is the row's number in the sheet.

    Raises
    ------
    ClinicodeError
        If it is no spreadsheet, is damaged, or unpacks to too much.
    """
    if not dict(unpacked(_("The spreadsheet"), data, UNPACKED, WORKBOOK.__eq__)):
        raise ClinicodeError(_("This is a packed folder, not a spreadsheet; unpack it and give the table in it."))
    checked = office("The spreadsheet", data, UNPACKED)
    try:
        book = openpyxl.load_workbook(io.BytesIO(checked), read_only=True, data_only=True, keep_links=False)
        left = _Left()
        sheets = [_rows_of(sheet, left) for sheet in book.worksheets]
        book.close()
    except ClinicodeError:
        raise
    except Exception as error:  # whatever a damaged file makes openpyxl and its XML parser raise
        message = _("The spreadsheet cannot be read ({name}); save it again as .xlsx or as CSV.").format(
            name=type(error).__name__
        )
        raise ClinicodeError(message) from error
    found = max(sheets, key=len, default=[])
    if not found:
        raise ClinicodeError(_("The spreadsheet is empty."))
    return found


def recognise(found: list[Fields]) -> Shape:
    """What a sheet's columns are; titles above the table are skipped."""
    table = table_of(found)
    names, below = plain.headed(table[: plain.SEEN])
    return Shape(Form.WORKBOOK, "XLSX", columns=names, guess=plain.guess(names, below) if below else None)


def table_of(found: list[Fields]) -> list[Fields]:
    """The rows from the line of column names on: the first line that fills as many cells as most do."""
    widths = sorted(_filled(row) for row in found[: plain.SEEN])
    usual = max(2, widths[len(widths) // 2])
    start = next((at for at, row in enumerate(found) if _filled(row) >= usual), 0)
    return found[start:]


def _filled(row: Fields) -> int:
    return sum(bool(value) for value in row.values)


class _Left:
    """What the sheets may hold yet: rows that are left out and texts that are shared cost a file no bytes."""

    def __init__(self) -> None:
        self._rows, self._characters = MOST_ROWS, CHARACTERS

    def take(self, characters: int) -> None:
        """Take a row.

        Raises
        ------
        ClinicodeError
            If nothing is left.
        """
        self._rows -= 1
        self._characters -= characters
        if self._rows < 0 or self._characters < 0:
            raise ClinicodeError(
                _("The spreadsheet holds far more than a table of codes; give the table alone, as CSV.")
            )


def _rows_of(sheet: openpyxl.worksheet._read_only.ReadOnlyWorksheet, left: _Left) -> list[Fields]:
    found = []
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=WIDEST), 1):
        if values.count(None) == len(values):
            left.take(0)
            continue
        texts = tuple("" if value is None else str(value).strip() for value in values)
        left.take(sum(map(len, texts)))
        if any(texts):
            found.append(Fields(number, texts))
    return found
