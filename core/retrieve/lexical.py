"""BM25 over the entry terms: what shares a rare word with the query, whatever the encoder makes of it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Self

import bm25s
import numpy as np

from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


logging.getLogger("bm25s").setLevel(logging.WARNING)  # it reports each build on standard error


class LexicalIndex:
    """Lucene's BM25 (k1 1.5, b 0.75) over folded words, held by `bm25s`."""

    def __init__(self, model: bm25s.BM25) -> None:
        self._model = model
        self._vocabulary: dict[str, int] = model.vocab_dict
        self._scores, self._texts, self._starts = (model.scores[name] for name in ("data", "indices", "indptr"))

    @classmethod
    def build(cls, texts: Sequence[str]) -> Self:
        """Index the texts; row numbers are their positions."""
        model = bm25s.BM25(method="lucene")
        model.index([fold(text).split() for text in texts], show_progress=False)
        return cls(model)

    def search(self, queries: Sequence[str], depth: int) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """For each query the rows of its best `depth` texts and their scores over the best one's, best first.

        Rows that share no word with the query are left out, so an answer may be shorter than `depth` or empty.
        """
        return [self._search(query, depth) for query in queries]

    def _search(self, query: str, depth: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Add up the postings of the query's words: `bm25s` has the score of each word in each text ready."""
        known = (self._vocabulary.get(word) for word in dict.fromkeys(fold(query).split()))
        ranges = [slice(*self._starts[row : row + 2]) for row in known if row is not None]
        if not ranges:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows = np.concatenate([self._texts[part] for part in ranges])
        found, place = np.unique(rows, return_inverse=True)  # few of all texts
        scores = np.bincount(place, np.concatenate([self._scores[part] for part in ranges]))
        best = np.argsort(-scores, kind="stable")[:depth]
        return found[best].astype(np.int64), (scores[best] / scores[best[0]]).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own."""
        self._model.save(str(folder), corpus=None, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a saved index, its arrays memory-mapped."""
        if not Path(folder).is_dir():
            raise FileNotFoundError(folder)
        return cls(bm25s.BM25.load(str(folder), mmap=True, show_progress=False))
