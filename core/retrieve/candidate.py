"""What retrieval answers: a code, how well it fits, and what it was found by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where an entry term comes from."""

    TITLE = "title"
    INCLUSION = "inclusion term"
    CORPUS = "written corpus"
    MEMORY = "team memory"


@dataclass(frozen=True, slots=True)
class EntryTerm:
    """A text under which a code can be found. `count` is how often people chose the code for it (team memory only)."""

    text: str
    code: str
    source: Source
    lang: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """What each stage thinks of one candidate.

    `dense` is the best cosine similarity between the query and one of the code's book terms (title, inclusion terms),
    `written` the same to one of its texts in the written corpus, `lexical` the BM25 score over the query's best one
    (0 to 1), `memory` the best cosine similarity to a remembered text of the code, `share` the part of the people's
    choices for exactly this text that went to this code (0 to 1). Zero: nothing was found there.
    """

    dense: float
    written: float = 0.0
    lexical: float = 0.0
    memory: float = 0.0
    share: float = 0.0


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
