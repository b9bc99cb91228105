"""Code sets to code with: the installed ICD-10-CM, another release of it, or a national table with its own codes."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import polars as pl

from core import settings
from core.catalog.build import SCHEMA, load_frame, release
from core.catalog.catalog import Catalog
from core.catalog.code import Level
from core.catalog.tables import store
from core.errors import ClinicodeError
from core.interface import _, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.catalog.tables.store import Imported

logger = logging.getLogger(__name__)

INSTALLED = "icd-10-cm"
"""The name of the code set that comes with the product."""
CHAPTERS = (
    ("1", "A00", "B99"), ("2", "C00", "D49"), ("3", "D50", "D89"), ("4", "E00", "E99"), ("5", "F00", "F99"),
    ("6", "G00", "G99"), ("7", "H00", "H59"), ("8", "H60", "H95"), ("9", "I00", "I99"), ("10", "J00", "J99"),
    ("11", "K00", "K95"), ("12", "L00", "L99"), ("13", "M00", "M99"), ("14", "N00", "N99"), ("15", "O00", "O9A"),
    ("16", "P00", "P96"), ("17", "Q00", "Q99"), ("18", "R00", "R99"), ("19", "S00", "T98"), ("20", "V00", "Y99"),
    ("21", "Z00", "Z99"), ("22", "U00", "U99"),
)  # fmt: skip
"""Number, first and last category of each chapter: WHO's ICD-10 and ICD-10-CM agree on them."""
MISSING = 0.05
"""A table of which a larger part of the codes has no category is a part of a code set."""
Line = tuple[str, str, str, str, list[str], list[str], str]


def chosen() -> str:
    """The name of the code set in use: ``CLINICODE_CODE_SET``, else the one chosen before, else the installed."""
    if name := os.environ.get("CLINICODE_CODE_SET", "").strip():
        return name
    path = settings.home() / "code_set.txt"
    try:
        if name := path.read_text(encoding="utf-8").strip():
            return name
    except FileNotFoundError:
        return INSTALLED
    except (OSError, UnicodeDecodeError):
        pass
    logger.warning("%s cannot be read; coding with %s until another set is chosen.", path, INSTALLED)
    return INSTALLED


def use(name: str) -> None:
    """Choose the code set that everything opened from now on codes with.

    Raises
    ------
    ClinicodeError
        If there is none of this name, it cannot be used alone, or the choice cannot be kept.
    """
    open_set(name)
    path = settings.home() / "code_set.txt"
    partial = path.with_suffix(f".{os.getpid()}.part")
    try:
        partial.write_text(f"{name}\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        message = _("{path} cannot be written ({strerror}).").format(path=path, strerror=error.strerror)
        raise ClinicodeError(message) from error


def names() -> tuple[str, ...]:
    """The code sets that can be chosen."""
    return tuple(dict.fromkeys((INSTALLED, *(table.set_name for table in store.tables()))))


def remove(name: str) -> Imported:
    """Remove a table that is not in use.

    Raises
    ------
    ClinicodeError
        If it is in use, or there is none of this name.
    """
    in_use = next((table for table in store.tables() if table.name == name and table.set_name == chosen()), None)
    if in_use is not None:
        message = _("{name} is the code set in use; choose another first (clinicode catalog use {installed}).").format(
            name=name, installed=INSTALLED
        )
        raise ClinicodeError(message)
    return store.remove(name)


def open_set(name: str) -> Catalog:
    """A code set by its name.

    Raises
    ------
    ClinicodeError
        If there is none of this name, or it cannot be used alone.
    """
    if name == INSTALLED:
        return Catalog(load_frame(settings.home()), release())
    parts = [table for table in store.tables() if table.set_name == name]
    if not parts:
        message = _("The code set {name!r} is not here; choose one of {names}, or import it.").format(
            name=name, names=", ".join(names())
        )
        raise ClinicodeError(message)
    label = f"{parts[0].system.label} {next((one.release for one in parts if one.release), '')}".strip()
    if parts[0].book:
        return Catalog(store.rows(parts[0]), label)
    frame = pl.concat([store.rows(part) for part in parts]).unique("code", keep="first", maintain_order=True)
    rows = frame.select("code", "title", "terms").rows()
    stems = {code for code, _, _ in rows if len(code) == 3}
    alone = sum(code[:3] not in stems for code, _, _ in rows)
    if alone > MISSING * len(rows):
        message = _(
            "{label} has no categories for {alone} of its codes; import the file of its categories too."
        ).format(label=label, alone=number(alone))
        raise ClinicodeError(message)
    return Catalog(book_of(rows), label, lang=parts[0].lang, system=parts[0].system.value)


def book_of(rows: Iterable[tuple[str, str, Sequence[str]]]) -> pl.DataFrame:
    """Codes with titles and further names as a book: each stands under the longest code that it begins with.

    Chapters are those that the WHO and ICD-10-CM share, with the names of the installed release, and blocks are its
    blocks where a category falls into one.
    """
    titles = {code: (title, list(terms)) for code, title, terms in sorted(rows)}
    parents: dict[str, str] = {}
    children: dict[str, list[str]] = {}
    shelf = _Shelf.of_installed()
    for code in titles:
        above = next((stem for cut in range(len(code) - 1, 2, -1) if (stem := code[:cut].rstrip(".")) in titles), "")
        parents[code] = above or shelf.place(code)
        children.setdefault(parents[code], []).append(code)
    lines: list[Line] = []

    def walk(code: str) -> None:
        title, terms = titles[code]
        top = len(code) == 3 or parents[code] not in titles
        level = Level.CATEGORY if top else Level.SUBCATEGORY
        lines.append((code, title, level.value, parents[code], children.get(code, []), terms, ""))
        for child in children.get(code, []):
            walk(child)

    for chapter, _first, _last in CHAPTERS:
        blocks = [block for block in shelf.blocks_of(chapter) if block in children]
        loose = children.get(chapter, [])
        if not blocks and not loose:
            continue
        lines.append((chapter, shelf.titles[chapter], Level.CHAPTER.value, "", [*blocks, *loose], [], ""))
        for block in blocks:
            lines.append((block, shelf.titles[block], Level.BLOCK.value, chapter, children[block], [], ""))
            for code in children[block]:
                walk(code)
        for code in loose:
            walk(code)
    return pl.DataFrame(lines, orient="row", schema=SCHEMA)


class _Shelf:
    """The chapters and blocks of the installed release, to stand categories in."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.titles: dict[str, str] = dict(frame.select("code", "title").rows())
        blocks = frame.filter(pl.col("level") == Level.BLOCK).select("code", "parent").rows()
        self._blocks: list[tuple[str, str, str, str]] = [
            (block.partition("-")[0], block.partition("-")[2], block, chapter) for block, chapter in blocks
        ]

    @classmethod
    def of_installed(cls) -> _Shelf:
        """Read it from the installed release."""
        frame = load_frame(settings.home()).filter(pl.col("level").is_in([Level.CHAPTER, Level.BLOCK]))
        return cls(frame)

    def place(self, code: str) -> str:
        """The block of a code, else its chapter."""
        category = code[:3]
        for first, last, block, _title in self._blocks:
            if first <= category <= last:
                return block
        return next((chapter for chapter, first, last in CHAPTERS if first <= category <= last), "22")

    def blocks_of(self, chapter: str) -> list[str]:
        """The chapter's blocks, in the book's order."""
        return [block for _, _, block, its in self._blocks if its == chapter]
