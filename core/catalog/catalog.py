"""The catalog: codes by name, their place in the hierarchy, and what to say of a code that does not exist."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from core.catalog.code import Code, Level, Notes
from core.errors import ClinicodeError
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_LIKE = re.compile(r"[A-Z]\d[\dA-Z](\.?[\dA-Z]{0,4})?|[A-Z]\d", re.IGNORECASE)


class Catalog:
    """One release of a code set, held as columns; a `Code` is made when it is asked for.

    Parameters
    ----------
    frame
        One row a code in the book's order, as :func:`core.catalog.build.load_frame` gives it.
    label
        The release, shown wherever codes are shown.
    lang, system
        The language of its titles, and the code system that it is a release of.

    """

    def __init__(self, frame: pl.DataFrame, label: str, lang: str = "en", system: str = "icd-10-cm") -> None:
        self.label = label
        self.lang = lang
        self.system = system
        self._codes: list[str] = frame["code"].to_list()
        self._titles: list[str] = frame["title"].to_list()
        self._levels: list[str] = frame["level"].to_list()
        self._parents: list[str] = frame["parent"].to_list()
        self._notes: list[str] = frame["notes"].to_list()
        self._children = frame["children"]
        self._inclusion_terms = frame["inclusion_terms"]
        self._headers: list[bool] = (frame["children"].list.len() > 0).to_list()
        self._rows = {code: row for row, code in enumerate(self._codes)}
        self._ends = self._descendant_ends()
        self._frame = frame

    def __len__(self) -> int:
        """The number of codes, headers and leaves, without chapters and blocks."""
        return sum(level in (Level.CATEGORY, Level.SUBCATEGORY) for level in self._levels)

    def __contains__(self, code: object) -> bool:
        """Whether the dotted code is a category or below."""
        row = self._rows.get(code) if isinstance(code, str) else None
        return row is not None and self._levels[row] in (Level.CATEGORY, Level.SUBCATEGORY)

    def __iter__(self) -> Iterator[Code]:
        """Every category and subcategory, in the book's order."""
        for code, level in zip(self._codes, self._levels, strict=True):
            if level in (Level.CATEGORY, Level.SUBCATEGORY):
                yield self[code]

    def __getitem__(self, code: str) -> Code:
        """The code with this name, dotted as in the book (chapters are ``1`` to ``22``, blocks ``A00-A09``).

        Raises
        ------
        ClinicodeError
            If there is none; the message names near ones.
        """
        row = self._rows.get(code)
        if row is None:
            raise ClinicodeError(self._unknown(code))
        notes = json.loads(self._notes[row]) if self._notes[row] else {}
        return Code(
            code=code,
            title=self._titles[row],
            level=Level(self._levels[row]),
            parent=self._parents[row],
            children=tuple(self._children[row]),
            inclusion_terms=tuple(self._inclusion_terms[row]),
            notes=Notes(**{kind: tuple(lines) for kind, lines in notes.items()}),
        )

    def find(self, text: str) -> Code:
        """The code that a person means by `text`: any case, with or without the dot.

        Raises
        ------
        ClinicodeError
            If there is none; the message names near ones.
        """
        return self[self.dotted(text)]

    def header_of_placeholder(self, text: str) -> str:
        """The header that a placeholder form (``S25.02X``, ``T68.XXX``) leaves open; empty if it is no such form."""
        code = self.dotted(text)
        stem = code.rstrip("X").rstrip(".")
        return stem if stem != code and stem in self else ""

    def title(self, code: str) -> str:
        """The title of a code that is known to exist (quicker than making the whole `Code`)."""
        return self._titles[self._rows[code]]

    def billable(self, code: str) -> bool:
        """Whether an existing code is a leaf."""
        row = self._rows[code]
        return not self._headers[row] and self._levels[row] in (Level.CATEGORY, Level.SUBCATEGORY)

    def parent(self, code: str) -> str:
        """The name one level up; empty for a chapter."""
        return self._parents[self._rows[code]]

    def ancestors(self, code: str) -> tuple[Code, ...]:
        """From the chapter down to the parent."""
        names = []
        name = self.parent(code)
        while name:
            names.append(name)
            name = self.parent(name)
        return tuple(self[name] for name in reversed(names))

    def siblings(self, code: str) -> tuple[Code, ...]:
        """The parent's other children, in the book's order."""
        parent = self.parent(code)
        return tuple(self[name] for name in self[parent].children if name != code) if parent else ()

    def leaves(self, code: str) -> tuple[str, ...]:
        """The billable codes at or under a code, in the book's order."""
        row = self._rows[code]
        return tuple(self._codes[at] for at in range(row, self._ends[row]) if not self._headers[at])

    def row(self, code: str) -> int:
        """The place of an existing code in the book's order."""
        return self._rows[code]

    def reach(self, stem: str) -> tuple[int, int] | None:
        """The rows of what a code, or the beginning of codes (``B95.`` or ``I69.3``), covers: first and before last."""
        row = self._rows.get(stem)
        if row is not None:
            return row, self._ends[row]
        found = [self._rows[code] for code in self._under(stem[:3]) if code.startswith(stem)]
        return (min(found), max(found) + 1) if found else None

    def _under(self, category: str) -> list[str]:
        row = self._rows.get(category)
        return [] if row is None else self._codes[row : self._ends[row]]

    def everything(self) -> Iterator[Code]:
        """Every chapter, block, category and subcategory, in the book's order."""
        for code in self._codes:
            yield self[code]

    def terms(self) -> pl.DataFrame:
        """What the book calls each code: columns ``code, text, inclusion``, titles first, then inclusion terms."""
        codes = self._frame.filter(pl.col("level").is_in([Level.CATEGORY, Level.SUBCATEGORY]))
        titles = codes.select("code", pl.col("title").alias("text"), pl.lit(value=False).alias("inclusion"))
        inclusion = codes.select("code", pl.col("inclusion_terms").alias("text")).explode("text").drop_nulls("text")
        return pl.concat([titles, inclusion.with_columns(pl.lit(value=True).alias("inclusion"))])

    def chapter(self, code: str) -> str:
        """The chapter (``1`` to ``22``) that holds the code."""
        while (parent := self.parent(code)) != "":
            code = parent
        return code

    def chapters(self) -> tuple[Code, ...]:
        """The chapters, in the book's order."""
        return self._chapters

    @cached_property
    def _chapters(self) -> tuple[Code, ...]:
        pairs = zip(self._codes, self._levels, strict=True)
        return tuple(self[code] for code, level in pairs if level == Level.CHAPTER)

    def starting_with(self, text: str, limit: int = 50) -> tuple[Code, ...]:
        """Codes that begin as `text` does (any case, dot optional), in the book's order."""
        stem = self.dotted(text)
        if len(stem) < 2:
            return ()
        found = [code for code in self._codes if code.startswith(stem) and code in self]
        return tuple(self[code] for code in found[:limit])

    @staticmethod
    def dotted(text: str) -> str:
        """``e112`` and ``E11.2`` as the book writes them; chapters and blocks stay as they are."""
        bare = text.strip().upper()
        if "-" in bare or not CODE_LIKE.fullmatch(bare):
            return bare
        bare = bare.replace(".", "")
        return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"

    @staticmethod
    def looks_like_code(text: str) -> bool:
        """Whether a person who types this means a code or the beginning of one, not words."""
        return CODE_LIKE.fullmatch(text.strip()) is not None

    def _descendant_ends(self) -> list[int]:
        """For each row the row after its last descendant: the book's order keeps a subtree together."""
        ends = list(range(1, len(self._codes) + 1))
        for row in range(len(self._codes) - 1, -1, -1):
            if parent := self._parents[row]:
                above = self._rows[parent]
                ends[above] = max(ends[above], ends[row])
        return ends

    def _unknown(self, text: str) -> str:
        code = self.dotted(text)
        if not code:
            return _("No code was given; name one, such as {code}.").format(code="I21.4")
        near = [stem for cut in range(len(code) - 1, 2, -1) if (stem := code[:cut].rstrip(".")) in self][:1]
        pool = [other for other in self._codes if other[:2] == code[:2]] or [c for c in self._codes if len(c) == 3]
        near += [other for other in get_close_matches(code, pool, n=4, cutoff=0.6) if other not in near]
        shown = text.strip() if len(text.strip()) <= 20 else text.strip()[:20] + "…"
        if not near:
            return _("{code} is not in {release}.").format(code=repr(shown), release=self.label)
        told = _("{code} is not in {release}; near it: {codes}.")
        return told.format(code=repr(shown), release=self.label, codes=", ".join(near[:4]))
