"""All of the bench in its order: opening, single phrases, batches, notes, memory, baselines, growth."""

from __future__ import annotations

import resource
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from core.bench.batches import LEAST, baselines, batches
from core.bench.batches import SIZES as BATCHES
from core.bench.figures import Figure, Step, timed
from core.bench.growth import MEGA, growth
from core.bench.single import notes, phrases
from core.catalog import load_catalog
from core.evaluate.mentions import PUBLIC, read_mentions
from core.evaluate.runs import machine
from core.retrieve.index import build_index
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.catalog import Catalog
    from core.coder import Coder

NOTE_LENGTH = 3_000
LIMIT = 200
"""Phrases that are asked one by one, and of the baselines."""


def bench_queries(catalog: Catalog) -> list[str]:
    """The phrases that everything is measured on: the public mentions that ship."""
    return [query.text for query in read_mentions(PUBLIC, catalog)]


def run_bench(
    open_: Callable[[], Coder],
    limit: int = LIMIT,
    batch_sizes: Sequence[int] = BATCHES,
    growth_sizes: Sequence[int] = (),
) -> Iterator[Step]:
    """Measure, giving each step as it is done; uses the public mentions and demo notes that ship.

    Parameters
    ----------
    open_
        Opens the product.
    limit
        Phrases that are asked one by one, and notes at most.
    batch_sizes, growth_sizes
        Queries in a batch; entry terms of larger books, none for no such part (see :data:`core.bench.growth.SIZES`).

    """
    yield Step(machine())
    started = perf_counter()
    catalog = load_catalog()
    seconds = perf_counter() - started
    ready = f"catalog ready in {seconds:.2f} s ({len(catalog):,} codes, {catalog.label})"
    yield Step(ready, (Figure("open", "catalog", seconds, "s"), _peak("catalog")))
    started = perf_counter()
    coder = open_()
    seconds = perf_counter() - started
    terms = coder.retriever.book.terms
    yield Step(
        f"everything open in {seconds:.2f} s (the index is built the first time)",
        (Figure("open", "everything", seconds, "s"), _peak("everything open")),
    )
    queries = read_mentions(PUBLIC, catalog)
    texts = [query.text for query in queries]
    coder.search_many(texts[:32])
    yield phrases(coder, texts[:limit])
    yield from batches(coder, texts, batch_sizes, min(LEAST, limit))
    yield _notes(coder, limit)
    peak = _peak("searches and notes")
    yield Step(f"peak memory so far: {peak.value:,.0f} MB", (peak,))
    seconds = timed(lambda: build_index(terms, coder.retriever.encoder, lambda _share, _what: None))
    yield Step(
        f"index of {len(terms):,} entry terms built in {seconds:.1f} s",
        (Figure("open", "index build", seconds, "s"), Figure("open", "entry terms", len(terms), "terms")),
    )
    yield from baselines(catalog, queries[:limit])
    if growth_sizes:
        yield from growth(coder.retriever.encoder, terms.texts, texts, growth_sizes)


def _notes(coder: Coder, limit: int) -> Step:
    read = [path.read_text(encoding="utf-8") for path in sorted((ASSETS / "demo").glob("*.txt"))]
    for note in read[:limit]:
        coder.code(note)  # the cue lists of each language are read with its first note
    return notes(coder, [_stretched(note) for note in read[:limit]])


def _stretched(note: str) -> str:
    """The note repeated to `NOTE_LENGTH` characters."""
    return (note * (NOTE_LENGTH // len(note) + 1))[:NOTE_LENGTH]


def _peak(after: str) -> Figure:
    """The most memory that the process has held until now."""
    unit = 1024 if sys.platform != "darwin" else 1
    return Figure("memory", after, unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGA, "MB")
