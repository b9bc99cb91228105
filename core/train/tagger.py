"""The tagger's training: cross-entropy over the words of annotated notes, minutes on a CPU."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from core.note.context import ContextReader
from core.note.segment import Segmenter
from core.note.tagger import Network, PassageReader, Sizes
from core.threads import all_processors
from core.train.notes import SKIPPED, labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.encode.module import NgramEmbedding
    from core.note.tagger import Passage
    from core.train.notes import Document

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaggerRecipe:
    """What decides the weights; `codiesp` is how often a real case is seen beside a made note."""

    epochs: int = 6
    sentences: int = 64
    rate: float = 2e-3
    codiesp: int = 2
    seed: int = 7


@all_processors()
def train_tagger(
    documents: Sequence[Document], module: NgramEmbedding, function_words: frozenset[str], recipe: TaggerRecipe
) -> Network:
    """Train from nothing in the space of an encoder's word vectors."""
    torch.manual_seed(recipe.seed)
    generator = np.random.default_rng(recipe.seed)
    dimensions = module.get_embedding_dimension()
    reader = PassageReader(module, np.eye(dimensions, dtype=np.float32), function_words)
    segmenter, context = Segmenter(), ContextReader()
    passages: list[tuple[Passage, list[int]]] = []
    for document in documents:
        own = [one for one in labelled(document, segmenter, context) if one.words]
        read = reader.read(document.text, [one.words for one in own], [one.section for one in own])
        passages += [(one, sentence.labels) for one, sentence in zip(read, own, strict=True)] * (
            1 if document.complete else recipe.codiesp
        )
    logger.info("%d sentences, %d words", len(passages), sum(len(labels) for _, labels in passages))
    network = Network(Sizes(dimensions=dimensions))
    optimiser = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=0.01)
    steps = recipe.epochs * (len(passages) // recipe.sentences + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, steps + 1, pct_start=0.1)
    lengths = np.asarray([len(labels) for _, labels in passages])
    started = time.perf_counter()
    for epoch in range(recipe.epochs):
        network.train()
        losses = []
        order = np.argsort(lengths + generator.random(len(lengths)) * 8, kind="stable")
        batches = [order[start : start + recipe.sentences] for start in range(0, len(order), recipe.sentences)]
        for at in tqdm(generator.permutation(len(batches)).tolist(), desc=f"tagger, epoch {epoch + 1}", disable=None):
            chosen = [passages[one] for one in batches[at].tolist()]
            logits = network([one for one, _ in chosen])
            wanted = torch.full(logits.shape[:2], SKIPPED)
            for row, (_, labels) in enumerate(chosen):
                wanted[row, : len(labels)] = torch.tensor(labels)
            loss = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=SKIPPED)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        logger.info("epoch %d: loss %.4f, %.0f s", epoch + 1, np.mean(losses), time.perf_counter() - started)
    return network.eval()
