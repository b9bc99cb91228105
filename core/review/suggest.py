"""What the product suggests for a document, and how unsure it is of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.review.model import Option, Origin, Suggestion
from core.turns import NOTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.coder import CodedNote, Coder
    from core.review.model import Document
    from core.review.store import ReviewStore

OPTIONS = 5


def origin(coder: Coder) -> Origin:
    """What suggestions are made by: the weights, the book's entry terms with the team memory's state, the release."""
    reranker = coder.reranker.fingerprint if coder.reranker is not None else "none"
    entries, choices, _ = coder.memory.version()
    index = f"{coder.retriever.book.terms.fingerprint()}+{entries} remembered ({choices} choices)"
    return Origin(f"{coder.retriever.encoder.fingerprint}+{reranker}", index, coder.catalog.label)


def suggestions(coded: CodedNote) -> list[Suggestion]:
    """Every mention of a coded note, its first candidate as its code."""
    return [
        Suggestion(
            ((mention.start, mention.end),),
            mention.status,
            tuple(candidate.code for candidate in mention.candidates[:1]),
            mention.score,
            tuple(Option(one.code, one.confidence) for one in mention.candidates[:OPTIONS]),
            mention.verdict.cue,
        )
        for mention in coded.mentions
    ]


def uncertainty(found: Iterable[Suggestion]) -> float:
    """How unsure the product is of a document: the mean over its suggestions, 1 where a first code is even odds."""
    unsure = [1.0 - abs(2.0 * one.confidence - 1.0) for one in found]
    return sum(unsure) / len(unsure) if unsure else 0.0


def suggest(
    store: ReviewStore,
    coder: Coder,
    documents: Iterable[Document],
    tick: Callable[[Document], object] = lambda _document: None,
) -> None:
    """Code documents and keep what is found; each is kept when it is done, so that stopping loses at most one."""
    made_by = origin(coder)
    for listed in documents:
        document = store.document(listed.id)
        with NOTES.turn(patient=True):
            coded = coder.code(document.text, document.lang or None)
        found = suggestions(coded)
        store.suggest(document, found, made_by, coded.language.lang, uncertainty(found))
        tick(document)
