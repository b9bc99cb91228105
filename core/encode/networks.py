"""Small networks over an encoder's word vectors as files: float16 weights, the anchors of their space beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from core.encode.words import Anchors

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

ANCHORS = "anchors"


@dataclass(frozen=True, slots=True)
class Stored:
    """What was read: the network's sizes, its weights, how the space lies that it was trained in."""

    sizes: dict[str, Any]
    state: dict[str, torch.Tensor]
    anchors: Anchors


def save_network(folder: Path, name: str, network: nn.Module, sizes: dict[str, Any], anchors: Anchors) -> None:
    """Write ``{name}.safetensors`` and ``{name}.json``."""
    tensors = {key: value.detach().numpy().astype(np.float16) for key, value in network.state_dict().items()}
    save_file({**tensors, ANCHORS: anchors.vectors}, folder / f"{name}.safetensors")
    about = {"sizes": sizes, "anchors": anchors.words}
    (folder / f"{name}.json").write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")


def load_network(folder: Path, name: str) -> Stored:
    """Read what `save_network` wrote.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, SafetensorError
        If a file is absent or damaged.
    """
    about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / f"{name}.safetensors")
    anchors = Anchors(about["anchors"], tensors.pop(ANCHORS))
    state = {key: torch.from_numpy(value.astype(np.float32)) for key, value in tensors.items()}
    return Stored(about["sizes"], state, anchors)
