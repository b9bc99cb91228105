"""Known kinds of data sets, read into queries with gold codes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate import codiesp, mentions

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalog import Catalog
    from core.evaluate.gold import GoldQuery

KINDS = ("codiesp-x", "codiesp-d", "mentions")


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


def read_dataset(kind: str, path: Path, split: str, catalog: Catalog, limit: int = 0) -> Dataset:
    """Read a data set; `limit` takes only the first so many queries (0: all).

    Raises
    ------
    ClinicodeError
        If the kind is not known, or its files are not there or hold nothing.
    """
    if kind not in KINDS:
        message = f"There is no data set kind {kind!r}; choose one of {', '.join(KINDS)}."
        raise ClinicodeError(message)
    if kind == "mentions":
        queries, split = mentions.read_mentions(path, catalog), path.name
    elif kind == "codiesp-x":
        queries = codiesp.read_mentions(path, split, catalog)
    else:
        queries = codiesp.read_documents(path, split, catalog)
    queries = queries[: limit or None]
    if not queries:
        message = f"{path} holds nothing to evaluate."
        raise ClinicodeError(message)
    return Dataset(kind, split, tuple(queries))
