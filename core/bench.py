"""How quick and how large it is on this machine, beside named baselines."""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from core.catalog import load_catalog
from core.evaluate.mentions import PUBLIC, read_mentions
from core.evaluate.systems import bm25, tfidf
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.coder import Coder

NOTE_LENGTH = 3_000


def run_bench(open_: Callable[[], Coder]) -> Iterator[str]:
    """Measure, giving a line as each figure is known; uses the public mentions and demo notes that ship."""
    yield f"{platform.machine()}, {_cores()} cores, Python {platform.python_version()}"
    started = time.perf_counter()
    catalog = load_catalog()
    yield f"catalog ready in {time.perf_counter() - started:.2f} s ({len(catalog):,} codes, {catalog.label})"
    started = time.perf_counter()
    coder = open_()
    yield f"everything open in {time.perf_counter() - started:.2f} s (the index is built the first time)"
    queries = read_mentions(PUBLIC, catalog)
    texts = [query.text for query in queries]
    coder.search_many(texts[:32])

    seconds = _each(coder.search, texts[:200])
    median, late = 1000 * np.percentile(seconds, [50, 95])
    yield f"search, one by one: median {median:.1f} ms, 95th percentile {late:.1f} ms"
    started = time.perf_counter()
    many = texts * 2
    coder.search_many(many)
    yield f"search, {len(many)} at once: {len(many) / (time.perf_counter() - started):.0f} queries a second"
    started = time.perf_counter()
    coder.search_many(many, rerank=False)
    yield f"the same without reranking: {len(many) / (time.perf_counter() - started):.0f} queries a second"

    for path in sorted((ASSETS / "demo").glob("*.txt"))[:1]:
        coder.code(path.read_text(encoding="utf-8"))
    notes = [_stretched(path.read_text(encoding="utf-8")) for path in sorted((ASSETS / "demo").glob("*.txt"))]
    seconds = _each(coder.code, notes)
    yield f"a note of {NOTE_LENGTH:,} characters: median {np.median(seconds):.2f} s, longest {max(seconds):.2f} s"
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    yield f"peak memory so far: {peak:,.0f} MB"

    for name, build in (("bm25", bm25), ("tfidf", tfidf)):
        started = time.perf_counter()
        system = build(catalog)
        built = time.perf_counter() - started
        started = time.perf_counter()
        system.rank(queries[:200], 10)
        yield f"baseline {name}: built in {built:.1f} s, {200 / (time.perf_counter() - started):.0f} queries a second"


def _each(work: Callable[[str], object], items: list[str]) -> list[float]:
    seconds = []
    for item in items:
        started = time.perf_counter()
        work(item)
        seconds.append(time.perf_counter() - started)
    return seconds


def _stretched(note: str) -> str:
    """The note repeated to `NOTE_LENGTH` characters."""
    return (note * (NOTE_LENGTH // len(note) + 1))[:NOTE_LENGTH]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
