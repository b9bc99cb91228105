"""Which word spans of a note may name a diagnosis: the stand-in for a learned detector.

Every span of one to six words inside a clause is a suggestion, unless it begins or ends with a function word; the
index then says how much each looks like something that has a code.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST = 6
WORD = re.compile(r"[^\W_]+(?:[-'’·.][^\W_]+)*")
CLAUSE_END = re.compile(r"[.;:!?,()\[\]{}<>«»\"“”\n\r\t/|•+=]")


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a text: offsets in code points, `end` after its last character."""

    start: int
    end: int
    text: str


def suggested_spans(text: str, function_words: frozenset[str]) -> list[Span]:
    """All spans worth a look, in the order of their start."""
    spans = []
    for words in _clauses(text):
        edge = [word.group().lower() in function_words for word in words]
        for first in range(len(words)):
            if edge[first]:
                continue
            for last in range(first, min(first + LONGEST, len(words))):
                if edge[last]:
                    continue
                start, end = words[first].start(), words[last].end()
                passage = text[start:end]
                if end - start >= 3 and any(char.isalpha() for char in passage):
                    spans.append(Span(start, end, passage))
    return spans


def _clauses(text: str) -> Iterator[list[re.Match[str]]]:
    """The words of each clause: a run without punctuation that separates."""
    clause: list[re.Match[str]] = []
    end = 0
    for word in WORD.finditer(text):
        if clause and CLAUSE_END.search(text, end, word.start()):
            yield clause
            clause = []
        clause.append(word)
        end = word.end()
    if clause:
        yield clause


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
