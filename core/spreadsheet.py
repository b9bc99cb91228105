"""Tables that spreadsheets open as they are meant."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV injection)."""
COMPUTED = re.compile(r"(?<![^;\t\r\n])[\"']*(?=[=+\-@\t\r\n＝＋－＠])")
"""Where a cell begins that would be computed: at its own beginning, or behind what parts cells where another sign does
(Excel in Spain or Germany parts them at semicolons, whatever is quoted).
"""
MARKED = re.compile(r"(?<![^;\t\r\n])'([\"']*(?=[=+\-@\t\r\n＝＋－＠]))")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file: UTF-8 with its mark, no cell a formula."""
    into = io.StringIO()
    writer = csv.writer(into)
    writer.writerow([safe(name) for name in columns])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return into.getvalue().encode("utf-8-sig", "replace")


def safe(cell: object) -> object:
    """A cell that a spreadsheet shows and does not compute; `restored` gives the text again."""
    return COMPUTED.sub(r"'\g<0>", cell) if isinstance(cell, str) else cell


def restored(cell: str) -> str:
    """The text that `safe` made a cell of."""
    return MARKED.sub(r"\1", cell)
