"""The note reader that ships: tagger, span trees and code ranking, measured where they did not learn.

A tagger learns from CodiEsp train and from made notes; by what it says, the span trees and the ranking learn from
CodiEsp dev (and from other made notes), whose notes fall into two halves: each half is measured by what the other
taught. The tagger that ships learns from dev as well.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.catalog import load_catalog
from core.coder import Coder
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.evaluate import codiesp
from core.evaluate.metrics import credit, micro, per_query
from core.evaluate.notes import PUBLIC_NOTES, judge, read_notes
from core.language import Language, LanguageDetector, function_words
from core.note import detector as spans_of
from core.note.context import ContextReader
from core.note.detector import Detector
from core.note.ranking import MODEL, NoteRanker, gather
from core.note.reader import SETTINGS, NoteReader, open_reader
from core.note.segment import Segmenter
from core.note.tagger import Tagger
from core.partial import model_folder
from core.rerank.reranker import Reranker
from core.retrieve.entries import shipped_entries
from core.retrieve.fusion import Fusion
from core.retrieve.index import open_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.retriever import Retriever
from core.settings import SHIPPED_ENCODER, SHIPPED_READER, SHIPPED_RERANKER, measured_reranker
from core.threads import all_processors, one_thread
from core.train.notes import all_documents, codiesp_documents, names
from core.train.pairs import check_data
from core.train.ranking import train_ranking
from core.train.reader_card import write_card
from core.train.reranker import anchors_of, first_stage
from core.train.spans import Examples, make_examples, train_spans
from core.train.tagger import TaggerRecipe, train_tagger
from core.train.variants import Variant, fold_of, open_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import lightgbm
    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.evaluate.gold import GoldQuery
    from core.note.ranking import Gathered

MADE, MADE_FOR_SPANS = 220, 40
"""Made notes a language that the tagger and the span trees learn from."""
MENTION = 0.06
"""The score from which a span is a mention; chosen on the public notes."""
SMOOTH = 5
"""Neighbouring thresholds whose mean F1 decides: the best one alone is best by chance."""
SPANISH = Language("es", 1.0, ("es",), given=True)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A coded note's codes with whether each is right, and the note."""

    query: GoldQuery
    gathered: Gathered
    right: NDArray[np.bool_]


@all_processors()
def train_reader(out: Path, data: Path, seed: int, say: Callable[[str], None]) -> None:
    """Train and write the reader's folder, with its card.

    Parameters
    ----------
    out
        The folder; made if absent.
    data
        The public tables; CodiEsp must be among them.
    seed
        Fixes everything random.
    say
        Gets a line on each step.

    Raises
    ------
    ClinicodeError
        If CodiEsp or the reranker that never saw dev is not there.
    """
    check_data(data)
    if not (data / "codiesp" / "dev").is_dir() or not measured_reranker().is_dir():
        message = "The reader learns from CodiEsp, and from a reranker: run `clinicode train reranker` first."
        raise ClinicodeError(message)
    catalog, folder = load_catalog("icd-10-cm"), data / "codiesp"
    encoder, _ = open_variant(Variant(("train",)), catalog, data)
    stage = first_stage(catalog, encoder, Fusion.load(SHIPPED_ENCODER))
    say("training the tagger that never saw dev, from which the trees learn")
    reading = _tagger(data, ("train",), stage, seed)
    pairs = codiesp.reviewed_pairs(folder, "train", catalog)
    memory = TeamMemory.of(Reviewed(text, code, "es") for text, code in pairs)
    knowing = type(stage)(catalog, encoder, stage.book, memory, stage.fusion)
    say("spans of CodiEsp dev and of made notes")
    real = make_examples(codiesp_documents(folder, "dev"), _detector(reading, knowing))
    made = make_examples(
        all_documents(None, (), MADE_FOR_SPANS, seed + 1, names(catalog, data)), _detector(reading, stage)
    )
    halves = [[at for at, name in enumerate(real.documents) if fold_of(name) == half] for half in (0, 1)]
    trees = [train_spans(_joined(real.take(halves[1 - half]), made), seed) for half in (0, 1)]
    say("coding CodiEsp dev, each half by what the other taught")
    queries = codiesp.read_documents(folder, "dev", catalog)
    ranked: dict[str, list[Ranked]] = {}
    for name, retriever, asked in (
        ("train remembered", knowing, queries),
        ("nothing remembered, every third case", stage, queries[::3]),
    ):
        readers = [_reader(reading, retriever, one) for one in trees]
        second = Reranker.load(measured_reranker(), retriever)
        ranked[name] = [_coded(query, readers[fold_of(query.name)], second, catalog) for query in asked]
    lines = measure_ranking(ranked, seed)
    for line in lines:
        say(line)
    ranking = _ranking([one for own in ranked.values() for one in own], seed)
    threshold = best_threshold(ranked["train remembered"], seed)
    say("training the tagger that ships")
    shipped = _shipped_stage(catalog)
    last = _tagger(data, ("train", "dev"), shipped, seed)
    final = train_spans(_joined(real, made), seed)
    settings = {"mention": MENTION, "suggested": round(threshold, 3), "measured": lines}
    with model_folder(out) as place:
        last.save(place)
        final.save_model(str(place / spans_of.MODEL))
        ranking.save_model(str(place / MODEL))
        _finish(place, settings, shipped, seed, say)
    say(f"written to {out}")


@all_processors()
def train_reader_tagger(out: Path, data: Path, seed: int, say: Callable[[str], None]) -> None:
    """Train the tagger of the reader that ships anew, its trees and its ranking as they are; parameters as above.

    Raises
    ------
    ClinicodeError
        If CodiEsp or the reader is not there.
    """
    check_data(data)
    if not (data / "codiesp" / "dev").is_dir():
        message = f"The tagger learns from CodiEsp: put it under {data / 'codiesp'}."
        raise ClinicodeError(message)
    catalog = load_catalog("icd-10-cm")
    shipped = _shipped_stage(catalog)
    settings = json.loads((SHIPPED_READER / SETTINGS).read_text(encoding="utf-8"))
    kept = {name: (SHIPPED_READER / name).read_bytes() for name in (spans_of.MODEL, MODEL)}
    say("training the tagger")
    tagger = _tagger(data, ("train", "dev"), shipped, seed)
    with model_folder(out) as place:
        tagger.save(place)
        for name, trees in kept.items():
            (place / name).write_bytes(trees)
        _finish(place, settings, shipped, seed, say, anew=True)
    say(f"written to {out}")


def _shipped_stage(catalog: Catalog) -> Retriever:
    """The first stage as it ships, with nothing remembered."""
    encoder = load_encoder(str(SHIPPED_ENCODER))
    return Retriever(
        catalog, encoder, open_index(catalog, encoder, None, shipped_entries()), None, Fusion.load(SHIPPED_ENCODER)
    )


def _finish(
    place: Path,
    settings: dict[str, Any],
    stage: Retriever,
    seed: int,
    say: Callable[[str], None],
    *,
    anew: bool = False,
) -> None:
    """Write the settings, measure what was written on the public notes as it ships, and write the card."""
    (place / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    one_thread()  # as in everything that answers
    reader, ranker = open_reader(place, stage)
    second = Reranker.load(SHIPPED_RERANKER, stage)
    coder = Coder(stage.catalog, stage, LanguageDetector(), TeamMemory.of([]), reader, ranker, second)
    public = list(judge(read_notes(PUBLIC_NOTES, stage.catalog), coder.code, lambda: None).lines())
    for line in public:
        say(line)
    recipe = asdict(TaggerRecipe(seed=seed))
    write_card(place, stage.catalog.label, recipe, settings.get("measured", ()), public, anew=anew)


def _tagger(data: Path, splits: Sequence[str], stage: Retriever, seed: int) -> Tagger:
    module = stage.encoder.ngrams
    assert module is not None  # noqa: S101  our own recipe's
    documents = all_documents(data, splits, MADE, seed, names(stage.catalog, data))
    network = train_tagger(documents, module, function_words(), TaggerRecipe(seed=seed))
    return Tagger(network, anchors_of(stage.encoder, stage), module, function_words())


def _joined(one: Examples, other: Examples) -> Examples:
    return Examples(one.rows + other.rows, one.covered + other.covered, one.documents + other.documents)


def _detector(tagger: Tagger, retriever: Retriever, trees: lightgbm.Booster | None = None) -> Detector:
    return Detector(tagger, retriever, trees, function_words(), MENTION)


def _reader(tagger: Tagger, retriever: Retriever, trees: lightgbm.Booster) -> NoteReader:
    return NoteReader(_detector(tagger, retriever, trees), Segmenter(), ContextReader())


def _coded(query: GoldQuery, reader: NoteReader, stage: Reranker, catalog: Catalog) -> Ranked:
    mentions = reader.read(query.text, SPANISH, stage)
    gathered = gather(mentions, len(query.text), catalog, stage.retriever.memory())
    return Ranked(query, gathered, np.asarray([code in query.codes for code in gathered.codes], bool))


def _ranking(ranked: Sequence[Ranked], seed: int) -> lightgbm.Booster:
    return train_ranking(
        np.concatenate([one.gathered.rows for one in ranked]), np.concatenate([one.right for one in ranked]), seed
    )


def _chances(ranked: dict[str, list[Ranked]], name: str, seed: int) -> list[NDArray[np.float64]]:
    """The chances of each note's codes, by a ranking that learned from the other half."""
    models = [
        NoteRanker(
            _ranking([one for own in ranked.values() for one in own if fold_of(one.query.name) != half], seed), 0
        )
        for half in (0, 1)
    ]
    return [models[fold_of(one.query.name)].chances(one.gathered) for one in ranked[name]]


def _counts(ranked: Sequence[Ranked], chances: Sequence[NDArray[np.float64]], threshold: float) -> NDArray[np.float64]:
    rows = []
    for one, own in zip(ranked, chances, strict=True):
        said = [one.gathered.codes[at] for at in np.argsort(-own, kind="stable").tolist() if own[at] >= threshold]
        credited = credit(said, one.query.groups)
        rows.append((sum(name.startswith("gold-") for name in credited), len(credited), len(one.query.groups)))
    return np.asarray(rows, np.float64)


def _best(ranked: Sequence[Ranked], chances: Sequence[NDArray[np.float64]]) -> float:
    values = np.arange(0.15, 0.7, 0.025)
    scores = []
    for value in values.tolist():
        right, said, gold = _counts(ranked, chances, value).sum(axis=0)
        scores.append(2 * right / max(1, said + gold))
    smooth = np.convolve(scores, np.ones(SMOOTH) / SMOOTH, "valid")
    return float(values[int(np.argmax(smooth)) + SMOOTH // 2])


def best_threshold(ranked: Sequence[Ranked], seed: int) -> float:
    """The chance from which suggested codes have the best micro-F1."""
    return _best(ranked, _chances({"": list(ranked)}, "", seed))


def measure_ranking(ranked: dict[str, list[Ranked]], seed: int) -> list[str]:
    """MAP and micro-F1 on CodiEsp dev, each half by what the other taught, its threshold too."""
    lines = []
    for name, own in ranked.items():
        chances = _chances(ranked, name, seed)
        orders = [
            [one.gathered.codes[at] for at in np.argsort(-mine, kind="stable").tolist()]
            for one, mine in zip(own, chances, strict=True)
        ]
        average = float(np.mean(per_query([one.query for one in own], orders)["MAP"]))
        counts = []
        for half in (0, 1):
            mine = [at for at, one in enumerate(own) if fold_of(one.query.name) == half]
            other = [at for at in range(len(own)) if at not in set(mine)]
            threshold = _best([own[at] for at in other], [chances[at] for at in other])
            counts.append(_counts([own[at] for at in mine], [chances[at] for at in mine], threshold))
        figures = micro(np.concatenate(counts))
        told = ", ".join(f"{key} {one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for key, one in figures.items())
        lines.append(f"CodiEsp dev, {name}: MAP {average:.3f}, {told}")
    return lines
