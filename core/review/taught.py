"""What a team taught, put together: each text with its code, and where the team does not agree with itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.review.learning import Taught


@dataclass(frozen=True, slots=True)
class Pair:
    """A text that was taught with a code, by all who did: `sources` are the decisions, the latest first."""

    text: str
    folded: str
    code: str
    sources: tuple[Taught, ...]

    @property
    def times(self) -> int:
        """How often it was taught."""
        return len(self.sources)

    @property
    def by(self) -> tuple[str, ...]:
        """The lanes in which it was taught."""
        return tuple(sorted({one.lane for one in self.sources}))

    @property
    def langs(self) -> tuple[str, ...]:
        """The languages of its documents."""
        return tuple(sorted({one.lang for one in self.sources if one.lang}))

    @property
    def latest(self) -> datetime:
        """When it was taught last."""
        return self.sources[0].at

    @property
    def documents(self) -> tuple[int, ...]:
        """The documents that taught it, the latest first."""
        return tuple(dict.fromkeys(one.document for one in self.sources))


@dataclass(frozen=True, slots=True)
class Side:
    """What some decisions say of a text that others code otherwise."""

    codes: tuple[str, ...]
    by: tuple[str, ...]
    times: int
    latest: datetime
    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A text that was taught with different codes, the code that was chosen most first."""

    text: str
    folded: str
    sides: tuple[Side, ...]


def pairs(taught: Sequence[Taught]) -> list[Pair]:
    """Decisions put together by text and code, the pair that was taught last first.

    Texts that differ only in case, accents or punctuation are one text.
    """
    found: dict[tuple[str, str], list[Taught]] = {}
    for one in sorted(taught, key=lambda one: one.at, reverse=True):
        found.setdefault((one.folded, one.code), []).append(one)
    return [Pair(own[0].text, folded, code, tuple(own)) for (folded, code), own in found.items()]


def conflicts(taught: Sequence[Taught]) -> list[Conflict]:
    """Texts that were taught with different codes, between reviewers or over time, in the order of the texts.

    Several codes of one annotation belong together: they are one side.
    """
    whole: dict[tuple[str, int, str, str], list[Taught]] = {}
    for one in taught:
        whole.setdefault((one.folded, one.document, one.lane, one.annotation), []).append(one)
    texts: dict[str, dict[tuple[str, ...], list[Taught]]] = {}
    for (folded, *_), own in whole.items():
        codes = tuple(sorted(one.code for one in own))
        texts.setdefault(folded, {}).setdefault(codes, []).append(max(own, key=lambda one: one.at))
    found = []
    for folded, by_codes in sorted(texts.items()):
        if len(by_codes) > 1:
            sides = [_side(codes, own) for codes, own in by_codes.items()]
            sides.sort(key=lambda side: (-side.times, side.codes))
            found.append(Conflict(next(iter(by_codes.values()))[0].text, folded, tuple(sides)))
    return found


def _side(codes: tuple[str, ...], own: Sequence[Taught]) -> Side:
    ordered = sorted(own, key=lambda one: one.at, reverse=True)
    by = tuple(sorted({one.lane for one in own}))
    documents = tuple(dict.fromkeys(one.document for one in ordered))
    return Side(codes, by, len(own), ordered[0].at, documents)
