"""Files of text: their encoding, their delimiter, their rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _, number

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "vertical bar"}
BROKEN = "�"
"""What stands where bytes were no text."""
SAMPLE = 60
"""Rows looked at to find the delimiter."""
LONGEST = 20
"""Lines that one row may span: more, and a quotation mark was never closed."""
WIDEST = 200
"""Columns that a table may have."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"), (b"\xff\xfe", "utf-16", "UTF-16"), (b"\xfe\xff", "utf-16", "UTF-16"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text and the encoding that it was in; bytes that were no text are `BROKEN` in it."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Fields:
    """One row, and the line on which it begins."""

    line: int
    values: tuple[str, ...]


def decode(data: bytes) -> Decoded:
    """The text of a file: by its byte order mark, as UTF-8, or in the Western European encodings before that.

    UTF-8 that is damaged in a few places stays UTF-8: its rows can be told one by one.

    Raises
    ------
    ClinicodeError
        If it is no text.
    """
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            return Decoded(data.decode(codec, errors="replace"), name)
    if b"\x00" in data:
        message = _("It is no text; give the table as text, as a spreadsheet (.xlsx) or as XML.")
        raise ClinicodeError(message)
    try:
        return Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    broken, beyond = text.count(BROKEN), sum(char > "\x7f" for char in text)
    if broken * 4 <= beyond or (broken == 1 and text.endswith(BROKEN)):
        return Decoded(text, "UTF-8")
    if re.search(rb"[\x80-\x9f]", data):
        return Decoded(data.decode("cp1252", errors="replace"), "Windows-1252")
    return Decoded(data.decode("iso-8859-1"), "ISO-8859-1")


def delimiter_of(text: str) -> str:
    """What separates the columns: the sign that most rows have equally often; empty where none does."""
    lines = [line for line in text.splitlines()[: 2 * SAMPLE] if line.strip()][:SAMPLE]
    best, most = "", 0.0
    for sign in DELIMITERS:
        try:
            widths = Counter(len(values) for values in csv.reader(lines, delimiter=sign))
        except csv.Error:
            continue
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        agreement = count / max(1, sum(widths.values())) + 0.001 * width
        if width > 1 and agreement > most:
            best, most = sign, agreement
    return best


def fields(text: str, delimiter: str, *, quoted: bool = True) -> Iterator[Fields]:
    """The rows of a delimited table, values stripped, empty lines left out.

    Raises
    ------
    ClinicodeError
        If a quotation mark is opened and not closed, or there are more than `WIDEST` columns.
    """
    if not quoted:
        for number, line in enumerate(lines_of(text), 1):
            if line.strip():
                yield _narrow(Fields(number, tuple(value.strip() for value in line.split(delimiter))))
        return
    reader = csv.reader((f"{line}\n" for line in lines_of(text)), delimiter=delimiter)
    start = 1
    try:
        for values in reader:
            if reader.line_num - start > LONGEST:
                raise csv.Error
            if any(value.strip() for value in values):
                yield _narrow(Fields(start, tuple(" ".join(value.split()) for value in values)))
            start = reader.line_num + 1
    except csv.Error as error:
        message = _("A quotation mark on line {start} is never closed; close or remove it.").format(start=start)
        raise ClinicodeError(message) from error


def _narrow(row: Fields) -> Fields:
    if len(row.values) > WIDEST:
        message = _("Line {line} has {values} columns; a table of codes has {widest} at most.").format(
            line=row.line, values=number(len(row.values)), widest=WIDEST
        )
        raise ClinicodeError(message)
    return row


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever ends them; only line ends end a line."""
    return re.split(r"\r\n|\r|\n", text)
