"""What an explanation is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.retrieve.candidate import EntryTerm


class Relation(StrEnum):
    """How another code stands to the one that is explained."""

    BEFORE = "before"
    NEXT = "next"
    SIBLING = "sibling"
    OPPOSITE = "opposite"


class Stage(StrEnum):
    """Where a candidate gets a score."""

    BOOK = "book terms"
    WRITTEN = "written examples"
    LEXICAL = "shared words"
    MEMORY = "team memory"
    FUSED = "first stage"
    RERANKED = "second stage"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text as it stands there, from `start` to before `end` (code points), without marks at its ends.

    `share` is its part of the similarity: the shares of all words of a text add up to it; negative where the word
    speaks against the match, zero where the encoder cannot be looked into. `drop` is how much lower the second stage
    scores the code when the word is left out; None where that was not tried or nothing would be left.
    """

    text: str
    start: int
    end: int
    share: float = 0.0
    drop: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A short form of the text, and what it was read as to find the code."""

    text: str
    start: int
    end: int
    expansion: str


@dataclass(frozen=True, slots=True)
class Detail:
    """What text and title say of one kind of detail; `sentence` puts it in words. Either side may say nothing."""

    kind: str
    of_text: tuple[str, ...]
    of_code: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Details:
    """Details on which text and title agree, which only one of the two has, and in which one excludes the other."""

    agrees: tuple[Detail, ...] = ()
    missing: tuple[Detail, ...] = ()
    contradicts: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another code, and in words of the two titles what only this one and what only the other says.

    `rank` is the other's place among the candidates; None where it is none.
    """

    code: str
    title: str
    relation: Relation
    rank: int | None
    only_this: tuple[str, ...]
    only_other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A code above the explained one."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A line of an Excludes note that holds for the code, and the code at which the book prints it."""

    kind: str
    printed_at: str
    text: str


@dataclass(frozen=True, slots=True)
class StageScore:
    """One stage's score of the candidate, and its place among those that the stage scored; no rank: not found there."""

    stage: Stage
    score: float
    rank: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a text may have a code.

    `rank` is its place among the candidates, None where it is none. `term` is what the text was matched with, and
    `similarity` how like the two are (what the shares of `words` add up to, and those of `term_words`); `read_as` are
    the short forms that were written out for it. `by_word` says whether the encoder can be looked into word by word.
    """

    text: str
    code: str
    title: str
    rank: int | None
    words: tuple[Word, ...]
    term_words: tuple[Word, ...]
    by_word: bool
    term: EntryTerm
    similarity: float
    read_as: tuple[Reading, ...]
    qualifiers: Details
    neighbours: tuple[Neighbour, ...]
    path: tuple[Place, ...]
    inclusion_terms: tuple[str, ...]
    notes: tuple[Exclusion, ...]
    stages: tuple[StageScore, ...]
    why: str
