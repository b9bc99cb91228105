"""What a bench measures, as figures with a unit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DETECTION = "language detection"
FIRST = "first stage"
SECOND = "second stage"
PHRASE = "whole search"
READING = "reading"
RANKING = "ranking"
NOTE = "whole note"
RERANKED = "with reranking"
BARE = "without reranking"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured once.

    `part` is what was at work (``open``, ``phrase``, ``note``, ``batch``, ``memory``, ``baseline``, ``growth``), `unit`
    one of ``s``, ``ms``, ``MB``, ``queries/s`` and ``terms``. `x` is what the value depends on: the number of the
    phrase or note, queries in a batch, or entry terms in the index; None where it depends on nothing.
    """

    part: str
    measure: str
    value: float
    unit: str
    x: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the bench that is done: what it came to in a sentence, and its figures."""

    line: str
    figures: tuple[Figure, ...] = ()


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def percentile(figures: Sequence[Figure], measure: str, share: float) -> float:
    """The value under which `share` per cent of the figures of a measure lie."""
    return float(np.percentile([one.value for one in figures if one.measure == measure], share))
