"""The team memory as an index: similar texts by their vectors, the same text by its folded form."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import faiss
import numpy as np

from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.encode.load import Encoder
    from core.retrieve.candidate import EntryTerm


HALF_LIFE = 730
"""Days after which a choice counts half: what a team meant two years ago may have changed with the release."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A remembered text of a code: how similar it is to the query, its row, how far people agree on it, how many."""

    similarity: float
    row: int
    agreement: float
    votes: float


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
        self._index: faiss.IndexFlatIP | None = None
        if self._groups:
            vectors = encoder.encode([self.terms[row].text for row in self._distinct], terms=True)
            self._index = faiss.IndexFlatIP(vectors.shape[1])
            self._index.add(vectors)

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


def _age(term: EntryTerm, now: datetime) -> float:
    """Whole days since the term was last chosen; none where nobody knows, or where the clock has jumped back."""
    if term.last is None:
        return 0.0
    last = term.last if term.last.tzinfo else term.last.replace(tzinfo=UTC)  # SQLite keeps no zone
    return max(0.0, float((now - last).days))
