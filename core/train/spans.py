"""The training of the trees that decide which spans of a note are mentions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from core.note.context import ContextReader, Status
from core.note.detector import NAMES
from core.note.segment import Segmenter
from core.train.trees import boosted
from core.trees import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.note.detector import Detector, Scored
    from core.note.segment import Sentence
    from core.note.spans import Span
    from core.train.notes import Document


@dataclass(slots=True)
class Examples:
    """Spans with the part of them that an annotated mention covers (intersection over union of characters)."""

    rows: list[NDArray[np.float32]] = field(default_factory=list)
    covered: list[NDArray[np.float64]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def take(self, chosen: Sequence[int]) -> Examples:
        """Those of some documents, by position."""
        names = ("rows", "covered", "documents")
        return Examples(*([getattr(self, name)[at] for at in chosen] for name in names))


def make_examples(documents: Sequence[Document], detector: Detector) -> Examples:
    """Features and targets of every span looked at; of incomplete documents without what is denied."""
    segmenter, context = Segmenter(), ContextReader()
    examples = Examples()
    for document in documents:
        sentences = segmenter.sentences(document.text, (document.lang,))
        scored = detector.look(document.text, sentences)
        if not scored.spans:
            continue
        covered = np.asarray([cover(place, document.gold) for place in scored.places])
        keep = np.ones(len(covered), bool)
        if not document.complete:
            keep = (covered > 0) | _stated(document, sentences, scored, context)
        examples.rows.append(scored.rows[keep])
        examples.covered.append(covered[keep])
        examples.documents.append(document.name)
    return examples


def _stated(
    document: Document, sentences: Sequence[Sentence], scored: Scored, context: ContextReader
) -> NDArray[np.bool_]:
    """Which spans are neither denied nor a relative's."""
    stated = np.ones(len(scored.spans), bool)
    for number, sentence in enumerate(sentences):
        own = [at for at, span in enumerate(scored.spans) if span.sentence == number]
        verdicts = context.read(document.text, sentence, [scored.places[at] for at in own], document.lang, apart=True)
        for at, verdict in zip(own, verdicts, strict=True):
            stated[at] = verdict.status not in (Status.NEGATED, Status.FAMILY)
    return stated


def cover(place: Span, gold: Sequence[tuple[tuple[int, int], ...]]) -> float:
    """Characters that a span shares with the annotation that it fits best, over the characters of either."""
    best = 0.0
    for pieces in gold:
        shared = sum(max(0, min(place.end, end) - max(place.start, start)) for start, end in pieces)
        if shared:
            whole = sum(end - start for start, end in pieces)
            best = max(best, shared / (place.end - place.start + whole - shared))
    return best


def train_spans(examples: Examples, seed: int = 7, rounds: int = 250) -> lightgbm.Booster:
    """Gradient-boosted trees on the cross-entropy with soft targets: what fits half is worth a quarter."""
    rows, fits = np.concatenate(examples.rows), np.concatenate(examples.covered) ** 2
    data = lightgbm.Dataset(rows, fits, feature_name=columns(NAMES))
    return boosted(
        data,
        rounds,
        seed,
        objective="cross_entropy",
        learning_rate=0.06,
        num_leaves=31,
        min_data_in_leaf=80,
        feature_fraction=0.7,
    )
