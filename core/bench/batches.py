"""Many phrases at once: queries a second by the size of a batch, and those of named baselines."""

from __future__ import annotations

from functools import partial
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING

from core.bench.figures import BARE, RERANKED, Figure, Step, timed
from core.evaluate.systems import bm25, tfidf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.catalog import Catalog
    from core.coder import Coder
    from core.evaluate.gold import GoldQuery

SIZES = (1, 4, 16, 64, 256, 1024)
LEAST = 256
"""Queries that every size is measured on at least; the phrases are repeated where there are fewer."""
DEPTH = 10


def batches(coder: Coder, texts: Sequence[str], sizes: Sequence[int] = SIZES, least: int = LEAST) -> Iterator[Step]:
    """Queries a second in batches of each size, with and without the second stage."""
    coder.search_many(list(islice(cycle(texts), 64)))
    for rerank, measure, said in ((True, RERANKED, "search"), (False, BARE, "the same without reranking")):
        figures = [
            Figure("batch", measure, _rate(coder, texts, size, least, rerank=rerank), "queries/s", size)
            for size in sizes
        ]
        rates = ", ".join(f"{one.value:.0f} (batches of {one.x:.0f})" for one in figures)
        yield Step(f"{said}, queries a second: {rates}", tuple(figures))


def _rate(coder: Coder, texts: Sequence[str], size: int, least: int, *, rerank: bool) -> float:
    count = max(size, least)
    asked = list(islice(cycle(texts), count))

    def ask() -> None:
        for start in range(0, count, size):
            coder.search_many(asked[start : start + size], rerank=rerank)

    return count / timed(ask)


def baselines(catalog: Catalog, queries: Sequence[GoldQuery]) -> Iterator[Step]:
    """What BM25 and TF-IDF over the book's terms take to build, and their queries a second in one batch."""
    for name, build in (("bm25", bm25), ("tfidf", tfidf)):
        started = perf_counter()
        system = build(catalog)
        built = perf_counter() - started
        rate = len(queries) / timed(partial(system.rank, queries, DEPTH))
        yield Step(
            f"baseline {name}: built in {built:.1f} s, {rate:.0f} queries a second",
            (
                Figure("baseline", f"{name}, build", built, "s"),
                Figure("baseline", name, rate, "queries/s", len(queries)),
            ),
        )
