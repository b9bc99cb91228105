"""What the second stage would make of a text without each of its words (occlusion; Zeiler and Fergus, 2014)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.explain.explanation import Word
    from core.rerank.reranker import Ordered, Reranker

MOST = 40
"""Words of a text that are left out one by one; a longer text is not tried."""


def orders_without_each(reranker: Reranker, text: str, words: Sequence[Word], langs: Collection[str]) -> list[Ordered]:
    """What the second stage makes of the text without each of its words, all in one batch; empty if not tried."""
    if not 1 < len(words) <= MOST:
        return []
    variants = [without(text, [word]) for word in words]
    memory = reranker.retriever.memory()
    spoken = [langs] * len(variants)
    return reranker.order(variants, spoken, reranker.retriever.gather(variants, memory, spoken), memory)


def with_drops(words: Sequence[Word], orders: Sequence[Ordered], code: str, score: float) -> tuple[Word, ...]:
    """The words with how much lower a code is scored without each than the `score` that it has with all.

    Where the code is no longer found without a word, it counts as scored like the last that is.
    """
    result = []
    for word, order in zip(words, orders, strict=True):
        scores = dict(zip(order.codes, order.scores, strict=True))
        left = scores.get(code, order.scores[-1] if order.scores else None)
        result.append(word if left is None else replace(word, drop=score - left))
    return tuple(result)


def without(text: str, words: Sequence[Word]) -> str:
    """The text with some of its words left out, and no further change."""
    parts, done = [], 0
    for word in sorted(words, key=lambda one: one.start):
        parts.append(text[done : word.start])
        done = word.end
    return " ".join("".join([*parts, text[done:]]).split())
