"""Texts as words with vectors of their own: what the bag of n-grams is a sum of.

A text's vector is the sum of its words' vectors, scaled to unit length; so texts that share their words are encoded
quickly, and what a word of one text has to do with a word of another can be looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.encode.module import NgramEmbedding
    from core.encode.ngrams import NgramTokenizer


class WordTable:
    """The distinct words of many texts with their token rows.

    A word's vector is computed once in a batch, however often the word stands in it: texts share most of their words.
    """

    def __init__(self, tokenizer: NgramTokenizer) -> None:
        self._tokenizer = tokenizer
        self._place: dict[str, int] = {}
        self._memo: dict[str, list[int]] = {}
        self._tokens: list[list[int]] = []
        self.tokens = Ragged([])

    @property
    def words(self) -> list[str]:
        """The words in the order of their numbers."""
        return list(self._place)

    def read(self, texts: Sequence[str]) -> Ragged:
        """The word numbers of each text."""
        rows = []
        for text in texts:
            row = []
            for word, tokens in self._tokenizer.words(text, self._memo):
                if word not in self._place:
                    self._place[word] = len(self._tokens)
                    self._tokens.append(tokens)
                row.append(self._place[word])
            rows.append(row)
        self.tokens = Ragged(self._tokens)
        return Ragged(rows)


class Ragged:
    """Rows of numbers of unequal length in one flat array, so that a batch is gathered without a loop."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self.lengths = np.fromiter(map(len, rows), np.int64, count=len(rows))
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.flat = np.fromiter((number for row in rows for number in row), np.int64, count=int(self.lengths.sum()))

    def gather(self, chosen: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Flat numbers and offsets of the chosen rows, as `embedding_bag` takes them."""
        lengths = self.lengths[chosen]
        offsets = np.cumsum(lengths) - lengths
        steps = np.arange(int(lengths.sum())) - np.repeat(offsets, lengths)
        return torch.from_numpy(self.flat[np.repeat(self.starts[chosen], lengths) + steps]), torch.from_numpy(offsets)


@dataclass(frozen=True, slots=True)
class WordSpace:
    """The words of an index's entry terms.

    `words` are distinct and folded, `vectors`, (words, dimensions), their summed token vectors, not scaled; `numbers`
    holds the word numbers of all terms one after the other, and `starts`, (terms + 1,), where each term's begin.
    """

    words: list[str]
    vectors: NDArray[np.float16]
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]

    def of_term(self, row: int) -> NDArray[np.int32]:
        """The word numbers of one term."""
        return self.numbers[self.starts[row] : self.starts[row + 1]]

    @classmethod
    def build(cls, module: NgramEmbedding, texts: Sequence[str]) -> WordSpace:
        """Read the terms, and compute each distinct word's vector once."""
        table = WordTable(module.ngrams)
        rows = table.read(texts)
        vectors = word_vectors(module, table)
        starts = np.append(rows.starts, len(rows.flat))
        return cls(table.words, vectors.astype(np.float16), rows.flat.astype(np.int32), starts)

    def save(self, folder: Path) -> None:
        """Write it into a folder of its own."""
        folder.mkdir()
        (folder / "words.json").write_text(json.dumps(self.words, ensure_ascii=False), encoding="utf-8")
        for name in ("vectors", "numbers", "starts"):
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> WordSpace:
        """Read what `save` wrote, its arrays memory-mapped."""
        arrays: dict[str, Any] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("vectors", "numbers", "starts")
        }
        return cls(json.loads((folder / "words.json").read_text(encoding="utf-8")), **arrays)


def word_vectors(module: NgramEmbedding, table: WordTable) -> NDArray[np.float32]:
    """The weighted sum of each word's token vectors, (words, dimensions)."""
    rows, offsets = table.tokens.gather(np.arange(len(table.tokens.lengths)))
    with torch.inference_mode():
        summed = functional.embedding_bag(
            rows, module.vectors, offsets, mode="sum", per_sample_weights=module.weights[rows]
        )
    return np.asarray(summed.numpy(), np.float32)


@dataclass(frozen=True, slots=True)
class Anchors:
    """Words whose vectors say how a space lies: `vectors`, (words, dimensions)."""

    words: list[str]
    vectors: NDArray[np.float16]

    @classmethod
    def of(cls, module: NgramEmbedding, words: Sequence[str]) -> Anchors:
        """Those of an encoder; plain, folded, distinct words of letters."""
        table = WordTable(module.ngrams)
        table.read(words)
        return cls(list(words), word_vectors(module, table).astype(np.float16))

    def rotation(self, module: NgramEmbedding) -> NDArray[np.float32]:
        """The turn from an encoder's space into this one, (its dimensions, this one's); the identity for the same.

        Orthogonal Procrustes (Schönemann, 1966).
        """
        ours = self.vectors.astype(np.float32)
        theirs = self.of(module, self.words).vectors.astype(np.float32)
        if theirs.shape == ours.shape and np.allclose(theirs, ours, atol=0.02):
            return np.eye(ours.shape[1], dtype=np.float32)
        left, _, right = np.linalg.svd(theirs.T @ ours, full_matrices=False)
        return np.asarray(left @ right, np.float32)
