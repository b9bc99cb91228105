"""The spans of a note that name a diagnosis: what the tagger reads, what the retriever knows, decided by trees.

Every span of a clause that the tagger does not rule out, and every one that the team has coded before, is scored: how
the tagger sees its words and its edges, how near it is to titles, written terms and remembered texts, and whether a
longer or a shorter span is nearer. The best spans that do not overlap are the mentions; a remembered text that stands
within one speaks for its codes too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.encode.load import load_encoder
from core.language import LANGUAGES
from core.note.coordination import Reading
from core.note.cues import tokens
from core.note.segment import SECTION_NUMBERS, Section
from core.note.sides import only_side, with_side
from core.note.signs import normal, signs, things
from core.note.spans import Span, WordSpan, whole_word, without_overlap, word_spans
from core.note.tagger import BEGIN, INSIDE, OUTSIDE, Tagger
from core.retrieve.candidate import Source
from core.settings import SHIPPED_ENCODER
from core.text import fold
from core.trees import load_trees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import lightgbm
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
WRITTEN = 0.1
"""The score that a span has at least where it stands in the book, the corpus, the signs or the team's memory."""
SHORTEST = 4
"""Letters of a term that is looked up: what is shorter (``mg``, ``TC``) has too many meanings."""
CIRCUMSTANCES = frozenset("UVWXYZ")
"""Chapters of circumstances rather than conditions: a note has their terms (``car``, ``check-up``) without a code."""


@dataclass(frozen=True, slots=True)
class Detected:
    """A span with the chance that it is a mention, the sentence it is in, and further texts that speak for its codes.

    Those are `remembered` texts that overlap it, which may have other words between theirs, or the head of a diagnosis
    that was found in two pieces. `query` is what to look up for it, where that is not its text.
    """

    span: Span
    score: float
    sentence: int
    remembered: tuple[Reading, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """All spans of a note that were looked at, with their features, (spans, features).

    `written` says which stand in the dictionary as they are, `remembered` which in the team's memory.
    """

    spans: list[WordSpan]
    places: list[Span]
    rows: NDArray[np.float32]
    written: list[bool]
    remembered: list[bool]


class Detector:
    """Finds mentions.

    Parameters
    ----------
    tagger
        Reads the words.
    retriever
        Knows what has a code.
    trees
        From features to how well a span fits a mention, 0 to 1; None while they are being trained.
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
        threshold: float,
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
        trees = load_trees(folder / MODEL, NAMES)
        return cls(Tagger.load(folder, module, function_words), retriever, trees, function_words, threshold)

    def find(self, text: str, sentences: Sequence[Sentence], lang: str) -> list[Detected]:
        """The mentions of a note in the order of the text; they do not overlap. `lang` says how words are inflected."""
        scored = self.look(text, sentences)
        if not scored.spans or self._trees is None:
            return []
        scores = np.asarray(self._trees.predict(scored.rows, num_threads=1), np.float64)
        scores = np.maximum(scores, np.where(np.logical_or(scored.written, scored.remembered), WRITTEN, 0))
        kept = np.flatnonzero(scores >= self.threshold).tolist()
        chosen = [kept[at] for at in without_overlap([scored.places[at] for at in kept], scores[kept].tolist())]
        found = [Detected(scored.places[at], float(scores[at]), scored.spans[at].sentence) for at in chosen]
        found = _with_sides(text, sentences, found, lang)
        return _with_remembered(found, [*_standing(scored), *self._scattered(text, sentences, lang)])

    def _written(self, place: Span) -> bool:
        """Whether a span stands as it is in the book, in the corpus or among the common signs."""
        if self._dictionary is None:  # made when the first note comes
            terms = self.retriever.book.terms
            rows = zip(terms.texts, terms.codes, terms.sources, strict=True)
            self._dictionary = frozenset(
                fold(text)
                for text, code, source in rows
                if code[0] not in CIRCUMSTANCES and source is not Source.ABBREVIATION and len(text) >= SHORTEST
            ) | {fold(name) for lang in LANGUAGES for name in signs(lang)}
        return fold(place.text) in self._dictionary

    def _scattered(self, text: str, sentences: Sequence[Sentence], lang: str) -> Iterator[Reading]:
        """Remembered texts with other words between theirs."""
        memory = self.retriever.memory()
        for sentence in sentences if memory.terms else ():
            words = tokens(text, sentence.start, sentence.end)
            for one in memory.scattered([token.word for token in words], lang):
                start, end = words[one.first].start, words[one.last - 1].end
                yield Reading(Span(start, end, text[start:end]), one.text)

    def look(self, text: str, sentences: Sequence[Sentence]) -> Scored:
        """The spans worth a look, with their features."""
        words = [tokens(text, one.start, one.end) for one in sentences]
        chances = self.tagger.probabilities(text, words, [one.section for one in sentences])
        every = [span for at, own in enumerate(words) for span in word_spans(text, own, self._function_words, at)]
        inside = [np.append(0, np.cumsum(own[:, BEGIN] + own[:, INSIDE])) for own in chances]
        memory, sound = self.retriever.memory(), [_normal(own) for own in words]
        spans, places, written, remembered = [], [], [], []
        for span in every:
            own, marked = words[span.sentence][span.first : span.last], inside[span.sentence]
            place = _place(text, words[span.sentence], span)
            team = memory.knows([token.word for token in own])
            known = self._written(place)
            likely = known or marked[span.last] - marked[span.first] >= RULED_OUT * len(own)
            apart = sound[span.sentence].isdisjoint(range(span.first, span.last))
            if team or (likely and apart and not _thing(own, sentences[span.sentence].section)):
                spans.append(span)
                places.append(place)
                written.append(known)
                remembered.append(team)
        if not spans:
            return Scored([], [], np.zeros((0, len(NAMES)), np.float32), [], [])
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
        table = np.concatenate([rows[:, :10], near, _rivals(spans, near), rows[:, 10:]], axis=1)
        return Scored(spans, places, table, written, remembered)

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


def _normal(words: Sequence[Token]) -> set[int]:
    """The words of a sentence that say that nothing is wrong."""
    cues, folded = normal(), [token.word for token in words]
    return {
        at
        for place in range(len(words))
        for cue in cues.at(folded, place)
        for at in range(place, place + len(cue.words))
    }


def _thing(words: Sequence[Token], section: Section) -> bool:
    """Whether a span is a drug, a test or the like, a number after it; on a medication list, whether it begins so."""
    said = [token.word for token in words]
    while said and said[-1].isdecimal():
        said.pop()
    sizes = range(1, len(said) + 1) if section is Section.MEDICATION else (len(said),)
    return any(" ".join(said[:size]) in things() for size in sizes)


def _place(text: str, words: Sequence[Token], span: WordSpan) -> Span:
    start, end = words[span.first].start, words[span.last - 1].end
    return Span(start, end, text[start:end])


def _standing(scored: Scored) -> Iterator[Reading]:
    """The longest remembered texts among the spans."""
    known = [place for place, team in zip(scored.places, scored.remembered, strict=True) if team]
    for at in without_overlap(known, [float(len(place.text)) for place in known]):
        yield Reading(known[at], known[at].text)


def _with_sides(text: str, sentences: Sequence[Sentence], found: Sequence[Detected], lang: str) -> list[Detected]:
    """Each span with the side at it; a side that became part of another span is none of its own."""
    result: list[Detected] = []
    for at, one in enumerate(found):
        if result and one.span.start < result[-1].span.end:
            continue
        if only_side(one.span):
            result.append(one)
            continue
        sentence = sentences[one.sentence]
        earlier = (other.span.end for other in reversed(result) if not only_side(other.span))
        later = (found[place].span for place in range(at + 1, len(found)))
        following = (span.start for span in later if not only_side(span))
        since, until = max(sentence.start, next(earlier, 0)), min(sentence.end, next(following, sentence.end))
        own = with_side(text, whole_word(text, one.span, since), since, until, sentence.end, lang)
        if result and own.start < result[-1].span.end:
            result.pop()
        result.append(replace(one, span=own))
    return result


def _with_remembered(found: Sequence[Detected], remembered: Sequence[Reading]) -> list[Detected]:
    """Each span with what overlaps it first, itself and what was read before it not among them."""
    seen = [{fold(one.span.text)} for one in found]
    own: list[list[Reading]] = [[] for _ in found]
    for reading in remembered:
        start, end = reading.span.start, reading.span.end
        at = next((at for at, one in enumerate(found) if start < one.span.end and one.span.start < end), None)
        if at is not None and fold(reading.query) not in seen[at]:
            seen[at].add(fold(reading.query))
            own[at].append(reading)
    return [replace(one, remembered=tuple(mine)) for one, mine in zip(found, own, strict=True)]


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
        size = np.asarray([spans[at].last for at in own]) - first
        for column, values in ((0, best[own]), (2, team[own])):
            shorter, longer = _nested(first, size, values)
            result[own, column] = values - shorter
            result[own, column + 1] = values - longer
    return result


def _nested(
    first: NDArray[np.int64], size: NDArray[np.int64], values: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The highest value within each span of a sentence and around it, itself apart; 0 where there is none."""
    longest, words = int(size.max()), int((first + size).max())
    own = np.zeros((longest + 2, words + 2), np.float32)  # by size, by first word; with an edge of zeros
    own[size, first + 1] = values
    within, around = np.zeros_like(own), np.zeros_like(own)
    for many in range(2, longest + 1):
        best = np.maximum(own[many - 1], within[many - 1])
        within[many, :-1] = np.maximum(best[:-1], best[1:])
    for many in range(longest - 1, 0, -1):
        best = np.maximum(own[many + 1], around[many + 1])
        around[many, 1:] = np.maximum(best[1:], best[:-1])
    return within[size, first + 1], around[size, first + 1]
