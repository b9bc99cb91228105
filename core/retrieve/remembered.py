"""The team memory as an index: similar texts by their vectors, the same text by its folded form."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import faiss
import numpy as np

from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.encode.load import Encoder
    from core.retrieve.candidate import EntryTerm


@dataclass(slots=True)
class Recall:
    """What the memory says of one query: for each code its most similar text and the share of people's choices."""

    similar: dict[str, tuple[float, int]] = field(default_factory=dict)
    shares: dict[str, tuple[float, int]] = field(default_factory=dict)


class MemoryIndex:
    """Remembered terms of one version of the memory, searched exactly."""

    def __init__(self, terms: Sequence[EntryTerm], encoder: Encoder) -> None:
        self.terms = list(terms)
        self._rows: dict[str, list[int]] = defaultdict(list)
        for row, term in enumerate(self.terms):
            self._rows[fold(term.text)].append(row)
        self._distinct = [rows[0] for rows in self._rows.values()]
        self._groups = list(self._rows.values())
        self._index: faiss.IndexFlatIP | None = None
        if self._groups:
            vectors = encoder.encode([self.terms[row].text for row in self._distinct])
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
                    if code not in answer.similar or similarity > answer.similar[code][0]:
                        answer.similar[code] = (similarity, row)
            equal = self._rows.get(fold(text), [])
            total = sum(self.terms[row].count for row in equal)
            answer.shares = {self.terms[row].code: (self.terms[row].count / total, row) for row in equal}
        return answers
