"""Codes that a note of the book names: single ones, open ones (``E08.-``), ranges, those with certain characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.catalog import Catalog

NAME = r"[A-Z]\d[\dA-Z](?:\.[\dA-Z]{0,4})?"
TOKEN = re.compile(rf"(?<![\w/])({NAME})[.\s]?(-)?(?:\s?(?:-|\bto\b)\s?-?({NAME})-?)?(?![\w])")
BRACKETS = re.compile(r"\(([^()]*?[A-Z]\d[\dA-Z][^()}]*)[)}]")
PLACES = {"fourth": 3, "4th": 3, "fifth": 4, "5th": 4, "sixth": 5, "six": 5, "6th": 5, "seventh": 6, "7th": 6}
CHARACTER = re.compile(
    rf"with ({'|'.join(PLACES)})(?: or ({'|'.join(PLACES)}))? characters? ([\dA-Z])(?:-([\dA-Z]))?", re.IGNORECASE
)
ENDING = re.compile(r"with (?:final characters )?((?:[.-]\d+(?:-\.\d+)?(?:, | or )?)+)")
NO_CODE = re.compile(r"\bvitamin B12\b|\bG6PD\b|\bH1N1\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A stretch of the book's order, rows `low` to before `high`, of codes with certain characters where asked for.

    `characters` are allowed at `places` of the code without its dot (of two places, the later unless it is a
    placeholder); `endings` are what the part behind the dot must end with.
    """

    low: int
    high: int
    places: tuple[int, ...] = ()
    characters: str = ""
    endings: tuple[str, ...] = ()

    def meets(self, row: int, code: str) -> bool:
        """Whether the code of this row of the book is meant."""
        if not self.low <= row < self.high:
            return False
        if self.endings:
            return code.partition(".")[2].endswith(self.endings)
        if not self.places:
            return True
        bare = code.replace(".", "")
        held = [bare[place] for place in self.places if place < len(bare) and bare[place] != "X"]
        return bool(held) and held[-1] in self.characters


def references(line: str, catalog: Catalog) -> tuple[list[Reference], list[str]]:
    """The codes that a line names, and the names in it that the book does not have."""
    plain = NO_CODE.sub(" ", line)
    groups = BRACKETS.findall(plain) or [plain]
    found: list[Reference] = []
    unknown: list[str] = []
    for group in groups:
        places, characters, endings = _condition(group)
        for first, last in _names(group):
            rows = _rows(first, last, catalog)
            if rows is None:
                unknown.append(f"{first}-{last}" if last else first)
            else:
                found.append(Reference(*rows, places, characters, endings))
    return found, unknown


def _names(group: str) -> Iterator[tuple[str, str]]:
    for match in TOKEN.finditer(group):
        yield match[1].rstrip("."), (match[3] or "").rstrip(".")


def _rows(first: str, last: str, catalog: Catalog) -> tuple[int, int] | None:
    start, end = catalog.reach(first), catalog.reach(last or first)
    return (start[0], end[1]) if start and end and start[0] < end[1] else None


def _condition(group: str) -> tuple[tuple[int, ...], str, tuple[str, ...]]:
    if match := CHARACTER.search(group):
        places = tuple(sorted({PLACES[word.lower()] for word in match.groups()[:2] if word}))
        low, high = match[3], match[4] or match[3]
        return places, "".join(chr(at) for at in range(ord(low), ord(high) + 1)), ()
    if match := ENDING.search(group):
        return (), "", tuple(_endings(match[1]))
    return (), "", ()


def _endings(text: str) -> Iterator[str]:
    for low, high in re.findall(r"[.-](\d+)(?:-\.(\d+))?", text):
        for number in range(int(low), int(high or low) + 1):
            yield str(number).zfill(len(low))
