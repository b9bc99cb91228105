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
MOST_CHARACTERS = 300
"""Of a passage: ten words of a language have fewer."""
NEAR = 10
"""Words on either side that are the surroundings of a passage."""
BREAK = re.compile(r"[;:!?\[\]{}<>«»\"“”\n\r\t|•=]|[.,](?=\s)|[()]")
"""What no mention goes across."""
HYPHENED = re.compile(r"(?<![\w-])(?:[^\W\d_]+-)+$")
LONGEST_PREFIX = 30


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
            if 2 <= end - start <= MOST_CHARACTERS and any(char.isalpha() for char in text[start:end]):
                spans.append(WordSpan(sentence, first, last + 1))
    return spans


def whole_word(text: str, span: Span, since: int) -> Span:
    """A passage with what the word that it begins in has before a hyphen, from `since` on.

    >>> whole_word("a non-alcoholic fatty liver", Span(6, 27, "alcoholic fatty liver"), 0).text
    'non-alcoholic fatty liver'
    """
    before = HYPHENED.search(text, max(since, span.start - LONGEST_PREFIX), span.start)
    return Span(before.start(), span.end, text[before.start() : span.end]) if before else span


def without_overlap(spans: Sequence[Span], scores: Sequence[float]) -> list[int]:
    """The positions of the spans to keep, in the order of their start: the best first, none that overlaps a better."""
    starts: list[int] = []
    chosen: list[int] = []
    for at in sorted(range(len(spans)), key=lambda at: (-scores[at], spans[at].start, -spans[at].end)):
        place = bisect_right(starts, spans[at].start)
        fits_before = not place or spans[chosen[place - 1]].end <= spans[at].start
        if fits_before and (place == len(chosen) or spans[at].end <= starts[place]):
            starts.insert(place, spans[at].start)
            chosen.insert(place, at)
    return chosen


def surroundings(text: str, start: int, end: int, pieces: Sequence[tuple[int, int]]) -> str:
    """The words around the pieces of a passage in its sentence (`start` to `end`), and those between them.

    >>> surroundings("En el ojo derecho, úlcera corneal central.", 0, 42, [(19, 33)])
    'En el ojo derecho, central.'
    """
    inside = sorted(piece for piece in pieces if piece[0] < end)
    first, last = inside[0][0], max(piece[1] for piece in inside)
    between = [text[one[1] : two[0]] for one, two in itertools.pairwise(inside)]
    before, after = text[start:first].split()[-NEAR:], text[last:end].split()[:NEAR]
    return " ".join([*before, *" ".join(between).split(), *after])
