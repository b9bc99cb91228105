"""The team memory as an index: similar texts by their vectors, the same text by its folded form."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import faiss
import numpy as np
import Stemmer

from core.language import LANGUAGES
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.encode.load import Encoder
    from core.retrieve.candidate import EntryTerm


SMALL = frozenset(
    {"the", "a", "an", "of", "in", "on", "at", "de", "del", "dels", "d", "l", "la", "el"}
    | {"els", "les", "los", "lo", "un", "una", "en", "al", "als", "di", "della", "dello", "dei", "degli"}
    | {"delle", "dell", "il", "gli", "le", "da", "do", "dos", "das", "na", "nas", "nel", "nella", "du"}
    | {"des", "au", "aux", "une", "dans", "der", "die", "den", "dem", "ein", "eine", "einer", "eines", "im"}
    | {"am", "vom", "zum", "zur"}
)
"""Articles and the prepositions of place and belonging: a remembered text is the same with others."""
GAP = 8
"""Words at most that may stand between those of a remembered text."""
HALF_LIFE = 730
"""Days after which a choice counts half: what a team meant two years ago may have changed with the release."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A remembered text of a code: how similar it is to the query, its row, how far people agree on it, how many."""

    similarity: float
    row: int
    agreement: float
    votes: float


@dataclass(frozen=True, slots=True)
class Scattered:
    """A remembered text within words `first` to before `last` of a sentence."""

    first: int
    last: int
    text: str


@dataclass(slots=True)
class Recall:
    """What the memory says of one query: for each code its most similar text, and the text that is the query itself."""

    similar: dict[str, Recalled] = field(default_factory=dict)
    equal: dict[str, Recalled] = field(default_factory=dict)


class MemoryIndex:
    """Remembered terms of one version of the memory, searched exactly.

    Parameters
    ----------
    terms
        What is remembered.
    encoder
        Encodes it.
    set_aside
        Remembered terms that are not used, because the catalog's release does not have their code.

    """

    def __init__(self, terms: Sequence[EntryTerm], encoder: Encoder, set_aside: Sequence[EntryTerm] = ()) -> None:
        self.terms = list(terms)
        self.set_aside = tuple(set_aside)
        now = datetime.now(UTC)
        self._votes = [term.count * 0.5 ** (_age(term, now) / HALF_LIFE) for term in self.terms]
        self._rows: dict[str, list[int]] = defaultdict(list)
        for row, term in enumerate(self.terms):
            self._rows[fold(term.text)].append(row)
        self._distinct = [rows[0] for rows in self._rows.values()]
        self._groups = list(self._rows.values())
        totals = {row: sum(self._votes[one] for one in rows) for rows in self._groups for row in rows}
        self._agreement = [votes / totals[row] for row, votes in enumerate(self._votes)]
        self._by_stem: dict[str, dict[str, list[tuple[frozenset[str], str]]]] = {}
        self._index: faiss.IndexFlatIP | None = None
        if self._groups:
            vectors = encoder.encode([self.terms[row].text for row in self._distinct], terms=True)
            self._index = faiss.IndexFlatIP(vectors.shape[1])
            self._index.add(vectors)

    def knows(self, words: Sequence[str]) -> bool:
        """Whether these folded words are a remembered text; articles and the like do not count beside two words."""
        if not self.terms:
            return False
        phrase = saying(words)
        return phrase in self._phrases if len(phrase) > 1 else " ".join(words) in self._rows

    @cached_property
    def chosen(self) -> Counter[str]:
        """How often people chose each code."""
        counts: Counter[str] = Counter()
        for term in self.terms:
            counts[term.code] += term.count
        return counts

    @cached_property
    def chosen_categories(self) -> Counter[str]:
        """How often they chose a code of each category."""
        counts: Counter[str] = Counter()
        for code, count in self.chosen.items():
            counts[code[:3]] += count
        return counts

    @cached_property
    def _phrases(self) -> frozenset[tuple[str, ...]]:
        return frozenset(saying(text.split()) for text in self._rows)

    def scattered(self, words: Sequence[str], lang: str) -> list[Scattered]:
        """Remembered texts whose words stand near one another in a sentence, in any order and inflection.

        ``lesions of the left kidney`` has ``kidney lesion`` in it. What has no word of its own beside another, longer
        one there is left out.
        """
        if not self.terms:
            return []
        stems = _stems(words, lang)
        places: dict[str, list[int]] = defaultdict(list)
        for at, stem in enumerate(stems):
            places[stem].append(at)
        found: list[tuple[frozenset[str], Scattered]] = []
        for stem in places:
            for phrase, text in self._bags(lang).get(stem, ()):
                window = _window(phrase, places)
                if window and window[1] - window[0] <= len(phrase) + GAP:
                    found.append((phrase, Scattered(*window, text)))
        found.sort(key=lambda one: (-len(one[0]), one[1].first, one[1].text))
        kept: list[tuple[frozenset[str], Scattered]] = []
        for phrase, one in found:
            if not any(phrase < other and one.first < more.last and more.first < one.last for other, more in kept):
                kept.append((phrase, one))
        return [one for _, one in kept]

    def _bags(self, lang: str) -> dict[str, list[tuple[frozenset[str], str]]]:
        """Texts of two words and more as sets of stems, under the longest stem of each."""
        if lang not in self._by_stem:
            bags: dict[frozenset[str], str] = {}
            for folded, rows in self._rows.items():
                phrase = frozenset(_stems(saying(folded.split()), lang))
                if len(phrase) > 1:
                    bags.setdefault(phrase, self.terms[rows[0]].text)
            filed: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
            for phrase, text in bags.items():
                filed[max(sorted(phrase), key=len)].append((phrase, text))
            self._by_stem[lang] = dict(filed)
        return self._by_stem[lang]

    def nearest(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Similarity and length of each vector's nearest remembered text; zeros and ones where there is none."""
        if self._index is None:
            return np.zeros(len(vectors), np.float32), np.ones(len(vectors), np.int64)
        similarities, groups = self._index.search(vectors, 1)
        lengths = np.asarray([len(self.terms[self._distinct[group]].text) for group in groups[:, 0]])
        return similarities[:, 0], lengths

    def recall(self, texts: Sequence[str], vectors: NDArray[np.float32], depth: int) -> list[Recall]:
        """Similar and equal remembered texts of each query, `vectors` being the encoded `texts`."""
        answers = [Recall() for _ in texts]
        if self._index is None:
            return answers
        similarities, groups = self._index.search(vectors, min(depth, self._index.ntotal))
        for answer, text, row_similarities, row_groups in zip(answers, texts, similarities, groups, strict=True):
            for similarity, group in zip(row_similarities.tolist(), row_groups.tolist(), strict=True):
                for row in self._groups[group]:
                    code = self.terms[row].code
                    if code not in answer.similar or similarity > answer.similar[code].similarity:
                        answer.similar[code] = self._recalled(similarity, row)
            answer.equal = {self.terms[row].code: self._recalled(1.0, row) for row in self._rows.get(fold(text), [])}
        return answers

    def _recalled(self, similarity: float, row: int) -> Recalled:
        return Recalled(similarity, row, self._agreement[row], self._votes[row])


def saying(words: Sequence[str]) -> tuple[str, ...]:
    """Folded words without those that say nothing."""
    return tuple(word for word in words if word not in SMALL)


def _stems(words: Sequence[str], lang: str) -> list[str]:
    """Folded words cut to their stems (Snowball); a stemmer must not be shared between threads."""
    stemmed: list[str] = Stemmer.Stemmer(LANGUAGES[lang].lower()).stemWords(list(words))
    return stemmed


def _window(phrase: frozenset[str], places: Mapping[str, Sequence[int]]) -> tuple[int, int] | None:
    """The shortest run of words, first to before last, that has every stem of a phrase; None where one is missing."""
    if any(stem not in places for stem in phrase):
        return None
    events = sorted((at, stem) for stem in phrase for at in places[stem])
    counts: Counter[str] = Counter()
    best: tuple[int, int] | None = None
    left = 0
    for at, stem in events:
        counts[stem] += 1
        while len(counts) == len(phrase):
            first, oldest = events[left]
            if best is None or at + 1 - first < best[1] - best[0]:
                best = first, at + 1
            counts[oldest] -= 1
            if not counts[oldest]:
                del counts[oldest]
            left += 1
    return best


def _age(term: EntryTerm, now: datetime) -> float:
    """Whole days since the term was last chosen; none where nobody knows, or where the clock has jumped back."""
    if term.last is None:
        return 0.0
    last = term.last if term.last.tzinfo else term.last.replace(tzinfo=UTC)  # SQLite keeps no zone
    return max(0.0, float((now - last).days))
