"""Loading an encoder: the shipped one, or any sentence-transformers model by folder or hub id."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from core import settings
from core.encode.module import NgramEmbedding
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

OURS = f"{NgramEmbedding.__module__}.{NgramEmbedding.__qualname__}"
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Encoder:
    """Texts to unit vectors.

    Parameters
    ----------
    model
        Any sentence-transformers model.
    name
        The folder or hub id it came from.
    fingerprint
        Changes whenever the weights do; built indexes are keyed by it.
    folder
        Where it lies on this machine; None for a hub model.

    """

    def __init__(self, model: SentenceTransformer, name: str, fingerprint: str, folder: Path | None = None) -> None:
        self.model = model
        self.name = name
        self.fingerprint = fingerprint
        self.folder = folder
        self._static = isinstance(model[0], NgramEmbedding)

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> NDArray[np.float32]:
        """Unit vectors, (texts, dimensions), float32; a text of nothing known is the zero vector."""
        batch = 4096 if self._static else 64
        vectors = self.model.encode(
            list(texts), batch_size=batch, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=progress
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def load_encoder(name: str | None = None) -> Encoder:
    """The encoder of this name (default: `CLINICODE_ENCODER`, else the shipped one).

    Raises
    ------
    ClinicodeError
        If it cannot be loaded.
    """
    name = name or settings.encoder_name()
    folder = Path(name).expanduser()
    shipped = folder == settings.SHIPPED_ENCODER
    try:
        if folder.is_dir():
            model = SentenceTransformer(str(folder), trust_remote_code=_is_ours(folder), device=DEVICE)
        else:
            model = SentenceTransformer(name, device=DEVICE)
    except ClinicodeError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        remedy = (
            "the shipped model's files are damaged: get them again from the repository"
            if shipped
            else "give CLINICODE_ENCODER a sentence-transformers folder or a hub id that this machine can reach"
        )
        message = f"The encoder {name} cannot be loaded ({reason}); {remedy}."
        raise ClinicodeError(message) from error
    return Encoder(model, name, _fingerprint(folder, name, model), folder if folder.is_dir() else None)


def _is_ours(folder: Path) -> bool:
    """Whether the folder holds our n-gram model; code that a folder brings along is never run.

    Raises
    ------
    ClinicodeError
        If the folder's modules are neither the library's nor ours, or it holds Python files.
    """
    listed = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    types = {str(module["type"]) for module in listed}
    strange = sorted(name for name in types if name != OURS and not name.startswith("sentence_transformers."))
    if strange or any(folder.rglob("*.py")):
        what = strange[0] if strange else "Python files"
        message = f"The encoder {folder} brings code of its own ({what}) and is refused; give a model of plain weights."
        raise ClinicodeError(message)
    return OURS in types


def _fingerprint(folder: Path, name: str, model: SentenceTransformer) -> str:
    """From the weight files of a folder; of a hub model from its id and the vector it gives a fixed text."""
    digest = hashlib.sha256()
    files = sorted(folder.rglob("*.safetensors")) if folder.is_dir() else []
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    if not files:
        probe = model.encode(["myocardial infarction 123"], convert_to_numpy=True, show_progress_bar=False)
        digest.update(name.encode() + np.round(probe, 3).tobytes())
    return digest.hexdigest()[:16]
