"""A larger code book: what building and searching the two indexes takes as the entry terms become more.

There is no book of a million entry terms in seven languages to be had, so the shipped terms are taken again and again,
each copy with one of its words exchanged for a word of another term: as long, as rare and as alike as real ones.
"""

from __future__ import annotations

import random
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import faiss

from core.bench.figures import Figure, Step, percentile, timed
from core.retrieve.index import term_vectors
from core.retrieve.lexical import LexicalIndex
from core.retrieve.retriever import DENSE_DEPTH, LEXICAL_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.encode.load import Encoder

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
LEXICAL_MOST = 300_000
"""Entry terms up to which the lexical index is measured; `bm25s` holds all postings in memory while it builds."""
QUERIES = 60
BATCH = 256
MEGA = 1_000_000


def growth(
    encoder: Encoder, terms: Sequence[str], queries: Sequence[str], sizes: Sequence[int] = SIZES
) -> Iterator[Step]:
    """Build time, size and search time of both indexes over as many entry terms as each size says.

    Figures are ``dense, build`` (encoding included, s), ``dense, size`` (MB), ``dense, one query`` and ``dense, a batch
    of 256`` (ms; the latter a query), and the same of ``lexical`` without the batch.
    """
    written = Copies(terms)
    for size in sizes:
        texts = written.first(size)
        figures = list(_dense(encoder, texts, queries))
        said = f"dense built in {figures[0].value:.1f} s, a query {percentile(figures, 'dense, one query', 50):.1f} ms"
        if size <= LEXICAL_MOST:
            lexical = list(_lexical(texts, queries))
            median = percentile(lexical, "lexical, one query", 50)
            said += f"; lexical built in {lexical[0].value:.1f} s, a query {median:.1f} ms"
            figures += lexical
        yield Step(f"{size:,} entry terms: {said}", tuple(figures))


class Copies:
    """Any number of entry terms: the real ones in a random order, then copies with one word exchanged."""

    def __init__(self, terms: Sequence[str], seed: int = 7) -> None:
        self._draw = random.Random(seed)  # noqa: S311
        self._real = self._draw.sample(list(terms), len(terms))
        self._words = [word for text in self._real for word in text.split()]
        self._made = list(self._real)

    def first(self, size: int) -> list[str]:
        """The first so many; a smaller size is the beginning of a larger one."""
        while len(self._made) < size:
            words = self._real[len(self._made) % len(self._real)].split()
            words[self._draw.randrange(len(words))] = self._draw.choice(self._words)
            self._made.append(" ".join(words))
        return self._made[:size]


def _dense(encoder: Encoder, texts: Sequence[str], queries: Sequence[str]) -> Iterator[Figure]:
    index = faiss.IndexFlatIP(encoder.model.get_embedding_dimension())
    size = len(texts)
    yield Figure("growth", "dense, build", timed(lambda: index.add(term_vectors(encoder, texts))), "s", size)
    yield Figure("growth", "dense, size", size * index.sa_code_size() / MEGA, "MB", size)
    asked = encoder.encode(queries[:QUERIES])
    index.search(asked[:1], DENSE_DEPTH)
    for at in range(len(asked)):
        seconds = timed(partial(index.search, asked[at : at + 1], DENSE_DEPTH))
        yield Figure("growth", "dense, one query", 1000 * seconds, "ms", size)
    many = encoder.encode((list(queries) * (BATCH // len(queries) + 1))[:BATCH])
    seconds = timed(partial(index.search, many, DENSE_DEPTH))
    yield Figure("growth", f"dense, a batch of {BATCH}", 1000 * seconds / len(many), "ms", size)


def _lexical(texts: Sequence[str], queries: Sequence[str]) -> Iterator[Figure]:
    size = len(texts)
    started = perf_counter()
    index = LexicalIndex.build(texts)
    yield Figure("growth", "lexical, build", perf_counter() - started, "s", size)
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "lexical")
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    yield Figure("growth", "lexical, size", stored / MEGA, "MB", size)
    for query in queries[:QUERIES]:
        seconds = timed(partial(index.search, [query], LEXICAL_DEPTH))
        yield Figure("growth", "lexical, one query", 1000 * seconds, "ms", size)
