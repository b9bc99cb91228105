"""First-stage retrieval: dense, lexical and team memory, fused into one ranked list of codes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.retrieve.abbreviations import Expander, all_abbreviations
from core.retrieve.candidate import BOOK, Candidate, EntryTerm, Scores, Source
from core.retrieve.remembered import MemoryIndex

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.encode.load import Encoder
    from core.retrieve.fusion import Fusion
    from core.retrieve.index import BookIndex
    from core.retrieve.memory import TeamMemory
    from core.retrieve.remembered import Recall, Recalled

DENSE_DEPTH = 160
"""Entry terms taken from the dense index for one query."""
LEXICAL_DEPTH = 40
MEMORY_DEPTH = 60
LEAVES = 3
NEARNESS_DEPTH = 5
READING = 0.95
"""What a similarity counts that was reached only by writing out a short form; chosen on the public mentions."""
NATIONAL = 0.8
"""What a similarity to a title of an imported table counts; chosen on the public mentions.

The encoder knows the language already: more than this, and a table's few codes win over those that have no title in it.
"""
PARTIAL = 0.35
"""What a part of a term loses in `Retriever.nearness`; chosen on CodiEsp dev documents."""


@dataclass(slots=True)
class Evidence:
    """What has been found for one code so far.

    `row` is its best book term, `example` its best term beside the book, `recalled` its best remembered text.
    """

    dense: float
    row: int
    written: float = 0.0
    example: int = -1
    lexical: float = 0.0
    share: float = 0.0
    recalled: Recalled | None = None

    def scores(self) -> Scores:
        """The stages' scores of it."""
        if self.recalled is None:
            return Scores(self.dense, self.written, self.lexical)
        one = self.recalled
        return Scores(self.dense, self.written, self.lexical, one.similarity, self.share, one.agreement, one.votes)


@dataclass(frozen=True, slots=True)
class Stages:
    """What one way of writing a query brought up: its vector, and what each stage found."""

    vector: NDArray[np.float32]
    dense: tuple[NDArray[np.float32], NDArray[np.int64]]
    lexical: tuple[NDArray[np.int64], NDArray[np.float32]]
    recall: Recall


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
        self._of_book = np.asarray([source in BOOK for source in book.terms.sources])
        self._worth = np.asarray([NATIONAL if source is Source.NATIONAL else 1.0 for source in book.terms.sources])
        self._expander = Expander(all_abbreviations())
        self._billable = frozenset(code for code in self.rows_of_book if catalog.billable(code))
        self._lock = threading.Lock()
        self._memory = MemoryIndex([], encoder)
        self._version: tuple[int, int, str] = (0, 0, "")

    def search(
        self,
        texts: Sequence[str],
        top_k: int = 10,
        langs: Sequence[Collection[str]] | None = None,
        contexts: Sequence[str] | None = None,
    ) -> list[list[Candidate]]:
        """The best `top_k` codes of each text, best first; none for a text without any known letter group.

        `langs` are the languages that each text may be in (default: all); only short forms depend on them. The words
        around each text are for the second stage; this one reads the text alone.
        """
        memory = self.memory()
        return [self._rank(found, memory, top_k) for found in self.gather(texts, memory, langs)]

    def gather(
        self, texts: Sequence[str], memory: MemoryIndex, langs: Sequence[Collection[str]] | None = None
    ) -> list[dict[str, Evidence]]:
        """For each text what the stages say of every code they bring up; empty where nothing in the text is known."""
        written = [
            [text, *(self._expander.expand(text, langs[at]) if langs else self._expander.expand(text))]
            for at, text in enumerate(texts)
        ]
        stages = iter(self._ask([form for forms in written for form in forms], memory))
        return [self._gather([next(stages) for _ in forms]) for forms in written]

    def _ask(self, texts: Sequence[str], memory: MemoryIndex) -> list[Stages]:
        if not texts:
            return []
        vectors = self.encoder.encode(texts)
        similarities, rows = self.book.search(vectors, DENSE_DEPTH)
        lexical = self.book.lexical.search(texts, LEXICAL_DEPTH)
        recalls = memory.recall(texts, vectors, MEMORY_DEPTH)
        return [Stages(vectors[at], (similarities[at], rows[at]), lexical[at], recalls[at]) for at in range(len(texts))]

    def without_memory(self) -> Retriever:
        """The same with nothing remembered."""
        return Retriever(self.catalog, self.encoder, self.book, None, self.fusion)

    def nearness(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How near each short text is to something that has a code, (texts, 4); quick, for the many spans of a note.

        The similarity to the nearest title of the book; to the nearest other term, where a text shorter than the term
        counts less (``weight`` is not ``loss of weight``); the same to what the team remembers; and to the fifth
        nearest term of all, which says how crowded the place is.
        """
        vectors = self.encoder.encode(texts)
        similarities, rows = self.book.search(vectors, NEARNESS_DEPTH)
        lengths = np.asarray([[len(text)] for text in texts])
        partial = similarities - PARTIAL * np.maximum(0, 1 - lengths / self._lengths[rows])
        of_book = self._of_book[rows]
        title = np.where(of_book, similarities, 0).max(axis=1)
        other = np.where(of_book, 0, partial).max(axis=1)
        near, long = self.memory().nearest(vectors)
        team = near - PARTIAL * np.maximum(0, 1 - lengths[:, 0] / long)
        return np.column_stack([title, other, team, similarities[:, -1]]).astype(np.float32)

    def memory(self) -> MemoryIndex:
        """The memory as it is now, encoded again only if somebody changed it."""
        if self._store is None:
            return self._memory
        with self._lock:
            version = self._store.version()
            if version != self._version:
                terms = self._store.terms()
                used = [term for term in terms if term.code in self.rows_of_book]
                aside = [term for term in terms if term.code not in self.rows_of_book]
                self._memory = MemoryIndex(used, self.encoder, aside)
                self._version = version
            return self._memory

    def _gather(self, forms: Sequence[Stages]) -> dict[str, Evidence]:
        """Join what the text as it stands (the first form) and its readings brought up; the better one counts."""
        found: dict[str, Evidence] = {}
        query = next((form.vector for form in forms if form.vector.any()), None)
        if query is None:
            return found
        known = [(READING if place else 1.0, form) for place, form in enumerate(forms) if form.vector.any()]
        further = [self._add_dense(found, form, weight) for weight, form in known]
        self._add_missing(found, known, query)
        for weight, form in known:
            self._add_words_and_memory(found, form, weight)
        codes = self.book.terms.codes
        for similarity, row in (one for rows in further for one in rows):
            evidence = found[codes[row]]
            if similarity > evidence.written:
                evidence.written, evidence.example = similarity, row
        return found

    def _add_dense(self, found: dict[str, Evidence], form: Stages, weight: float) -> list[tuple[float, int]]:
        """Take in the book's terms; the similarities and rows of the others are given back."""
        codes, of_book = self.book.terms.codes, self._of_book
        similarities, rows = form.dense
        further: list[tuple[float, int]] = []
        worth = weight * similarities * self._worth[rows]
        for similarity, row, book in zip(worth.tolist(), rows.tolist(), of_book[rows].tolist(), strict=True):
            if not book:
                further.append((similarity, row))
            elif codes[row] not in found:
                found[codes[row]] = Evidence(similarity, row)
            elif similarity > found[codes[row]].dense:
                found[codes[row]].dense, found[codes[row]].row = similarity, row
        return further

    def _add_missing(
        self, found: dict[str, Evidence], forms: Sequence[tuple[float, Stages]], query: NDArray[np.float32]
    ) -> None:
        """Codes that other stages brought up get their nearest book term too, all in one product."""
        codes = self.book.terms.codes
        wanted: dict[str, None] = {}
        for _, form in forms:
            wanted.update(dict.fromkeys(codes[row] for row in form.dense[1].tolist()))
            wanted.update(dict.fromkeys(codes[row] for row in form.lexical[0].tolist()))
            wanted.update(dict.fromkeys(form.recall.similar))
            wanted.update(dict.fromkeys(form.recall.equal))
        missing = [code for code in wanted if code not in found]
        if not missing:
            return
        rows = [row for code in missing for row in self.rows_of_book[code]]
        sizes = [len(self.rows_of_book[code]) for code in missing]
        similarities = self.book.vectors[rows] @ query
        starts = np.cumsum(sizes, dtype=np.int64) - np.asarray(sizes, np.int64)
        best = np.maximum.reduceat(similarities, starts)
        for code, start, size, similarity in zip(missing, starts.tolist(), sizes, best.tolist(), strict=True):
            at = start + int(np.argmax(similarities[start : start + size])) if size > 1 else start
            found[code] = Evidence(similarity, rows[at])

    def _add_words_and_memory(self, found: dict[str, Evidence], form: Stages, weight: float) -> None:
        codes = self.book.terms.codes
        for row, score in zip(form.lexical[0].tolist(), form.lexical[1].tolist(), strict=True):
            evidence = found[codes[row]]
            evidence.lexical = max(evidence.lexical, weight * score)
        for code, one in form.recall.similar.items():
            evidence = found[code]
            if evidence.recalled is None or weight * one.similarity > evidence.recalled.similarity:
                evidence.recalled = replace(one, similarity=weight * one.similarity)
        for code, one in form.recall.equal.items():
            evidence = found[code]
            if weight * one.agreement > evidence.share:
                evidence.recalled, evidence.share = replace(one, similarity=weight), weight * one.agreement

    def ranked(self, found: dict[str, Evidence], fusion: Fusion) -> list[tuple[float, str]]:
        """Scores and codes of one query, best first; of equals the one that comes first in the alphabet."""
        scored = ((fusion.score(evidence.scores(), code in self._billable), code) for code, evidence in found.items())
        return sorted(scored, key=lambda item: (-item[0], item[1]))

    def _rank(self, found: dict[str, Evidence], memory: MemoryIndex, top_k: int) -> list[Candidate]:
        scored = self.ranked(found, self.fusion)
        confidences = self.fusion.confidences([score for score, _ in scored[: max(top_k, 2)]])
        return self.candidates(found, memory, scored[:top_k], confidences)

    def candidates(
        self,
        found: dict[str, Evidence],
        memory: MemoryIndex,
        scored: Sequence[tuple[float, str]],
        confidences: Sequence[float],
    ) -> list[Candidate]:
        """Scored codes of one query as candidates, each with the term that earned it."""
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
            for (score, code), confidence in zip(scored, confidences, strict=False)
        ]

    def best_leaves(self, text: str, header: str, limit: int = LEAVES) -> tuple[str, ...]:
        """The billable codes under a header whose titles are most similar to the text, best first."""
        leaves = self.catalog.leaves(header)
        query = self.encoder.encode([text])[0]
        rows = [row for leaf in leaves for row in self.rows_of_book[leaf]]
        order = np.argsort(-(self.book.vectors[rows] @ query), kind="stable")
        ranked = dict.fromkeys(self.book.terms.codes[rows[at]] for at in order)
        return tuple(ranked)[:limit]

    def _term(self, evidence: Evidence, memory: MemoryIndex) -> EntryTerm:
        """The term that earned the score: the strongest of the book's, the corpus's and the team's."""
        team, written = self.fusion.team(evidence.scores()), self.fusion.written * evidence.written
        if evidence.recalled is not None and team > max(evidence.dense, written):
            return memory.terms[evidence.recalled.row]
        if evidence.example >= 0 and written > evidence.dense:
            return self.book.terms.term(evidence.example)
        return self.book.terms.term(evidence.row)
