"""First-stage retrieval: dense, lexical and team memory, fused into one ranked list of codes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.retrieve.candidate import Candidate, EntryTerm, Scores, Source
from core.retrieve.index import best_rows
from core.retrieve.remembered import MemoryIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.encode.load import Encoder
    from core.retrieve.fusion import Fusion
    from core.retrieve.index import BookIndex
    from core.retrieve.memory import TeamMemory
    from core.retrieve.remembered import Recall

DENSE_DEPTH = 160
"""Entry terms taken from the dense index for one query."""
LEXICAL_DEPTH = 40
MEMORY_DEPTH = 60
LEAVES = 3
LIKENESS_DEPTH = 5
PARTIAL, TITLE = 0.35, 0.08
"""What a part of a term loses, and what a title gains, in `Retriever.likeness`; chosen on CodiEsp dev documents."""


@dataclass(slots=True)
class Evidence:
    """What has been found for one code so far.

    `row` is its best book term, `example` its best corpus text, `remembered` its best remembered text (-1: none).
    """

    dense: float
    row: int
    written: float = 0.0
    example: int = -1
    lexical: float = 0.0
    memory: float = 0.0
    share: float = 0.0
    remembered: int = -1

    def scores(self) -> Scores:
        """The stages' scores of it."""
        return Scores(self.dense, self.written, self.lexical, self.memory, self.share)


class Retriever:
    """Queries to ranked codes over the whole catalog.

    Parameters
    ----------
    catalog, encoder, book
        One code set, one encoder, and the index of both.
    memory
        The team's reviewed pairs, looked at anew for every call; None to do without.
    fusion
        How the stages' scores become one.

    """

    def __init__(
        self, catalog: Catalog, encoder: Encoder, book: BookIndex, memory: TeamMemory | None, fusion: Fusion
    ) -> None:
        self.catalog = catalog
        self.encoder = encoder
        self.book = book
        self.fusion = fusion
        self._store = memory
        self.rows_of_book = book.terms.rows_of_book()
        self._lengths = np.asarray([len(text) for text in book.terms.texts])
        self._of_book = np.asarray([source is not Source.CORPUS for source in book.terms.sources])
        self._billable = frozenset(code for code in self.rows_of_book if catalog.billable(code))
        self._lock = threading.Lock()
        self._memory = MemoryIndex([], encoder)
        self._version: tuple[int, int, str] = (0, 0, "")

    def search(self, texts: Sequence[str], top_k: int = 10) -> list[list[Candidate]]:
        """The best `top_k` codes of each text, best first; none for a text without any known letter group."""
        memory = self.memory()
        return [self._rank(found, memory, top_k) for found in self.gather(texts, memory)]

    def gather(self, texts: Sequence[str], memory: MemoryIndex) -> list[dict[str, Evidence]]:
        """For each text what the stages say of every code they bring up; empty where nothing in the text is known."""
        if not texts:
            return []
        vectors = self.encoder.encode(texts)
        similarities, rows = self.book.search(vectors, DENSE_DEPTH)
        lexical = self.book.lexical.search(texts, LEXICAL_DEPTH)
        recalls = memory.recall(texts, vectors, MEMORY_DEPTH)
        return [
            self._gather(vectors[at], similarities[at], rows[at], lexical[at], recalls[at]) if vectors[at].any() else {}
            for at in range(len(texts))
        ]

    def without_memory(self) -> Retriever:
        """The same with nothing remembered."""
        return Retriever(self.catalog, self.encoder, self.book, None, self.fusion)

    def likeness(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How much each short text is like something that has a code, (texts,); quick, for the many spans of a note.

        The similarity to the nearest of a few terms, where a text shorter than the term counts less (``weight`` is not
        ``loss of weight``) and the book's titles count more, because they are English and most notes are not.
        """
        vectors = self.encoder.encode(texts)
        similarities, rows = self.book.search(vectors, LIKENESS_DEPTH)
        lengths = np.asarray([[len(text)] for text in texts])
        partial = similarities - PARTIAL * np.maximum(0, 1 - lengths / self._lengths[rows])
        book = np.where(self._of_book[rows], similarities + TITLE, partial).max(axis=1)
        near, long = self.memory().nearest(vectors)
        team = near - PARTIAL * np.maximum(0, 1 - lengths[:, 0] / long)
        result: NDArray[np.float32] = np.maximum(book, team).astype(np.float32)
        return result

    def memory(self) -> MemoryIndex:
        """The memory as it is now, encoded again only if somebody changed it."""
        if self._store is None:
            return self._memory
        with self._lock:
            version = self._store.version()
            if version != self._version:
                terms = [term for term in self._store.terms() if term.code in self.rows_of_book]
                self._memory = MemoryIndex(terms, self.encoder)
                self._version = version
            return self._memory

    def _gather(
        self,
        query: NDArray[np.float32],
        similarities: NDArray[np.float32],
        rows: NDArray[np.int64],
        lexical: tuple[NDArray[np.int64], NDArray[np.float32]],
        recall: Recall,
    ) -> dict[str, Evidence]:
        codes, sources = self.book.terms.codes, self.book.terms.sources
        found: dict[str, Evidence] = {}
        written: dict[str, tuple[float, int]] = {}
        for similarity, row in zip(similarities.tolist(), rows.tolist(), strict=True):
            if sources[row] is Source.CORPUS:
                written.setdefault(codes[row], (similarity, row))
            elif codes[row] not in found:
                found[codes[row]] = Evidence(similarity, row)
        for code, (similarity, row) in written.items():
            evidence = self._evidence(found, code, query)
            evidence.written, evidence.example = similarity, row
        for row, score in zip(lexical[0].tolist(), lexical[1].tolist(), strict=True):
            evidence = self._evidence(found, codes[row], query)
            evidence.lexical = max(evidence.lexical, score)
        for code, (similarity, row) in recall.similar.items():
            evidence = self._evidence(found, code, query)
            evidence.memory, evidence.remembered = similarity, row
        for code, (share, row) in recall.shares.items():
            evidence = self._evidence(found, code, query)
            evidence.memory, evidence.share, evidence.remembered = 1.0, share, row
        return found

    def ranked(self, found: dict[str, Evidence], fusion: Fusion) -> list[tuple[float, str]]:
        """Scores and codes of one query, best first; of equals the one that comes first in the alphabet."""
        scored = ((fusion.score(evidence.scores(), code in self._billable), code) for code, evidence in found.items())
        return sorted(scored, key=lambda item: (-item[0], item[1]))

    def _rank(self, found: dict[str, Evidence], memory: MemoryIndex, top_k: int) -> list[Candidate]:
        scored = self.ranked(found, self.fusion)
        confidences = self.fusion.confidences([score for score, _ in scored[: max(top_k, 2)]])
        return [
            Candidate(
                code=code,
                title=self.catalog.title(code),
                billable=code in self._billable,
                score=score,
                confidence=confidence,
                term=self._term(found[code], memory),
                scores=found[code].scores(),
            )
            for (score, code), confidence in zip(scored[:top_k], confidences, strict=False)
        ]

    def best_leaves(self, text: str, header: str, limit: int = LEAVES) -> tuple[str, ...]:
        """The billable codes under a header whose titles are most similar to the text, best first."""
        leaves = self.catalog.leaves(header)
        query = self.encoder.encode([text])[0]
        rows = [row for leaf in leaves for row in self.rows_of_book[leaf]]
        order = np.argsort(-(self.book.vectors[rows] @ query), kind="stable")
        ranked = dict.fromkeys(self.book.terms.codes[rows[at]] for at in order)
        return tuple(ranked)[:limit]

    def _evidence(self, found: dict[str, Evidence], code: str, query: NDArray[np.float32]) -> Evidence:
        if code not in found:
            row, similarity = best_rows(self.book.vectors, query, self.rows_of_book[code])
            found[code] = Evidence(similarity, row)
        return found[code]

    def _term(self, evidence: Evidence, memory: MemoryIndex) -> EntryTerm:
        """The term that earned the score: the strongest of the book's, the corpus's and the team's."""
        team, written = self.fusion.memory * evidence.memory, self.fusion.written * evidence.written
        if evidence.remembered >= 0 and team > max(evidence.dense, written):
            return memory.terms[evidence.remembered]
        if evidence.example >= 0 and written > evidence.dense:
            return self.book.terms.term(evidence.example)
        return self.book.terms.term(evidence.row)
