"""The written corpus: what clinicians and patients say, with the code it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import settings
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STYLES = ("clinical", "telegraphic", "abbrev", "lay", "specific", "typo")
HEADER = "code\ttext\tstyle\talso"
CORPORA = settings.ASSETS / "corpora"


@dataclass(frozen=True, slots=True)
class Example:
    """One line of the corpus: a text, its best code, how it is written, and codes that are right as well."""

    text: str
    code: str
    lang: str
    style: str
    also: tuple[str, ...]
    file: str
    line: int


def read_corpus(folder: Path = CORPORA) -> Iterator[Example]:
    """Every example under ``LANG/CHAPTERS.tsv``, in the order of files and lines.

    Raises
    ------
    ClinicodeError
        If a line does not have the four columns.
    """
    for path in sorted(folder.glob("*/*.tsv")):
        name = f"{path.parent.name}/{path.name}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#") or line == HEADER:
                continue
            cells = line.split("\t")
            if not 3 <= len(cells) <= 4:
                message = f"{name}, line {number}: needs code, text, style and also, tab-separated."
                raise ClinicodeError(message)
            code, text, style = cells[:3]
            also = tuple(other for other in cells[3].split("|") if other) if len(cells) == 4 else ()
            yield Example(text, code, path.parent.name, style, also, name, number)
