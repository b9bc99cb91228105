"""The public mentions ranked by the product without and with what a project taught."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import create_engine, delete, insert

from core import settings
from core.catalog import load_catalog
from core.coder import Coder
from core.database import metadata
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.evaluate.datasets import read_dataset
from core.evaluate.mentions import PUBLIC
from core.evaluate.metrics import figure, per_query
from core.evaluate.run import CHUNK, DEPTH
from core.evaluate.significance import compare
from core.evaluate.systems import clinicode
from core.interface import N_, _
from core.language import LanguageDetector
from core.note.reader import open_reader
from core.rerank.reranker import Reranker
from core.retrieve.entries import entries
from core.retrieve.fusion import Fusion
from core.retrieve.index import open_index
from core.retrieve.memory import REMEMBERED, TeamMemory
from core.retrieve.retriever import Retriever
from core.review.effect import OPENING, Effect, Row
from core.review.store import ReviewStore
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Engine

    from core.evaluate.datasets import Dataset
    from core.retrieve.candidate import EntryTerm

MEASURES = ("MRR@10", "Hit@1", "R@5")
WITHOUT, WITH = N_("without what was taught"), N_("with what was taught")
OPENED = 0.1
"""What opening the product counts of the whole."""


@dataclass(frozen=True, slots=True)
class Content:
    """The team memory at one moment, with and without a project's pairs; ages are as they were."""

    whole: tuple[EntryTerm, ...]
    less: tuple[tuple[EntryTerm, int], ...]
    taught: int
    folded: frozenset[str]
    when: datetime

    @classmethod
    def of(cls, store: ReviewStore, project: int) -> Content:
        """As it is now.

        Raises
        ------
        ClinicodeError
            If the project has taught nothing.
        """
        when = datetime.now(UTC)
        own = Counter((one.folded, one.code) for one in store.taught(project))
        if not own:
            raise ClinicodeError(_("This project has taught nothing that could be measured yet."))
        whole = TeamMemory(store.engine).terms()
        left = [(term, term.count - own[fold(term.text)[:1000], term.code]) for term in whole]
        less = tuple((term, count) for term, count in left if count > 0)
        return cls(tuple(whole), less, sum(own.values()), frozenset(folded for folded, _ in own), when)


def measure(project: int, tell: Callable[[float, str], None], limit: int = 0) -> Effect:
    """Rank the public mentions twice with one product, whose memory changes in between.

    Parameters
    ----------
    project
        Whose pairs make the difference; everything else that the team remembers is there both times.
    tell
        Called with the share that is done and a word on what is being done.
    limit
        Only the first so many mentions (0: all).

    Raises
    ------
    ClinicodeError
        If the project has taught nothing, or the product cannot be opened.
    """
    tell(0.0, OPENING)
    content = Content.of(ReviewStore(), project)
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    coder = _coder(TeamMemory(engine))
    dataset = read_dataset("mentions", PUBLIC, "", coder.catalog, limit)
    tell(OPENED, WITHOUT)
    _remember(engine, content.less)
    before = _values(coder, dataset, lambda share: tell(OPENED + share * (1 - OPENED) / 2, WITHOUT))
    _remember(engine, [(term, term.count) for term in content.whole])
    after = _values(coder, dataset, lambda share: tell(OPENED + (1 + share) * (1 - OPENED) / 2, WITH))
    return Effect(
        tuple(row(name, before[name], after[name]) for name in MEASURES),
        content.taught,
        sum(count for _, count in content.less),
        len(dataset.queries),
        sum(fold(query.text) in content.folded for query in dataset.queries),
        content.when,
        coder.catalog.label,
    )


def row(name: str, before: Sequence[float], after: Sequence[float]) -> Row:
    """One measure compared on the same queries in the same order."""
    changed = figure(np.asarray(after, np.float64) - np.asarray(before, np.float64))
    p = compare(after, before).p
    return Row(name, float(np.mean(before)), float(np.mean(after)), changed.low, changed.high, p)


def _values(coder: Coder, dataset: Dataset, tick: Callable[[float], None]) -> dict[str, list[float]]:
    system, rankings = clinicode(coder), []
    for start in range(0, len(dataset.queries), CHUNK):
        rankings += [codes for codes, _ in system.rank(dataset.queries[start : start + CHUNK], DEPTH)]
        tick(len(rankings) / len(dataset.queries))
    return per_query(dataset.queries, rankings)


def _coder(memory: TeamMemory) -> Coder:
    """The product as installed around another memory."""
    catalog, encoder = load_catalog(), load_encoder()
    fusion = Fusion.load(encoder.folder) if encoder.folder else Fusion()
    retriever = Retriever(catalog, encoder, open_index(catalog, encoder, None, entries(catalog)), memory, fusion)
    learned = encoder.ngrams is not None and settings.SHIPPED_RERANKER.is_dir()
    reranker = Reranker.load(settings.SHIPPED_RERANKER, retriever) if learned else None
    reader, ranker = open_reader(settings.SHIPPED_READER, retriever)
    return Coder(catalog, retriever, LanguageDetector(), memory, reader, ranker, reranker)


def _remember(engine: Engine, terms: Iterable[tuple[EntryTerm, int]]) -> None:
    """Replace what a memory holds."""
    rows = [
        {"folded": fold(term.text)[:1000], "code": term.code, "text": term.text, "lang": term.lang}
        | {"times": count, "last": term.last or datetime.now(UTC)}
        for term, count in terms
    ]
    with engine.begin() as connection:
        connection.execute(delete(REMEMBERED))
        if rows:
            connection.execute(insert(REMEMBERED), rows)
