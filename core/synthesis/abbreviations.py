"""The abbreviation lists: short forms as clinicians write them, their expansions, and codes where they follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.settings import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ASSETS / "lexicon" / "abbreviations"
HEADER = "short\texpansion\tcodes"


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One reading of a short form; an ambiguous one has several, the most usual first. `codes` may be empty."""

    short: str
    expansion: str
    codes: tuple[str, ...]
    lang: str


def read_abbreviations(lang: str, folder: Path = FOLDER) -> list[Abbreviation]:
    """The list of a language, in its order.

    Raises
    ------
    ClinicodeError
        If there is no list of the language or a line has not its columns.
    """
    path = folder / f"{lang}.tsv"
    if not path.is_file():
        message = f"There is no abbreviation list {path}."
        raise ClinicodeError(message)
    readings = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#") or line == HEADER:
            continue
        cells = [*line.split("\t"), ""][:3]
        if len(line.split("\t")) not in (2, 3) or not cells[0] or not cells[1]:
            message = f"{path.name}, line {number}: needs short, expansion and codes, tab-separated."
            raise ClinicodeError(message)
        codes = tuple(code for code in cells[2].split("|") if code)
        readings.append(Abbreviation(cells[0], cells[1], codes, lang))
    return readings
