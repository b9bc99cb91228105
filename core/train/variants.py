"""Encoders for experiments: the recipe on a part of the supervision, trained once and kept under ``CLINICODE_HOME``."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from core import settings
from core.encode.load import Encoder, load_encoder
from core.errors import ClinicodeError
from core.partial import model_folder
from core.synthesis.corpus import CORPORA
from core.text import fold
from core.train.encoder import Recipe, train_encoder
from core.train.pairs import collect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.train.pairs import Pair

logger = logging.getLogger(__name__)

FULL = Recipe(epochs=10, mine_before=(4, 7), shortest=2, numerals=True)
"""The recipe that ships."""
QUICK = Recipe(dimensions=128, epochs=2, shortest=2, numerals=True)
"""A tenth of its time, for comparing many encoders with one another; no wrong answers are mined."""


FOLDS = 2
FOLDED = ("corpus", "codiesp")
"""Sources whose texts the reranker learns from as queries: an encoder that saw them would be too sure of them."""


def fold_of(text: str) -> int:
    """Which fold a text belongs to, the same on every machine; spellings of one text share theirs."""
    return zlib.crc32(fold(text).encode()) % FOLDS


@dataclass(frozen=True, slots=True)
class Variant:
    """What an encoder is trained on, and how.

    `share` keeps so much of the pairs (a seeded choice), `without_source` and `without_lang` leave those out whole,
    `without_fold` one of the folds that texts of the corpus and of CodiEsp fall into (see :func:`fold_of`).
    """

    splits: tuple[str, ...] = ("train",)
    corpus: bool = True
    share: float = 1.0
    without_source: str = ""
    without_lang: str = ""
    without_fold: int = -1
    recipe: Recipe = field(default_factory=lambda: FULL)

    def pairs(self, catalog: Catalog, data: Path | None) -> list[Pair]:
        """The supervision that is left."""
        pairs = [
            pair
            for pair in collect(catalog, data, self.splits if data else (), CORPORA if self.corpus else None)
            if pair.source != self.without_source
            and (not self.without_lang or pair.lang != self.without_lang)
            and (self.without_fold < 0 or pair.source not in FOLDED or fold_of(pair.text) != self.without_fold)
        ]
        if self.share < 1:
            chosen = np.random.default_rng(self.recipe.seed).permutation(len(pairs))
            pairs = [pairs[at] for at in sorted(chosen[: max(1, round(self.share * len(pairs)))])]
        return pairs


def book(catalog: Catalog) -> tuple[list[str], list[str]]:
    """Title and category of every code, in the catalog's order."""
    return [code.title for code in catalog], [code.code[:3] for code in catalog]


def open_variant(variant: Variant, catalog: Catalog, data: Path | None) -> tuple[Encoder, float]:
    """The encoder of a variant and the seconds its training took (once: 0 where it was trained before)."""
    pairs = variant.pairs(catalog, data)
    recipe = _fitting(variant.recipe, len(pairs))
    folder = settings.home() / "models" / _key(pairs, recipe)
    try:
        if folder.is_dir():
            return load_encoder(str(folder)), 0.0
    except ClinicodeError as error:
        logger.warning("%s It is trained again.", error)
    started = time.perf_counter()
    model = train_encoder(pairs, recipe, *book(catalog))
    seconds = time.perf_counter() - started
    with model_folder(folder) as place:
        model.save(str(place), create_model_card=False)
    return load_encoder(str(folder)), seconds


def _fitting(recipe: Recipe, pairs: int) -> Recipe:
    """Few pairs: smaller batches, so that an epoch has a hundred steps as long as there is something to put in them."""
    return replace(recipe, batch=max(32, min(recipe.batch, pairs // 100)))


def _key(pairs: Sequence[Pair], recipe: Recipe) -> str:
    digest = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    for pair in pairs:
        digest.update(f"{pair.text}\t{pair.target}\t{pair.source}\n".encode())
    return digest.hexdigest()[:16]
