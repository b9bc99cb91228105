"""CodiEsp (CLEF eHealth 2020): Spanish clinical cases with CIE-10 codes of the 2018 release.

Miranda-Escalada et al., "Overview of automatic clinical coding: annotations, guidelines, and solutions for
non-English clinical cases at CodiEsp track of CLEF eHealth 2020".
"""

from __future__ import annotations

import csv
import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.gold import GoldQuery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.catalog import Catalog

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row of an X table: a document, a code as given, and where its evidence starts and ends (code points)."""

    document: str
    code: str
    text: str
    offsets: tuple[tuple[int, int], ...]


def current_codes(gold: str, catalog: Catalog) -> frozenset[str]:
    """What a gold code of 2018 is in this release: any of the answer is right, empty where the code is retired.

    A code that still exists is itself; a placeholder form (``S25.02X``) is met by its header or any of its completions.
    """
    code = catalog.dotted(gold)
    if code in catalog:
        return frozenset({code})
    if header := catalog.header_of_placeholder(code):
        return frozenset({header, *(found.code for found in catalog.starting_with(code))})
    return frozenset()


def read_annotations(folder: Path, split: str) -> list[Annotation]:
    """The diagnosis rows of ``{split}X.tsv``, codes as given.

    Raises
    ------
    ClinicodeError
        If the file is absent or a row is not of five columns.
    """
    path = _find(folder, split, f"{split}X.tsv")
    annotations = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            try:
                document, kind, code, text, where = row
                offsets = tuple((int(start), int(end)) for start, end in (part.split() for part in where.split(";")))
            except ValueError as error:
                message = f"{path}, line {number}: five columns are needed (document, kind, code, text, offsets)."
                raise ClinicodeError(message) from error
            if kind == "DIAGNOSTICO":
                annotations.append(Annotation(document, code, " ".join(text.split()), offsets))
    return annotations


def read_mentions(folder: Path, split: str, catalog: Catalog) -> list[GoldQuery]:
    """Distinct mention strings of a split with their codes, in the order of their first occurrence.

    Retired codes are listed in the log.
    """
    given: dict[str, set[str]] = defaultdict(set)
    for annotation in read_annotations(folder, split):
        given[annotation.text].add(catalog.dotted(annotation.code))
    queries: list[GoldQuery] = []
    retired: set[str] = set()
    for text, codes in given.items():
        groups = {code: current_codes(code, catalog) for code in sorted(codes)}
        retired.update(code for code, current in groups.items() if not current)
        queries.append(GoldQuery(f"{split}-{len(queries)}", text, tuple(groups.values()), "es"))
    if retired:
        logger.info(
            "CodiEsp %s: %d gold codes are not in %s: %s",
            split,
            len(retired),
            catalog.label,
            ", ".join(sorted(retired)),
        )
    return queries


def read_documents(folder: Path, split: str, catalog: Catalog) -> list[GoldQuery]:
    """The cases of a split with their diagnosis codes."""
    table = _find(folder, split, f"{split}D.tsv")
    given: dict[str, set[str]] = defaultdict(set)
    with table.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if len(row) < 2:
                message = f"{table}, line {number}: two columns are needed (document, code)."
                raise ClinicodeError(message)
            given[row[0]].add(catalog.dotted(row[1]))
    return [
        GoldQuery(
            path.stem,
            path.read_text(encoding="utf-8"),
            tuple(current_codes(code, catalog) for code in sorted(given[path.stem])),
            "es",
        )
        for path in text_files(folder, split)
        if given[path.stem]
    ]


def text_files(folder: Path, split: str) -> list[Path]:
    """The cases of a split, in the order of their names."""
    return sorted(_find(folder, split, "text_files").glob("*.txt"))


def reviewed_pairs(folder: Path, split: str, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Every annotation's text with its code in this release (the header, for a placeholder form), for the memory."""
    for annotation in read_annotations(folder, split):
        if current := current_codes(annotation.code, catalog):
            yield annotation.text, min(current, key=len)


def _find(folder: Path, split: str, name: str) -> Path:
    for path in (folder / split / name, folder / name):
        if path.exists():
            return path
    message = f"There is no {name} in {folder / split}; give the folder that holds CodiEsp's {split}."
    raise ClinicodeError(message)
