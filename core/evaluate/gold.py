"""What evaluation speaks: queries with gold codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoldQuery:
    """A text and what should be found for it.

    Each of `groups` is one thing to find: a set of codes any of which is right, empty where the gold code no longer
    exists (it then counts as missed). `group` names of the query's kind, such as its style, are in `tags`.
    """

    name: str
    text: str
    groups: tuple[frozenset[str], ...]
    lang: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Every code that is right."""
        return frozenset().union(*self.groups)
