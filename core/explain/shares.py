"""What each word contributes to the similarity of two texts.

The encoder's vector of a text is a sum over its words, scaled to unit length, so a cosine similarity is a sum over
words too: cos(q, t) = sum over words w of q of (v_w . t) / (|q| |t|). Each word's term of that sum is its share;
nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.encode.words import WordTable, word_vectors
from core.explain.explanation import Reading, Word
from core.explain.readings import Piece, pieces, stands_for
from core.explain.surface import surface_words
from core.retrieve.candidate import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from core.encode.module import NgramEmbedding
    from core.explain.readings import Form
    from core.explain.surface import Surface
    from core.retrieve.candidate import EntryTerm


@dataclass(frozen=True, slots=True)
class Shared:
    """The words of a text and of a term with their shares of one similarity."""

    words: tuple[Word, ...]
    term_words: tuple[Word, ...]
    similarity: float


def shares(module: NgramEmbedding, text: str, form: Form, term: str) -> Shared:
    """The exact share of each word of the text and of the term, the text being written as `form`.

    What a written-out short form earns belongs to the short form; where that has several words between spaces they
    get equal parts of it.
    """
    ours, theirs = surface_words(text), surface_words(term)
    asked, matched = _vectors(module, [form.text, term])
    query, entry = asked.sum(axis=0), matched.sum(axis=0)
    scale = form.weight / max(float(np.linalg.norm(query) * np.linalg.norm(entry)), 1e-12)
    of_form, of_term = scale * (asked @ entry), scale * (matched @ query)
    folded = [word for surface in ours for word in surface.folded]
    parts = np.zeros(len(folded))
    for piece in pieces(folded, _words(form.text)):
        parts[piece.start : piece.end] += of_form[piece.form_start : piece.form_end].sum() / (piece.end - piece.start)
    return Shared(_summed(ours, parts), _summed(theirs, of_term), float(of_form.sum()))


def read_as(text: str, form: Form, term: EntryTerm, langs: Collection[str]) -> tuple[Reading, ...]:
    """The short forms of the text that `form` writes out, or that the term is an entry for, with their offsets."""
    spans = [span for surface in surface_words(text) for span in surface.spans]
    folded = [word for surface in surface_words(text) for word in surface.folded]
    found = [piece for piece in pieces(folded, _words(form.text)) if piece.expansion]
    short = _words(term.text)
    if not found and term.source is Source.ABBREVIATION and (entry := stands_for(term, langs)):
        starts = [at for at in range(len(folded)) if folded[at : at + len(short)] == short]
        found = [Piece(at, at + len(short), at, at + len(short), entry.expansion) for at in starts]
    offsets = [(spans[piece.start][0], spans[piece.end - 1][1]) for piece in found]
    return tuple(
        Reading(text[start:end], start, end, piece.expansion)
        for piece, (start, end) in zip(found, offsets, strict=True)
    )


def plain_words(text: str) -> tuple[Word, ...]:
    """The words of a text, without shares."""
    return tuple(Word(surface.text, surface.start, surface.end) for surface in surface_words(text))


def _words(text: str) -> list[str]:
    return [word for surface in surface_words(text) for word in surface.folded]


def _vectors(module: NgramEmbedding, texts: Sequence[str]) -> list[NDArray[np.float32]]:
    """For each text its words' vectors, (words, dimensions); zero for a word of which nothing is known."""
    table = WordTable(module.ngrams)
    rows = table.read(texts)
    vectors = word_vectors(module, table)
    return [vectors[rows.flat[start : start + size]] for start, size in zip(rows.starts, rows.lengths, strict=True)]


def _summed(words: Sequence[Surface], parts: NDArray[np.floating]) -> tuple[Word, ...]:
    """Surface words with the sum of what their folded words have."""
    result = []
    at = 0
    for word in words:
        end = at + len(word.folded)
        result.append(Word(word.text, word.start, word.end, float(parts[at:end].sum())))
        at = end
    return tuple(result)
