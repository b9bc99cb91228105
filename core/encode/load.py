"""Loading an encoder: the shipped one, or any sentence-transformers model by folder or hub id."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from huggingface_hub import model_info, snapshot_download
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling

from core import fingerprint, settings
from core.encode.module import NgramEmbedding
from core.encode.weights import check_weights
from core.errors import ClinicodeError
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
PLAIN_FILES = ["*.safetensors", "*.json", "*.txt", "*.model"]
"""What is fetched of a hub's model: its weights, its settings, its vocabulary."""
PATIENCE = 5.0
"""Seconds that a hub has to answer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a model wants its texts, where its own configuration does not say it.

    `pooling` is ``mean``, ``cls`` or empty (as configured); the prefixes stand before a query and before an entry
    term; `length` cuts texts to so many word pieces (0: as configured).
    """

    pooling: str = ""
    query_prefix: str = ""
    term_prefix: str = ""
    length: int = 0


class Encoder:
    """Texts to unit vectors.

    Parameters
    ----------
    model
        Any sentence-transformers model.
    name
        The folder or hub id it came from.
    fingerprint
        Changes whenever the weights or the rules do; built indexes are keyed by it.
    folder
        Where it lies on this machine; None for a hub model.
    rules
        What stands before its texts; default: the prompts in the model's configuration.

    """

    def __init__(
        self,
        model: SentenceTransformer,
        name: str,
        fingerprint: str,
        folder: Path | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.model = model
        self.name = name
        self.fingerprint = fingerprint
        self.folder = folder
        self._static = isinstance(model[0], NgramEmbedding)
        prompts = model.prompts or {}
        rules = rules or Rules()
        self._query = rules.query_prefix or prompts.get("query") or ""
        self._term = rules.term_prefix or prompts.get("document") or prompts.get("passage") or ""

    @property
    def ngrams(self) -> NgramEmbedding | None:
        """The n-gram module, where the model is one of ours: it alone can be looked into word by word."""
        return self.model[0] if self._static else None

    def encode(self, texts: Sequence[str], *, terms: bool = False) -> NDArray[np.float32]:
        """Unit vectors, (texts, dimensions), float32; a text of nothing known is the zero vector.

        `terms` says that the texts are what is searched rather than what is asked: some models tell the two apart.
        """
        vectors = self.model.encode(
            list(texts),
            prompt=(self._term if terms else self._query) or None,
            batch_size=4096 if self._static else 64,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def load_encoder(name: str | None = None, rules: Rules | None = None) -> Encoder:
    """The encoder of this name (default: `CLINICODE_ENCODER`, else the shipped one).

    Pooling, prompts and length are those of its configuration, unless `rules` says otherwise.

    Raises
    ------
    ClinicodeError
        If it cannot be loaded.
    """
    name = name or settings.encoder_name()
    folder = Path(name).expanduser()
    shipped = folder == settings.SHIPPED_ENCODER
    try:
        model = _from_folder(folder) if folder.is_dir() else _from_hub(name)
        _apply(model, rules or Rules())
    except ClinicodeError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        remedy = (
            "the shipped model's files are damaged: get them again from the repository"
            if shipped
            else "give CLINICODE_ENCODER a sentence-transformers folder or a hub id that this machine can reach"
        )
        message = _("The encoder {name} cannot be loaded ({reason}); {remedy}.").format(
            name=name, reason=reason, remedy=remedy
        )
        raise ClinicodeError(message) from error
    return Encoder(model, name, _fingerprint(folder, name, model, rules), folder if folder.is_dir() else None, rules)


def _from_folder(folder: Path) -> SentenceTransformer:
    fingerprint.check(folder)
    ours = check_weights(folder)
    return SentenceTransformer(
        str(folder),
        trust_remote_code=ours,  # the library does not know our class; nothing else is in such a folder
        model_kwargs={"use_safetensors": True},
        device=DEVICE,
        local_files_only=True,
    )


def _from_hub(name: str) -> SentenceTransformer:
    """A hub's model as it lies on this machine; only one that does not is asked for, once and briefly."""
    try:
        return _from_folder(Path(snapshot_download(name, local_files_only=True)))
    except (OSError, ValueError):
        model_info(name, timeout=PATIENCE)  # loading would ask for each of its files, six times
        return _from_folder(Path(snapshot_download(name, allow_patterns=PLAIN_FILES)))


def _apply(model: SentenceTransformer, rules: Rules) -> None:
    if rules.length:
        model.max_seq_length = min(rules.length, model.max_seq_length or rules.length)
    if rules.pooling:
        pooling = next((module for module in model if isinstance(module, Pooling)), None)
        if pooling is None:
            message = f"it has no pooling that could be {rules.pooling}"
            raise ValueError(message)
        place = list(model).index(pooling)
        model[place] = Pooling(pooling.embedding_dimension, pooling_mode=rules.pooling)


def _fingerprint(folder: Path, name: str, model: SentenceTransformer, rules: Rules | None) -> str:
    """From the weight files of a folder; of a hub model from its id and the vector it gives a fixed text."""
    settings = repr(rules).encode() if rules and rules != Rules() else b""
    files = sorted(folder.rglob("*.safetensors")) if folder.is_dir() else []
    if files:
        return fingerprint.of_files(files, settings)
    probe = model.encode(["myocardial infarction 123"], convert_to_numpy=True, show_progress_bar=False)
    return hashlib.sha256(settings + name.encode() + np.round(probe, 3).tobytes()).hexdigest()[: fingerprint.LENGTH]
