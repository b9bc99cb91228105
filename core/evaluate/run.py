"""One evaluation: a system, a data set, and what came out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate import codiesp, mentions
from core.evaluate.metrics import Figure, figure, micro, per_query
from core.evaluate.systems import System, open_system
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.coder import Coder
    from core.evaluate.gold import GoldQuery

DATASETS = ("codiesp-x", "codiesp-d", "mentions")
DEPTH = 50
CHUNK = 256


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one slice of the queries: all of them, a language, a style, those seen in the memory."""

    name: str
    queries: int
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found, with what is needed to repeat it."""

    dataset: str
    split: str
    system: str
    release: str
    model: str
    remembered: int
    seconds: float
    rows: tuple[Row, ...]
    retired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate; `limit` takes only the first so many queries (0: all)."""

    dataset: str
    path: Path
    split: str = "test"
    system: str = "clinicode"
    limit: int = 0


def evaluate(
    request: Request,
    catalog: Callable[[], Catalog],
    coder: Callable[[], Coder],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Run a system over a data set.

    Parameters
    ----------
    request
        System, data set and slice.
    catalog, coder
        Give the loaded catalog and the loaded product, called only where needed.
    progress
        Called with queries done and queries in all.

    Raises
    ------
    ClinicodeError
        If the data set, its files or the system are not there.
    """
    if request.dataset not in DATASETS:
        message = f"There is no data set kind {request.dataset!r}; choose one of {', '.join(DATASETS)}."
        raise ClinicodeError(message)
    started = time.perf_counter()
    if request.dataset == "mentions":
        queries = mentions.read_mentions(request.path, catalog())
    elif request.dataset == "codiesp-x":
        queries = codiesp.read_mentions(request.path, request.split, catalog())
    else:
        queries = codiesp.read_documents(request.path, request.split, catalog())
    queries = queries[: request.limit or None]
    if not queries:
        message = f"{request.path} holds nothing to evaluate."
        raise ClinicodeError(message)
    if request.dataset == "codiesp-d":
        rows = _documents(queries, coder(), progress)
    else:
        system = open_system(request.system, coder, catalog)
        seen = _seen(coder()) if request.system == "clinicode" else frozenset()
        rows = _mentions(queries, system, seen, progress)
    used = request.system in ("clinicode", "dense") or request.dataset == "codiesp-d"
    return Report(
        dataset=request.dataset,
        split=request.split if request.dataset != "mentions" else request.path.name,
        system=request.system,
        release=catalog().label,
        model=coder().retriever.encoder.fingerprint if used else "",
        remembered=coder().memory.version()[1] if used and request.system == "clinicode" else 0,
        seconds=time.perf_counter() - started,
        rows=tuple(rows),
        retired=tuple(sorted({query.text for query in queries if any(not group for group in query.groups)})),
    )


def _seen(coder: Coder) -> frozenset[str]:
    return frozenset(fold(term.text) for term in coder.memory.terms())


def _mentions(
    queries: Sequence[GoldQuery], system: System, seen: frozenset[str], progress: Callable[[int, int], None]
) -> list[Row]:
    rankings: list[list[str]] = []
    for start in range(0, len(queries), CHUNK):
        rankings += system([query.text for query in queries[start : start + CHUNK]], DEPTH)
        progress(len(rankings), len(queries))
    values = per_query(queries, rankings)
    rows = [_row("all", range(len(queries)), values)]
    if seen:
        known = [fold(query.text) in seen for query in queries]
        rows.append(_row("seen in the memory", [at for at, was in enumerate(known) if was], values))
        rows.append(_row("not seen", [at for at, was in enumerate(known) if not was], values))
    tags = list(dict.fromkeys(tag for query in queries for tag in query.tags))
    rows += [
        _row(" ".join(tag), [at for at, query in enumerate(queries) if tag in query.tags], values)
        for tag in sorted(tags)
    ]
    rows.append(_row("all, three characters", range(len(queries)), per_query(queries, rankings, characters=3)))
    return rows


def _documents(queries: Sequence[GoldQuery], coder: Coder, progress: Callable[[int, int], None]) -> list[Row]:
    rankings, suggested = [], []
    for done, query in enumerate(queries, 1):
        codes = coder.code(query.text, query.lang or None).codes
        rankings.append([item.candidate.code for item in codes])
        suggested.append([item.candidate.code for item in codes if item.suggested])
        progress(done, len(queries))
    row = _row("all", range(len(queries)), per_query(queries, rankings))
    names = ("precision", "recall", "F1")
    measured = {name: Figure(value, value, value) for name, value in zip(names, micro(queries, suggested), strict=True)}
    return [Row(row.name, row.queries, {"MAP": row.figures["MAP"], **measured})]


def _row(name: str, chosen: Sequence[int], values: dict[str, list[float]]) -> Row:
    return Row(name, len(chosen), {measure: figure([all_[at] for at in chosen]) for measure, all_ in values.items()})
