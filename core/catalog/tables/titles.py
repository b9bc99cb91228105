"""What imported tables call a code, to be shown beside the book's own title."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.catalog.tables import store
from core.catalog.tables.model import Standing
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class LocalTitle:
    """A code's title in an imported table; `same` says that the code means there what it means in ICD-10-CM."""

    lang: str
    title: str
    source: str
    same: bool = True


class LocalTitles:
    """All titles of imported tables by code."""

    def __init__(self, titles: Mapping[str, tuple[LocalTitle, ...]]) -> None:
        self._titles = titles

    def of(self, code: str, lang: str = "") -> tuple[LocalTitle, ...]:
        """The titles of a code that mean the same, in one language or in all."""
        found = self._titles.get(code, ())
        return tuple(one for one in found if one.same and (not lang or one.lang == lang))

    def elsewhere(self, code: str) -> tuple[LocalTitle, ...]:
        """What the same code stands for in tables where it means something else than in ICD-10-CM."""
        return tuple(one for one in self._titles.get(code, ()) if not one.same)

    def __len__(self) -> int:
        """How many codes have a title."""
        return len(self._titles)


def local_titles() -> LocalTitles:
    """The titles of the tables that are imported now; read again only after an import."""
    return _read(store.version())


@lru_cache(maxsize=1)
def _read(_version: str) -> LocalTitles:
    titles: dict[str, list[LocalTitle]] = {}
    for table in store.tables():
        if table.book:
            continue
        try:
            rows = store.rows(table)
        except ClinicodeError:
            continue  # it says so where tables are listed
        for code, title, standing in rows.select("code", "title", "standing").iter_rows():
            if standing != Standing.ONLY:
                one = LocalTitle(table.lang, title, table.label, same=standing == Standing.SAME)
                titles.setdefault(code, []).append(one)
    return LocalTitles({code: tuple(found) for code, found in titles.items()})
