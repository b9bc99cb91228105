"""Measuring: a system over a data set, query by query."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import polars as pl

from core.evaluate.datasets import Dataset
from core.evaluate.gold import GoldQuery
from core.evaluate.metrics import MEASURES, credit, per_query
from core.evaluate.nearness import nearness
from core.evaluate.notes import judge, read_notes
from core.evaluate.runs import Provenance, Run, provenance
from core.evaluate.systems import clinicode
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.coder import Coder
    from core.evaluate.systems import System

DEPTH = 50
KEPT = 10
"""Codes of a ranking that a run keeps."""
CHUNK = 256


def measure(
    system: System,
    dataset: Dataset,
    catalog: Catalog,
    command: str,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    frequencies: Mapping[str, int] | None = None,
) -> Run:
    """Rank codes for every mention of a data set.

    Parameters
    ----------
    system, dataset, catalog
        What is measured, on what, with which code set.
    command
        The command line that repeats it.
    progress
        Called with queries done and queries in all.
    frequencies
        How often annotators gave each code, where that is known.

    """
    started = time.perf_counter()
    rankings: list[list[str]] = []
    confidences: list[float | None] = []
    for start in range(0, len(dataset.queries), CHUNK):
        for codes, confidence in system.rank(dataset.queries[start : start + CHUNK], DEPTH):
            rankings.append(codes)
            confidences.append(confidence)
        progress(len(rankings), len(dataset.queries))
    seconds = time.perf_counter() - started
    seen = [fold(query.text) in system.seen for query in dataset.queries] if system.remembered else None
    columns = {
        **_columns(dataset.queries, rankings, catalog, frequencies),
        "seen": pl.Series(seen or [None] * len(rankings), dtype=pl.Boolean),
        "confidence": pl.Series(confidences, dtype=pl.Float32),
    }
    return Run(_provenance(system, dataset, catalog, command, seconds), pl.DataFrame(columns))


def measure_documents(
    coder: Coder, dataset: Dataset, command: str, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Run:
    """Code every note of a data set with the product as installed."""
    started = time.perf_counter()
    rankings, counts = [], []
    for done, query in enumerate(dataset.queries, 1):
        codes = coder.code(query.text, query.lang or None).codes
        rankings.append([item.candidate.code for item in codes])
        suggested = [item.candidate.code for item in codes if item.suggested]
        credited = credit(list(dict.fromkeys(suggested)), query.groups)
        counts.append((sum(name.startswith("gold-") for name in credited), len(credited), len(query.groups)))
        progress(done, len(dataset.queries))
    seconds = time.perf_counter() - started
    right, said, gold = (list(column) for column in zip(*counts, strict=True))
    columns = {**_columns(dataset.queries, rankings, coder.catalog), "right": right, "said": said, "gold": gold}
    return Run(_provenance(clinicode(coder), dataset, coder.catalog, command, seconds), pl.DataFrame(columns))


def _columns(
    queries: Sequence[GoldQuery],
    rankings: Sequence[list[str]],
    catalog: Catalog,
    frequencies: Mapping[str, int] | None = None,
) -> dict[str, list[object] | pl.Series]:
    values = per_query(queries, rankings)
    tags = [dict(query.tags) for query in queries]
    often = [
        None if frequencies is None else sum(frequencies.get(code, 0) for code in query.codes) for query in queries
    ]
    return {
        "query": [query.name for query in queries],
        "lang": [query.lang for query in queries],
        "style": [tag.get("style", "") for tag in tags],
        "chapter": [catalog.chapter(min(query.codes)) if query.codes else "" for query in queries],
        "frequency": pl.Series(often, dtype=pl.Int32),
        "nearness": [
            str(nearness(codes[0] if codes else None, query.codes, catalog))
            for query, codes in zip(queries, rankings, strict=True)
        ],
        "chapter_said": [catalog.chapter(codes[0]) if codes else "" for codes in rankings],
        "rank": pl.Series(
            [_rank(query.codes, codes) for query, codes in zip(queries, rankings, strict=True)], dtype=pl.Int32
        ),
        "rank_category": pl.Series(
            [
                _rank(frozenset(code[:3] for code in query.codes), list(dict.fromkeys(code[:3] for code in codes)))
                for query, codes in zip(queries, rankings, strict=True)
            ],
            dtype=pl.Int32,
        ),
        "codes": pl.Series([codes[:KEPT] for codes in rankings], dtype=pl.List(pl.String)),
        **{name: pl.Series(values[name], dtype=pl.Float32) for name in MEASURES},
        **{
            f"{name}, three characters": pl.Series(found, dtype=pl.Float32)
            for name, found in per_query(queries, rankings, characters=3).items()
        },
    }


def _rank(right: frozenset[str], codes: Sequence[str]) -> int | None:
    return next((place for place, code in enumerate(codes, 1) if code in right), None)


def _provenance(system: System, dataset: Dataset, catalog: Catalog, command: str, seconds: float) -> Provenance:
    return provenance(
        system,
        dataset.kind,
        dataset.split,
        dataset.fingerprint,
        release=catalog.label,
        command=command,
        seconds=seconds,
    )


def measure_notes(
    coder: Coder, path: Path, command: str, limit: int = 0, tick: Callable[[], object] = lambda: None
) -> Run:
    """Read annotated notes and compare (see :mod:`core.evaluate.notes`).

    Raises
    ------
    ClinicodeError
        If the notes cannot be read.
    """
    notes = read_notes(path, coder.catalog)[: limit or None]
    started = time.perf_counter()
    report = judge(notes, coder.code, tick)
    queries = [
        GoldQuery(note.name, note.text, tuple(mention.codes for mention in note.mentions), note.lang) for note in notes
    ]
    dataset = Dataset("notes", path.name, tuple(queries))
    seconds = time.perf_counter() - started
    return Run(_provenance(clinicode(coder), dataset, coder.catalog, command, seconds), report.table())
