"""Search within the book: codes by how they begin, titles and inclusion terms by the words in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from core.errors import ClinicodeError
from core.text import fold

if TYPE_CHECKING:
    from core.catalog.catalog import Catalog

MOST = 100
"""Codes that one search gives."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A code and the name under which it was found; `term` is empty where that is its title, or its code."""

    code: str
    title: str
    billable: bool
    term: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one chapter, the nearest first."""

    chapter: str
    title: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives: the best hits by chapter (the chapter of the best one first), and how many there are."""

    groups: tuple[Group, ...]
    total: int

    @property
    def shown(self) -> int:
        """How many of them the groups hold."""
        return sum(len(group.hits) for group in self.groups)


class Finder:
    """Search in the names of one catalog, folded once.

    Parameters
    ----------
    catalog
        Loaded.

    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        terms = catalog.terms().with_columns(_folded(pl.col("text")).alias("folded"))
        self._terms = terms.with_columns(
            pl.concat_str(pl.lit(" "), "folded").alias("folded"),
            pl.col("folded").str.count_matches(" ").alias("words"),
            pl.col("code").str.len_chars().alias("depth"),
        )

    def find(self, text: str, limit: int = MOST) -> Found:
        """Codes that begin as `text` does, or have a name with a word that begins as each of its words does.

        Shorter names come first: the fewer other words one has, the nearer it is to what was asked.
        """
        if hits := self._by_code(text):
            return self._grouped(hits[:limit], len(hits))
        words = fold(text).split()
        if not words:
            return Found((), 0)
        holds = [pl.col("folded").str.contains(f" {word}", literal=True) for word in words]
        found = (
            self._terms.filter(*holds)
            .sort("words", "inclusion", "depth", maintain_order=True)
            .unique("code", keep="first", maintain_order=True)
        )
        best = [
            Hit(code, self.catalog.title(code), self.catalog.billable(code), term if inclusion else "")
            for code, term, inclusion in found.head(limit).select("code", "text", "inclusion").iter_rows()
        ]
        return self._grouped(best, found.height)

    def _by_code(self, text: str) -> list[Hit]:
        if self.catalog.looks_like_code(text):
            codes = [code.code for code in self.catalog.starting_with(text, len(self.catalog))]
        else:
            try:
                codes = [self.catalog.find(text).code]  # a block or the number of a chapter
            except ClinicodeError:
                codes = []
        return [Hit(code, self.catalog.title(code), self.catalog.billable(code)) for code in codes]

    def _grouped(self, hits: list[Hit], total: int) -> Found:
        chapters: dict[str, list[Hit]] = {}
        for hit in hits:
            chapters.setdefault(self.catalog.chapter(hit.code), []).append(hit)
        groups = [Group(chapter, self.catalog.title(chapter), tuple(own)) for chapter, own in chapters.items()]
        return Found(tuple(groups), total)


@lru_cache(maxsize=2)
def finder(catalog: Catalog) -> Finder:
    """Search in a catalog, prepared the first time that it is asked for."""
    return Finder(catalog)


def _folded(text: pl.Expr) -> pl.Expr:
    """As :func:`core.text.fold` does: at once for the great majority, which is ASCII, else one by one."""
    plain = text.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars(" ")
    return (
        pl.when(text.str.len_bytes() == text.str.len_chars())
        .then(plain)
        .otherwise(text.map_elements(fold, return_dtype=pl.String))
    )
