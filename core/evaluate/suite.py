"""Suites: many systems over the same data sets in one go, so that every row of a table is measured alike."""

from __future__ import annotations

import csv
import logging
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

from core import settings
from core.coder import Coder
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.evaluate import systems
from core.evaluate.codiesp import reviewed_pairs
from core.evaluate.datasets import Dataset, read_dataset
from core.evaluate.mentions import PUBLIC
from core.evaluate.reviewed import reviewed_memory
from core.evaluate.run import measure
from core.evaluate.runs import UNMEASURED, save_run
from core.evaluate.systems import System
from core.interface import N_
from core.language import LANGUAGES
from core.note.reader import open_reader
from core.rerank.reranker import Reranker
from core.retrieve.entries import shipped_entries
from core.retrieve.fusion import Fusion
from core.retrieve.index import EntryTerms, open_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.retriever import Retriever
from core.settings import SHIPPED_ENCODER, SHIPPED_READER, SHIPPED_RERANKER
from core.train.card import SOURCES
from core.train.shipped_reranker import train_shipped_reranker
from core.train.variants import QUICK, Variant, open_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.catalog import Catalog
    from core.encode.load import Encoder
    from core.evaluate.runs import Run
    from core.language import LanguageDetector

logger = logging.getLogger(__name__)

SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)
SEED = 7
TERMS = Variant(splits=(), corpus=False)
WRITTEN = Variant(splits=())
TRAINED = Variant(splits=("train",))


class Workshop:
    """What the systems of a suite are made from; each part is made once.

    Parameters
    ----------
    catalog, detector
        Loaded.
    data
        The public tables; without them nothing can be trained, and CodiEsp is not measured.

    """

    def __init__(self, catalog: Catalog, detector: LanguageDetector, data: Path | None) -> None:
        self.catalog = catalog
        self.detector = detector
        self.data = data

    def encoder(self, variant: Variant) -> tuple[Encoder, float]:
        """A trained variant and the seconds it took.

        Raises
        ------
        ClinicodeError
            If there are no data to train on.
        """
        if self.data is None:
            message = "it is trained by the suite, which needs --data"
            raise ClinicodeError(message)
        return open_variant(variant, self.catalog, self.data)

    def dense(self, name: str, about: str, variant: Variant, *, entries: bool) -> System:
        """An encoder alone; `entries` says whether the written corpus is in the index."""
        encoder, seconds = self.encoder(variant)
        terms = EntryTerms.of(self.catalog, shipped_entries() if entries else ())
        return System(name, about, systems.nearest(encoder, terms), encoder.fingerprint, training=seconds)

    def hybrid(
        self,
        name: str,
        about: str,
        encoder: Encoder,
        remembered: tuple[str, ...] = (),
        reranker: Path | None = None,
    ) -> System:
        """The product around an encoder, with CodiEsp splits remembered, and a reranker where a folder is given.

        Raises
        ------
        ClinicodeError
            If the reranker is not there.
        """
        pairs = [pair for split in remembered for pair in reviewed_pairs(self._codiesp, split, self.catalog)]
        memory = TeamMemory.of(Reviewed(text, code, "es") for text, code in pairs)
        return self._around(name, about, encoder, memory, reranker)

    def taught(self, name: str, about: str, share: float) -> System:
        """The first stage around an encoder that never saw CodiEsp, after a share of its train was reviewed.

        Raises
        ------
        ClinicodeError
            If there are no data.
        """
        memory = reviewed_memory(self._codiesp / "train", self.catalog, share)
        return self._around(name, about, self.encoder(WRITTEN)[0], memory, None)

    def _around(self, name: str, about: str, encoder: Encoder, memory: TeamMemory, reranker: Path | None) -> System:
        book = open_index(self.catalog, encoder, None, shipped_entries())
        retriever = Retriever(self.catalog, encoder, book, memory, Fusion.load(SHIPPED_ENCODER))
        second = Reranker.load(reranker, retriever) if reranker else None
        reader, ranker = open_reader(SHIPPED_READER, retriever)
        coder = Coder(self.catalog, retriever, self.detector, memory, reader, ranker, second)
        return systems.clinicode(coder, name, about)

    @cached_property
    def datasets(self) -> list[Dataset]:
        """The public mentions, and CodiEsp dev where the data are there."""
        found = [read_dataset("mentions", PUBLIC, "", self.catalog)]
        if self.data is not None:
            found.append(read_dataset("codiesp-x", self._codiesp, "dev", self.catalog))
        return found

    @cached_property
    def frequencies(self) -> Counter[str] | None:
        """How often CodiEsp train's annotators gave each code; None without the data."""
        if self.data is None:
            return None
        return Counter(code for _, code in reviewed_pairs(self._codiesp, "train", self.catalog))

    def measured_reranker(self) -> Path:
        """The reranker that never saw CodiEsp dev, trained here the first time it is asked for.

        Raises
        ------
        ClinicodeError
            If there are no data to train on.
        """
        folder = settings.measured_reranker()
        if not folder.is_dir():
            if self.data is None:
                message = "it is trained by the suite, which needs --data"
                raise ClinicodeError(message)
            train_shipped_reranker(folder.with_name("reranker"), self.data, SEED, logger.info)
        return folder

    @property
    def _codiesp(self) -> Path:
        if self.data is None:
            message = "CodiEsp is under the folder that --data names"
            raise ClinicodeError(message)
        return self.data / "codiesp"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a suite. `on` names the one data set kind that the system may be measured on (empty: all)."""

    name: str
    make: Callable[[Workshop], System]
    on: str = ""


def reference() -> Iterator[Entry]:
    """The table against everyone: baselines, published encoders, and our own built up part by part."""
    yield Entry("bm25", lambda shop: systems.bm25(shop.catalog))
    yield Entry("bm25-stems", lambda shop: systems.bm25_stems(shop.catalog))
    yield Entry("tfidf", lambda shop: systems.tfidf(shop.catalog))
    for one in systems.peers():
        yield Entry(one.name, lambda shop, one=one: systems.peer(one, shop.catalog))  # type: ignore[misc]
    yield _dense("terms", N_("our encoder, trained on terminologies alone"), TERMS)
    yield _dense(
        "terms, corpus indexed",
        N_("our encoder, trained on terminologies alone, corpus texts as entry terms"),
        TERMS,
        entries=True,
    )
    yield _dense("corpus", N_("our encoder, trained on terminologies and the corpus"), WRITTEN)
    yield _dense(
        "corpus, indexed",
        N_("our encoder, trained on terminologies and the corpus, corpus texts as entry terms"),
        WRITTEN,
        entries=True,
    )
    yield _dense(
        "codiesp", N_("our encoder, trained on CodiEsp train too, corpus texts as entry terms"), TRAINED, entries=True
    )
    unseen = N_("all stages fused, an encoder that never saw CodiEsp")
    yield Entry("hybrid, no codiesp", lambda shop: shop.hybrid("hybrid, no codiesp", unseen, shop.encoder(WRITTEN)[0]))
    fused = N_("all stages fused, trained on CodiEsp train")
    yield Entry("hybrid", lambda shop: shop.hybrid("hybrid", fused, shop.encoder(TRAINED)[0]))
    yield Entry(
        "hybrid, memory",
        lambda shop: shop.hybrid(
            "hybrid, memory",
            N_("all stages fused, trained on CodiEsp train, which is remembered too"),
            shop.encoder(TRAINED)[0],
            ("train",),
        ),
        on="codiesp-x",
    )
    again = N_("all stages fused, then reranked by a model that never saw dev")
    yield Entry("reranked", lambda shop: _reranked(shop, "reranked", again))
    recalled = N_("all stages fused, CodiEsp train remembered, then reranked by a model that never saw dev")
    yield Entry(
        "reranked, memory", lambda shop: _reranked(shop, "reranked, memory", recalled, ("train",)), on="codiesp-x"
    )
    yield Entry("clinicode", _shipped, on="mentions")


def _dense(name: str, about: str, variant: Variant, *, entries: bool = False) -> Entry:
    return Entry(name, lambda shop: shop.dense(name, about, variant, entries=entries))


def _reranked(shop: Workshop, name: str, about: str, remembered: tuple[str, ...] = ()) -> System:
    return shop.hybrid(name, about, shop.encoder(TRAINED)[0], remembered, shop.measured_reranker())


def _shipped(shop: Workshop) -> System:
    about = N_("what ships (trained on CodiEsp train and dev)")
    return shop.hybrid("clinicode", about, load_encoder(str(SHIPPED_ENCODER)), reranker=SHIPPED_RERANKER)


def ablations() -> Iterator[Entry]:
    """How much data it takes and what each source and language adds: a short recipe, the book's terms alone indexed."""
    for share in SHARES:
        yield _dense(f"share {share:.0%}", f"trained on {share:.0%} of the pairs", Variant(share=share, recipe=QUICK))
    for source, (words, _) in SOURCES.items():
        yield _dense(f"without {source}", f"trained without {words}", Variant(without_source=source, recipe=QUICK))
    for lang, words in LANGUAGES.items():
        yield _dense(f"without {lang}", f"trained without {words}", Variant(without_lang=lang, recipe=QUICK))


def review() -> Iterator[Entry]:
    """What reviewing teaches: an encoder that never saw CodiEsp, before and after part of its train is reviewed."""
    for share in (0.0, 0.1, 0.25, 0.5, 1.0):
        about = (
            f"all stages fused, an encoder that never saw CodiEsp, {share:.0%} of CodiEsp train reviewed as a project"
        )
        name = f"reviewed {share:.0%}"
        yield Entry(name, partial(Workshop.taught, name=name, about=about, share=share), on="codiesp-x")


SUITES = {"reference": reference, "ablations": ablations, "review": review}
Outcome: TypeAlias = "tuple[str, list[Run], str]"
"""A row's name, its runs, and why it could not be measured (empty: it was)."""


def run_suite(name: str, shop: Workshop, out: Path | None, command: str) -> Iterator[Outcome]:
    """Measure row by row, saving each run; a row that cannot be measured says why.

    Parameters
    ----------
    name
        Of the suite.
    shop
        What systems are made from.
    out
        Folder for the runs; None for the workspace's.
    command
        What to repeat it with.

    Raises
    ------
    ClinicodeError
        If there is no suite of this name.
    """
    if name not in SUITES:
        message = f"There is no suite {name!r}; choose one of {', '.join(SUITES)}."
        raise ClinicodeError(message)
    missing = []
    for entry in SUITES[name]():
        wanted = [dataset for dataset in shop.datasets if entry.on in ("", dataset.kind)]
        try:
            system = entry.make(shop) if wanted else None
        except ClinicodeError as error:
            missing.append((entry.name, str(error)))
            yield entry.name, [], str(error)
            continue
        found = (
            [measure(system, dataset, shop.catalog, command, frequencies=shop.frequencies) for dataset in wanted]
            if system
            else []
        )
        for run in found:
            save_run(run, out)
        yield entry.name, found, "" if found else "its data set is not here"
    if out is not None and missing:
        with (out / UNMEASURED).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([("system", "why"), *missing])
