"""Named systems that rank codes for texts, so that one command can set them side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from core.errors import ClinicodeError
from core.retrieve.index import EntryTerms
from core.retrieve.lexical import LexicalIndex
from core.text import fold

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.coder import Coder

System: TypeAlias = Callable[[Sequence[str], int], list[list[str]]]
"""Texts and a depth to ranked codes, best first."""


def clinicode(coder: Coder) -> System:
    """The product as installed: everything it remembers included."""

    def rank(texts: Sequence[str], depth: int) -> list[list[str]]:
        return [[candidate.code for candidate in found.candidates] for found in coder.search_many(texts, None, depth)]

    return rank


def dense(coder: Coder) -> System:
    """The encoder alone over the book's terms."""
    retriever = coder.retriever

    def rank(texts: Sequence[str], depth: int) -> list[list[str]]:
        _, rows = retriever.book.search(retriever.encoder.encode(texts), depth * 12)
        codes = retriever.book.terms.codes
        return [list(dict.fromkeys(codes[row] for row in found))[:depth] for found in rows.tolist()]

    return rank


def bm25(catalog: Catalog) -> System:
    """BM25 over the same terms, accent-folded."""
    terms = EntryTerms.of(catalog)
    index = LexicalIndex.build(terms.texts)

    def rank(texts: Sequence[str], depth: int) -> list[list[str]]:
        return [
            list(dict.fromkeys(terms.codes[row] for row in rows))[:depth] for rows, _ in index.search(texts, depth * 12)
        ]

    return rank


def tfidf(catalog: Catalog) -> System:
    """Cosine of character 3- to 5-gram TF-IDF vectors over the same terms."""
    terms = EntryTerms.of(catalog)
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), preprocessor=fold, sublinear_tf=True, dtype=np.float32
    )
    matrix = vectorizer.fit_transform(terms.texts).T.tocsr()

    def rank(texts: Sequence[str], depth: int) -> list[list[str]]:
        ranked = []
        for row in vectorizer.transform(texts):
            scores = (row @ matrix).toarray()[0]
            best = np.argsort(-scores, kind="stable")[: depth * 12]
            ranked.append(list(dict.fromkeys(terms.codes[at] for at in best if scores[at] > 0))[:depth])
        return ranked

    return rank


SYSTEMS = ("clinicode", "dense", "bm25", "tfidf")


def open_system(name: str, coder: Callable[[], Coder], catalog: Callable[[], Catalog]) -> System:
    """The system of this name; models are loaded only by the ones that need them.

    Raises
    ------
    ClinicodeError
        If there is none of this name.
    """
    if name == "clinicode":
        return clinicode(coder())
    if name == "dense":
        return dense(coder())
    if name == "bm25":
        return bm25(catalog())
    if name == "tfidf":
        return tfidf(catalog())
    message = f"There is no system {name!r}; choose one of {', '.join(SYSTEMS)}."
    raise ClinicodeError(message)
