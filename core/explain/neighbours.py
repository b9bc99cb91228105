"""Why this code and not the one beside it: the words in which their titles differ."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.explain.explanation import Neighbour, Relation
from core.explain.surface import surface_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalog import Catalog

NEXT = 2
"""Candidates after the explained one that are compared with it."""
GLUE = frozenset({"a", "an", "and", "for", "in", "of", "or", "the", "to"})
"""Words that make no difference between titles by themselves."""


def neighbours(
    catalog: Catalog, code: str, order: Sequence[str], similar: Sequence[str], against: Sequence[str] = ()
) -> tuple[Neighbour, ...]:
    """What the text says the opposite of, the next candidates, the one before, and the best sibling where none is one.

    Parameters
    ----------
    catalog
        The book.
    code
        The code that is explained.
    order
        The candidates, best first.
    similar
        The code's siblings in the book, the most similar to the text first.
    against
        The candidates that the text contradicts, the most similar to it first.

    """
    at = order.index(code) if code in order else len(order)
    chosen = [(other, Relation.OPPOSITE) for other in against[:1] if other != code]
    chosen += [(other, Relation.NEXT) for other in order[at + 1 : at + 1 + NEXT] if other not in against]
    if at and order:
        chosen.append((order[at - 1], Relation.BEFORE))
    if similar and not {other for other, _ in chosen} & set(similar):
        chosen.append((similar[0], Relation.SIBLING))
    places = {other: place for place, other in enumerate(order, 1)}
    title = catalog.title(code)
    return tuple(
        Neighbour(
            other,
            catalog.title(other),
            relation,
            places.get(other),
            only_in(title, catalog.title(other)),
            only_in(catalog.title(other), title),
        )
        for other, relation in chosen
    )


def only_in(title: str, other: str) -> tuple[str, ...]:
    """The words of a title that the other does not have, those that stand together as one phrase.

    >>> only_in("Fracture of shaft of left ulna", "Fracture of shaft of right ulna, sequela")
    ('left',)
    """
    theirs = Counter(word.folded for word in surface_words(other))
    phrases: list[tuple[int, int]] = []
    together = False
    for word in surface_words(title):
        if word.folded[0] in GLUE:
            continue
        if theirs[word.folded]:
            theirs[word.folded] -= 1
            together = False
        else:
            start = phrases.pop()[0] if together else word.start
            phrases.append((start, word.end))
            together = True
    return tuple(" ".join(title[start:end].split()) for start, end in phrases)
