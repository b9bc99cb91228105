"""Tables of mentions with gold codes: the public evaluation set, or a team's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.gold import GoldQuery, Problem, check_mention, read_lines, refuse
from core.interface import _, number
from core.jsonl import BadLine, read_item
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from core.catalog import Catalog


PUBLIC = ASSETS / "evaluation" / "mentions.tsv"
"""The public evaluation set that ships."""
TAGS = ("lang", "style")
WIDEST = 200
"""Columns that a table may have."""


def read_table(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a tab-separated table with their line numbers; lines that start with ``#`` are comments.

    Raises
    ------
    ClinicodeError
        If the file is absent, is no text, or lacks a needed column.
    """
    if not path.is_file():
        message = _("There is no file {path}.").format(path=path)
        raise ClinicodeError(message)
    numbered = [
        (number, line) for number, line in enumerate(read_lines(path), 1) if line.strip() and not line.startswith("#")
    ]
    if not numbered:
        message = _("{path} has no rows.").format(path=path)
        raise ClinicodeError(message)
    names = [name.strip().lower() for name in numbered[0][1].split("\t")]
    if len(names) > WIDEST:
        message = _("{path} has {names} columns; a table of mentions has {widest} at most.").format(
            path=path, names=number(len(names)), widest=WIDEST
        )
        raise ClinicodeError(message)
    missing = [name for name in needed if name not in names]
    if missing:
        message = _("{path} has no column {missing}; it needs a first line with {needed}, tab-separated.").format(
            path=path, missing=", ".join(missing), needed=", ".join(needed)
        )
        raise ClinicodeError(message)
    empty = dict.fromkeys(names, "")
    return [
        (number, empty | dict(zip(names, (value.strip() for value in line.split("\t")), strict=False)))
        for number, line in numbered[1:]
    ]


def parse_mentions(path: Path, catalog: Catalog) -> tuple[list[GoldQuery], list[Problem]]:
    """Mentions of a table or of JSON lines (told by the ending ``.jsonl``), and the lines that cannot be used.

    A row of a table has the columns ``text, code[, also, lang, style]``, a line of JSON is
    ``{"id", "text", "codes": [...][, "lang", "style"]}``. Either is one thing to find, under any of its codes.

    Raises
    ------
    ClinicodeError
        If the file cannot be read at all.
    """
    return _parse_lines(path, catalog) if path.suffix.lower() == ".jsonl" else _parse_table(path, catalog)


def read_mentions(path: Path, catalog: Catalog) -> list[GoldQuery]:
    """What :func:`parse_mentions` reads, where every line can be used.

    Raises
    ------
    ClinicodeError
        If the file cannot be read or a line cannot be used, for example because its code does not exist.
    """
    queries, problems = parse_mentions(path, catalog)
    refuse(problems, path)
    return queries


def _parse_table(path: Path, catalog: Catalog) -> tuple[list[GoldQuery], list[Problem]]:
    queries: list[GoldQuery] = []
    problems: list[Problem] = []
    for at, row in read_table(path, ("text", "code")):
        codes = [row["code"], *(code for code in row.get("also", "").split("|") if code)]
        tags = {name: row.get(name, "") for name in TAGS}
        try:
            queries.append(_mention(f"{path.stem}-{at}", row["text"], codes, tags, catalog))
        except ClinicodeError as error:
            problems.append(Problem(at, str(error)))
    return queries, problems


def _parse_lines(path: Path, catalog: Catalog) -> tuple[list[GoldQuery], list[Problem]]:
    queries: dict[str, GoldQuery] = {}
    problems: list[Problem] = []
    for at, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            query = _json_mention(path.stem, at, line, catalog)
            if query.name in queries:
                raise ClinicodeError(_('Its "id" is that of an earlier line.'))
        except ClinicodeError as error:
            problems.append(Problem(at, str(error)))
        else:
            queries[query.name] = query
    return list(queries.values()), problems


def _json_mention(stem: str, number: int, line: str, catalog: Catalog) -> GoldQuery:
    item = read_item(number, line)
    if isinstance(item, BadLine):
        raise ClinicodeError(item.reason[0].upper() + item.reason[1:] + ".")
    row = json.loads(line)
    codes = row.get("codes")
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        raise ClinicodeError(_('"codes" has to be a list of codes, any of which is right.'))
    style = row.get("style")
    tags = {"lang": item.lang or "", "style": style if isinstance(style, str) else ""}
    return _mention(f"{stem}-{item.name}", item.text, codes, tags, catalog)


def _mention(name: str, text: str, codes: Sequence[str], tags: Mapping[str, str], catalog: Catalog) -> GoldQuery:
    check_mention(text, tags["lang"])
    found = [catalog.find(code) for code in codes]
    for code in found:
        if not code.codable:
            message = _("{code} is a {level}, not a code; name a category or below.").format(
                code=code.code, level=_(code.level)
            )
            raise ClinicodeError(message)
    kept = tuple((tag, tags[tag]) for tag in TAGS if tags[tag])
    return GoldQuery(name, text, (frozenset(code.code for code in found),), tags["lang"], kept)
