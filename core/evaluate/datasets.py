"""Known kinds of data sets, read into queries with gold codes."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate import codiesp, distemist, mentions
from core.evaluate.gold import refuse
from core.interface import _

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalog import Catalog
    from core.evaluate.gold import GoldQuery, Problem

CODIESP = ("codiesp-x", "codiesp-d")
KINDS = (*CODIESP, "distemist", "mentions")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Queries with their gold codes; `documents` says that they are whole notes."""

    kind: str
    split: str
    queries: tuple[GoldQuery, ...]

    @property
    def documents(self) -> bool:
        """Whether a query is a whole note rather than a mention."""
        return self.kind == "codiesp-d"

    @property
    def fingerprint(self) -> str:
        """Changes whenever a text or a gold code does."""
        digest = hashlib.sha256()
        for query in self.queries:
            groups = " ".join("|".join(sorted(group)) for group in query.groups)
            digest.update(f"{query.name}\t{query.text}\t{groups}\n".encode())
        return digest.hexdigest()[:12]


def parse_dataset(
    kind: str, path: Path, split: str, catalog: Catalog, snomed: Path | None = None
) -> tuple[Dataset, tuple[Problem, ...]]:
    """What can be used of a data set, and the lines of its table that cannot.

    Parameters
    ----------
    kind, path, split
        One of `KINDS`, where it lies (a folder for CodiEsp, else a file), and the split (CodiEsp only).
    catalog
        The code set of the gold.
    snomed
        For DisTEMIST: a table with the columns ``snomed, code``.

    Raises
    ------
    ClinicodeError
        If the kind is not known or its files cannot be read.
    """
    if kind not in KINDS:
        message = _("There is no data set kind {kind!r}; choose one of {kinds}.").format(
            kind=kind, kinds=", ".join(KINDS)
        )
        raise ClinicodeError(message)
    if kind == "mentions":
        (queries, problems), split = mentions.parse_mentions(path, catalog), path.name
    elif kind == "distemist":
        codes = distemist.read_snomed(snomed, catalog) if snomed else {}
        (queries, problems), split = distemist.parse_mentions(path, catalog, codes), path.name
    elif kind == "codiesp-x":
        queries, problems = codiesp.parse_mentions(path, split, catalog)
    else:
        queries, problems = codiesp.parse_documents(path, split, catalog)
    return Dataset(kind, split, tuple(queries)), tuple(problems)


def read_dataset(
    kind: str, path: Path, split: str, catalog: Catalog, limit: int = 0, snomed: Path | None = None
) -> Dataset:
    """Read a data set; `limit` takes only the first so many queries (0: all).

    Raises
    ------
    ClinicodeError
        If the kind is not known, its files are not there or hold nothing, or a line of them cannot be used.
    """
    dataset, problems = parse_dataset(kind, path, split, catalog, snomed)
    refuse(problems, table(kind, path, split))
    if not dataset.queries:
        message = _("{path} holds nothing to evaluate.").format(path=path)
        raise ClinicodeError(message)
    return replace(dataset, queries=dataset.queries[: limit or None])


def table(kind: str, path: Path, split: str) -> Path:
    """The file whose lines the problems of a data set are about."""
    return codiesp.table(path, split, kind[-1].upper()) if kind in CODIESP else path


def command_line(kind: str, path: Path, split: str, system: str, limit: int = 0, snomed: Path | None = None) -> str:
    """The command that measures a system on a data set."""
    words = ["clinicode", "evaluate", "--dataset", kind, "--path", str(path)]
    words += ["--map", str(snomed)] * (snomed is not None) + ["--split", split] * (kind in CODIESP)
    words += ["--system", system] * (system != "clinicode") + ["--limit", str(limit)] * bool(limit)
    return shlex.join(words)
