"""The second stage: the first candidates of each query in their final order, with calibrated confidences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lightgbm
import numpy as np
from safetensors import SafetensorError

from core.errors import ClinicodeError
from core.fingerprint import SUMS, check, of_files
from core.interface import _
from core.language import LANGUAGES
from core.rerank.calibration import Calibration
from core.rerank.cross import CrossScorer, load_cross, save_cross
from core.rerank.features import NAMES, FeatureMaker, cross_pairs
from core.rerank.opposites import opposites, set_last
from core.trees import load_trees

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.retrieve.candidate import Candidate
    from core.retrieve.remembered import MemoryIndex
    from core.retrieve.retriever import Evidence, Retriever

MODEL, SETTINGS = "ranker.txt", "reranker.json"
DEPTH = 40
"""Candidates of the first stage that are put in order; what comes after them keeps its place."""
DECIMALS = 6
SHARE = NAMES.index("share")
DAMAGED = (lightgbm.basic.LightGBMError, SafetensorError)
BELOW = 1.0
"""How far under the last reordered score the rest begins."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Codes of one query, best first, with their scores and confidences; and those that the text contradicts."""

    codes: list[str]
    scores: list[float]
    confidences: list[float]
    against: tuple[str, ...] = ()


class Reranker:
    """LambdaMART (Burges, 2010) over :mod:`core.rerank.features`, the cross-attention's score among them.

    Parameters
    ----------
    model
        The trees.
    calibration
        From scores to probabilities.
    retriever
        The first stage that it was loaded for.
    cross
        The cross-attention whose scores are among the features.
    fingerprint
        Of the files that it was read from; empty where it was not read from any.

    """

    def __init__(
        self,
        model: lightgbm.Booster,
        calibration: Calibration,
        retriever: Retriever,
        cross: CrossScorer | None = None,
        fingerprint: str = "",
    ) -> None:
        self.fingerprint = fingerprint
        self._model = model
        self._calibration = calibration
        self.retriever = retriever
        self.maker = FeatureMaker(retriever, cross)
        self._opposites = opposites()

    @property
    def abstain(self) -> float:
        """The confidence under which no code is confident."""
        return self._calibration.abstain

    @classmethod
    def load(cls, folder: Path, retriever: Retriever) -> Reranker:
        """Read a trained model's folder.

        Raises
        ------
        ClinicodeError
            If a file is absent, damaged, or of another version's features.
        """
        try:
            check(folder)
            settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
            model = load_trees(folder / MODEL, NAMES)
            calibration = Calibration.load(folder, float(settings["abstain"]))
            cross = load_cross(folder, retriever)
            files = (path for path in sorted(folder.iterdir()) if path.suffix != ".md" and path.name != SUMS)
            fingerprint = of_files(files)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, *DAMAGED) as error:
            message = _("The reranker in {folder} cannot be read ({error}); get it again or train it anew.").format(
                folder=folder, error=error
            )
            raise ClinicodeError(message) from error
        return cls(model, calibration, retriever, cross, fingerprint)

    def save(self, folder: Path) -> None:
        """Write trees and calibration."""
        folder.mkdir(parents=True, exist_ok=True)
        self._model.save_model(str(folder / MODEL))
        self._calibration.save(folder)
        if self.maker.cross is not None:
            save_cross(folder, self.maker.cross)
        text = json.dumps({"abstain": self._calibration.abstain}, indent=2)
        (folder / SETTINGS).write_text(text + "\n", encoding="utf-8")

    def search(
        self,
        texts: Sequence[str],
        top_k: int = 10,
        langs: Sequence[Collection[str]] | None = None,
        contexts: Sequence[str] | None = None,
    ) -> list[list[Candidate]]:
        """The best `top_k` codes of each text in their final order.

        `langs` are the languages that each may be in, `contexts` the words around each in its sentence.
        """
        retriever, memory = self.retriever, self.retriever.memory()
        found = retriever.gather(texts, memory, langs)
        ordered = self.order(texts, langs, found, memory, contexts)
        return [
            retriever.candidates(
                one, memory, list(zip(order.scores, order.codes, strict=True))[:top_k], order.confidences
            )
            for one, order in zip(found, ordered, strict=True)
        ]

    def order(
        self,
        texts: Sequence[str],
        langs: Sequence[Collection[str]] | None,
        found: Sequence[dict[str, Evidence]],
        memory: MemoryIndex,
        contexts: Sequence[str] | None = None,
    ) -> list[Ordered]:
        """Put what the first stage found for each text in its final order."""
        ranked = [self.retriever.ranked(one, self.retriever.fusion) for one in found]
        blocks = feature_blocks(self.maker, texts, langs, found, ranked, memory, contexts)
        sizes = [len(block) for block in blocks]
        scores = self._predict(np.concatenate(blocks)) if sum(sizes) else np.empty(0)
        ends = np.cumsum(sizes)
        own = [scores[end - size : end] for size, end in zip(sizes, ends, strict=True)]
        orders = [final_order(one, block) for one, block in zip(own, blocks, strict=True)]
        lists = [(one[order], block[order]) for one, block, order in zip(own, blocks, orders, strict=True)]
        said = self._calibration.confidences(lists)
        ordered = [
            _ordered(order, one[0], confidences, first)
            for order, one, confidences, first in zip(orders, lists, said, ranked, strict=True)
        ]
        spoken = langs or [tuple(LANGUAGES)] * len(texts)
        chosen = [int((rows[:, SHARE] > 0).sum()) for _, rows in lists]
        return [
            self._meant(text, languages, one, people, size)
            for text, languages, one, people, size in zip(texts, spoken, ordered, chosen, sizes, strict=True)
        ]

    def _meant(self, text: str, langs: Collection[str], ordered: Ordered, chosen: int, size: int) -> Ordered:
        """Codes that contradict the text after the other reordered ones; what people chose for it keeps its place."""
        said = self._opposites.read(text, {*langs, "en"})
        if not said:
            return ordered
        title = self.retriever.catalog.title
        against = [
            at >= chosen and self._opposites.contradicts(said, title(code))
            for at, code in enumerate(ordered.codes[:size])
        ]
        if not any(against) or all(against):
            return ordered
        order, confidences = set_last(against, ordered.confidences[:size])
        codes = [ordered.codes[at] for at in order] + ordered.codes[size:]
        opposed = tuple(code for code, one in zip(ordered.codes, against, strict=False) if one)
        return Ordered(codes, ordered.scores, confidences + ordered.confidences[size:], opposed)

    def _predict(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(self._model.predict(rows, num_threads=1), np.float64).round(DECIMALS)


def final_order(scores: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """Positions of one query's candidates, best first: by score, after the codes that people chose for this very text.

    Those come first, by how often they were chosen, whatever the trees make of it.
    """
    share = rows[:, SHARE]
    return np.lexsort((np.arange(len(scores)), -scores, -share))


def _ordered(
    order: NDArray[np.int64],
    scores: NDArray[np.float64],
    confidences: NDArray[np.float64],
    ranked: Sequence[tuple[float, str]],
) -> Ordered:
    """The reordered candidates, then those that the first stage ranked after them."""
    if not len(order):
        return Ordered([], [], [])
    rest = ranked[len(order) :]
    lowest = float(scores.min()) - BELOW
    return Ordered(
        [ranked[at][1] for at in order.tolist()] + [code for _, code in rest],
        np.maximum.accumulate(scores[::-1])[::-1].tolist() + [lowest + score - ranked[0][0] for score, _ in rest],
        confidences.tolist() + [0.0] * len(rest),
    )


def feature_blocks(
    maker: FeatureMaker,
    texts: Sequence[str],
    langs: Sequence[Collection[str]] | None,
    found: Sequence[dict[str, Evidence]],
    ranked: Sequence[Sequence[tuple[float, str]]],
    memory: MemoryIndex,
    contexts: Sequence[str] | None = None,
) -> list[NDArray[np.float32]]:
    """The feature rows of each text's first `DEPTH` candidates; `contexts` are the words around each text."""
    queries = maker.read(texts, langs or [("en",)] * len(texts))
    crossed: Sequence[NDArray[np.float32] | None] = [None] * len(texts)
    if maker.cross is not None:
        words = maker.cross.words
        firsts = [[code for _, code in first[:DEPTH]] for first in ranked]
        pairs = [cross_pairs(words, one, codes) for one, codes in zip(found, firsts, strict=True)]
        crossed = maker.cross.scores(texts, pairs, contexts)
    return [
        maker.rows(query, one, first[:DEPTH], memory, scores) if first else np.empty((0, len(NAMES)), np.float32)
        for query, one, first, scores in zip(queries, found, ranked, crossed, strict=True)
    ]
