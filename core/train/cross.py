"""The cross-attention's training: a listwise softmax over candidates as the first stage really returns them.

The loss is ListNet's top-one cross-entropy (Cao et al., 2007, "Learning to Rank: From Pairwise Approach to Listwise
Approach", section 4) over the right codes, the first stage's own mistakes and hard negatives by kind.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from core.encode.load import DEVICE
from core.rerank.cross import Batch, CrossAttention, Pair, Shape, Text, Words, score_lists
from core.threads import all_processors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

POOL = 32
"""Batches' worth of lists that are sorted by length together, so that little is padded."""
GAINS = (0.0, 0.3, 1.0)
"""Of a candidate's relevance: its part of the target distribution."""


@dataclass(frozen=True, slots=True)
class CrossRecipe:
    """What decides the weights; of a list `size` candidates are used in a step, the first `near` wrong ones always."""

    epochs: int = 2
    lists: int = 32
    size: int = 12
    near: int = 6
    rate: float = 1e-3
    decay: float = 0.01
    warm: float = 0.05
    mine: float = 0.4
    seed: int = 7


@dataclass(frozen=True, slots=True)
class CrossList:
    """A text with its candidates, the first stage's best first, hard negatives by kind after them."""

    text: Text
    pairs: Sequence[Pair]
    relevance: NDArray[np.int8]


@dataclass(slots=True)
class Curriculum:
    """Lists of one first stage, whose words they point into; texts' words are numbered after its terms'."""

    words: Words
    lists: list[CrossList] = field(default_factory=list)
    texts: list[NDArray[np.float32]] = field(default_factory=list)
    size: int = 0

    def add(
        self,
        texts: Sequence[str],
        contexts: Sequence[str],
        pairs: Sequence[Sequence[Pair]],
        relevance: Sequence[NDArray[np.int8]],
    ) -> None:
        """Take in some texts, the words around them and their candidates."""
        read, vectors = self.words.read(texts, contexts, len(self.words) + self.size)
        self.texts.append(vectors.astype(np.float16))
        self.size += len(vectors)
        self.lists += [CrossList(*one) for one in zip(read, pairs, relevance, strict=True)]

    def table(self) -> torch.Tensor:
        """Vectors of all words, (words, dimensions), float16."""
        terms = self.words.vectors(np.arange(len(self.words))).astype(np.float16)
        return torch.from_numpy(np.concatenate([terms, *self.texts]))

    def useful(self) -> list[int]:
        """The lists that something can be learned from: with a right candidate, a wrong one, and a known word."""
        return [
            at
            for at, one in enumerate(self.lists)
            if len(one.text.words) and one.relevance.any() and not one.relevance.all()
        ]

    def scores(self, network: CrossAttention, sizes: Sequence[int]) -> list[NDArray[np.float32]]:
        """The network's scores of the first `sizes` candidates of every list."""
        pairs = [one.pairs[:size] for one, size in zip(self.lists, sizes, strict=True)]
        return score_lists(network, self.table(), [one.text for one in self.lists], pairs)


@all_processors()
def train_cross(
    curricula: Sequence[Curriculum], shape: Shape, recipe: CrossRecipe, kept: Path | None = None
) -> CrossAttention:
    """Train from nothing on what the curricula have that can be learned from, on a GPU where there is one.

    Parameters
    ----------
    curricula
        Lists of one or several first stages.
    shape, recipe
        The network's sizes; what decides its weights.
    kept
        A file that the state goes to after every epoch; a run that was cut off goes on from it. Gone at the end.

    """
    torch.manual_seed(recipe.seed)
    network = CrossAttention(shape).to(DEVICE)
    tables = [one.table().to(DEVICE) for one in curricula]
    useful = [one.useful() for one in curricula]
    orders = [
        {at: np.arange(len(one.lists[at].pairs)) for at in own} for one, own in zip(curricula, useful, strict=True)
    ]
    steps = recipe.epochs * sum(len(own) // recipe.lists for own in useful)
    optimiser = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, max(2, steps + 1), pct_start=recipe.warm)
    state: dict[str, Any] = {"network": network, "optimiser": optimiser, "schedule": schedule}
    what = {"recipe": asdict(recipe), "shape": asdict(shape), "steps": steps}
    started = time.perf_counter()
    for epoch in range(_resumed(kept, state, what), recipe.epochs):
        generator = np.random.default_rng((recipe.seed, epoch))
        if epoch and recipe.mine:
            for one, own, table, order in zip(curricula, useful, tables, orders, strict=True):
                _mine(network.eval(), one.lists, own, table, order, generator, recipe.mine)
        network.train()
        batches = [
            (which, batch)
            for which, (one, own) in enumerate(zip(curricula, useful, strict=True))
            for batch in _batches(one.lists, np.asarray(own), recipe, generator)
        ]
        losses = []
        for at in tqdm(
            generator.permutation(len(batches)).tolist(), desc=f"cross-attention, epoch {epoch + 1}", disable=None
        ):
            which, chosen = batches[at]
            lists = curricula[which].lists
            picked = [(lists[one], _pick(lists[one], orders[which][one], recipe, generator)) for one in chosen.tolist()]
            loss = _loss(network, tables[which], picked, recipe.size)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        logger.info("epoch %d: loss %.4f, %.0f s", epoch + 1, np.mean(losses[-200:]), time.perf_counter() - started)
        if kept is not None:
            partial = kept.with_suffix(".part")
            states = {name: one.state_dict() for name, one in state.items()}
            torch.save({**states, "what": what, "epochs": epoch + 1}, partial)
            partial.replace(kept)
    if kept is not None:
        kept.unlink(missing_ok=True)
    return network.cpu().eval()


def _resumed(kept: Path | None, state: Mapping[str, Any], what: Mapping[str, object]) -> int:
    """Take up the state of the same training that was cut off; the epoch to go on with."""
    if kept is None or not kept.is_file():
        return 0
    try:
        saved = torch.load(kept, map_location=DEVICE, weights_only=True)
    except Exception as error:
        logger.warning("%s cannot be read (%s); training from the beginning.", kept, error)
        return 0
    if saved["what"] != what:
        return 0
    for name, one in state.items():
        one.load_state_dict(saved[name])
    logger.info("going on after epoch %d, from %s", saved["epochs"], kept)
    return int(saved["epochs"])


def _loss(
    network: CrossAttention,
    table: torch.Tensor,
    picked: Sequence[tuple[CrossList, NDArray[np.int64]]],
    size: int,
) -> torch.Tensor:
    texts, pairs, targets = [], [], []
    for one, places in picked:
        texts += [one.text] * len(places)
        pairs += [one.pairs[place] for place in places.tolist()]
        gains = np.asarray(GAINS, np.float32)[one.relevance[places]]
        targets.append(np.pad(gains / gains.sum(), (0, size - len(places)), constant_values=-1))
    wanted = torch.from_numpy(np.stack(targets)).to(table.device)
    scores = wanted.new_full(wanted.shape, -1e4)
    scores[wanted >= 0] = network(table, Batch.of(texts, pairs).on(table.device))
    return functional.cross_entropy(scores, wanted.clamp(min=0))


def _batches(
    lists: Sequence[CrossList], chosen: NDArray[np.int64], recipe: CrossRecipe, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Batches of lists of like length."""
    order = generator.permutation(chosen)
    for start in range(0, len(order), POOL * recipe.lists):
        pool = order[start : start + POOL * recipe.lists]
        lengths = [len(lists[at].text.words) + max(len(pair.title) for pair in lists[at].pairs) for at in pool.tolist()]
        pool = pool[np.argsort(lengths, kind="stable")]
        for at in range(0, len(pool) - recipe.lists + 1, recipe.lists):
            yield pool[at : at + recipe.lists]


def _pick(
    one: CrossList, order: NDArray[np.int64], recipe: CrossRecipe, generator: np.random.Generator
) -> NDArray[np.int64]:
    """The right codes (three at most), the worst mistakes, and a random choice of the rest."""
    right = order[one.relevance[order] > 0][:3]
    wrong = order[one.relevance[order] == 0]
    rest = wrong[recipe.near :]
    more = min(len(rest), recipe.size - len(right) - min(recipe.near, len(wrong)))
    return np.concatenate([right, wrong[: recipe.near], generator.choice(rest, more, replace=False)])


def _mine(
    network: CrossAttention,
    lists: Sequence[CrossList],
    useful: Sequence[int],
    table: torch.Tensor,
    orders: dict[int, NDArray[np.int64]],
    generator: np.random.Generator,
    share: float,
) -> None:
    """For a share of the lists, put the candidates in the network's own order: its mistakes are the curriculum."""
    chosen = generator.choice(useful, int(share * len(useful)), replace=False).tolist()
    scored = score_lists(network, table, [lists[at].text for at in chosen], [lists[at].pairs for at in chosen])
    for at, scores in zip(chosen, scored, strict=True):
        orders[at] = np.argsort(-scores, kind="stable")
