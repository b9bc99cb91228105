"""Where a code stands in the book, and which exclusions hold for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explain.explanation import Exclusion, Place

if TYPE_CHECKING:
    from core.catalog import Catalog


def path(catalog: Catalog, code: str) -> tuple[Place, ...]:
    """From the chapter down to the parent."""
    return tuple(Place(above.code, above.title) for above in catalog.ancestors(code))


def exclusions(catalog: Catalog, code: str) -> tuple[Exclusion, ...]:
    """The lines of Excludes1 and Excludes2 notes of the code and of all above it, the nearest first."""
    found = []
    for one in (catalog[code], *reversed(catalog.ancestors(code))):
        found += [Exclusion("Excludes1", one.code, line) for line in one.notes.excludes1]
        found += [Exclusion("Excludes2", one.code, line) for line in one.notes.excludes2]
    return tuple(found)
