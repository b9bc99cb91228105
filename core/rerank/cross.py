"""The cross-attention stage: text and candidate read together, word by word, over the encoder's word vectors.

A sequence is ``[mark] text words | title words | words of the entry term that matched | words that the parent's title
has besides``. A word enters as its unit vector, how much it counts, its best likeness on the other side (what KNRM
starts from: Xiong et al., 2017) and among the words of the sentence around the text, and whether the parent's title has
it too. The vectors are those of the encoder in use, turned into the space that the network was trained in (orthogonal
Procrustes over anchor words: Schönemann, 1966), so that it serves any n-gram encoder.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from core.encode.networks import load_network, save_network
from core.encode.words import WordTable, word_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.encode.words import Anchors
    from core.retrieve.retriever import Retriever

NAME = "cross"
"""Of its files."""
MARK, TEXT, TITLE, TERM, PARENT = 1, 2, 3, 4, 5
"""Segments; 0 is padding."""
PARTS = {TEXT: 14, TITLE: 20, TERM: 10, PARENT: 6}
"""Words of each part that are read; what is longer is cut."""
AROUND = 20
"""Words of the sentence around the text that are read."""
CHUNK = 512
"""Sequences scored at once."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The network's sizes: width, layers, heads, and of the input vectors."""

    dimensions: int = 256
    width: int = 128
    layers: int = 2
    heads: int = 4
    hidden: int = 256


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate beside the text, as word numbers; `inherited` says which title words its parent's title has too.

    `parent` are the words that only the parent's title has, `prior` is the first stage's score.
    """

    title: NDArray[np.int32]
    inherited: NDArray[np.bool_]
    term: NDArray[np.int32]
    parent: NDArray[np.int32]
    prior: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text as word numbers, and the words of the sentence around it; none where it stands by itself."""

    words: NDArray[np.int32]
    around: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Sequences of equal length, as tensors.

    Word numbers, segments, positions and marks are (n, length); the words around (n, most), 0 where there are none;
    priors (n,).
    """

    words: torch.Tensor
    segments: torch.Tensor
    positions: torch.Tensor
    inherited: torch.Tensor
    around: torch.Tensor
    priors: torch.Tensor

    @classmethod
    def of(cls, texts: Sequence[Text], pairs: Sequence[Pair]) -> Batch:
        """Pad to the longest; word number 0 stands for the mark."""
        parts = [
            [
                own[:most]
                for own, most in zip((text.words, pair.title, pair.term, pair.parent), PARTS.values(), strict=True)
            ]
            for text, pair in zip(texts, pairs, strict=True)
        ]
        longest = 1 + max(sum(map(len, own)) for own in parts)
        shape = (len(parts), longest)
        words, segments = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        positions, inherited = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        segments[:, 0] = MARK
        around = np.zeros((len(parts), max(1, *(min(AROUND, len(text.around)) for text in texts))), np.int64)
        for row, (own_parts, text, pair) in enumerate(zip(parts, texts, pairs, strict=True)):
            around[row, : len(text.around[:AROUND])] = text.around[:AROUND]
            at = 1
            for segment, own in zip(PARTS, own_parts, strict=True):
                end = at + len(own)
                words[row, at:end] = own
                segments[row, at:end] = segment
                positions[row, at:end] = np.arange(len(own))
                if segment == TITLE:
                    inherited[row, at:end] = pair.inherited[: PARTS[TITLE]]
                at = end
        priors = np.asarray([pair.prior for pair in pairs], np.float32)
        return cls(*(torch.from_numpy(one) for one in (words, segments, positions, inherited, around, priors)))

    def on(self, device: torch.device) -> Batch:
        """The same where the network is."""
        return Batch(*(getattr(self, one.name).to(device) for one in fields(self)))


class CrossAttention(nn.Module):
    """Pre-norm transformer over the words of text and candidate; a linear head on the mark's place.

    Parameters
    ----------
    shape
        Its sizes.

    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.enter = nn.Linear(shape.dimensions, shape.width)
        self.facts = nn.Linear(5, shape.width)
        self.segments = nn.Embedding(len(PARTS) + 2, shape.width, padding_idx=0)
        self.places = nn.Embedding(max(PARTS.values()), shape.width)
        layer = nn.TransformerEncoderLayer(
            shape.width, shape.heads, shape.hidden, dropout=0.1, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, shape.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, 1)
        self.prior = nn.Parameter(torch.tensor(10.0))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Scores of the sequences, (n,); word numbers point into `vectors`, (words, dimensions)."""
        units, norms = _units(functional.embedding(batch.words, vectors).float())
        near = units @ units.transpose(1, 2)
        of_text, of_title, of_term = ((batch.segments == one).unsqueeze(1) for one in (TEXT, TITLE, TERM))
        best = [near.masked_fill(~mask, -1).amax(-1) for mask in (of_text, of_title, of_term)]
        is_text = batch.segments == TEXT
        across = torch.where(is_text, best[1], best[0])
        second = torch.where(is_text, best[2], torch.zeros_like(best[2]))
        about, _ = _units(functional.embedding(batch.around, vectors).float())
        said = (units @ about.transpose(1, 2)).masked_fill((batch.around == 0).unsqueeze(1), 0).amax(-1).clamp(min=0)
        facts = torch.stack([norms.squeeze(-1) / 10, across, second, said, batch.inherited], dim=-1)
        real = (batch.segments > MARK).unsqueeze(-1)
        x = (self.enter(units) + self.facts(facts)) * real
        x = x + self.segments(batch.segments) + self.places(batch.positions) * real
        x = self.layers(x, src_key_padding_mask=batch.segments == 0)
        scores: torch.Tensor = self.head(self.norm(x[:, 0])).squeeze(-1) + self.prior * batch.priors
        return scores


def _units(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    norms = rows.norm(dim=-1, keepdim=True)
    return rows / norms.clamp(min=1e-6), norms


class Words:
    """The words of a first stage's terms and of texts, as numbers into tables of vectors.

    Parameters
    ----------
    retriever
        Whose entry terms are read; its encoder must be an n-gram one.
    rotation
        Float array, (its dimensions, the network's): into the network's space.

    """

    def __init__(self, retriever: Retriever, rotation: NDArray[np.float32]) -> None:
        space, module = retriever.book.words, retriever.encoder.ngrams
        if space is None or module is None:
            message = "the cross-attention needs an encoder whose words have vectors"
            raise ValueError(message)
        self.retriever, self._space, self._module = retriever, space, module
        self._rotation = rotation
        self._titles: dict[str, Pair] = {}

    def __len__(self) -> int:
        """How many numbers the terms' words take, the mark's counted in."""
        return len(self._space.words) + 1

    def vectors(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of words of the terms, (numbers, dimensions), in the network's space; the mark's is zero."""
        rows = np.asarray(self._space.vectors[np.maximum(numbers - 1, 0)], np.float32) @ self._rotation
        rows[numbers == 0] = 0
        return rows

    def read(self, texts: Sequence[str], contexts: Sequence[str], first: int) -> tuple[list[Text], NDArray[np.float32]]:
        """Word numbers of texts and of what stands around them, counted from `first`, and those words' vectors.

        Nothing of them stays here.
        """
        table = WordTable(self._module.ngrams)
        rows = table.read([*texts, *contexts])
        vectors = word_vectors(self._module, table) @ self._rotation
        numbers = (rows.flat + first).astype(np.int32)
        own = [numbers[start : start + size] for start, size in zip(rows.starts, rows.lengths, strict=True)]
        return [Text(*one) for one in zip(own[: len(texts)], own[len(texts) :], strict=True)], vectors

    def pair(self, code: str, row: int, prior: float) -> Pair:
        """A candidate with the entry term that matched (`row`; negative where none did)."""
        titled = self._titled(code)
        term = np.asarray(self._space.of_term(row), np.int32) + 1 if row >= 0 else titled.title
        return replace(titled, term=titled.term if np.array_equal(term, titled.title) else term, prior=prior)

    def _titled(self, code: str) -> Pair:
        """A code's title and its parent's, without a term."""
        known = self._titles.get(code)
        if known is None:
            words = self._of_title(code)
            parent = self.retriever.catalog.parent(code)
            above = self._of_title(parent) if parent in self.retriever.rows_of_book else words[:0]
            only = above[~np.isin(above, words)]
            known = self._titles[code] = Pair(words, np.isin(words, above), words[:0], only, 0.0)
        return known

    def _of_title(self, code: str) -> NDArray[np.int32]:
        return np.asarray(self._space.of_term(self.retriever.rows_of_book[code][0]), np.int32) + 1


class CrossScorer:
    """A trained network made ready for one first stage.

    Parameters
    ----------
    network
        The weights.
    words
        The first stage's words, in the network's space.
    anchors
        How that space lies.

    """

    def __init__(self, network: CrossAttention, words: Words, anchors: Anchors) -> None:
        self.network = network.eval()
        self.words = words
        self.anchors = anchors

    @classmethod
    def over(cls, network: CrossAttention, anchors: Anchors, retriever: Retriever) -> CrossScorer:
        """Turn a first stage's words into the network's space.

        Raises
        ------
        ValueError
            If its encoder is not an n-gram one.
        """
        module = retriever.encoder.ngrams
        if module is None:
            message = "the cross-attention needs an encoder whose words have vectors"
            raise ValueError(message)
        return cls(network, Words(retriever, anchors.rotation(module)), anchors)

    def scores(
        self, texts: Sequence[str], pairs: Sequence[Sequence[Pair]], contexts: Sequence[str] | None = None
    ) -> list[NDArray[np.float32]]:
        """A score for each candidate of each text, higher is better; comparable within a text.

        `contexts` are the words around each text in its sentence.
        """
        first = len(self.words)
        read, vectors = self.words.read(texts, contexts or [""] * len(texts), first)
        parts = [part for own in pairs for pair in own for part in (pair.title, pair.term, pair.parent)]
        used = np.unique(np.concatenate([np.zeros(1, np.int32), *parts]))
        place = np.zeros(first + len(vectors), np.int32)
        place[used] = np.arange(len(used))
        place[first:] = np.arange(len(vectors)) + len(used)
        table = torch.from_numpy(np.concatenate([self.words.vectors(used.astype(np.int64)), vectors]))
        near = [
            [Pair(place[one.title], one.inherited, place[one.term], place[one.parent], one.prior) for one in own]
            for own in pairs
        ]
        return score_lists(self.network, table, [Text(place[one.words], place[one.around]) for one in read], near)


@torch.inference_mode()
def score_lists(
    network: CrossAttention,
    table: torch.Tensor,
    texts: Sequence[Text],
    pairs: Sequence[Sequence[Pair]],
) -> list[NDArray[np.float32]]:
    """Scores of every list's candidates, sequences of like length together."""
    flat = [(text, pair) for text, own in zip(texts, pairs, strict=True) for pair in own]
    lengths = np.asarray([len(text.words) + len(pair.title) + len(pair.term) + len(pair.parent) for text, pair in flat])
    order = np.argsort(lengths, kind="stable")
    result = np.zeros(len(flat), np.float32)
    for start in range(0, len(order), CHUNK):
        chosen = order[start : start + CHUNK]
        batch = Batch.of([flat[at][0] for at in chosen], [flat[at][1] for at in chosen])
        result[chosen] = network(table, batch.on(table.device)).cpu().numpy()
    ends = np.cumsum([len(own) for own in pairs])
    return [result[end - len(own) : end] for own, end in zip(pairs, ends, strict=True)]


def save_cross(folder: Path, cross: CrossScorer) -> None:
    """Write weights and anchors."""
    save_network(folder, NAME, cross.network, asdict(cross.network.shape), cross.anchors)


def load_cross(folder: Path, retriever: Retriever) -> CrossScorer:
    """Read what `save_cross` wrote, and turn the retriever's words into its space.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, SafetensorError, RuntimeError
        If a file is absent or damaged.
    """
    stored = load_network(folder, NAME)
    network = CrossAttention(Shape(**stored.sizes))
    network.load_state_dict(stored.state)
    return CrossScorer.over(network, stored.anchors, retriever)
