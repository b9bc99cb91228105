"""Which words of a note name a diagnosis: a small recurrent tagger over the encoder's word vectors.

Each word enters as its unit vector, how much it counts, how it is written, what stands around it and the section it is
in; a bidirectional GRU over the sentence says whether it begins a mention, goes on with one, or stands outside (the
labels of Ramshaw and Marcus, 1995).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from core.encode.networks import load_network, save_network
from core.encode.words import WordTable, word_vectors
from core.note.segment import SECTION_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.encode.module import NgramEmbedding
    from core.encode.words import Anchors
    from core.note.cues import Token
    from core.note.segment import Section

NAME = "tagger"
"""Of its files."""
OUTSIDE, BEGIN, INSIDE = 0, 1, 2
MARKS = (".:;!?", ",", "(", ")", "/-–+", "\n•*")
"""Kinds of what may stand between two words; more than one may."""
SHAPE = 5 + 2 * (len(MARKS) + 1)


@dataclass(frozen=True, slots=True)
class Sizes:
    """The network's: of the vectors, of what they are turned into, of each direction's state."""

    dimensions: int = 256
    width: int = 96
    state: int = 96


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence ready to be tagged: vectors (words, dimensions), shapes (words, `SHAPE`), its section."""

    vectors: NDArray[np.float32]
    shapes: NDArray[np.float32]
    section: int


class Network(nn.Module):
    """Bidirectional GRU, two layers, with a linear head.

    Parameters
    ----------
    sizes
        Of its layers.

    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.enter = nn.Linear(sizes.dimensions, sizes.width)
        self.shape = nn.Linear(SHAPE, sizes.width)
        self.section = nn.Embedding(len(SECTION_NUMBERS), sizes.width)
        self.drop = nn.Dropout(0.25)
        self.states = nn.GRU(sizes.width, sizes.state, 2, batch_first=True, bidirectional=True, dropout=0.25)
        self.head = nn.Linear(2 * sizes.state, 3)

    def forward(self, passages: Sequence[Passage]) -> torch.Tensor:
        """Logits of `OUTSIDE`, `BEGIN`, `INSIDE` for every word, (passages, longest, 3)."""
        lengths = torch.tensor([len(one.vectors) for one in passages])
        vectors = pad_sequence([torch.from_numpy(one.vectors) for one in passages], batch_first=True)
        shapes = pad_sequence([torch.from_numpy(one.shapes) for one in passages], batch_first=True)
        sections = self.section(torch.tensor([one.section for one in passages])).unsqueeze(1)
        x = self.drop(torch.tanh(self.enter(vectors) + self.shape(shapes) + sections))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.states(packed)[0], batch_first=True)
        logits: torch.Tensor = self.head(self.drop(states))
        return logits


class Tagger:
    """A trained network over one encoder's words.

    Parameters
    ----------
    network
        The weights.
    anchors
        How the space that it was trained in lies.
    module
        The encoder's.
    function_words
        Words that say little by themselves.

    """

    def __init__(
        self, network: Network, anchors: Anchors, module: NgramEmbedding, function_words: frozenset[str]
    ) -> None:
        self.network = network.eval()
        self.anchors = anchors
        self.reader = PassageReader(module, anchors.rotation(module), function_words)

    @torch.inference_mode()
    def probabilities(
        self, text: str, sentences: Sequence[Sequence[Token]], sections: Sequence[Section]
    ) -> list[NDArray[np.float32]]:
        """For every word of every sentence the chances of `OUTSIDE`, `BEGIN`, `INSIDE`, (words, 3)."""
        passages = self.reader.read(text, sentences, sections)
        result: list[NDArray[np.float32]] = [np.zeros((len(one), 3), np.float32) for one in sentences]
        full = sorted((at for at, one in enumerate(sentences) if one), key=lambda at: len(sentences[at]))
        for start in range(0, len(full), 64):
            chosen = full[start : start + 64]
            logits = torch.softmax(self.network([passages[at] for at in chosen]), -1).numpy()
            for row, at in enumerate(chosen):
                result[at] = logits[row, : len(sentences[at])]
        return result

    def save(self, folder: Path) -> None:
        """Write weights and anchors."""
        folder.mkdir(parents=True, exist_ok=True)
        save_network(folder, NAME, self.network, asdict(self.network.sizes), self.anchors)

    @classmethod
    def load(cls, folder: Path, module: NgramEmbedding, function_words: frozenset[str]) -> Tagger:
        """Read what `save` wrote."""
        stored = load_network(folder, NAME)
        network = Network(Sizes(**stored.sizes))
        network.load_state_dict(stored.state)
        return cls(network, stored.anchors, module, function_words)


class PassageReader:
    """Makes sentences ready for the network.

    Parameters
    ----------
    module
        The encoder whose word vectors are read.
    rotation
        Into the network's space.
    function_words
        Words that say little by themselves.

    """

    def __init__(self, module: NgramEmbedding, rotation: NDArray[np.float32], function_words: frozenset[str]) -> None:
        self._module, self._rotation, self._function_words = module, rotation, function_words

    def read(self, text: str, sentences: Sequence[Sequence[Token]], sections: Sequence[Section]) -> list[Passage]:
        """The sentences of one note; nothing of it stays here."""
        table = WordTable(self._module.ngrams)
        rows = table.read([token.word for words in sentences for token in words])
        vectors = word_vectors(self._module, table) @ self._rotation
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        units = np.concatenate([vectors / np.maximum(norms, 1e-6), norms / 10], axis=1).astype(np.float32)
        own = units[rows.flat] if len(rows.flat) else np.zeros((0, units.shape[1]), np.float32)
        passages, start = [], 0
        for words, section in zip(sentences, sections, strict=True):
            block = own[start : start + len(words)]
            shapes = self._shapes(text, words)
            shapes[:, 0] = block[:, -1]
            passages.append(Passage(np.ascontiguousarray(block[:, :-1]), shapes, SECTION_NUMBERS[section]))
            start += len(words)
        return passages

    def _shapes(self, text: str, words: Sequence[Token]) -> NDArray[np.float32]:
        shapes = np.zeros((len(words), SHAPE), np.float32)
        for at, token in enumerate(words):
            written = text[token.start : token.end]
            shapes[at, 1] = token.word in self._function_words
            shapes[at, 2] = written[:1].isupper()
            shapes[at, 3] = written.isupper() and len(written) > 1
            shapes[at, 4] = any(char.isdigit() for char in written)
            before = text[words[at - 1].end : token.start] if at else ""
            after = text[token.end : words[at + 1].start] if at + 1 < len(words) else ""
            for place, gap, edge in ((5, before, at == 0), (5 + len(MARKS) + 1, after, at + 1 == len(words))):
                shapes[at, place] = edge
                for kind, marks in enumerate(MARKS, 1):
                    shapes[at, place + kind] = any(mark in gap for mark in marks)
        return shapes
