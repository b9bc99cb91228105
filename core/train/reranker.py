"""The reranker's training: LambdaMART on candidates as the first stage really returns them.

Cross-fitting: the corpus and CodiEsp train fall into two folds; the candidates for the texts of a fold come from an
encoder, an index and a memory that never saw that fold, so that they are as wrong as they will be in use.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import lightgbm
import numpy as np

from core.encode.words import Anchors
from core.evaluate import codiesp
from core.evaluate.gold import GoldQuery
from core.language import LanguageDetector
from core.rerank.cross import Shape, Words
from core.rerank.features import CROSS, DECIMALS, NAMES, FeatureMaker, cross_columns, cross_pairs
from core.rerank.reranker import DEPTH, feature_blocks, final_order
from core.retrieve.candidate import Source
from core.retrieve.entries import shipped_entries
from core.retrieve.index import EntryTerms, build_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.remembered import MemoryIndex
from core.retrieve.retriever import Retriever
from core.settings import home
from core.synthesis.corpus import read_corpus
from core.synthesis.groups import families, kinds_of
from core.text import fold
from core.train.cross import CrossRecipe, Curriculum, train_cross
from core.train.notes import mention_contexts
from core.train.trees import boosted
from core.train.variants import FOLDS, Variant, fold_of, open_variant
from core.trees import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.encode.load import Encoder
    from core.encode.module import NgramEmbedding
    from core.rerank.cross import CrossAttention, CrossScorer
    from core.retrieve.fusion import Fusion

logger = logging.getLogger(__name__)

CHUNK = 512
BEST, ALSO = 2, 1
"""Relevance of the best code, and of one that is right as well."""
CODIESP_WEIGHT = 2.0
MOST_KIN = 40
"""Codes of a category that are looked at for hard negatives."""
ANCHORS = 4000


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the trees."""

    rounds: int = 400
    leaves: int = 31
    rate: float = 0.06
    smallest: int = 60
    features: float = 0.6
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


def cross_fitted(
    catalog: Catalog, data: Path, fusion: Fusion, anchors: Anchors, say: Callable[[str], None]
) -> list[tuple[Lists, Curriculum]]:
    """By fold, lists for every text of the corpus and of CodiEsp train, each from a first stage that did not see it."""
    folder = data / "codiesp"
    written, mentions = corpus_queries(), codiesp.read_mentions(folder, "train", catalog)
    pairs = list(codiesp.reviewed_pairs(folder, "train", catalog))
    around = mention_contexts(folder, "train")
    folds: list[tuple[Lists, Curriculum]] = []
    for number in range(FOLDS):
        lists = Lists()
        say(f"fold {number + 1} of {FOLDS}: training an encoder without it")
        encoder, _ = open_variant(Variant(("train",), without_fold=number), catalog, data)
        stage = first_stage(catalog, encoder, fusion, lambda text, number=number: fold_of(text) != number)  # type: ignore[misc]
        memory = TeamMemory.of(Reviewed(text, code, "es") for text, code in pairs if fold_of(text) != number)
        known_before, nothing = remembered(stage, memory), MemoryIndex([], encoder)
        held = [query for query in written if fold_of(query.text) == number]
        asked = [query for query in mentions if fold_of(query.text) == number]
        known = [query for query in mentions if fold_of(query.text) != number]
        say(f"candidates for {len(held)} corpus texts and {len(asked)} mentions")
        read = Curriculum(Words(stage, anchors.rotation(_ngrams(encoder))))
        lists.extend(make_lists(stage, held, nothing, 1.0, read, keep_named=True))
        lists.extend(make_lists(stage, asked, nothing, CODIESP_WEIGHT, read))
        lists.extend(make_lists(stage, asked, known_before, CODIESP_WEIGHT, read, contexts=around))
        # texts that people coded before, asked again: one in three, as the memory will know them in use
        lists.extend(make_lists(stage, known[::3], known_before, CODIESP_WEIGHT / 2, read, contexts=around))
        folds.append((lists, read))
    return folds


def cross_trained(
    folds: Sequence[tuple[Lists, Curriculum]], recipe: CrossRecipe, say: Callable[[str], None]
) -> CrossAttention:
    """Give every list the scores of a network that did not see it; the network given back learned from all."""
    place = home() / "models"
    place.mkdir(exist_ok=True)
    for at, (lists, read) in enumerate(folds):
        say(f"cross-attention for fold {at + 1} of {len(folds)}, from the others")
        others = [other for _, other in folds if other is not read]
        network = train_cross(others, Shape(), recipe, place / f"cross-without-{at}.pt")
        with_cross(lists, read.scores(network, [len(rows) for rows in lists.rows]))
    say("cross-attention on all folds")
    return train_cross([read for _, read in folds], Shape(), recipe, place / "cross.pt")


def anchors_of(encoder: Encoder, retriever: Retriever) -> Anchors:
    """Words of an encoder's entry terms, by which other encoders are turned into its space."""
    space = retriever.book.words
    words = sorted({word for word in (space.words if space else []) if word.isalpha() and len(word) >= 5})
    return Anchors.of(_ngrams(encoder), words[:: max(1, len(words) // ANCHORS)])


def _ngrams(encoder: Encoder) -> NgramEmbedding:
    if encoder.ngrams is None:
        message = "the reranker is trained for an n-gram encoder"
        raise ValueError(message)
    return encoder.ngrams


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
    stage: Retriever,
    queries: Sequence[GoldQuery],
    memory: MemoryIndex,
    weight: float,
    curriculum: Curriculum | None = None,
    *,
    cross: CrossScorer | None = None,
    contexts: Mapping[str, str] | None = None,
    keep_named: bool = False,
) -> Lists:
    """Candidates and features of each query; the cross-attention's are zero without it.

    Parameters
    ----------
    stage, memory
        Where candidates come from.
    queries, weight
        With their gold, and how much each counts.
    curriculum
        Where the lists go, in the same order, as the cross-attention reads them.
    cross
        The cross-attention, over the stage's words.
    contexts
        Of some texts the words around them in a note.
    keep_named
        Whether a query's language is known (a corpus file's) rather than guessed as in use.

    """
    detector, maker = LanguageDetector(), FeatureMaker(stage, cross)
    lists = Lists()
    for start in range(0, len(queries), CHUNK):
        chunk = queries[start : start + CHUNK]
        texts = [query.text for query in chunk]
        near = [(contexts or {}).get(text, "") for text in texts]
        langs = [(query.lang,) if keep_named else detector.detect(query.text).likely for query in chunk]
        found = stage.gather(texts, memory, langs)
        ranked = [stage.ranked(one, stage.fusion)[:DEPTH] for one in found]
        blocks = feature_blocks(maker, texts, langs, found, ranked, memory, near)
        for query, first, block in zip(chunk, ranked, blocks, strict=True):
            lists.rows.append(block)
            lists.relevance.append(_relevance(query, [code for _, code in first]))
            lists.weights.append(weight)
            lists.queries.append(query)
            lists.codes.append([code for _, code in first])
        if curriculum is not None:
            hard = [
                _hard_negatives(stage.catalog, query, codes)
                for query, codes in zip(chunk, lists.codes[start:], strict=True)
            ]
            pairs = [
                [*cross_pairs(curriculum.words, one, codes), *(curriculum.words.pair(code, -1, 0.0) for code in more)]
                for one, codes, more in zip(found, lists.codes[start:], hard, strict=True)
            ]
            relevance = [np.pad(own, (0, len(more))) for own, more in zip(lists.relevance[start:], hard, strict=True)]
            curriculum.add(texts, near, pairs, relevance)
    return lists


def _hard_negatives(catalog: Catalog, query: GoldQuery, codes: Sequence[str]) -> list[str]:
    """Of the right code's category one of each kind that the first stage did not bring up."""
    right = min(query.groups[0])
    known = {*codes, *query.codes}
    others = [code for code in families(catalog)[right[:3]] if code not in known]
    generator = random.Random(fold(query.text))  # noqa: S311  repeatable, not secret
    by_kind = kinds_of(catalog, right, generator.sample(others, min(MOST_KIN, len(others))))
    return [own[0] for own in by_kind.values()]


def with_cross(lists: Lists, scores: Sequence[NDArray[np.float32]]) -> None:
    """Put the cross-attention's scores of every candidate among the features."""
    first = NAMES.index(CROSS[0])
    for rows, own in zip(lists.rows, scores, strict=True):
        rows[:, first : first + len(CROSS)] = cross_columns(own).round(DECIMALS)


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
    given = lightgbm.Dataset(rows, relevance, weight=weights, group=sizes, feature_name=columns(NAMES))
    return boosted(
        given,
        settings.rounds,
        settings.seed,
        objective="lambdarank",
        lambdarank_truncation_level=10,
        label_gain=[0, 2, 3],
        learning_rate=settings.rate,
        num_leaves=settings.leaves,
        min_data_in_leaf=settings.smallest,
        feature_fraction=settings.features,
    )


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
