"""Mentions of diagnoses in a note, found by scoring word spans against the index and the team memory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.note.spans import Span, suggested_spans, without_overlap

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.rerank.reranker import Reranker
    from core.retrieve.candidate import Candidate
    from core.retrieve.retriever import Retriever


class Status(StrEnum):
    """What the note says of a diagnosis. Only `AFFIRMED` is given as yet: the note's negations are not read."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    FAMILY = "family"
    HISTORICAL = "historical"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Mention:
    """A passage that names a diagnosis, with its candidate codes, best first; offsets in code points."""

    start: int
    end: int
    text: str
    status: Status
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chosen on CodiEsp dev.

    `mention` is the likeness from which a span is a mention, `length_bonus` how much longer spans are preferred,
    `votes` how many candidates of a mention may become codes of the note, `suggested` the confidence from which a
    mention's first candidate is on the short list.
    """

    mention: float = 0.73
    length_bonus: float = 0.05
    votes: int = 3
    suggested: float = 0.9


def find_mentions(
    text: str,
    retriever: Retriever,
    stage: Retriever | Reranker,
    function_words: frozenset[str],
    thresholds: Thresholds,
    langs: Collection[str],
    top_k: int = 10,
) -> list[Mention]:
    """The mentions of a note, which is in one of `langs`, in the order of the text; they do not overlap.

    The retriever says which spans are mentions, `stage` which codes each has.
    """
    spans = suggested_spans(text, function_words)
    if not spans:
        return []
    distinct = list(dict.fromkeys(span.text.lower() for span in spans))
    similarities = dict(zip(distinct, retriever.likeness(distinct).tolist(), strict=True))
    kept = [span for span in spans if similarities[span.text.lower()] >= thresholds.mention]
    worth = [_worth(span, similarities[span.text.lower()], thresholds) for span in kept]
    chosen = [kept[at] for at in without_overlap(kept, worth)]
    texts = list(dict.fromkeys(span.text for span in chosen))
    candidates = dict(zip(texts, stage.search(texts, top_k, [langs] * len(texts)), strict=True))
    return [
        Mention(span.start, span.end, span.text, Status.AFFIRMED, tuple(candidates[span.text]))
        for span in chosen
        if candidates[span.text]
    ]


def _worth(span: Span, similarity: float, thresholds: Thresholds) -> float:
    """What a span adds to a selection: its similarity over the threshold, and a bonus for each further word."""
    words = len(span.text.split())
    return float(similarity - thresholds.mention + thresholds.length_bonus * np.log(words) + 0.01)
