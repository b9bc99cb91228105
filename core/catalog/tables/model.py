"""What a table is before and after it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.interface import _

if TYPE_CHECKING:
    import polars as pl


class System(StrEnum):
    """The code systems that tables come in."""

    CM = "icd-10-cm"
    CIE = "cie-10-es"
    CID = "cid-10"
    CIM = "cim-10"
    GM = "icd-10-gm"
    WHO = "icd-10"

    @property
    def label(self) -> str:
        """What a person calls it."""
        return {"cie-10-es": "CIE-10-ES", "cid-10": "CID-10", "cim-10": "CIM-10"}.get(self.value, self.value.upper())

    @property
    def lang(self) -> str:
        """The language that it is published in; empty where there are several."""
        return {"icd-10-cm": "en", "cie-10-es": "es", "cid-10": "pt", "cim-10": "fr", "icd-10-gm": "de"}.get(
            self.value, ""
        )

    @property
    def clinical(self) -> bool:
        """Whether its codes are those of ICD-10-CM, and not those of the WHO's ICD-10."""
        return self in (System.CM, System.CIE)


class Form(StrEnum):
    """How a file is laid out, in words that a person knows it by."""

    ORDER = "ICD-10-CM order file"
    TABULAR = "ICD-10-CM tabular list (XML)"
    DATASUS = "CID-10 table of DATASUS"
    ATIH = "CIM-10 table of ATIH"
    METADATA = "ICD-10-GM metadata"
    RUBRICS = "ICD-10-GM rubrics"
    CLAML = "ClaML (XML)"
    DELIMITED = "table of text"
    WORKBOOK = "spreadsheet"

    @property
    def plain(self) -> bool:
        """Whether a person has to say which column is which."""
        return self in (Form.DELIMITED, Form.WORKBOOK)


class Standing(StrEnum):
    """How a code of a table stands to the same code of ICD-10-CM."""

    SAME = "same"
    DIFFERS = "differs"
    ONLY = "only here"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a plain table by their names; `terms` holds further names of the code (empty: no column does)."""

    code: str
    title: str
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One code of a table: dotted, its title and other names in the table's language, the line it stood on."""

    code: str
    title: str
    line: int
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used, and why."""

    line: int
    reason: str

    @classmethod
    def columns(cls, line: int, found: int, wanted: int) -> Rejected:
        """A row with too many or too few columns."""
        return cls(line, _("{found} columns instead of {wanted}").format(found=found, wanted=wanted))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file was recognised as.

    `encoding` and `delimiter` are empty where the form has none; `columns` are the names of a plain table's, `guess`
    which of them seem to be which; `part` names the part of the code set that a file holds, where it is published in
    several.
    """

    form: Form
    encoding: str = ""
    delimiter: str = ""
    system: System | None = None
    lang: str = ""
    release: str = ""
    part: str = ""
    columns: tuple[str, ...] = ()
    guess: Columns | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read: what it was taken for, its usable rows, the others, and headings and withdrawn codes left out.

    `book` is the whole tabular list, where the file is a release of ICD-10-CM.
    """

    shape: Shape
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...] = ()
    left_out: int = 0
    book: pl.DataFrame | None = None

    @property
    def rows_in(self) -> int:
        """How many rows the file has."""
        return len(self.rows) + len(self.rejected) + self.left_out
