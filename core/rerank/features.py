"""What is known of a candidate when the final order is decided: one row of numbers a candidate.

Stages' scores and gaps, the code's place in the book and among the other candidates, how far the words of text and
title cover one another (a soft alignment over the encoder's word vectors), and which qualifiers agree, conflict or are
missing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.encode.words import WordTable, word_vectors
from core.note.qualifiers import KINDS, qualifier_reader, read_cues
from core.retrieve.candidate import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from core.note.qualifiers import Qualifiers
    from core.rerank.cross import CrossScorer, Pair, Words
    from core.retrieve.remembered import MemoryIndex
    from core.retrieve.retriever import Evidence, Retriever

STAGES = ("fused", "behind", "place", "dense", "written", "lexical", "memory", "agreement", "votes", "share")
GAPS = ("dense gap", "written gap", "memory gap", "memory best", "fused best", "fused second")
CODE = ("billable", "depth", "leaves", "examples", "category examples", "chosen", "category chosen")
FAMILY = ("above best", "below best", "beside best", "category mass", "category place", "category size")
WORDS = (
    "text covered",
    "text covered least",
    "title covered",
    "title covered least",
    "text covered by term",
    "term covered",
    "distinction covered",
    "distinction covered least",
    "title words",
    "text words",
    "term of book",
    "term of corpus",
)
CROSS = ("cross", "cross gap", "cross place")
QUALIFIER = ("agree", "conflict", "missing in text", "missing in title")
NAMES = (
    *STAGES,
    *GAPS,
    *CODE,
    *FAMILY,
    *WORDS,
    *QUALIFIER,
    *(f"{kind} {part}" for kind in KINDS for part in ("agrees", "of title", "of text")),
    *CROSS,
)
SHARED = 0.5
"""A title word distinguishes a candidate from its siblings where at most this part of them has it too."""
DECIMALS = 4
"""Of every feature: a product over many queries at once differs from one over a single query in the seventh."""
SHARPNESS = 12.0
"""Of the softmax over fused scores that the mass of a category is a sum of."""


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What does not depend on the query: made once for a code, from the book alone."""

    words: NDArray[np.int32]
    qualifiers: Qualifiers
    billable: bool
    depth: int
    leaves: float


@dataclass(frozen=True, slots=True)
class Query:
    """A text made ready: its words' unit vectors and how much each counts, (words,), its qualifiers."""

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    qualifiers: Qualifiers


class FeatureMaker:
    """Rows of features for candidates.

    Parameters
    ----------
    retriever
        Whose candidates they are; its encoder must be an n-gram one.
    cross
        The cross-attention; without it its features are zero.

    """

    def __init__(self, retriever: Retriever, cross: CrossScorer | None = None) -> None:
        space = retriever.book.words
        module = retriever.encoder.ngrams
        if space is None or module is None:
            message = "features need an encoder whose words have vectors"
            raise ValueError(message)
        self._retriever = retriever
        self.cross = cross
        self._space = space
        self._module = module
        self._reader = qualifier_reader()
        self._values = _values()
        vectors = np.asarray(space.vectors, np.float32)
        norms = np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
        self._units = (vectors / norms[:, None]).astype(np.float32)
        self._norms = norms.astype(np.float32)
        self._facts: dict[str, CodeFacts] = {}
        terms = retriever.book.terms
        written = [code for code, source in zip(terms.codes, terms.sources, strict=True) if source is Source.CORPUS]
        self._examples = Counter(written)
        self._category_examples = Counter(code[:3] for code in written)

    def read(self, texts: Sequence[str], langs: Sequence[Collection[str]]) -> list[Query]:
        """Make texts ready; nothing of them stays here."""
        table = WordTable(self._module.ngrams)
        rows = table.read(texts)
        vectors = word_vectors(self._module, table)
        norms = np.linalg.norm(vectors, axis=1)
        units = vectors / np.maximum(norms, 1e-9)[:, None]
        queries = []
        for at, text in enumerate(texts):
            own = rows.flat[rows.starts[at] : rows.starts[at] + rows.lengths[at]]
            queries.append(Query(units[own], norms[own], self._reader.read(text, langs[at])))
        return queries

    def rows(
        self,
        query: Query,
        found: Mapping[str, Evidence],
        ranked: Sequence[tuple[float, str]],
        memory: MemoryIndex,
        crossed: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """The features of the ranked candidates of one query: (candidates, features), in their order.

        `crossed` are their scores by the cross-attention, (candidates,).
        """
        codes = [code for _, code in ranked]
        facts = [self.facts(code) for code in codes]
        evidence = [found[code] for code in codes]
        parts = (
            self._stages(ranked, evidence),
            self._codes(codes, facts, memory),
            _family(ranked),
            self._words(query, codes, facts, evidence),
            self._qualifiers(query, facts),
            cross_columns(crossed if crossed is not None else np.zeros(len(codes), np.float32)),
        )
        return np.concatenate(parts, axis=1).round(DECIMALS)

    def facts(self, code: str) -> CodeFacts:
        """What the book says of a code."""
        known = self._facts.get(code)
        if known is None:
            catalog = self._retriever.catalog
            row = self._retriever.rows_of_book[code][0]
            known = self._facts[code] = CodeFacts(
                words=np.unique(np.asarray(self._space.of_term(row))),
                qualifiers=self._reader.read(catalog.title(code), (catalog.lang,)),
                billable=catalog.billable(code),
                depth=len(code),
                leaves=math.log1p(len(catalog.leaves(code))),
            )
        return known

    def _stages(self, ranked: Sequence[tuple[float, str]], evidence: Sequence[Evidence]) -> NDArray[np.float32]:
        fused = np.asarray([score for score, _ in ranked], np.float32)
        scores = [one.scores() for one in evidence]
        columns = np.asarray(
            [
                (one.dense, one.written, one.lexical, one.memory, one.agreement, math.log1p(one.votes), one.share)
                for one in scores
            ],
            np.float32,
        )
        best = columns.max(axis=0)
        second = fused[1] if len(fused) > 1 else 0.0
        whole = np.broadcast_to(np.asarray([best[3], fused[0], second], np.float32), (len(fused), 3))
        gaps = columns[:, [0, 1, 3]] - best[[0, 1, 3]]
        place = np.arange(len(fused), dtype=np.float32)
        return np.column_stack([fused, fused - fused[0], place, columns, gaps, whole]).astype(np.float32)

    def _codes(self, codes: Sequence[str], facts: Sequence[CodeFacts], memory: MemoryIndex) -> NDArray[np.float32]:
        chosen, categories = memory.chosen, memory.chosen_categories
        return np.asarray(
            [
                (
                    one.billable,
                    one.depth,
                    one.leaves,
                    math.log1p(self._examples[code]),
                    math.log1p(self._category_examples[code[:3]]),
                    math.log1p(chosen[code]),
                    math.log1p(categories[code[:3]]),
                )
                for code, one in zip(codes, facts, strict=True)
            ],
            np.float32,
        )

    def _words(
        self,
        query: Query,
        codes: Sequence[str],
        facts: Sequence[CodeFacts],
        evidence: Sequence[Evidence],
    ) -> NDArray[np.float32]:
        terms = [self._term(one) for one in evidence]
        numbers = np.unique(np.concatenate([*(one.words for one in facts), *(words for words, _ in terms)]))
        place = {number: at for at, number in enumerate(numbers.tolist())}
        likeness = query.vectors @ self._units[numbers].T  # (text words, all words of the candidates)
        norms = self._norms[numbers]
        local = [np.asarray([place[number] for number in one.words.tolist()], np.int64) for one in facts]
        shared = _distinctions(codes, local)
        result = np.zeros((len(codes), len(WORDS)), np.float32)
        for at, (mine, (words, kind)) in enumerate(zip(local, terms, strict=True)):
            its = np.asarray([place[number] for number in words.tolist()], np.int64)
            result[at, :4] = _cover(likeness[:, mine], query.weights, norms[mine])
            result[at, 4:6] = _cover(likeness[:, its], query.weights, norms[its])[[0, 2]]
            own = shared[at]
            if len(own) and len(query.weights):
                best = likeness[:, own].max(axis=0)
                result[at, 6:8] = float(best @ norms[own] / norms[own].sum()), best.min()
            else:
                result[at, 6:8] = -1
            result[at, 8:] = len(mine), len(query.weights), kind == 0, kind == 1
        return result

    def _term(self, evidence: Evidence) -> tuple[NDArray[np.int32], int]:
        """Word numbers of the book's or the corpus's best term, whichever is nearer, and whether it is the book's."""
        row, written = matched(evidence)
        return np.unique(np.asarray(self._space.of_term(row))), 1 if written else 0

    def _qualifiers(self, query: Query, facts: Sequence[CodeFacts]) -> NDArray[np.float32]:
        result = np.zeros((len(facts), len(QUALIFIER) + 3 * len(KINDS)), np.float32)
        first = len(QUALIFIER)
        for kind_at, kind in enumerate(KINDS):
            said = query.qualifiers.get(kind)
            column = first + 3 * kind_at
            if said:
                result[:, column + 2] = self._values[kind].get(min(said), 0)
            for at, one in enumerate(facts):
                titled = one.qualifiers.get(kind)
                if titled:
                    result[at, column + 1] = self._values[kind].get(min(titled), 0)
                if not said and not titled:
                    continue
                verdict = compare(said, titled)
                result[at, verdict] += 1
                if verdict < 2:
                    result[at, column] = 1 if verdict == 0 else -1
        return result


def matched(evidence: Evidence) -> tuple[int, bool]:
    """The row of the best term, the book's or the corpus's, whichever is nearer, and whether it is the corpus's."""
    written = evidence.example >= 0 and evidence.written > evidence.dense
    return (evidence.example if written else evidence.row), written


def cross_pairs(words: Words, found: Mapping[str, Evidence], codes: Sequence[str]) -> list[Pair]:
    """Candidates as the cross-attention reads them."""
    return [words.pair(code, matched(found[code])[0], max(found[code].dense, found[code].written)) for code in codes]


def cross_columns(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The features `CROSS`, (candidates, 3), of the cross-attention's scores."""
    if not len(scores):
        return np.zeros((0, len(CROSS)), np.float32)
    centred = scores - scores.mean()
    place = np.empty(len(scores), np.float32)
    place[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return np.column_stack([centred, scores - scores.max(), place]).astype(np.float32)


def compare(said: Collection[str] | None, titled: Collection[str] | None) -> int:
    """Position in `QUALIFIER` of what text and title make of one kind, of which at least one says something."""
    if said and titled:
        return 0 if set(said) & set(titled) else 1
    return 2 if titled else 3


def _cover(
    likeness: NDArray[np.float32], text_weights: NDArray[np.float32], title_weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How far the words of one side have a like on the other: weighted mean and least, of the text and of the title."""
    if not likeness.size:
        return np.zeros(4, np.float32)
    of_text, of_title = likeness.max(axis=1), likeness.max(axis=0)
    return np.asarray(
        [
            of_text @ text_weights / text_weights.sum(),
            of_text.min(),
            of_title @ title_weights / title_weights.sum(),
            of_title.min(),
        ],
        np.float32,
    )


def _distinctions(codes: Sequence[str], words: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """For each candidate the words of its title that few of the others of its category have."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for code, own in zip(codes, words, strict=True):
        counts[code[:3]].update(own.tolist())
        sizes[code[:3]] += 1
    result = []
    for code, own in zip(codes, words, strict=True):
        most = max(1.0, SHARED * sizes[code[:3]])
        seen = counts[code[:3]]
        alone = sizes[code[:3]] == 1
        result.append(own[:0] if alone else own[[seen[word] <= most for word in own.tolist()]])
    return result


def _family(ranked: Sequence[tuple[float, str]]) -> NDArray[np.float32]:
    """Where a candidate stands to the best one and within its category among the candidates."""
    best = ranked[0][1]
    scores = np.asarray([score for score, _ in ranked], np.float64)
    mass = np.exp(SHARPNESS * (scores - scores[0]))
    mass /= mass.sum()
    masses: dict[str, float] = defaultdict(float)
    sizes: Counter[str] = Counter()
    places = []
    for (_, code), share in zip(ranked, mass.tolist(), strict=True):
        masses[code[:3]] += share
        places.append(sizes[code[:3]])
        sizes[code[:3]] += 1
    return np.asarray(
        [
            (
                best != code and best.startswith(code),
                best != code and code.startswith(best),
                best[:3] == code[:3],
                masses[code[:3]],
                place,
                sizes[code[:3]],
            )
            for (_, code), place in zip(ranked, places, strict=True)
        ],
        np.float32,
    )


def _values() -> dict[str, dict[str, int]]:
    """A number from 1 for each value of each kind, the same in every language."""
    seen: dict[str, set[str]] = {kind: set("12345") for kind in KINDS}
    for kind, value, _ in read_cues("en"):
        if kind in seen:
            seen[kind].add(value)
    return {kind: {value: at for at, value in enumerate(sorted(values), 1)} for kind, values in seen.items()}
