"""The notes of the tabular list as rules can use them: inherited down the hierarchy, with the codes that they name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.rules.references import Reference, references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.catalog import Catalog

KINDS = ("excludes1", "excludes2", "code_first", "use_additional", "code_also")
HEADINGS = {
    "excludes1": "Excludes1: ",
    "excludes2": "Excludes2: ",
    "code_first": "Code first ",
    "use_additional": "Use additional ",
    "code_also": "Code also ",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a note: the code, block or chapter that it is printed at, its words, and the codes that it names.

    `heading` stands over it (``underlying disease, such as:``); `unknown` are names that the book does not have.
    """

    at: str
    kind: str
    text: str
    heading: str
    references: tuple[Reference, ...]
    unknown: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """As the book prints it, under its heading."""
        words = f"{self.heading} {self.text}" if self.heading else self.text
        return HEADINGS[self.kind] + words.lstrip(", ")

    @property
    def parsed(self) -> bool:
        """Whether it names codes, all of which exist."""
        return bool(self.references) and not self.unknown

    def meets(self, row: int, code: str) -> bool:
        """Whether it names the code of this row of the book."""
        return any(one.meets(row, code) for one in self.references)


class Rulebook:
    """All notes of a catalog, read once.

    Parameters
    ----------
    catalog
        Loaded.

    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.lines = tuple(_lines(catalog))
        self._at: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in self.lines:
            self._at[line.at, line.kind].append(line)
        self._applying: dict[tuple[str, str], tuple[Line, ...]] = {}

    def applying(self, code: str, kind: str) -> tuple[Line, ...]:
        """The lines of a kind that hold for a code: its own and those of everything above it, the nearest first."""
        key = code, kind
        if key not in self._applying:
            above = self.applying(parent, kind) if (parent := self.catalog.parent(code)) else ()
            self._applying[key] = (*self._at.get(key, ()), *above)
        return self._applying[key]

    def naming(self, code: str, kind: str, other: str) -> Line | None:
        """The nearest line of a kind at or above `code` that names `other` and not `code` itself."""
        row, own = self.catalog.row(other), self.catalog.row(code)
        found = (line for line in self.applying(code, kind) if line.meets(row, other) and not line.meets(own, code))
        return next(found, None)

    def unparsed(self) -> list[Line]:
        """The lines that name no code, or one that the book does not have; headings of a list are left out."""
        return [line for line in self.lines if not line.parsed and not line.text.endswith(":")]


@lru_cache(maxsize=2)
def rulebook(catalog: Catalog) -> Rulebook:
    """The rules of a catalog, read the first time that they are asked for."""
    return Rulebook(catalog)


def _lines(catalog: Catalog) -> Iterator[Line]:
    for code in catalog.everything():
        for kind in KINDS:
            heading = ""
            for text in getattr(code.notes, kind):
                found, unknown = references(text, catalog)
                yield Line(
                    code.code, kind, text, heading if not text.endswith(":") else "", tuple(found), tuple(unknown)
                )
                if text.endswith(":"):
                    heading = text
