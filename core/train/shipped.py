"""The models that ship: measured on dev by a model that never saw dev, then trained on everything, with a card."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from core.catalog import load_catalog
from core.errors import ClinicodeError
from core.evaluate import codiesp
from core.evaluate.mentions import PUBLIC
from core.evaluate.mentions import read_mentions as read_public
from core.evaluate.metrics import per_query
from core.language import LANGUAGES, LanguageDetector, read_words
from core.partial import model_folder
from core.retrieve.entries import shipped_entries
from core.retrieve.fusion import Fusion
from core.retrieve.index import EntryTerms, build_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.remembered import MemoryIndex
from core.retrieve.retriever import Retriever
from core.text import fold
from core.train.card import write_card
from core.train.encoder import train_encoder
from core.train.fusion import DevSet, expected_calibration_error, tune
from core.train.language import train_language
from core.train.pairs import check_data, collect
from core.train.variants import FULL, Variant, book, open_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.encode.load import Encoder
    from core.evaluate.gold import GoldQuery


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of a card's table."""

    name: str
    queries: int
    figures: dict[str, float]
    calibration_error: float


def train_shipped_encoder(
    out: Path, data: Path | None, splits: tuple[str, ...], epochs: int | None, seed: int, say: Callable[[str], None]
) -> None:
    """Train the encoder and write its folder: weights, fusion weights, model card.

    Parameters
    ----------
    out
        The folder; made if absent.
    data
        The public tables; without them the encoder learns from catalog and corpus alone.
    splits
        CodiEsp splits to train on. Where ``dev`` is one, a first model is trained without it to measure and to tune.
    epochs, seed
        Instead of the recipe's.
    say
        Gets a line on each step.

    Raises
    ------
    ClinicodeError
        If the data are not there.
    """
    check_data(data)
    catalog = load_catalog("icd-10-cm")
    recipe = replace(FULL, seed=seed, epochs=epochs or FULL.epochs)
    measured: list[Measured] = []
    fusion = Fusion()
    without_dev = tuple(split for split in splits if split != "dev")
    if data is not None and (data / "codiesp" / "dev").is_dir():
        say("training without CodiEsp dev, to measure and to tune on it")
        encoder, _ = open_variant(Variant(without_dev, recipe=recipe), catalog, data)
        fusion, measured = _tune(encoder, catalog, data / "codiesp", without_dev)
        for row in measured:
            say(f"{row.name}: " + ", ".join(f"{name} {value:.3f}" for name, value in row.figures.items()))
    say("training on everything")
    pairs = collect(catalog, data, splits)
    model = train_encoder(pairs, recipe, *book(catalog))
    versions = {name: metadata.version(name) for name in ("torch", "sentence-transformers", "simple-icd-10-cm")}
    with model_folder(out) as folder:
        model.save(str(folder), create_model_card=False)
        fusion.save(folder)
        write_card(folder, catalog.label, pairs, asdict(recipe), measured, versions, datetime.now(UTC).date())
    say(f"written to {out}")


def _tune(encoder: Encoder, catalog: Catalog, folder: Path, remembered: Sequence[str]) -> tuple[Fusion, list[Measured]]:
    pairs = [pair for split in remembered for pair in codiesp.reviewed_pairs(folder, split, catalog)]
    memory = TeamMemory.of(Reviewed(text, code, "es") for text, code in pairs)
    index = build_index(EntryTerms.of(catalog, shipped_entries()), encoder, lambda _share, _what: None)
    retriever = Retriever(catalog, encoder, index, memory, Fusion())
    dev = codiesp.read_mentions(folder, "dev", catalog)
    public = read_public(PUBLIC, catalog) if PUBLIC.exists() else []
    nothing = MemoryIndex([], encoder)

    detector = LanguageDetector()

    def found(name: str, queries: Sequence[GoldQuery], index: MemoryIndex) -> DevSet:
        langs = [detector.detect(query.text).likely for query in queries]
        return DevSet(name, queries, retriever.gather([query.text for query in queries], index, langs))

    with_memory = found("CodiEsp dev mentions, train remembered", dev, retriever.memory())
    sets = [with_memory, found("CodiEsp dev mentions, nothing remembered", dev, nothing)]
    if public:
        sets.append(found("public mentions in seven languages, nothing remembered", public, nothing))
    fusion = tune(retriever, sets)
    seen = {fold(term.text) for term in memory.terms()}
    new = [at for at, query in enumerate(dev) if fold(query.text) not in seen]
    sets.append(
        DevSet(
            "CodiEsp dev mentions not seen in train, train remembered",
            [dev[at] for at in new],
            [with_memory.found[at] for at in new],
        )
    )
    for lang in LANGUAGES if public else ():
        chosen = [at for at, query in enumerate(public) if query.lang == lang]
        sets.append(
            DevSet(f"— public mentions, {lang}", [public[at] for at in chosen], [sets[2].found[at] for at in chosen])
        )
    for style in dict.fromkeys(dict(query.tags).get("style", "") for query in public):
        chosen = [at for at, query in enumerate(public) if dict(query.tags).get("style") == style]
        sets.append(
            DevSet(f"— public mentions, {style}", [public[at] for at in chosen], [sets[2].found[at] for at in chosen])
        )
    return fusion, [_measure(retriever, dev_set, fusion) for dev_set in sets]


def _measure(retriever: Retriever, dev: DevSet, fusion: Fusion) -> Measured:
    rankings = [[code for _, code in retriever.ranked(found, fusion)[:50]] for found in dev.found]
    values = per_query(dev.queries, rankings)
    names = ("Hit@1", "R@5", "R@10", "MRR@10", "MAP@10")
    figures = {name: float(np.mean(values[name])) for name in names}
    return Measured(dev.name, len(dev.queries), figures, expected_calibration_error(retriever, dev, fusion))


def train_shipped_language(out: Path, data: Path | None, say: Callable[[str], None]) -> None:
    """Train the language classifier on the terms of all sources, at most 15,000 a language.

    Raises
    ------
    ClinicodeError
        If a language has no texts.
    """
    catalog = load_catalog("icd-10-cm")
    texts: dict[str, dict[str, None]] = {lang: dict.fromkeys(read_words(lang)) for lang in LANGUAGES}
    for pair in collect(catalog, data, ("train", "dev") if data else ()):
        texts[pair.lang][pair.text] = None
    for title in [code.title for code in catalog][::4]:
        texts["en"][title] = None
    generator = np.random.default_rng(7)
    labelled: list[tuple[str, str]] = []
    for lang, found in texts.items():
        pool = list(found)
        if not pool:
            message = f"There is no text in {LANGUAGES[lang]} to learn from."
            raise ClinicodeError(message)
        chosen = generator.permutation(len(pool))[:15_000]
        labelled += [(pool[at], lang) for at in chosen]
        say(f"{LANGUAGES[lang]}: {len(chosen)} texts")
    with model_folder(out) as folder:
        accuracy = train_language([text for text, _ in labelled], [lang for _, lang in labelled], folder)
    say(f"right on {accuracy:.1%} of the tenth kept out; written to {out}")
