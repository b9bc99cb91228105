"""One code of the book."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.interface import N_


class Level(StrEnum):
    """Where a code stands in the tabular list."""

    CHAPTER = "chapter"
    BLOCK = "block"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"


LEVEL_WORDS = (N_("chapter"), N_("block"), N_("category"), N_("subcategory"))
"""What the levels are called; translated where they are shown."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The instructional notes printed at one code, as the book gives them (not its ancestors' notes)."""

    includes: tuple[str, ...] = ()
    excludes1: tuple[str, ...] = ()
    excludes2: tuple[str, ...] = ()
    code_first: tuple[str, ...] = ()
    use_additional: tuple[str, ...] = ()
    code_also: tuple[str, ...] = ()
    seventh: tuple[str, ...] = ()
    general: tuple[str, ...] = ()

    def printed(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each kind of note under the heading that the book prints, in the book's order, empty ones left out."""
        headings = {
            "includes": N_("Includes"),
            "excludes1": N_("Excludes1 (never coded together)"),
            "excludes2": N_("Excludes2 (not included here; may be coded too)"),
            "code_first": N_("Code first"),
            "use_additional": N_("Use additional code"),
            "code_also": N_("Code also"),
            "seventh": N_("7th character"),
            "general": N_("Note"),
        }
        return tuple((heading, lines) for kind, heading in headings.items() if (lines := getattr(self, kind)))

    def __bool__(self) -> bool:
        """Whether the book prints any note here."""
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Code:
    """A chapter, block, category or subcategory of ICD-10-CM.

    `parent` is empty for a chapter; `children` are dotted codes in the book's order; a code without children is
    billable, one with children is a header. `inclusion_terms` are other names the book gives for the same code.
    """

    code: str
    title: str
    level: Level
    parent: str
    children: tuple[str, ...]
    inclusion_terms: tuple[str, ...] = ()
    notes: Notes = field(default_factory=Notes)

    @property
    def billable(self) -> bool:
        """Whether the code may stand on a claim: a leaf of the book, below the blocks."""
        return not self.children and self.level in (Level.CATEGORY, Level.SUBCATEGORY)

    @property
    def codable(self) -> bool:
        """Whether it is a code at all (a category or below), and not a chapter or a block."""
        return self.level in (Level.CATEGORY, Level.SUBCATEGORY)
