"""The entry terms beside the book's own: the written corpus and the abbreviation lists that ship, imported tables."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import polars as pl

from core.catalog.tables import store
from core.catalog.tables.model import Standing, System
from core.errors import ClinicodeError
from core.retrieve.abbreviations import all_abbreviations
from core.retrieve.candidate import EntryTerm, Source
from core.synthesis.corpus import read_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.catalog import Catalog
    from core.catalog.tables.store import Imported

logger = logging.getLogger(__name__)

SHARED = 5
"""Characters of a code, dot included, that the WHO's ICD-10 and ICD-10-CM can have in common."""


def shipped_entries() -> Iterator[EntryTerm]:
    """Every text of the corpus, and every short form that has a code, with what it stands for."""
    for example in read_corpus():
        yield EntryTerm(example.text, example.code, Source.CORPUS, example.lang)
    for reading in all_abbreviations():
        for code in reading.codes:
            yield EntryTerm(reading.short, code, Source.ABBREVIATION, reading.lang)
            yield EntryTerm(reading.expansion, code, Source.ABBREVIATION, reading.lang)


def entries(catalog: Catalog) -> Iterator[EntryTerm]:
    """What the codes of this catalog can be found by beside its own names: what ships, and imported tables.

    What ships names codes of ICD-10-CM. Where the catalog is a WHO-based table, it holds for the code whose first three
    or four characters it names, if that code means the same in both; the rest is left out.
    """
    clinical = System(catalog.system).clinical
    same = None if clinical else _same(catalog.system)
    for term in shipped_entries():
        code = term.code if same is None else _code_of(term.code, catalog, same)
        if code in catalog:
            yield term if code == term.code else EntryTerm(term.text, code, term.source, term.lang)
    yield from _national(catalog, same)


def _national(catalog: Catalog, same: frozenset[str] | None) -> Iterator[EntryTerm]:
    """Titles and further names from imported tables, of codes that mean the same in ICD-10-CM and in the catalog."""
    for table in store.tables():
        if table.book or (table.system == catalog.system and table.lang == catalog.lang):
            continue
        for code, title, terms in _rows(table):
            if code in catalog and (same is None or code in same):
                for text in dict.fromkeys((title, *terms)):
                    yield EntryTerm(text, code, Source.NATIONAL, table.lang)


def _rows(table: Imported) -> list[tuple[str, str, list[str]]]:
    """The rows of a table whose codes mean what they mean in ICD-10-CM; none where it is damaged."""
    try:
        rows = store.rows(table)
    except ClinicodeError as error:
        logger.warning("%s", error)
        return []
    return rows.filter(pl.col("standing") == Standing.SAME).select("code", "title", "terms").rows()


def _same(system: str) -> frozenset[str]:
    """The codes of a WHO-based table that mean what they mean in ICD-10-CM."""
    parts = [table for table in store.tables() if table.system == system and not table.book]
    return frozenset(code for table in parts for code, _, _ in _rows(table))


def _code_of(code: str, catalog: Catalog, same: frozenset[str]) -> str:
    """The code of the catalog that an ICD-10-CM code falls under; empty if there is none that means the same.

    A category stands for codes below it only where the catalog does not divide it.
    """
    stem = code[:SHARED]
    if stem in same:
        return stem
    category = code[:3]
    return category if category in same and catalog.billable(category) else ""
