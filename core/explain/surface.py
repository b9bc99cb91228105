"""The words of a text as a person sees them, with their offsets and what each is once folded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.text import fold

BETWEEN_SPACES = re.compile(r"\S+")
RUN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Surface:
    """One word between spaces, without the marks at its ends; `folded` are the words that it is read as (``s``, ``p``).

    `spans` are theirs in the text, as nearly as they can be told.
    """

    text: str
    start: int
    end: int
    folded: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def surface_words(text: str) -> list[Surface]:
    """The words of a text in their order; what folds to nothing (a lone dash) is none.

    >>> [(word.text, word.folded) for word in surface_words("s/p caída, brazo (dcho)")]
    [('s/p', ('s', 'p')), ('caída', ('caida',)), ('brazo', ('brazo',)), ('dcho', ('dcho',))]
    """
    words = []
    for found in BETWEEN_SPACES.finditer(text):
        folded = tuple(fold(found[0]).split())
        if not folded:
            continue
        runs = [(found.start() + run.start(), found.start() + run.end()) for run in RUN.finditer(found[0])]
        start, end = (runs[0][0], runs[-1][1]) if runs else found.span()
        spans = tuple(runs) if len(runs) == len(folded) else ((start, end),) * len(folded)
        words.append(Surface(text[start:end], start, end, folded, spans))
    return words
