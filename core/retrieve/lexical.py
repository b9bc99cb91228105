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
        answers = []
        nothing = (np.empty(0, np.int64), np.empty(0, np.float32))
        for query in queries:
            known = [
                row for word in dict.fromkeys(fold(query).split()) if (row := self._vocabulary.get(word)) is not None
            ]
            if not known:
                answers.append(nothing)
                continue
            scores = self._model.get_scores_from_ids(known)
            depth = min(depth, len(scores))
            top = np.argpartition(scores, -depth)[-depth:]
            top = top[np.argsort(-scores[top], kind="stable")]
            top = top[scores[top] > 0]
            answers.append(
                (top.astype(np.int64), (scores[top] / scores[top[0]]).astype(np.float32)) if len(top) else nothing
            )
        return answers

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own."""
        self._model.save(str(folder), corpus=None, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a saved index, its arrays memory-mapped."""
        if not Path(folder).is_dir():
            raise FileNotFoundError(folder)
        return cls(bm25s.BM25.load(str(folder), mmap=True, show_progress=False))
