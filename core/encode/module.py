"""The n-gram bag of embeddings as a sentence-transformers input module."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from sentence_transformers.base.modules import InputModule
from torch.nn import functional

from core.encode.ngrams import NgramTokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WEIGHTS = "model.safetensors"
VOCABULARY = "vocabulary.json"


class NgramEmbedding(InputModule):  # type: ignore[misc]  # the base class is untyped
    """A text is the weighted sum of the vectors of its words and their character n-grams, scaled to unit length.

    Parameters
    ----------
    tokenizer
        Texts to vocabulary rows.
    vectors
        Float array, (vocabulary, dimensions).
    weights
        Float array, (vocabulary,): how much each token counts.

    """

    config_keys: list[str] = ["shortest", "longest", "numerals"]  # noqa: RUF012  the base class declares it so

    def __init__(
        self, tokenizer: NgramTokenizer, vectors: NDArray[np.floating[Any]], weights: NDArray[np.floating[Any]]
    ) -> None:
        super().__init__()
        self.ngrams = tokenizer
        self.shortest = tokenizer.shortest
        self.longest = tokenizer.longest
        self.numerals = tokenizer.numerals
        self.vectors = torch.nn.Parameter(torch.from_numpy(np.asarray(vectors, np.float32)))
        self.weights = torch.nn.Parameter(torch.from_numpy(np.asarray(weights, np.float32)))

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: object) -> dict[str, torch.Tensor]:
        """Flat token rows of all texts (``input_ids``) and where each text begins (``offsets``)."""
        texts = self._prepend_prompt(list(inputs), prompt) if prompt else inputs
        rows = self.ngrams(texts)
        starts = np.cumsum([0, *map(len, rows[:-1])])
        flat = np.fromiter(chain.from_iterable(rows), np.int64, count=sum(map(len, rows)))
        return {"input_ids": torch.from_numpy(flat), "offsets": torch.from_numpy(starts.astype(np.int64))}

    def forward(self, features: dict[str, torch.Tensor], **_: object) -> dict[str, torch.Tensor]:
        """Add ``sentence_embedding``, (texts, dimensions), of unit length (zero where no token is known)."""
        rows, offsets = features["input_ids"], features["offsets"]
        summed = functional.embedding_bag(
            rows, self.vectors, offsets, mode="sum", per_sample_weights=self.weights[rows]
        )
        features["sentence_embedding"] = functional.normalize(summed)
        return features

    def get_embedding_dimension(self) -> int:
        """Width of the vectors."""
        return int(self.vectors.shape[1])

    @property
    def max_seq_length(self) -> None:
        """No limit: a bag has no positions."""
        return None

    def save(self, output_path: str, *args: object, safe_serialization: bool = True, **kwargs: object) -> None:
        """Write vectors as int8 with one scale a row (a quarter of their size), weights as they are."""
        vectors = self.vectors.detach().numpy()
        scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12).astype(np.float32) / 127
        tensors = {
            "vectors": np.rint(vectors / scales[:, None]).astype(np.int8),
            "scales": scales,
            "weights": self.weights.detach().numpy(),
        }
        save_file(tensors, Path(output_path, WEIGHTS))
        Path(output_path, VOCABULARY).write_text(
            json.dumps(self.ngrams.vocabulary, ensure_ascii=False), encoding="utf-8"
        )
        self.save_config(output_path)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401  the base's signature
        """Read what `save` wrote, from a local folder or a hub id."""
        hub = {key: kwargs[key] for key in ("token", "cache_folder", "revision", "local_files_only") if key in kwargs}
        config = cls.load_config(model_name_or_path, subfolder=subfolder, **hub)
        vocabulary = cls.load_file_path(model_name_or_path, VOCABULARY, subfolder=subfolder, **hub)
        weights = cls.load_file_path(model_name_or_path, WEIGHTS, subfolder=subfolder, **hub)
        if vocabulary is None or weights is None:
            message = f"{model_name_or_path} has no {VOCABULARY if vocabulary is None else WEIGHTS}."
            raise FileNotFoundError(message)
        tensors = load_file(weights)
        tokenizer = NgramTokenizer(
            json.loads(Path(vocabulary).read_text(encoding="utf-8")),
            config["shortest"],
            config["longest"],
            numerals=config.get("numerals", False),
        )
        vectors = tensors["vectors"].astype(np.float32) * tensors["scales"][:, None]
        return cls(tokenizer, vectors, tensors["weights"])
