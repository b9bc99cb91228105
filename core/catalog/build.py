"""The tabular list as a frame: read once from `simple-icd-10-cm`, kept as a columnar file keyed by the release."""

from __future__ import annotations

import io
import json
import logging
import re
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from core.catalog.code import Level
from core.partial import read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

FORMAT = 2
"""Raised whenever the columns below change, so that a file of an older program is not read."""

NOTE_KINDS = (
    "includes", "excludes1", "excludes2", "code_first", "use_additional", "code_also", "seventh", "general",
)  # fmt: skip


def release() -> str:
    """The label of the code set that is installed, such as ``ICD-10-CM April 2026``."""
    spec = find_spec("simple_icd_10_cm")  # importing it would parse the whole book
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for file in Path(folder, "data").glob("code-list-*.txt"):
            if match := re.fullmatch(r"code-list-(\w+)-(\d{4})\.txt", file.name):
                return f"ICD-10-CM {match[1]} {match[2]}"
    return f"ICD-10-CM (simple-icd-10-cm {metadata.version('simple-icd-10-cm')})"


def load_frame(folder: Path) -> pl.DataFrame:
    """The tabular list in the book's order, one row a code, from the cache in `folder` or built into it.

    Columns: ``code, title, level, parent, children, inclusion_terms`` (lists of text) and ``notes`` (JSON text, empty
    where the book prints none). A cache file that cannot be read is rebuilt.
    """
    key = re.sub(r"\W+", "-", release().lower()) + f"-{metadata.version('simple-icd-10-cm')}-v{FORMAT}"
    for path in folder.glob(f"catalog-{key}-*.parquet"):
        try:
            return read_frame(path)
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            logger.warning("The catalog cache %s cannot be read (%s); building it again.", path, error)
            with suppress(OSError):
                path.unlink()
    frame = pl.DataFrame(list(_rows()), orient="row", schema=SCHEMA)
    try:
        write_frame(frame, folder, f"catalog-{key}")
    except OSError as error:
        logger.warning("The catalog cache cannot be written in %s (%s); it is built again next time.", folder, error)
    return frame


def write_frame(frame: pl.DataFrame, folder: Path, stem: str) -> Path:
    """Write a table into a file that notices when it is changed (:func:`core.partial.write_sealed`).

    Raises
    ------
    OSError
        If it cannot be written; then it is not there.
    """
    into = io.BytesIO()
    frame.write_parquet(into)
    return write_sealed(into.getvalue(), folder, stem)


def read_frame(path: Path) -> pl.DataFrame:
    """Read what `write_frame` wrote.

    Raises
    ------
    OSError, ValueError, polars.exceptions.PolarsError
        If it is not there or damaged.
    """
    return pl.read_parquet(io.BytesIO(read_sealed(path)))


SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "code": pl.String,
    "title": pl.String,
    "level": pl.String,
    "parent": pl.String,
    "children": pl.List(pl.String),
    "inclusion_terms": pl.List(pl.String),
    "notes": pl.String,
}


def _rows() -> Iterator[tuple[str, str, str, str, list[str], list[str], str]]:
    """Walk the book from the chapters down, each code once.

    A block of one category (``B20-B20``) carries the category's own name in the library; it gets the range as its
    name here, so that every row has a name of its own.
    """
    import simple_icd_10_cm as book  # noqa: PLC0415  it parses a 10 MB XML file when imported: only if the cache is absent

    def row(
        name: str, key: str, level: Level, parent: str, children: list[str]
    ) -> tuple[str, str, str, str, list[str], list[str], str]:
        block = level is Level.BLOCK
        notes = {
            "includes": book.get_includes(key, block),
            "excludes1": book.get_excludes1(key, block),
            "excludes2": book.get_excludes2(key, block),
            "code_first": _lines(book.get_code_first(key, False, block)),
            "use_additional": _lines(book.get_use_additional_code(key, False, block)),
            "code_also": _lines(book.get_code_also(key, False, block)),
            "seventh": _seventh(book.get_seven_chr_note(key, False, block), book.get_seven_chr_def(key, False, block)),
            "general": _lines(book.get_notes(key, False, block)),
        }
        kept = {kind: notes[kind] for kind in NOTE_KINDS if notes[kind]}
        title = book.get_description(key, block)
        terms = book.get_inclusion_term(key, block)
        return name, title, level.value, parent, children, terms, json.dumps(kept, ensure_ascii=False) if kept else ""

    def walk(code: str, parent: str, level: Level) -> Iterator[tuple[str, str, str, str, list[str], list[str], str]]:
        children = book.get_children(code)
        yield row(code, code, level, parent, children)
        for child in children:
            yield from walk(child, code, Level.SUBCATEGORY)

    for chapter in [code for code in book.get_all_codes() if book.is_chapter(code)]:
        blocks = book.get_children(chapter)
        names = {block: block if "-" in block else f"{block}-{block}" for block in blocks}
        yield row(chapter, chapter, Level.CHAPTER, "", list(names.values()))
        for block in blocks:
            categories = book.get_children(block, prioritize_blocks=True)
            yield row(names[block], block, Level.BLOCK, chapter, categories)
            for category in categories:
                yield from walk(category, names[block], Level.CATEGORY)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _seventh(note: str, meanings: dict[str, str]) -> list[str]:
    return _lines(note) + [f"{character}: {meaning}" for character, meaning in meanings.items()]
