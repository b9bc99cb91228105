"""Ranking metrics, computed by `ir-measures` (MacAvaney et al., 2022), with bootstrap intervals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import ir_measures
import numpy as np
from ir_measures import AP, RR, Qrel, ScoredDoc, Success

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.evaluate.gold import GoldQuery

MEASURES = {
    "Hit@1": Success @ 1,
    "R@3": Success @ 3,
    "R@5": Success @ 5,
    "R@10": Success @ 10,
    "MRR@10": RR @ 10,
    "MAP@10": AP @ 10,
    "MAP": AP,
}
"""R@k is the share of queries with a right code among the first k."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over queries with its bootstrap 95 % interval."""

    value: float
    low: float
    high: float


def per_query(
    queries: Sequence[GoldQuery], rankings: Sequence[Sequence[str]], characters: int | None = None
) -> dict[str, list[float]]:
    """Each measure's value for every query, in their order.

    Parameters
    ----------
    queries, rankings
        Gold, and the codes a system ranked for each query, best first.
    characters
        Compare only so many leading characters of the codes (3: categories).

    """
    qrels, run = [], []
    for query, ranking in zip(queries, rankings, strict=True):
        groups = [frozenset(code[:characters] for code in group) for group in query.groups]
        if characters:
            groups = list(dict.fromkeys(groups))
        qrels += [Qrel(query.name, f"gold-{at}", 1) for at in range(len(groups))]
        credited = credit(list(dict.fromkeys(code[:characters] for code in ranking)), groups)
        run += [ScoredDoc(query.name, name, float(-place)) for place, name in enumerate(credited)]
    values: dict[str, dict[str, float]] = defaultdict(dict)
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), qrels, run):
        values[names[metric.measure]][metric.query_id] = metric.value
    return {name: [values[name].get(query.name, 0.0) for query in queries] for name in MEASURES}


def credit(ranking: Sequence[str], groups: Sequence[frozenset[str]]) -> list[str]:
    """The ranking with each right code replaced by the thing it finds; a second code for the same thing is left out."""
    found: set[int] = set()
    names = []
    for code in ranking:
        meant = [at for at, group in enumerate(groups) if code in group]
        fresh = [at for at in meant if at not in found]
        if fresh:
            found.add(fresh[0])
            names.append(f"gold-{fresh[0]}")
        elif not meant:
            names.append(code)
    return names


@lru_cache(maxsize=8)
def draws(size: int, resamples: int = 1000, seed: int = 7) -> NDArray[np.int64]:
    """Which queries each bootstrap sample takes, (resamples, size); shared by all who ask, so it cannot be written."""
    drawn = np.random.default_rng(seed).integers(0, size, (resamples, size))
    drawn.setflags(write=False)
    return drawn


def figure(values: Sequence[float] | NDArray[np.floating[Any]]) -> Figure:
    """The mean with a percentile bootstrap interval over queries."""
    sample = np.asarray(values, np.float64)
    if not len(sample):
        return Figure(0.0, 0.0, 0.0)
    low, high = np.percentile(sample[draws(len(sample))].mean(axis=1), [2.5, 97.5])
    return Figure(float(sample.mean()), float(low), float(high))


def micro(counts: NDArray[np.float64]) -> dict[str, Figure]:
    """Micro precision, recall and F1 of code sets, with bootstrap intervals over documents.

    Parameters
    ----------
    counts
        (documents, 3): how many codes of each were right, were said, and are in the gold.

    """
    whole = _ratios(counts.sum(axis=0))
    sampled = _ratios(counts[draws(len(counts))].sum(axis=1).T)
    return {
        name: Figure(float(whole[name]), *np.percentile(sampled[name], [2.5, 97.5]).tolist())
        for name in ("precision", "recall", "F1")
    }


def _ratios(counts: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    right, said, gold = counts
    return {
        "precision": right / np.maximum(said, 1),
        "recall": right / np.maximum(gold, 1),
        "F1": 2 * right / np.maximum(said + gold, 1),
    }
