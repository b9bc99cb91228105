"""What retrieval answers: a code, how well it fits, and what it was found by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Source(StrEnum):
    """Where an entry term comes from."""

    TITLE = "title"
    INCLUSION = "inclusion term"
    CORPUS = "written corpus"
    ABBREVIATION = "abbreviation list"
    NATIONAL = "national table"
    MEMORY = "team memory"


BOOK = frozenset({Source.TITLE, Source.INCLUSION})
"""The sources that are the code book itself."""


@dataclass(frozen=True, slots=True)
class EntryTerm:
    """A text under which a code can be found.

    Of the team memory alone: `count` is how often people chose the code for it, `last` when they last did.
    """

    text: str
    code: str
    source: Source
    lang: str
    count: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """What each stage thinks of one candidate.

    `dense` is the best cosine similarity between the query and one of the code's book terms (title, inclusion terms),
    `written` the same to one of its texts in the written corpus or its abbreviations, `lexical` the BM25 score over the
    query's best one (0 to 1). `memory` is the best cosine similarity to a remembered text of the code, `agreement` the
    part of people's choices for that text that went to the code, `votes` how many those were (old ones count less),
    `share` what `agreement` is for exactly the query's text. Zero: nothing was found there.
    """

    dense: float
    written: float = 0.0
    lexical: float = 0.0
    memory: float = 0.0
    share: float = 0.0
    agreement: float = 0.0
    votes: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ranked code for one query.

    `score` orders candidates; `confidence` is the estimated probability that the code is right. `leaves` are the best
    billable codes under a header, best first, empty for a leaf.
    """

    code: str
    title: str
    billable: bool
    score: float
    confidence: float
    term: EntryTerm
    scores: Scores
    leaves: tuple[str, ...] = ()
