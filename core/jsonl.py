"""JSON lines in and out, with what is wrong in a line said by its number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _
from core.note.documents import decode

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Item:
    """One text to search or to code."""

    name: str | int
    text: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be used, and why."""

    number: int
    reason: str


def read_items(path: Path) -> list[Item | BadLine]:
    """Lines of ``{"id", "text"[, "lang"]}``; a missing id is the line's number; blank lines are skipped.

    Raises
    ------
    ClinicodeError
        If the file is absent, is no text, or is empty.
    """
    if not path.is_file():
        message = _("There is no file {path}.").format(path=path)
        raise ClinicodeError(message)
    items: list[Item | BadLine] = []
    for number, line in enumerate(decode(path.name, path.read_bytes()).split("\n"), 1):
        if line.strip():
            items.append(read_item(number, line))
    if not items:
        told = _("{path} is empty; it needs a line of JSON a text: {line}.")
        message = told.format(path=path, line='{"id": 1, "text": "..."}')
        raise ClinicodeError(message)
    return items


def read_item(number: int, line: str) -> Item | BadLine:
    """One line of such a file."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = f" ({error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        return BadLine(number, f"{_('no valid JSON')}{what}")
    if not isinstance(row, dict):
        return BadLine(number, _("not a JSON object"))
    text, lang, name = row.get("text"), row.get("lang"), row.get("id", number)
    if not isinstance(text, str):
        return BadLine(number, _('"text" is missing') if text is None else _('"text" is not a text'))
    if lang is not None and not isinstance(lang, str):
        return BadLine(number, _('"lang" is not a text'))
    if not isinstance(name, str | int):
        return BadLine(number, _('"id" is neither a text nor a number'))
    return Item(name, text, lang)
