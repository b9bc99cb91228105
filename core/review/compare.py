"""Annotations of several reviewers side by side: which of them mean the same passage, and in what they differ."""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations, groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from core.review.model import FINAL, MACHINE, Decision

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.review.model import Annotation, Spans, Work

Said: TypeAlias = "tuple[Annotation | None, ...]"
"""What each reviewer made of one passage, in the order of the reviewers; None: did not mark it."""


class Differs(StrEnum):
    """In what reviewers differ about a passage."""

    MARKED = "not marked by all"
    SPANS = "different bounds"
    CODES = "different codes"
    STATUS = "different status"
    UNSURE = "somebody is unsure"


class _Pair(NamedTuple):
    """Two annotations of two lanes; those that compare lower are joined first."""

    inexact: bool
    common: int
    outside: int
    codes_differ: bool
    status_differs: bool
    spans: tuple[Spans, Spans]
    first: tuple[int, int]
    second: tuple[int, int]


def overlap(first: Spans, second: Spans) -> int:
    """How many code points two annotations have in common."""
    return sum(max(0, min(a_end, b_end) - max(a, b)) for a, a_end in first for b, b_end in second)


def codes_of(annotation: Annotation) -> str:
    """An annotation's codes as one value: order and repetition do not count."""
    return " + ".join(sorted(set(annotation.codes)))


def categories_of(annotation: Annotation) -> str:
    """Its codes' three-character categories as one value."""
    return " + ".join(sorted({code[:3] for code in annotation.codes}))


def aligned(lanes: Sequence[Sequence[Annotation]]) -> list[Said]:
    """The passages that the annotations of several lanes mean, in the order of the text.

    Annotations of the same bounds are joined first, then those with the most code points in common; of equals those
    with the same codes, then with the same status. Each annotation is used once, and each lane once in a passage.
    """
    pairs = sorted(
        _pair(lanes, (one, at), (other, there))
        for one, other in combinations(range(len(lanes)), 2)
        for at, first in enumerate(lanes[one])
        for there, second in enumerate(lanes[other])
        if overlap(first.spans, second.spans)
    )
    group = {(lane, at): {lane: at} for lane, own in enumerate(lanes) for at in range(len(own))}
    for pair in pairs:
        into, other = group[pair.first], group[pair.second]
        if not into.keys() & other.keys():
            into |= other
            for place in other.items():
                group[place] = into
    passages = {id(one): one for one in group.values()}.values()
    found: list[Said] = [
        tuple(lanes[lane][one[lane]] if lane in one else None for lane in range(len(lanes))) for one in passages
    ]
    return sorted(found, key=_place)


def differences(said: Said) -> tuple[Differs, ...]:
    """In what reviewers differ about a passage; nothing where all of them accepted the same."""
    marked = [one for one in said if one is not None]
    found = {
        Differs.MARKED: len(marked) < len(said),
        Differs.SPANS: len({one.spans for one in marked}) > 1,
        Differs.CODES: len({frozenset(one.codes) for one in marked}) > 1,
        Differs.STATUS: len({one.status for one in marked}) > 1,
        Differs.UNSURE: any(one.decision is Decision.UNSURE for one in marked),
    }
    return tuple(kind for kind, there in found.items() if there)


def finished(work: Iterable[Work]) -> dict[int, list[Work]]:
    """The lanes that reviewers have finished, by document."""
    done = [one for one in work if one.finished and one.lane not in (FINAL, MACHINE)]
    ordered = sorted(done, key=lambda one: (one.document, one.lane))
    return {document: list(own) for document, own in groupby(ordered, key=lambda one: one.document)}


def _pair(lanes: Sequence[Sequence[Annotation]], first: tuple[int, int], second: tuple[int, int]) -> _Pair:
    one, other = lanes[first[0]][first[1]], lanes[second[0]][second[1]]
    common = overlap(one.spans, other.spans)
    outside = sum(end - start for start, end in (*one.spans, *other.spans)) - 2 * common
    differ = set(one.codes) != set(other.codes)
    return _Pair(
        one.spans != other.spans, -common, outside, differ, one.status is not other.status,
        (one.spans, other.spans), first, second,
    )  # fmt: skip


def _place(said: Said) -> tuple[Spans, tuple[str, ...]]:
    marked = [one for one in said if one is not None]
    return min(one.spans for one in marked), tuple(one.id for one in marked)
