"""What a run comes to: figures with intervals, for all its queries and for each slice of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.evaluate.metrics import MEASURES, Figure, figure, micro

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.evaluate.runs import Run

CATEGORY = ", three characters"


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one slice of the queries: all of them, a language, a style, a chapter, those seen in the memory."""

    name: str
    queries: int
    figures: dict[str, Figure]


def rows(run: Run) -> list[Row]:
    """All queries first, then every slice that has some."""
    return list(_rows(run.table))


def _rows(table: pl.DataFrame) -> Iterator[Row]:
    documents = "gold" in table.columns
    yield _documents("all", table) if documents else _row("all", table)
    if documents:
        return
    if table["seen"].null_count() < table.height:
        yield _row("seen in the memory", table.filter(pl.col("seen")))
        yield _row("not seen", table.filter(~pl.col("seen")))
    for column, prefix in (("lang", "lang"), ("style", "style"), ("chapter", "chapter")):
        parts = {str(key[0]): part for key, part in table.partition_by(column, as_dict=True).items()}
        if len(parts) > 1:
            yield from (_row(f"{prefix} {key}", parts[key]) for key in sorted(parts, key=_by_number) if key)
    yield _row("all" + CATEGORY, table, CATEGORY)


def _by_number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (0, key)


def _row(name: str, table: pl.DataFrame, suffix: str = "") -> Row:
    return Row(name, table.height, {one: figure(table[one + suffix].to_numpy()) for one in MEASURES})


def _documents(name: str, table: pl.DataFrame) -> Row:
    """MAP, and micro precision, recall and F1 of the suggested codes."""
    counts = table.select("right", "said", "gold").to_numpy().astype(np.float64)
    return Row(name, table.height, {"MAP": figure(table["MAP"].to_numpy()), **micro(counts)})
