"""What becomes of a condition in time: whether it lasts, and the codes for having had it and for it in the family."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.note.cues import read_rows
from core.settings import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

HISTORY, LASTING = ASSETS / "lexicon" / "history.tsv", ASSETS / "lexicon" / "lasting.tsv"


def lasts(code: str) -> bool:
    """Whether who once had the condition normally still has it.

    >>> lasts("I10"), lasts("J18.9")
    (True, False)
    """
    return _longest(_lasting(), code) == "yes"


def personal_history(code: str) -> str:
    """The code for having had a condition; empty where the book has none.

    >>> personal_history("C50.911")
    'Z85.3'
    """
    return _longest(_history(0), code)


def family_history(code: str) -> str:
    """The code for a condition in the family; empty where the book has none.

    >>> family_history("C18.9")
    'Z80.0'
    """
    return _longest(_history(1), code)


def _longest(table: dict[str, str], code: str) -> str:
    return next((table[code[:size]] for size in range(len(code), 0, -1) if code[:size] in table), "")


@cache
def _history(column: int) -> dict[str, str]:
    return {row[0]: row[1 + column] for row in _padded(HISTORY, 3)}


@cache
def _lasting() -> dict[str, str]:
    return {row[0]: row[1] for row in _padded(LASTING, 2)}


def _padded(path: Path, columns: int) -> list[list[str]]:
    return [(row + [""] * columns)[:columns] for row in read_rows(path)]
