"""Words and their character n-grams: what the shipped encoder reads instead of word pieces.

An n-gram is shared between languages that spell a Latin or Greek root alike, and between a word and its misspelling;
this is the subword model of Bojanowski et al. (2017, "Enriching Word Vectors with Subword Information", section 3.2)
with a vocabulary in place of hashing, so that every weight has a name that can be shown.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}
"""Roman numerals that are no word of the seven languages: ``type II`` and ``type 2`` are one thing."""


def spelt(text: str, *, numerals: bool) -> list[str]:
    """The folded words of a text, Roman numerals as digits where `numerals` asks for it."""
    words = fold(text).split()
    return [ROMAN.get(word, word) for word in words] if numerals else words


def word_tokens(word: str, shortest: int, longest: int) -> list[str]:
    """The word between ``<`` and ``>``, then each of its n-grams of `shortest` to `longest` characters.

    >>> word_tokens("ivu", 3, 4)
    ['<ivu>', '<iv', 'ivu', 'vu>', '<ivu', 'ivu>']
    """
    marked = f"<{word}>"
    tokens = [marked]
    for size in range(shortest, longest + 1):
        if size < len(marked):
            tokens.extend(marked[start : start + size] for start in range(len(marked) - size + 1))
    return tokens


class NgramTokenizer:
    """Texts to vocabulary rows.

    Parameters
    ----------
    vocabulary
        Tokens in the order of their rows.
    shortest, longest
        Character n-gram sizes, the marks at the word's ends counted in.
    numerals
        Whether Roman numerals are read as digits.

    """

    def __init__(
        self, vocabulary: Iterable[str], shortest: int = 3, longest: int = 5, *, numerals: bool = False
    ) -> None:
        self.numerals = numerals
        self.vocabulary = list(vocabulary)
        self.shortest = shortest
        self.longest = longest
        self._rows = {token: row for row, token in enumerate(self.vocabulary)}

    @classmethod
    def fit(
        cls, texts: Iterable[str], size: int, shortest: int = 3, longest: int = 5, *, numerals: bool = False
    ) -> tuple[NgramTokenizer, list[int]]:
        """The `size` most frequent tokens that occur in two texts or more, and in how many texts each occurs.

        Ties are broken by spelling, so that the same texts always give the same rows.
        """
        memo: dict[str, list[str]] = {}
        counts: Counter[str] = Counter()
        for text in texts:
            seen: set[str] = set()
            for word in spelt(text, numerals=numerals):
                if word not in memo:
                    memo[word] = word_tokens(word, shortest, longest)
                seen.update(memo[word])
            counts.update(seen)
        kept = sorted(((-count, token) for token, count in counts.items() if count > 1))[:size]
        return cls((token for _, token in kept), shortest, longest, numerals=numerals), [-count for count, _ in kept]

    def words(self, text: str, memo: dict[str, list[int]] | None = None) -> list[tuple[str, list[int]]]:
        """Each folded word of the text with the rows of its known tokens (none of an unknown word's).

        `memo` is the caller's and lives as long as the caller wants: nothing of a text stays here.
        """
        memo = {} if memo is None else memo
        result = []
        for word in spelt(text, numerals=self.numerals):
            rows = memo.get(word)
            if rows is None:
                found = (self._rows.get(token) for token in word_tokens(word, self.shortest, self.longest))
                rows = memo[word] = [row for row in found if row is not None]
            result.append((word, rows))
        return result

    def __call__(self, texts: Iterable[str]) -> list[list[int]]:
        """Rows of all known tokens of each text, repeated as often as they occur."""
        memo: dict[str, list[int]] = {}
        return [[row for _, rows in self.words(text, memo) for row in rows] for text in texts]
