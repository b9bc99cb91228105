"""The tabular list of ICD-10-CM as XML (CDC/NCHS): the whole book, notes included.

Codes with a seventh character are not written out in it: each code at the end of a branch under a table of seventh
characters gets them, filled up with the placeholder X to six characters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.catalog.build import NOTE_KINDS, SCHEMA
from core.catalog.code import Level
from core.catalog.tables.model import Form, Row, Shape, System
from core.errors import ClinicodeError
from core.interface import _
from core.markup import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

NOTES = {
    "includes": "includes",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "code_first": "codeFirst",
    "use_additional": "useAdditionalCode",
    "code_also": "codeAlso",
    "general": "notes",
}
FULL = 7
DEATH = "with death"
"""Injuries that a person died of have an initial encounter, the first seventh character, and no other."""
Line = tuple[str, str, str, str, list[str], list[str], str]


@dataclass(frozen=True, slots=True)
class Extension:
    """A seventh character and what it says."""

    character: str
    meaning: str


def recognise(root: Element) -> Shape | None:
    """What this is if it is the tabular list."""
    if root.tag != "ICD10CM.tabular":
        return None
    return Shape(Form.TABULAR, "XML", system=System.CM, lang="en", release=root.findtext("version", "").strip())


def read(root: Element) -> pl.DataFrame:
    """The book, with the columns of `core.catalog.build.SCHEMA`.

    Raises
    ------
    ClinicodeError
        If the list is not whole: no chapters, or codes without a name.
    """
    lines = [line for chapter in root.findall("chapter") for line in _chapter(chapter)]
    if not lines:
        raise ClinicodeError(_("The tabular list has no chapters; get the file again."))
    frame = pl.DataFrame(lines, orient="row", schema=SCHEMA)
    if frame["code"].is_duplicated().any():
        twice = frame.filter(pl.col("code").is_duplicated())["code"][0]
        message = _("{twice} stands in the tabular list twice; get the file again.").format(twice=twice)
        raise ClinicodeError(message)
    return frame


def rows_of(frame: pl.DataFrame) -> tuple[Row, ...]:
    """The codes of a book as rows; they have no lines."""
    codes = frame.filter(pl.col("level").is_in([Level.CATEGORY, Level.SUBCATEGORY])).select("code", "title")
    return tuple(Row(code, title, 0) for code, title in codes.iter_rows())


def _chapter(chapter: Element) -> Iterator[Line]:
    name = _name(chapter)
    sections = chapter.findall("section")
    yield _line(chapter, name, Level.CHAPTER, "", [_name(section) for section in sections])
    for section in sections:
        block = _name(section)
        categories = section.findall("diag")
        yield _line(section, block, Level.BLOCK, name, [_name(one) for one in categories])
        for one in categories:
            yield from _code(one, block, Level.CATEGORY, ())


def _code(one: Element, parent: str, level: Level, above: tuple[Extension, ...]) -> Iterator[Line]:
    code = _name(one)
    extensions = _extensions(one) or above
    children = one.findall("diag")
    if children:
        yield _line(one, code, level, parent, [_name(child) for child in children])
        for child in children:
            yield from _code(child, code, Level.SUBCATEGORY, extensions)
        return
    title = words_of(one, "desc")
    if DEATH in title:
        extensions = extensions[:1]
    made = [(_extended(code, one.character), one) for one in extensions] if len(code.replace(".", "")) < FULL else []
    yield _line(one, code, level, parent, [name for name, _ in made])
    for name, extension in made:
        yield name, f"{title}, {extension.meaning}", Level.SUBCATEGORY.value, code, [], [], ""


def _line(one: Element, name: str, level: Level, parent: str, children: list[str]) -> Line:
    notes = {kind: [words(note) for note in one.findall(f"{tag}/note")] for kind, tag in NOTES.items()}
    notes["seventh"] = [words(note) for note in one.findall("sevenChrNote/note")]
    notes["seventh"] += [f"{ending.character}: {ending.meaning}" for ending in _extensions(one)]
    kept = {kind: notes[kind] for kind in NOTE_KINDS if notes.get(kind)}
    terms = [words(note) for note in one.findall("inclusionTerm/note")]
    title = words_of(one, "desc")
    return name, title, level.value, parent, children, terms, json.dumps(kept, ensure_ascii=False) if kept else ""


def words_of(one: Element, tag: str) -> str:
    """The text of a child element."""
    child = one.find(tag)
    return words(child) if child is not None else ""


def _name(one: Element) -> str:
    name = one.get("id") or words_of(one, "name")
    if not name:
        raise ClinicodeError(_("A code in the tabular list has no name; get the file again."))
    return name if one.tag != "section" or "-" in name else f"{name}-{name}"


def _extensions(one: Element) -> tuple[Extension, ...]:
    """The seventh characters defined at a code; a note behind one is a second meaning of it."""
    found: list[Extension] = []
    for ending in one.iterfind("sevenChrDef/*"):
        if ending.tag == "extension":
            found.append(Extension(ending.get("char", ""), words(ending)))
        elif ending.tag == "note" and found:
            found[-1] = Extension(found[-1].character, f"{found[-1].meaning}/{words(ending)}")
    return tuple(found)


def _extended(code: str, character: str) -> str:
    bare = code.replace(".", "")
    filled = bare + "X" * (FULL - 1 - len(bare)) + character
    return f"{filled[:3]}.{filled[3:]}"
