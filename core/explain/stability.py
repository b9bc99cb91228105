"""Whether an explanation stays as it is when the text is written a little differently.

The same code is explained for the text and for the text written otherwise, and the shares of the words that both have
in common are compared: what an explanation says must not hang on accents, on capitals, or on a slip in another word
(robustness of explanations; Alvarez-Melis and Jaakkola 2018, "On the Robustness of Interpretability Methods").
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.explain.explain import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.coder import Coder
    from core.explain.explanation import Word

LEAST = 3
"""Words in common that a comparison needs: an order of two is right half of the time."""
LONG = 5
"""Letters of a word that a slip is put into."""


class Change(StrEnum):
    """How a text is written otherwise."""

    ACCENTS = "accents dropped"
    CAPITALS = "all in capitals"
    TYPO = "a typo in another word"


@dataclass(frozen=True, slots=True)
class Compared:
    """The explanation of a text beside that of the text written otherwise, for the code found for the former.

    `query` is the text's number among those given. `rank_correlation` (Spearman's) and `cosine` are of the shares of
    the words in common, `moved` their mean absolute difference. `same_word` says whether the word with the largest
    share is the same, `same_code` whether the first candidate is.
    """

    query: int
    change: Change
    rank_correlation: float
    cosine: float
    moved: float
    same_word: bool
    same_code: bool


def stability(
    coder: Coder, texts: Sequence[str], langs: Sequence[str | None] | None = None, seed: int = 0
) -> list[Compared]:
    """Compare the explanations of each text's first candidate; a text that a change leaves as it is has none for it.

    A typo is two neighbouring letters exchanged within a word other than the one with the largest share.
    """
    draw = random.Random(seed)  # noqa: S311
    compared = []
    spoken = langs or [None] * len(texts)
    for number, (one, lang) in enumerate(zip(coder.search_many(texts, langs, 1), spoken, strict=True)):
        if not one.candidates:
            continue
        code = one.candidates[0].code
        words = explain(coder, one.text, [code], lang, occlusion=False)[0].words
        for change, text, spoilt in _variants(one.text, words, draw):
            other = explain(coder, text, [code], lang, occlusion=False)[0].words
            found = coder.search(text, lang, 1).candidates
            common = [at for at in range(len(words)) if at != spoilt]
            if len(other) == len(words) and len(common) >= LEAST:
                same_code = bool(found) and found[0].code == code
                compared.append(_compared(number, change, words, other, common, same_code=same_code))
    return compared


def _variants(text: str, words: Sequence[Word], draw: random.Random) -> Iterator[tuple[Change, str, int]]:
    """The text written otherwise, with the number of the word that has a slip in it (-1: none)."""
    if (bare := without_accents(text)) != text:
        yield Change.ACCENTS, bare, -1
    if (loud := text.upper()) != text:
        yield Change.CAPITALS, loud, -1
    top = max(range(len(words)), key=lambda at: words[at].share, default=-1)
    long = [at for at, word in enumerate(words) if at != top and len(word.text) >= LONG and word.text.isalpha()]
    if long:
        spoilt = draw.choice(long)
        yield Change.TYPO, with_typo(text, words[spoilt], draw), spoilt


def without_accents(text: str) -> str:
    """The text as typed without accents: letters keep their case, and nothing else changes."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if not unicodedata.combining(char)))


def with_typo(text: str, word: Word, draw: random.Random) -> str:
    """The text with two neighbouring, different letters of a word exchanged, never its first."""
    places = [at for at in range(word.start + 1, word.end - 1) if text[at] != text[at + 1]]
    if not places:
        return text
    at = draw.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _compared(
    number: int, change: Change, words: Sequence[Word], other: Sequence[Word], common: Sequence[int], *, same_code: bool
) -> Compared:
    before, after = (np.asarray([one[at].share for at in common]) for one in (words, other))
    tops = [max(range(len(one)), key=lambda at: one[at].share) for one in (words, other)]
    norms = float(np.linalg.norm(before) * np.linalg.norm(after))
    ranks = [np.argsort(np.argsort(shares, kind="stable")) for shares in (before, after)]
    return Compared(
        number,
        change,
        float(np.corrcoef(ranks[0], ranks[1])[0, 1]),
        float(before @ after) / norms if norms else 0.0,
        float(np.abs(before - after).mean()),
        tops[0] == tops[1],
        same_code,
    )
