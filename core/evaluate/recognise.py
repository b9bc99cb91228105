"""Which kind of data set a file, a folder or a zip file is, and what of it can be used."""

from __future__ import annotations

import json
import re
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.archive import unpack
from core.evaluate.datasets import parse_dataset
from core.evaluate.distemist import HEADER
from core.evaluate.gold import Problem, read_lines
from core.interface import _

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.evaluate.datasets import Dataset

__all__ = ["Problem", "Recognised", "formats", "recognise"]

CODIESP_TABLE = re.compile(r"(?P<split>\w+?)(?P<task>[XD])\.tsv", re.ASCII)


def formats() -> tuple[str, ...]:
    """What can be recognised, in words."""
    return (
        _(
            "CodiEsp, its folder or a zip file of it: {mentions} (mentions), or {notes} with {texts} (whole notes)"
        ).format(mentions="`{split}X.tsv`", notes="`{split}D.tsv`", texts="`text_files`"),
        _("DisTEMIST, a linking table with the columns {columns}").format(columns=", ".join(HEADER)),
        _(
            "a table (.tsv) with the columns {columns}, and {further} where you have them; {also} holds further right "
            "codes, separated by {sign}"
        ).format(columns="text, code", further="also, lang, style", also="`also`", sign="|"),
        _(
            "JSON lines (.jsonl): {line}, and {further} where you have them; a line is one thing to find, and any of "
            "its codes is right"
        ).format(line='{"id": 1, "text": "...", "codes": ["..."]}', further='"lang", "style"'),
    )


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a data set is, and what of it can be used.

    Attributes
    ----------
    format
        ``codiesp``, ``distemist``, ``table`` or ``jsonl``.
    kind, split
        As :func:`core.evaluate.datasets.read_dataset` takes them; `kinds` and `splits` are all that could be chosen.
    dataset
        The rows that can be used; None where there are none.
    problems
        The lines that cannot.

    """

    format: str
    kind: str
    splits: tuple[str, ...]
    dataset: Dataset | None
    problems: tuple[Problem, ...]
    kinds: tuple[str, ...] = ()
    split: str = ""


def recognise(path: Path, catalog: Catalog, kind: str = "", split: str = "", snomed: Path | None = None) -> Recognised:
    """Recognise a data set and read it, with what is wrong in it line by line.

    Parameters
    ----------
    path
        A file, a folder, or a zip file of either.
    catalog
        The code set of the gold.
    kind, split
        Which of several; one that is not there is taken for none (default: the first kind; test, dev, else the last).
    snomed
        For DisTEMIST: a table with the columns ``snomed, code``.

    Raises
    ------
    ClinicodeError
        If it is none of the known formats or cannot be read at all.
    """
    with ExitStack() as stack:
        place = path
        if path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)):
            place = unpack(path, Path(stack.enter_context(TemporaryDirectory(prefix="clinicode-"))))
        if place.is_dir():
            return _codiesp(place, catalog, kind, split)
        return _file(place, catalog, snomed)


def _codiesp(folder: Path, catalog: Catalog, kind: str, split: str) -> Recognised:
    found: dict[str, set[str]] = {}
    for path in [*folder.glob("*.tsv"), *folder.glob("*/*.tsv")]:
        match = CODIESP_TABLE.fullmatch(path.name)
        if match and path.parent in (folder, folder / match["split"]):
            whole = (path.parent / "text_files").is_dir()
            if match["task"] == "X" or whole:
                found.setdefault(f"codiesp-{match['task'].lower()}", set()).add(match["split"])
    if not found:
        raise ClinicodeError(_unknown(folder.name))
    kinds = tuple(sorted(found, reverse=True))
    kind = kind if kind in found else kinds[0]
    splits = tuple(sorted(found[kind]))
    split = next((name for name in (split, "test", "dev") if name in splits), splits[-1])
    dataset, problems = parse_dataset(kind, folder, split, catalog)
    return Recognised("codiesp", kind, splits, dataset if dataset.queries else None, problems, kinds, split)


def _file(path: Path, catalog: Catalog, snomed: Path | None) -> Recognised:
    try:
        lines = read_lines(path)
    except ClinicodeError as error:
        raise ClinicodeError(_unknown(path.name)) from error
    name = _format(lines)
    if not name or (name == "jsonl") != (path.suffix.lower() == ".jsonl"):
        raise ClinicodeError(_unknown(path.name))
    kind = "distemist" if name == "distemist" else "mentions"
    dataset, problems = parse_dataset(kind, path, "", catalog, snomed)
    return Recognised(name, kind, (), dataset if dataset.queries else None, problems, (kind,))


def _format(lines: list[str]) -> str:
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    columns = {name.strip().lower() for name in first.split("\t")}
    if columns.issuperset(HEADER):
        return "distemist"
    if columns >= {"text", "code"}:
        return "table"
    return "jsonl" if any(_is_object(line) for line in lines[:100]) else ""


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _unknown(name: str) -> str:
    told = _("{name} is in none of the formats that can be read: {formats}.")
    return told.format(name=name, formats="; ".join(formats()))
