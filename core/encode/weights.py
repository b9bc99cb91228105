"""What a model's folder may hold: weights as safetensors and plain settings, no code, nothing that unpickles."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from core.encode.module import NgramEmbedding
from core.errors import ClinicodeError
from core.interface import _

if TYPE_CHECKING:
    from pathlib import Path

OURS = f"{NgramEmbedding.__module__}.{NgramEmbedding.__qualname__}"
KNOWN = "Transformer|Pooling|Normalize|Dense|LayerNorm|StaticEmbedding"
PLAIN = re.compile(rf"sentence_transformers(\.[a-z_]+)*\.({KNOWN})")
"""The library's modules that read safetensors; others of its names would import what a folder asks for."""
CODE = (".py", ".pyc", ".so", ".dll")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz", ".h5", ".msgpack")
"""Files that are unpickled, or are weights in other forms: a folder that has them is not what was looked at."""


def check_weights(folder: Path) -> bool:
    """Whether a folder holds our n-gram model, else a model of the library's own modules; nothing of it is loaded.

    Raises
    ------
    ClinicodeError
        If it brings code, pickles, or modules of other names.
    OSError, ValueError, KeyError, TypeError
        If its list of modules cannot be read.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in CODE:
            raise ClinicodeError(_brings_code(folder, path.name))
        if path.suffix.lower() in PICKLES:
            told = _(
                "The encoder {folder} brings weights in a form that can run code ({name}) and is refused; give one "
                "with {weights} alone."
            )
            message = told.format(folder=folder, name=path.name, weights="model.safetensors")
            raise ClinicodeError(message)
    listed = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    types = [str(module["type"]) for module in listed]
    if types == [OURS]:
        return True
    if strange := [name for name in types if not PLAIN.fullmatch(name)]:
        raise ClinicodeError(_brings_code(folder, strange[0]))
    return False


def _brings_code(folder: Path, name: str) -> str:
    told = _("The encoder {folder} brings code of its own ({name}) and is refused; give a model of plain weights.")
    return told.format(folder=folder, name=name)
