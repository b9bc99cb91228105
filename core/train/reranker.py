"""The reranker's training: LambdaMART on candidates as the first stage really returns them.

Cross-fitting: the corpus and CodiEsp train fall into two folds; the candidates for the texts of a fold come from an
encoder, an index and a memory that never saw that fold, so that they are as wrong as they will be in use.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import lightgbm
import numpy as np

from core.evaluate import codiesp
from core.evaluate.gold import GoldQuery
from core.language import LanguageDetector
from core.rerank.features import NAMES, FeatureMaker
from core.rerank.reranker import DEPTH, feature_blocks, final_order
from core.retrieve.candidate import Source
from core.retrieve.entries import shipped_entries
from core.retrieve.index import EntryTerms, build_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.remembered import MemoryIndex
from core.retrieve.retriever import Retriever
from core.synthesis.corpus import read_corpus
from core.train.variants import FOLDS, Variant, fold_of, open_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.encode.load import Encoder
    from core.retrieve.fusion import Fusion

logger = logging.getLogger(__name__)

CHUNK = 512
BEST, ALSO = 2, 1
"""Relevance of the best code, and of one that is right as well."""
CODIESP_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the trees."""

    rounds: int = 400
    leaves: int = 31
    rate: float = 0.06
    smallest: int = 60
    features: float = 0.6
    rows: float = 0.7
    l2: float = 5.0
    seed: int = 7


@dataclass(slots=True)
class Lists:
    """Candidate lists, column by column: of each the feature rows, the candidates' relevance and codes, the query."""

    rows: list[NDArray[np.float32]] = field(default_factory=list)
    relevance: list[NDArray[np.int8]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    queries: list[GoldQuery] = field(default_factory=list)
    codes: list[list[str]] = field(default_factory=list)

    def take(self, chosen: Sequence[int]) -> Lists:
        """The lists at these positions."""
        names = ("rows", "relevance", "weights", "queries", "codes")
        return Lists(*([getattr(self, name)[at] for at in chosen] for name in names))

    def extend(self, other: Lists) -> None:
        """Add the lists of another."""
        for name in ("rows", "relevance", "weights", "queries", "codes"):
            getattr(self, name).extend(getattr(other, name))


def learnable(lists: Lists) -> list[int]:
    """The lists from which something can be learned: those with a right code among their candidates."""
    return [at for at, relevance in enumerate(lists.relevance) if relevance.any()]


def corpus_queries() -> list[GoldQuery]:
    """Every example of the written corpus as a query."""
    return [
        GoldQuery(
            f"{one.file}:{one.line}",
            one.text,
            (frozenset({one.code}), *(frozenset({other}) for other in one.also)),
            one.lang,
            (("lang", one.lang), ("style", one.style)),
        )
        for one in read_corpus()
    ]


def cross_fitted(catalog: Catalog, data: Path, fusion: Fusion, say: Callable[[str], None]) -> Lists:
    """Lists for every text of the corpus and of CodiEsp train, each from a first stage that did not see it."""
    folder = data / "codiesp"
    lists = Lists()
    written, mentions = corpus_queries(), codiesp.read_mentions(folder, "train", catalog)
    pairs = list(codiesp.reviewed_pairs(folder, "train", catalog))
    for fold in range(FOLDS):
        say(f"fold {fold + 1} of {FOLDS}: training an encoder without it")
        encoder, _ = open_variant(Variant(("train",), without_fold=fold), catalog, data)
        stage = first_stage(catalog, encoder, fusion, lambda text, fold=fold: fold_of(text) != fold)  # type: ignore[misc]
        memory = TeamMemory.of(Reviewed(text, code, "es") for text, code in pairs if fold_of(text) != fold)
        known_before, nothing = remembered(stage, memory), MemoryIndex([], encoder)
        held = [query for query in written if fold_of(query.text) == fold]
        asked = [query for query in mentions if fold_of(query.text) == fold]
        known = [query for query in mentions if fold_of(query.text) != fold]
        say(f"candidates for {len(held)} corpus texts and {len(asked)} mentions")
        lists.extend(make_lists(stage, held, nothing, 1.0, keep_named=True))
        lists.extend(make_lists(stage, asked, nothing, CODIESP_WEIGHT))
        lists.extend(make_lists(stage, asked, known_before, CODIESP_WEIGHT))
        # texts that people coded before, asked again: one in three, as the memory will know them in use
        lists.extend(make_lists(stage, known[::3], known_before, CODIESP_WEIGHT / 2))
    return lists


def first_stage(
    catalog: Catalog, encoder: Encoder, fusion: Fusion, keep: Callable[[str], bool] = lambda _text: True
) -> Retriever:
    """A retriever over the book, the abbreviations, and the corpus texts that `keep` lets in."""
    entries = (term for term in shipped_entries() if term.source is not Source.CORPUS or keep(term.text))
    book = build_index(EntryTerms.of(catalog, entries), encoder, lambda _share, _what: None)
    return Retriever(catalog, encoder, book, None, fusion)


def remembered(stage: Retriever, memory: TeamMemory) -> MemoryIndex:
    """A memory made ready for a first stage."""
    terms = [term for term in memory.terms() if term.code in stage.rows_of_book]
    return MemoryIndex(terms, stage.encoder)


def make_lists(
    stage: Retriever, queries: Sequence[GoldQuery], memory: MemoryIndex, weight: float, *, keep_named: bool = False
) -> Lists:
    """Candidates and features of each query.

    Parameters
    ----------
    stage, memory
        Where candidates come from.
    queries, weight
        With their gold, and how much each counts.
    keep_named
        Whether a query's language is known (a corpus file's) rather than guessed as in use.

    """
    detector, maker = LanguageDetector(), FeatureMaker(stage)
    lists = Lists()
    for start in range(0, len(queries), CHUNK):
        chunk = queries[start : start + CHUNK]
        texts = [query.text for query in chunk]
        langs = [(query.lang,) if keep_named else detector.detect(query.text).likely for query in chunk]
        found = stage.gather(texts, memory, langs)
        ranked = [stage.ranked(one, stage.fusion)[:DEPTH] for one in found]
        blocks = feature_blocks(maker, texts, langs, found, ranked, memory)
        for query, first, block in zip(chunk, ranked, blocks, strict=True):
            lists.rows.append(block)
            lists.relevance.append(_relevance(query, [code for _, code in first]))
            lists.weights.append(weight)
            lists.queries.append(query)
            lists.codes.append([code for _, code in first])
    return lists


def _relevance(query: GoldQuery, codes: Sequence[str]) -> NDArray[np.int8]:
    """Of a corpus example the first group is the best code; of an annotated mention all groups are."""
    style = dict(query.tags).get("style")
    best = query.groups[0] if style else query.codes
    return np.asarray([BEST if code in best else ALSO if code in query.codes else 0 for code in codes], np.int8)


def train_trees(lists: Lists, settings: Settings) -> lightgbm.Booster:
    """LambdaMART with NDCG's gains over the lists that have a right code."""
    chosen = learnable(lists)
    rows = np.concatenate([lists.rows[at] for at in chosen])
    relevance = np.concatenate([lists.relevance[at] for at in chosen])
    sizes = [len(lists.rows[at]) for at in chosen]
    weights = np.repeat([lists.weights[at] for at in chosen], sizes)
    names = [name.replace(" ", "_") for name in NAMES]
    given = lightgbm.Dataset(rows, relevance, weight=weights, group=sizes, feature_name=names, free_raw_data=True)
    parameters = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 10,
        "label_gain": [0, 2, 3],
        "learning_rate": settings.rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.smallest,
        "feature_fraction": settings.features,
        "bagging_fraction": settings.rows,
        "bagging_freq": 1,
        "lambda_l2": settings.l2,
        "seed": settings.seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    return lightgbm.train(parameters, given, settings.rounds)


Reordered: TypeAlias = "tuple[GoldQuery, list[str], NDArray[np.float64], NDArray[np.float32]]"


def reordered(model: lightgbm.Booster, lists: Lists) -> Iterator[Reordered]:
    """Each query with its codes in the model's order, their scores and their rows in that order."""
    scores = np.asarray(model.predict(np.concatenate(lists.rows)), np.float64) if lists.rows else np.empty(0)
    start = 0
    for query, codes, rows in zip(lists.queries, lists.codes, lists.rows, strict=True):
        own = scores[start : start + len(rows)]
        start += len(rows)
        order = final_order(own, rows)
        yield query, [codes[at] for at in order.tolist()], own[order], rows[order]
