"""The bi-encoder's training: an in-batch softmax over pairs, on a CPU in minutes.

The loss is the symmetric multiple-negatives ranking loss (Henderson et al., 2017, "Efficient Natural Language Response
Suggestion", section 4.4) with equal targets masked; the optimiser touches only the rows that a batch uses.
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import faiss
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch.nn import functional
from tqdm import tqdm

from core.encode.module import NgramEmbedding
from core.encode.ngrams import NgramTokenizer
from core.encode.words import WordTable
from core.threads import all_processors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from core.train.pairs import Pair

logger = logging.getLogger(__name__)

CELLS, SEARCHED = 1024, 64
"""Cells of the inverted file that wrong answers are mined from, and one in how many of them is searched."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights, besides the pairs.

    `numerals` reads Roman numerals as digits; `kin` is by how much less (in units of the softmax) a wrong answer of the
    right category is pushed away. `noise` is the share of texts that get one typing error in an epoch; `repeats` says
    how often the pairs of a source are seen in an epoch (once, where absent).
    """

    dimensions: int = 256
    vocabulary: int = 120_000
    shortest: int = 3
    longest: int = 5
    epochs: int = 5
    batch: int = 1024
    scale: float = 25.0
    rate: float = 3e-3
    weight_rate: float = 1e-3
    numerals: bool = False
    kin: float = 0.0
    noise: float = 0.0
    dropout: float = 0.0
    siblings: int = 1
    mine_before: tuple[int, ...] = ()
    mine_depth: int = 20
    repeats: tuple[tuple[str, int], ...] = (("codiesp", 2), ("corpus", 2))
    seed: int = 7


@all_processors()
def train_encoder(
    pairs: Sequence[Pair],
    recipe: Recipe,
    titles: Sequence[str] = (),
    families: Sequence[str] = (),
    after_epoch: Callable[[SentenceTransformer, int], None] | None = None,
) -> SentenceTransformer:
    """Train from nothing and return the model; the same pairs and recipe give the same weights on the same machine.

    Parameters
    ----------
    pairs
        Supervision; see :func:`core.train.pairs.collect`.
    recipe
        Sizes, rates and seed.
    titles
        All titles of the catalog in its order: the pool that wrong answers are mined from.
    families
        The category of each title, for the recipe's `kin`.
    after_epoch
        Called with the model and the epoch's number, from 1: for measuring on dev on the way.

    """
    torch.manual_seed(recipe.seed)
    generator = np.random.default_rng(recipe.seed)
    lefts = list(dict.fromkeys(pair.text for pair in pairs))
    rights = list(dict.fromkeys(pair.target for pair in pairs))
    vocabulary_texts = list(dict.fromkeys([*lefts, *rights, *titles]))
    tokenizer, counts = NgramTokenizer.fit(
        vocabulary_texts, recipe.vocabulary, recipe.shortest, recipe.longest, numerals=recipe.numerals
    )
    idf = np.log((1 + len(vocabulary_texts)) / (1 + np.asarray(counts))) + 1
    vectors = generator.normal(0, 1 / 16, (len(counts), recipe.dimensions))
    module = NgramEmbedding(tokenizer, vectors, idf / idf.mean())
    model = SentenceTransformer(modules=[module], device="cpu")
    logger.info("%d pairs, %d texts, %d tokens", len(pairs), len(vocabulary_texts), len(counts))

    left_row = {text: row for row, text in enumerate(lefts)}
    right_row = {text: row for row, text in enumerate(rights)}
    repeats = dict(recipe.repeats)
    order = np.asarray(
        [(left_row[pair.text], right_row[pair.target]) for pair in pairs for _ in range(repeats.get(pair.source, 1))],
        dtype=np.int64,
    )
    words = WordTable(tokenizer)
    targets = words.read([*rights, *titles])
    place = {title: row for row, title in enumerate(titles)}
    book_order = np.asarray([place.get(pair_target, len(titles) + row) for row, pair_target in enumerate(rights)])
    family = _families(families, len(titles) + len(rights))
    mined: NDArray[np.int64] | None = None
    clean = words.read(lefts)
    steps = recipe.epochs * (len(order) // recipe.batch)
    rows_optimiser = RowAdam(module.vectors.data)
    weight_optimiser = torch.optim.Adam([module.weights], lr=recipe.weight_rate)
    started = time.perf_counter()
    step = 0
    for epoch in range(1, recipe.epochs + 1):
        texts = clean
        if recipe.noise:
            spoil = random.Random(recipe.seed * 1000 + epoch)  # noqa: S311  repeatable, not secret
            texts = words.read([misspelt(text, spoil) if spoil.random() < recipe.noise else text for text in lefts])
        order = _arrange(order, book_order[order[:, 1]], recipe.siblings, generator)
        if epoch in recipe.mine_before:
            mined = mine(model, lefts, titles, recipe.mine_depth)
        losses = []
        batches = range(0, len(order) - recipe.batch + 1, recipe.batch)
        for start in tqdm(batches, desc=f"epoch {epoch}/{recipe.epochs}", unit="batch", disable=None):
            batch = order[start : start + recipe.batch]
            decay = 1 - step / steps
            weight_optimiser.param_groups[0]["lr"] = recipe.weight_rate * decay
            answers = batch[:, 1]
            if mined is not None:
                wrong = mined[batch[:, 0], generator.integers(0, mined.shape[1], len(batch))]
                answers = np.concatenate([answers, len(rights) + wrong])
            left, right = texts.gather(batch[:, 0]), targets.gather(answers)
            known, word = torch.unique(torch.cat([left[0], right[0]]), return_inverse=True)
            rows, bounds = words.tokens.gather(known.numpy())
            used, token = torch.unique(rows, return_inverse=True)
            chosen = module.vectors.data[used].requires_grad_()
            counts_of_rows = _dropped(module.weights[rows], recipe.dropout)
            spelt = functional.embedding_bag(token, chosen, bounds, mode="sum", per_sample_weights=counts_of_rows)
            split = len(left[0])
            embedded = [
                functional.normalize(functional.embedding_bag(place_of, spelt, offsets, mode="sum"))
                for place_of, offsets in ((word[:split], left[1]), (word[split:], right[1]))
            ]
            keys = book_order[batch[:, 1]]
            if mined is not None:
                keys = np.concatenate([keys, wrong])
            kin = torch.from_numpy(family[keys[: recipe.batch], None] == family[keys][None, :]) * recipe.kin
            loss = _loss(embedded[0], embedded[1], batch[:, 0], keys, recipe.scale, kin)
            weight_optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            rows_optimiser.step(used, chosen, recipe.rate * decay)
            weight_optimiser.step()
            losses.append(float(loss.detach()))
            step += 1
        logger.info("epoch %d: loss %.3f after %.0f s", epoch, np.mean(losses), time.perf_counter() - started)
        if after_epoch:
            after_epoch(model, epoch)
    return model


class RowAdam:
    """Adam (Kingma and Ba, 2015) on the rows that a batch uses; the others keep their vectors and their moments.

    What `torch.optim.SparseAdam` does, on gathered rows instead of uncoalesced sparse gradients: six times
    as quick here.
    """

    def __init__(self, table: torch.Tensor, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> None:
        self._table = table
        self._first, self._second = torch.zeros_like(table), torch.zeros_like(table)
        self._betas = betas
        self._epsilon = epsilon
        self._steps = 0

    def step(self, rows: torch.Tensor, values: torch.Tensor, rate: float) -> None:
        """Update the table's `rows`, whose `values` carry the gradient of this batch."""
        gradient = values.grad
        if gradient is None:
            return
        self._steps += 1
        beta1, beta2 = self._betas
        first = self._first[rows].lerp_(gradient, 1 - beta1)
        second = self._second[rows].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        self._first[rows], self._second[rows] = first, second
        size = rate * (1 - beta2**self._steps) ** 0.5 / (1 - beta1**self._steps)
        self._table[rows] = values.detach().addcdiv(first, second.sqrt().add_(self._epsilon), value=-size)


def _dropped(weights: torch.Tensor, dropout: float) -> torch.Tensor:
    return functional.dropout(weights, dropout) if dropout else weights


def _loss(
    left: torch.Tensor,
    right: torch.Tensor,
    texts: NDArray[np.int64],
    targets: NDArray[np.int64],
    scale: float,
    kin: torch.Tensor,
) -> torch.Tensor:
    """Both ways over the batch; columns past its length are mined wrong answers and count for the texts only.

    `kin` is what a wrong answer's score is lowered by before it is compared.
    """
    size = len(left)
    right_ones = torch.eye(size, kin.shape[1], dtype=torch.bool)
    scores = scale * left @ right.T - kin.masked_fill(right_ones, 0.0)
    same = torch.from_numpy(targets[:size, None] == targets[None, :])
    same[:, :size] |= torch.from_numpy(texts[:, None] == texts[None, :])
    same[:, :size] &= ~torch.eye(size, dtype=torch.bool)
    scores = scores.masked_fill(same, -1e4)
    goal = torch.arange(size)
    return (functional.cross_entropy(scores, goal) + functional.cross_entropy(scores[:, :size].T, goal)) / 2


def _families(families: Sequence[str], size: int) -> NDArray[np.int64]:
    """A number for each title's category; every text without one is its own."""
    numbers = {family: number for number, family in enumerate(dict.fromkeys(families))}
    known = [numbers[family] for family in families]
    return np.asarray([*known, *range(len(numbers), len(numbers) + size - len(known))], np.int64)


def _arrange(
    order: NDArray[np.int64], book_order: NDArray[np.int64], group: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Shuffle pairs in groups that stand side by side in the book, so that a batch holds siblings to tell apart."""
    if group <= 1:
        return generator.permutation(order)
    jitter = generator.random(len(order))
    ranked = order[np.lexsort((jitter, book_order))]
    groups = np.array_split(ranked, max(1, len(ranked) // group))
    return np.concatenate([groups[at] for at in generator.permutation(len(groups))])


def mine(model: SentenceTransformer, texts: Sequence[str], titles: Sequence[str], depth: int) -> NDArray[np.int64]:
    """For each text the rows of the `depth` titles most similar to it now: (texts, depth), the right one included.

    Approximate (an inverted file, the nearest few cells searched): wrong answers need not be the very nearest.
    """
    vectors = model.encode(list(titles), batch_size=4096, convert_to_numpy=True, show_progress_bar=False)
    cells = max(1, min(CELLS, len(titles) // 40))
    pool = faiss.IndexIVFFlat(faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    pool.cp.seed, pool.cp.niter = 7, 8
    pool.nprobe = min(cells, max(4, cells // SEARCHED))
    pool.train(vectors)
    pool.add(vectors)
    queries = model.encode(list(texts), batch_size=4096, convert_to_numpy=True, show_progress_bar=False)
    return np.concatenate([pool.search(queries[at : at + 4096], depth)[1] for at in range(0, len(queries), 4096)])


def misspelt(text: str, spoil: random.Random) -> str:
    """The text with one typing error: a letter left out, doubled, or swapped with the next."""
    if len(text) < 5:
        return text
    at = spoil.randrange(1, len(text) - 2)
    kind = spoil.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
