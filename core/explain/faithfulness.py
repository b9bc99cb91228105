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
class Faithfulness:
    """AOPC of three orders of deletion, means over `queries`; `deviation` is that of `random` between the seeds."""

    queries: int
    largest: float
    random: float
    smallest: float
    deviation: float


def faithfulness(
    coder: Coder, texts: Sequence[str], langs: Sequence[str | None] | None = None, seeds: int = SEEDS
) -> Faithfulness:
    """Measure the explanations of the first candidate of each text of at least `LEAST` words.

    >>> from core.evaluate.mentions import PUBLIC, read_mentions  # doctest: +SKIP
    >>> queries = read_mentions(PUBLIC, coder.catalog)  # doctest: +SKIP
    >>> faithfulness(coder, [one.text for one in queries], [one.lang for one in queries])  # doctest: +SKIP
    """
    largest, smallest = [], []
    at_random: list[list[float]] = [[] for _ in range(seeds)]
    shuffles = [random.Random(seed) for seed in range(seeds)]  # noqa: S311
    found = coder.search_many(texts, langs, 1)
    for one, lang in zip(found, langs or [None] * len(texts), strict=True):
        if not one.candidates:
            continue
        explanation = explain(coder, one.text, [one.candidates[0].code], lang, occlusion=False)[0]
        if len(explanation.words) < LEAST:
            continue
        ranked = sorted(range(len(explanation.words)), key=lambda at: -explanation.words[at].share)
        orders = [ranked, ranked[::-1]]
        orders += [shuffle.sample(ranked, len(ranked)) for shuffle in shuffles]
        areas = [_area(coder, explanation, order, one.language.likely) for order in orders]
        largest.append(areas[0])
        smallest.append(areas[1])
        for values, area in zip(at_random, areas[2:], strict=True):
            values.append(area)
    means = [float(np.mean(values)) for values in at_random if values]
    if not means:
        return Faithfulness(0, 0.0, 0.0, 0.0, 0.0)
    return Faithfulness(
        len(largest), float(np.mean(largest)), float(np.mean(means)), float(np.mean(smallest)), float(np.std(means))
    )


def _area(coder: Coder, explanation: Explanation, order: Sequence[int], langs: Collection[str]) -> float:
    """The mean fall of the similarity to the matched term while words go one by one, until one is left."""
    words = [explanation.words[at] for at in order]
    texts = [without(explanation.text, words[:count]) for count in range(len(words))]
    similarities = [_similarity(coder, text, explanation.term.text, langs) for text in texts]
    return float(np.mean([similarities[0] - one for one in similarities[1:]]))


def _similarity(coder: Coder, text: str, term: str, langs: Collection[str]) -> float:
    """What the retriever would find: of the text as it stands and its readings the one most like the term."""
    encoder = coder.retriever.encoder
    forms = forms_of(text, langs)
    likeness = encoder.encode([form.text for form in forms]) @ encoder.encode([term], terms=True)[0]
    return max(form.weight * float(one) for form, one in zip(forms, likeness, strict=True))
