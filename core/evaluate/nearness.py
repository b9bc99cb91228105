"""How near a wrong code is to a right one, by their places in the book."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from core.interface import N_

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.catalog import Catalog


class Nearness(StrEnum):
    """The closest that a code stands to any right code; nearest first."""

    RIGHT = "right"
    ABOVE_OR_BELOW = "above or below"
    SIBLING = "sibling"
    CATEGORY = "category"
    BLOCK = "block"
    CHAPTER = "chapter"
    ELSEWHERE = "elsewhere"
    NOTHING = "nothing said"
    RETIRED = "no right code"


MEANING = {
    Nearness.RIGHT: N_("the right code"),
    Nearness.ABOVE_OR_BELOW: N_("header or subdivision of the right code"),
    Nearness.SIBLING: N_("sibling of the right code"),
    Nearness.CATEGORY: N_("elsewhere in the right category"),
    Nearness.BLOCK: N_("right block, wrong category"),
    Nearness.CHAPTER: N_("right chapter, wrong block"),
    Nearness.ELSEWHERE: N_("wrong chapter"),
    Nearness.NOTHING: N_("no code was found"),
    Nearness.RETIRED: N_("the book no longer has the gold code"),
}
ORDER = list(Nearness)


def nearness(said: str | None, right: Collection[str], catalog: Catalog) -> Nearness:
    """Of the code that was put first (None: there was none) to the right codes (empty: the book has none of them)."""
    if not right:
        return Nearness.RETIRED
    if said is None:
        return Nearness.NOTHING
    return min((_to_one(said, one, catalog) for one in right), key=ORDER.index)


def _to_one(said: str, right: str, catalog: Catalog) -> Nearness:
    if said == right:
        return Nearness.RIGHT
    own, other = _path(said, catalog), _path(right, catalog)
    if said in other or right in own:
        return Nearness.ABOVE_OR_BELOW
    if own[-1] == other[-1]:
        return Nearness.SIBLING if said[:3] == right[:3] else Nearness.BLOCK
    if said[:3] == right[:3]:
        return Nearness.CATEGORY
    if _block(own) == _block(other):
        return Nearness.BLOCK
    return Nearness.CHAPTER if own[0] == other[0] else Nearness.ELSEWHERE


def _path(code: str, catalog: Catalog) -> list[str]:
    """What stands above a code, the chapter first."""
    names = []
    while code := catalog.parent(code):
        names.append(code)
    return names[::-1]


def _block(path: list[str]) -> str:
    """The innermost block of a path."""
    return next(name for name in reversed(path) if "-" in name)
