"""Whether the words that are said to matter do: the similarity must fall when they are taken away.

Words are deleted one after the other, and the mean fall of the similarity is the area over the perturbation curve
(AOPC; Samek et al. 2017, "Evaluating the Visualization of What a Deep Neural Network Has Learned", section III-B, with
words in place of image regions). Deleting the words with the largest shares first must give a larger area than deleting
them at random. The similarity is had from the encoder anew for every shortened text, not from the shares.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.explain.deletion import Order
from core.explain.explain import explain
from core.explain.occlusion import without
from core.explain.readings import forms_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.coder import Coder
    from core.explain.explanation import Explanation

LEAST = 3
"""Words that a query has to have."""
SEEDS = 5


@dataclass(frozen=True, slots=True)
class Curve:
    """The similarities of one text to its matched term while its words are deleted: none, one, ... all but one.

    `query` is the text's number among those given, `seed` that of a random order (else 0).
    """

    query: int
    order: Order
    seed: int
    similarities: tuple[float, ...]

    @property
    def area(self) -> float:
        """The mean fall of the similarity until one word is left."""
        return float(np.mean([self.similarities[0] - one for one in self.similarities[1:]]))


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """AOPC of three orders of deletion, means over `queries`; `deviation` is that of `random` between the seeds."""

    queries: int
    largest: float
    random: float
    smallest: float
    deviation: float
    curves: tuple[Curve, ...] = ()


def faithfulness(
    coder: Coder, texts: Sequence[str], langs: Sequence[str | None] | None = None, seeds: int = SEEDS
) -> Faithfulness:
    """Measure the explanations of the first candidate of each text of at least `LEAST` words.

    >>> from core.evaluate.mentions import PUBLIC, read_mentions  # doctest: +SKIP
    >>> queries = read_mentions(PUBLIC, coder.catalog)  # doctest: +SKIP
    >>> faithfulness(coder, [one.text for one in queries], [one.lang for one in queries])  # doctest: +SKIP
    """
    curves: list[Curve] = []
    shuffles = [random.Random(seed) for seed in range(seeds)]  # noqa: S311
    found = coder.search_many(texts, langs, 1)
    for number, (one, lang) in enumerate(zip(found, langs or [None] * len(texts), strict=True)):
        if not one.candidates:
            continue
        explanation = explain(coder, one.text, [one.candidates[0].code], lang, occlusion=False)[0]
        if len(explanation.words) < LEAST:
            continue
        ranked = sorted(range(len(explanation.words)), key=lambda at: -explanation.words[at].share)
        orders = [(Order.LARGEST, 0, ranked), (Order.SMALLEST, 0, ranked[::-1])]
        orders += [(Order.RANDOM, seed, shuffle.sample(ranked, len(ranked))) for seed, shuffle in enumerate(shuffles)]
        curves += [
            Curve(number, order, seed, _similarities(coder, explanation, words, one.language.likely))
            for order, seed, words in orders
        ]
    if not curves:
        return Faithfulness(0, 0.0, 0.0, 0.0, 0.0)
    by_seed = [_mean_area(curves, Order.RANDOM, seed) for seed in range(seeds)]
    return Faithfulness(
        len({curve.query for curve in curves}),
        _mean_area(curves, Order.LARGEST),
        float(np.mean(by_seed)),
        _mean_area(curves, Order.SMALLEST),
        float(np.std(by_seed)),
        tuple(curves),
    )


def _mean_area(curves: Sequence[Curve], order: Order, seed: int = 0) -> float:
    return float(np.mean([curve.area for curve in curves if curve.order is order and curve.seed == seed]))


def _similarities(
    coder: Coder, explanation: Explanation, order: Sequence[int], langs: Collection[str]
) -> tuple[float, ...]:
    """The similarity to the matched term while words go one by one, until one is left."""
    words = [explanation.words[at] for at in order]
    texts = [without(explanation.text, words[:count]) for count in range(len(words))]
    return tuple(_similarity(coder, text, explanation.term.text, langs) for text in texts)


def _similarity(coder: Coder, text: str, term: str, langs: Collection[str]) -> float:
    """What the retriever would find: of the text as it stands and its readings the one most like the term."""
    encoder = coder.retriever.encoder
    forms = forms_of(text, langs)
    likeness = encoder.encode([form.text for form in forms]) @ encoder.encode([term], terms=True)[0]
    return max(form.weight * float(one) for form, one in zip(forms, likeness, strict=True))
