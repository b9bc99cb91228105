"""CodiEsp (CLEF eHealth 2020): Spanish clinical cases with CIE-10 codes of the 2018 release.

Miranda-Escalada et al., "Overview of automatic clinical coding: annotations, guidelines, and solutions for
non-English clinical cases at CodiEsp track of CLEF eHealth 2020".
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.gold import GoldQuery, Problem, check_mention, read_lines, refuse
from core.interface import _
from core.note.documents import check_note

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


def parse_annotations(folder: Path, split: str) -> tuple[list[tuple[int, Annotation]], list[Problem]]:
    """The diagnosis rows of ``{split}X.tsv`` with their lines, codes as given, and the lines that cannot be used.

    Raises
    ------
    ClinicodeError
        If the file is absent or no text.
    """
    annotations: list[tuple[int, Annotation]] = []
    problems: list[Problem] = []
    for number, row in _rows(table(folder, split, "X")):
        try:
            document, kind, code, text, where = row
            offsets = tuple((int(start), int(end)) for start, end in (part.split() for part in where.split(";")))
            if kind == "DIAGNOSTICO":
                check_mention(text)
        except ValueError:
            problems.append(Problem(number, _("Five columns are needed (document, kind, code, text, offsets).")))
        except ClinicodeError as error:
            problems.append(Problem(number, str(error)))
        else:
            if kind == "DIAGNOSTICO":
                annotations.append((number, Annotation(document, code, " ".join(text.split()), offsets)))
    return annotations, problems


def read_annotations(folder: Path, split: str) -> list[Annotation]:
    """The diagnosis rows of ``{split}X.tsv``, codes as given.

    Raises
    ------
    ClinicodeError
        If the file is absent or a row is not of five columns.
    """
    annotations, problems = parse_annotations(folder, split)
    refuse(problems, table(folder, split, "X"))
    return [annotation for _line, annotation in annotations]


def parse_mentions(folder: Path, split: str, catalog: Catalog) -> tuple[list[GoldQuery], list[Problem]]:
    """Distinct mention strings of a split with their codes, in the order of their first occurrence.

    Retired codes are listed in the log.

    Raises
    ------
    ClinicodeError
        If the table is absent or no text.
    """
    annotations, problems = parse_annotations(folder, split)
    given: dict[str, set[str]] = defaultdict(set)
    for _line, annotation in annotations:
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
    return queries, problems


def read_mentions(folder: Path, split: str, catalog: Catalog) -> list[GoldQuery]:
    """What :func:`parse_mentions` reads, where every line can be used.

    Raises
    ------
    ClinicodeError
        If the table is absent or a row is not of five columns.
    """
    queries, problems = parse_mentions(folder, split, catalog)
    refuse(problems, table(folder, split, "X"))
    return queries


def parse_documents(folder: Path, split: str, catalog: Catalog) -> tuple[list[GoldQuery], list[Problem]]:
    """The cases of a split with their diagnosis codes, and the lines of ``{split}D.tsv`` that cannot be used.

    Raises
    ------
    ClinicodeError
        If the table or the texts are absent.
    """
    given: dict[str, set[str]] = defaultdict(set)
    lines: dict[str, list[int]] = defaultdict(list)
    problems: list[Problem] = []
    for number, row in _rows(table(folder, split, "D")):
        if len(row) < 2 or not row[0] or not row[1]:
            problems.append(Problem(number, _("Two columns are needed (document, code).")))
            continue
        given[row[0]].add(catalog.dotted(row[1]))
        lines[row[0]].append(number)
    paths = {path.stem: path for path in text_files(folder, split)}
    queries = []
    for name in [*(name for name in paths if name in given), *(name for name in given if name not in paths)]:
        try:
            if name not in paths:
                raise ClinicodeError(_("There is no text of its document among the text files."))
            text = paths[name].read_text(encoding="utf-8")
            check_note(text)
        except UnicodeDecodeError:
            problems += [Problem(number, _("The text of its document is not UTF-8.")) for number in lines[name]]
        except ClinicodeError as error:
            problems += [Problem(number, str(error)) for number in lines[name]]
        else:
            groups = tuple(current_codes(code, catalog) for code in sorted(given[name]))
            queries.append(GoldQuery(name, text, groups, "es"))
    return queries, sorted(problems, key=lambda one: one.line)


def read_documents(folder: Path, split: str, catalog: Catalog) -> list[GoldQuery]:
    """What :func:`parse_documents` reads, where every line can be used.

    Raises
    ------
    ClinicodeError
        If a file is absent or a row is not of two columns.
    """
    queries, problems = parse_documents(folder, split, catalog)
    refuse(problems, table(folder, split, "D"))
    return queries


def text_files(folder: Path, split: str) -> list[Path]:
    """The cases of a split, in the order of their names."""
    return sorted(_find(folder, split, "text_files").glob("*.txt"))


def reviewed_pairs(folder: Path, split: str, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Every annotation's text with its code in this release (the header, for a placeholder form), for the memory."""
    for annotation in read_annotations(folder, split):
        if current := current_codes(annotation.code, catalog):
            yield annotation.text, min(current, key=len)


def table(folder: Path, split: str, task: str) -> Path:
    """Where the table of a split and a task (X or D) is.

    Raises
    ------
    ClinicodeError
        If it is not there.
    """
    return _find(folder, split, f"{split}{task}.tsv")


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            yield number, line.split("\t")


def _find(folder: Path, split: str, name: str) -> Path:
    for path in (folder / split / name, folder / name):
        if path.exists():
            return path
    told = _("There is no {name} in {folder}; give the folder that holds CodiEsp's {split}.")
    message = told.format(name=name, folder=folder / split, split=split)
    raise ClinicodeError(message)
