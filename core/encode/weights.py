"""What a model's folder may hold: weights as safetensors and plain settings, no code, nothing that unpickles."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from core.encode.module import NgramEmbedding
from core.errors import ClinicodeError

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
            raise ClinicodeError(_refused(folder, f"code of its own ({path.name})", "give a model of plain weights"))
        if path.suffix.lower() in PICKLES:
            remedy = "give one with model.safetensors alone"
            raise ClinicodeError(_refused(folder, f"weights in a form that can run code ({path.name})", remedy))
    listed = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    types = [str(module["type"]) for module in listed]
    if types == [OURS]:
        return True
    if strange := [name for name in types if not PLAIN.fullmatch(name)]:
        raise ClinicodeError(_refused(folder, f"code of its own ({strange[0]})", "give a model of plain weights"))
    return False


def _refused(folder: Path, what: str, remedy: str) -> str:
    return f"The encoder {folder} brings {what} and is refused; {remedy}."
