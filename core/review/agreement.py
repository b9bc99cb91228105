"""How well reviewers agree: on the passages, on their codes, on their status; where they do not, and about what.

Compared are the accepted annotations of documents that two or more reviewers have finished; what was adjudicated is
not. Two reviewers marked a passage where their bounds overlap, each annotation used once. Two annotations have the same
code if they have the same set of codes; for kappa and alpha that set is one value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.interface import N_
from core.review.coefficients import ALONE, Estimate, alpha, kappa, ratio
from core.review.compare import aligned, categories_of, codes_of, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.review.model import Annotation, Work

UNMARKED = "not marked"
UNKNOWN = N_("not in this release")
NEITHER = N_("neither marked anything")


@dataclass(frozen=True, slots=True)
class Compared:
    """A passage of a document that one or both of two reviewers marked."""

    document: int
    reviewers: tuple[str, str]
    said: tuple[Annotation | None, Annotation | None]

    @property
    def both(self) -> tuple[Annotation, Annotation] | None:
        """What they said, where both marked it."""
        one, other = self.said
        return (one, other) if one is not None and other is not None else None

    @property
    def marked(self) -> tuple[Annotation, ...]:
        """The one or two annotations."""
        return tuple(one for one in self.said if one is not None)


@dataclass(frozen=True, slots=True)
class Scores:
    """How two reviewers (or several, taken two by two) agree.

    `both` passages were marked by both, `alone` by one of them. `exact` and `overlapping` are the F1 of the passages,
    with the same bounds and with any overlap; `codes`, `categories` (three characters) and `status` the shares of the
    passages that both marked on which they say the same.
    """

    documents: int
    both: int
    alone: int
    exact: Estimate
    overlapping: Estimate
    codes: Estimate
    categories: Estimate
    status: Estimate


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reviewers: their scores, and Cohen's kappa of codes, categories and status where both marked a passage."""

    first: str
    second: str
    scores: Scores
    codes: Estimate
    categories: Estimate
    status: Estimate


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of a part of the passages: a category, a chapter, a status or a document, by its name."""

    name: str
    scores: Scores


@dataclass(frozen=True, slots=True)
class Holder:
    """Who had which of two codes that were taken for one another, and how often."""

    first: str
    second: str
    times: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two codes (or sets of codes) that reviewers gave the same passage; `holders` name the first code's first."""

    first: str
    second: str
    times: int
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Alphas:
    """Krippendorff's alpha over all reviewers.

    `codes` where two or more marked the passage, `marked` with “not marked” as an answer of its own, `status` as the
    first.
    """

    codes: Estimate
    categories: Estimate
    marked: Estimate
    status: Estimate


@dataclass(frozen=True, slots=True)
class Agreement:
    """All of it; `overall` pools every pair of reviewers. Groups stand with the worst agreement on codes first."""

    documents: int
    reviewers: tuple[str, ...]
    overall: Scores
    alphas: Alphas
    pairs: tuple[Pair, ...]
    categories: tuple[Group, ...]
    chapters: tuple[Group, ...]
    statuses: tuple[Group, ...]
    by_document: tuple[Group, ...]
    confusions: tuple[Confusion, ...]


def agreement(work: Iterable[Work], chapter: Callable[[str], str]) -> Agreement | None:
    """How the reviewers of a project agree; None where no two have finished the same document.

    Parameters
    ----------
    work
        All lanes of the project.
    chapter
        The chapter of a three-character category, for example that of :meth:`core.catalog.Catalog.chapter`; a KeyError
        says that the book does not have it.

    """
    lanes = {document: own for document, own in finished(work).items() if len(own) > 1}
    if not lanes:
        return None
    compared = [one for own in lanes.values() for pair in combinations(own, 2) for one in _compared(*pair)]
    documents = list(lanes)
    reviewers = tuple(sorted({one.lane for own in lanes.values() for one in own}))
    return Agreement(
        len(documents),
        reviewers,
        _scores(compared, documents),
        _alphas(lanes, reviewers),
        tuple(_pairs(lanes, compared)),
        _groups(compared, lambda one: {code[:3] for said in one.marked for code in said.codes}),
        _groups(compared, lambda one: {_chapter(code, chapter) for said in one.marked for code in said.codes}),
        _groups(compared, lambda one: {said.status.value for said in one.marked}),
        _groups(compared, lambda one: {str(one.document)}),
        _confusions(compared),
    )


def _compared(first: Work, second: Work) -> list[Compared]:
    names = (first.lane, second.lane)
    return [Compared(first.document, names, (one, other)) for one, other in aligned((first.gold, second.gold))]


def _scores(compared: Sequence[Compared], documents: Sequence[int]) -> Scores:
    """Counts a document, added up."""
    rows = {document: at for at, document in enumerate(documents)}
    tally = np.zeros((6, len(documents)))
    for passage in compared:
        at = rows[passage.document]
        if passage.both is None:
            tally[1, at] += 1
            continue
        one, other = passage.both
        same = (
            one.spans == other.spans,
            codes_of(one) == codes_of(other),
            categories_of(one) == categories_of(other),
            one.status is other.status,
        )
        tally[:, at] += (1, 0, *same)
    both, alone, exact, codes, categories, status = tally
    marks = 2 * both + alone
    return Scores(
        len(documents),
        int(both.sum()),
        int(alone.sum()),
        ratio(2 * exact, marks, NEITHER),
        ratio(2 * both, marks, NEITHER),
        ratio(codes, both, ALONE),
        ratio(categories, both, ALONE),
        ratio(status, both, ALONE),
    )


def _pairs(lanes: dict[int, list[Work]], compared: Sequence[Compared]) -> Iterable[Pair]:
    documents: dict[tuple[str, str], list[int]] = {}
    for document, own in lanes.items():
        for one, other in combinations(own, 2):
            documents.setdefault((one.lane, other.lane), []).append(document)
    for names, theirs in sorted(documents.items()):
        own_passages = [one for one in compared if one.reviewers == names]
        said = [(one.document, *one.both) for one in own_passages if one.both is not None]
        where = [document for document, _, _ in said]
        values = (
            kappa([value(one) for _, one, _ in said], [value(other) for _, _, other in said], where)
            for value in (codes_of, categories_of, _status_of)
        )
        yield Pair(*names, _scores(own_passages, theirs), *values)


def _alphas(lanes: dict[int, list[Work]], reviewers: Sequence[str]) -> Alphas:
    documents: list[int] = []
    passages: list[dict[str, Annotation | None]] = []
    for document, own in lanes.items():
        for said in aligned([one.gold for one in own]):
            documents.append(document)
            passages.append(dict(zip((one.lane for one in own), said, strict=True)))

    def units(value: Callable[[Annotation], str], unmarked: str | None = None) -> list[list[str | None]]:
        """A row a passage; a reviewer who did not read the document says nothing of it."""
        return [
            [
                (value(one) if (one := passage[name]) is not None else unmarked) if name in passage else None
                for name in reviewers
            ]
            for passage in passages
        ]

    return Alphas(
        alpha(units(codes_of), documents),
        alpha(units(categories_of), documents),
        alpha(units(codes_of, UNMARKED), documents),
        alpha(units(_status_of), documents),
    )


def _groups(compared: Sequence[Compared], names: Callable[[Compared], set[str]]) -> tuple[Group, ...]:
    members: dict[str, list[Compared]] = {}
    for passage in compared:
        for name in names(passage):
            members.setdefault(name, []).append(passage)
    found = [Group(name, _scores(own, sorted({one.document for one in own}))) for name, own in sorted(members.items())]
    return tuple(sorted(found, key=_worst))


def _worst(group: Group) -> tuple[float, float, int]:
    """The least agreement on codes, then on passages, first; of equals the more frequent."""
    scores = group.scores
    codes = scores.codes.value if scores.codes.value is not None else 2.0
    return codes, scores.overlapping.value or 0.0, -(scores.both + scores.alone)


def _confusions(compared: Sequence[Compared]) -> tuple[Confusion, ...]:
    held: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for passage in compared:
        if passage.both is None:
            continue
        said = sorted(zip(map(codes_of, passage.both), passage.reviewers, strict=True))
        (first, one), (second, other) = said
        if first != second:
            held.setdefault((first, second), Counter())[one, other] += 1
    found = [
        Confusion(*codes, who.total(), tuple(Holder(*names, times) for names, times in sorted(who.items())))
        for codes, who in held.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.times, one.first, one.second)))


def _status_of(annotation: Annotation) -> str:
    return annotation.status.value


def _chapter(code: str, chapter: Callable[[str], str]) -> str:
    try:
        return chapter(code[:3])
    except KeyError:
        return UNKNOWN
