"""Two releases of one code set, code by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from core.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Retitled:
    """A code that both releases have, under different titles."""

    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a newer release has more, fewer and otherwise; codes in the order of their release.

    `became_headers` could be billed before and cannot any more, because codes were added under them.
    """

    old: str
    new: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    retitled: tuple[Retitled, ...]
    became_headers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.removed or self.retitled or self.became_headers)


def compare(old: Catalog, new: Catalog) -> Changes:
    """What changed from one release to another; titles that differ in case and spaces alone are the same."""
    before, after = _titles(old), _titles(new)
    shared = [code for code in after if code in before]
    return Changes(
        old.label,
        new.label,
        added=tuple(code for code in after if code not in before),
        removed=tuple(code for code in before if code not in after),
        retitled=tuple(
            Retitled(code, before[code], after[code]) for code in shared if _bare(before[code]) != _bare(after[code])
        ),
        became_headers=tuple(code for code in shared if old.billable(code) and not new.billable(code)),
    )


def _bare(title: str) -> str:
    return "".join(title.lower().split())


def _titles(catalog: Catalog) -> dict[str, str]:
    frame = catalog.terms().filter(~pl.col("inclusion"))
    return dict(zip(frame["code"].to_list(), frame["text"].to_list(), strict=True))
