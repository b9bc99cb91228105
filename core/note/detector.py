"""The spans of a note that name a diagnosis: what the tagger reads, what the retriever knows, decided by trees.

Every span of a clause that the tagger does not rule out, and every one that the team has coded before, is scored: how
the tagger sees its words and its edges, how near it is to titles, written terms and remembered texts, and whether a
longer or a shorter span is nearer. The spans that together are worth most and do not overlap are the mentions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from core.encode.load import load_encoder
from core.note.cues import tokens
from core.note.segment import SECTION_NUMBERS
from core.note.spans import Span, WordSpan, without_overlap, word_spans
from core.note.tagger import BEGIN, INSIDE, OUTSIDE, Tagger
from core.retrieve.candidate import Source
from core.settings import SHIPPED_ENCODER
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.note.cues import Token
    from core.note.segment import Sentence
    from core.retrieve.retriever import Retriever

MODEL = "spans.txt"
NAMES = (
    "words",
    "characters",
    "begins",
    "goes on",
    "inside mean",
    "inside least",
    "before",
    "after inside",
    "after begins",
    "broken",
    "title",
    "other",
    "team",
    "fifth",
    "over shorter",
    "over longer",
    "team over shorter",
    "team over longer",
    "function words",
    "digits",
    "capitals",
    "section",
)
RULED_OUT = 0.05
"""The tagger's mean chance of a span's words to be in a mention, under which it is not looked at."""
WRITTEN = 0.16
"""The score that a span has at least where it is written like that in the book or in the corpus."""
SHORTEST = 4
"""Letters of a term that is looked up: what is shorter (``mg``, ``TC``) has too many meanings."""
CIRCUMSTANCES = frozenset("UVWXYZ")
"""Chapters of circumstances rather than conditions: a note has their terms (``car``, ``check-up``) without a code."""


@dataclass(frozen=True, slots=True)
class Detected:
    """A span with the chance that it is a mention, and the sentence it is in."""

    span: Span
    score: float
    sentence: int


@dataclass(frozen=True, slots=True)
class Scored:
    """All spans of a note that were looked at, with their features, (spans, features)."""

    spans: list[WordSpan]
    places: list[Span]
    rows: NDArray[np.float32]


class Detector:
    """Finds mentions.

    Parameters
    ----------
    tagger
        Reads the words.
    retriever
        Knows what has a code.
    trees
        From features to the part of a span that a mention covers; None while they are being trained.
    function_words
        Words that no mention begins or ends with.
    threshold
        The score from which a span is a mention.

    """

    def __init__(
        self,
        tagger: Tagger,
        retriever: Retriever,
        trees: lightgbm.Booster | None,
        function_words: frozenset[str],
        threshold: float = 0.08,
    ) -> None:
        self.tagger, self.retriever, self.threshold = tagger, retriever, threshold
        self._trees = trees
        self._function_words = function_words
        self._dictionary: frozenset[str] | None = None

    @classmethod
    def load(cls, folder: Path, retriever: Retriever, function_words: frozenset[str], threshold: float) -> Detector:
        """Read what training wrote."""
        module = retriever.encoder.ngrams or load_encoder(str(SHIPPED_ENCODER)).ngrams
        assert module is not None  # noqa: S101  the shipped encoder is an n-gram one
        trees = lightgbm.Booster(model_str=(folder / MODEL).read_text(encoding="utf-8"))
        return cls(Tagger.load(folder, module, function_words), retriever, trees, function_words, threshold)

    def find(self, text: str, sentences: Sequence[Sentence]) -> list[Detected]:
        """The mentions of a note, in the order of the text; they do not overlap."""
        scored = self.look(text, sentences)
        if not scored.spans or self._trees is None:
            return []
        scores = np.asarray(self._trees.predict(scored.rows, num_threads=1), np.float64)
        scores = np.maximum(scores, [self._written(place) for place in scored.places])
        kept = np.flatnonzero(scores >= self.threshold).tolist()
        worth = [self._worth(float(scores[at]), scored.spans[at]) for at in kept]
        chosen = without_overlap([scored.places[at] for at in kept], worth)
        return [
            Detected(scored.places[kept[at]], float(scores[kept[at]]), scored.spans[kept[at]].sentence) for at in chosen
        ]

    def _written(self, place: Span) -> float:
        """The least score of a span that stands in the book or in the corpus as it is."""
        if self._dictionary is None:  # made when the first note comes
            terms = self.retriever.book.terms
            rows = zip(terms.texts, terms.codes, terms.sources, strict=True)
            self._dictionary = frozenset(
                fold(text)
                for text, code, source in rows
                if code[0] not in CIRCUMSTANCES and source is not Source.ABBREVIATION and len(text) >= SHORTEST
            )
        return WRITTEN if fold(place.text) in self._dictionary else 0.0

    def _worth(self, score: float, span: WordSpan) -> float:
        """What a span adds to a selection: its score over the threshold for every word, sublinear."""
        return (score - self.threshold + 0.02) * float(np.sqrt(span.last - span.first))

    def look(self, text: str, sentences: Sequence[Sentence]) -> Scored:
        """The spans worth a look, with their features."""
        words = [tokens(text, one.start, one.end) for one in sentences]
        chances = self.tagger.probabilities(text, words, [one.section for one in sentences])
        every = [span for at, own in enumerate(words) for span in word_spans(text, own, self._function_words, at)]
        inside = [np.append(0, np.cumsum(own[:, BEGIN] + own[:, INSIDE])) for own in chances]
        spans = [
            span
            for span in every
            if inside[span.sentence][span.last] - inside[span.sentence][span.first]
            >= RULED_OUT * (span.last - span.first)
            or self._written(_place(text, words[span.sentence], span))
        ]
        if not spans:
            return Scored([], [], np.zeros((0, len(NAMES)), np.float32))
        places = [_place(text, words[span.sentence], span) for span in spans]
        distinct = {text: at for at, text in enumerate(dict.fromkeys(place.text.lower() for place in places))}
        nearness = self.retriever.nearness(list(distinct))
        near = nearness[[distinct[place.text.lower()] for place in places]]
        rows = np.asarray(
            [
                self._row(words[span.sentence], chances[span.sentence], span, place, sentences[span.sentence])
                for span, place in zip(spans, places, strict=True)
            ],
            np.float32,
        )
        return Scored(spans, places, np.concatenate([rows[:, :10], near, _rivals(spans, near), rows[:, 10:]], axis=1))

    def _row(
        self, words: Sequence[Token], chances: NDArray[np.float32], span: WordSpan, place: Span, sentence: Sentence
    ) -> list[float]:
        own = chances[span.first : span.last]
        within = 1 - own[:, OUTSIDE]
        before = 1 - chances[span.first - 1, OUTSIDE] if span.first else 0.0
        after = chances[span.last] if span.last < len(words) else np.zeros(3, np.float32)
        said = [token.word in self._function_words for token in words[span.first : span.last]]
        return [
            span.last - span.first,
            len(place.text),
            own[0, BEGIN],
            own[0, INSIDE],
            within.mean(),
            within.min(),
            before,
            after[INSIDE],
            after[BEGIN],
            own[1:, BEGIN].max() if len(own) > 1 else 0.0,
            sum(said) / len(said),
            sum(char.isdigit() for char in place.text) / len(place.text),
            place.text.isupper(),
            SECTION_NUMBERS[sentence.section],
        ]


def _place(text: str, words: Sequence[Token], span: WordSpan) -> Span:
    start, end = words[span.first].start, words[span.last - 1].end
    return Span(start, end, text[start:end])


def _rivals(spans: Sequence[WordSpan], near: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much nearer a span is than the nearest within it and than the nearest around it, (spans, 4)."""
    best = np.maximum(near[:, 0], near[:, 1])
    team = near[:, 2]
    result = np.zeros((len(spans), 4), np.float32)
    groups: dict[int, list[int]] = {}
    for at, span in enumerate(spans):
        groups.setdefault(span.sentence, []).append(at)
    for own in groups.values():
        first = np.asarray([spans[at].first for at in own])
        last = np.asarray([spans[at].last for at in own])
        inside = (first[:, None] <= first) & (last <= last[:, None])
        np.fill_diagonal(inside, val=False)  # rows contain columns
        for column, values in ((0, best[own]), (2, team[own])):
            shorter = np.where(inside, values, 0).max(axis=1)
            longer = np.where(inside.T, values, 0).max(axis=1)
            result[own, column] = values - shorter
            result[own, column + 1] = values - longer
    return result
