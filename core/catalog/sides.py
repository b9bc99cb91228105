"""Codes whose titles differ in the side alone."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.catalog.catalog import Catalog

SIDE = re.compile(r"\b(right|left|bilateral|unspecified side)\b", re.IGNORECASE)
UNSPECIFIED = re.compile(r"\bunspecified\b", re.IGNORECASE)


def sided(code: str, catalog: Catalog) -> Mapping[str, str]:
    """The billable codes of a category whose titles differ from the code's in the side alone, by side (empty: open)."""
    return _families(catalog, code[:3]).get(_sideless(catalog.title(code)) or "", {})


def side_of(title: str) -> str:
    """The side that a title says: right, left or bilateral; empty where it leaves it open, ``none`` where it has none.

    >>> side_of("Pain in right knee"), side_of("Pain in unspecified knee"), side_of("Cough")
    ('right', '', 'none')
    """
    match = SIDE.search(title)
    if match is None:
        return "" if UNSPECIFIED.search(title) else "none"
    return "" if match[1].lower() == "unspecified side" else match[1].lower()


@lru_cache(maxsize=256)
def _families(catalog: Catalog, category: str) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for leaf in catalog.leaves(category):
        title = catalog.title(leaf)
        if bare := _sideless(title):
            found[bare].setdefault(side_of(title), leaf)
    return found


def _sideless(title: str) -> str | None:
    """A title without its side; None where it names none and leaves none open."""
    if not SIDE.search(title) and not UNSPECIFIED.search(title):
        return None
    words = re.sub(r"\b(?:right|left|bilateral|unilateral|unspecified(?: side)?|of|the)\b", " ", title.lower())
    return " ".join(re.sub(r"\W+", " ", re.sub(r"s\b", "", words)).split())
