"""Which word spans of a sentence may name a diagnosis, and which of those that overlap to keep."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.note.cues import Token

LONGEST = 10
BREAK = re.compile(r"[;:!?\[\]{}<>«»\"“”\n\r\t|•=]|[.,](?=\s)|[()]")
"""What no mention goes across."""


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a text: offsets in code points, `end` after its last character."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class WordSpan:
    """Words `first` to before `last` of a sentence."""

    sentence: int
    first: int
    last: int


def word_spans(text: str, words: Sequence[Token], function_words: frozenset[str], sentence: int = 0) -> list[WordSpan]:
    """All spans of a sentence worth a look: within a clause, beginning and ending with a word that says something."""
    edge = [token.word in function_words for token in words]
    broken = [
        False,
        *(bool(BREAK.search(text, one.end, two.start)) for one, two in itertools.pairwise(words)),
    ]
    spans = []
    for first in range(len(words)):
        if edge[first]:
            continue
        for last in range(first, min(first + LONGEST, len(words))):
            if last > first and broken[last]:
                break
            if edge[last]:
                continue
            start, end = words[first].start, words[last].end
            if end - start >= 2 and any(char.isalpha() for char in text[start:end]):
                spans.append(WordSpan(sentence, first, last + 1))
    return spans


def without_overlap(spans: Sequence[Span], worth: Sequence[float]) -> list[int]:
    """The positions of the spans that together are worth most and do not overlap, in the order of their start.

    Weighted interval scheduling (Kleinberg and Tardos, "Algorithm Design", section 6.1).
    """
    order = sorted(range(len(spans)), key=lambda at: spans[at].end)
    best: list[tuple[float, int, int]] = [(0.0, -1, 0)]
    ends = [spans[at].end for at in order]
    for place, at in enumerate(order, 1):
        before = bisect_right(ends, spans[at].start)
        taken = worth[at] + best[before][0]
        best.append((taken, at, before) if taken > best[place - 1][0] else (best[place - 1][0], -1, place - 1))
    chosen = []
    place = len(order)
    while place:
        _, at, before = best[place]
        if at >= 0:
            chosen.append(at)
        place = before
    return sorted(chosen, key=lambda at: spans[at].start)
