"""Qualities that a text denies and a code's title has, or the other way round: a nonalcoholic fatty liver is not K70.0.

To similarity the two are nearly one: the word that tells them apart is the shortest. What a text says, it means.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from core.language import LANGUAGES
from core.note.cues import Cue, CueIndex, read_rows
from core.settings import ASSETS
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

OPPOSITES = ASSETS / "lexicon" / "opposites.tsv"
NOT, GLUED = "not", "glued"
FAR = 3
"""Words before a quality within which what denies may be meant for it."""
SHORTEST = 5
"""Letters at least of a quality's word that may stand glued to what denies it."""
LEAST = 0.1
"""Confidence of all other candidates together from which they share the whole of what the contradicting ones had."""
RULED_OUT = 0.01
"""What a contradicting candidate keeps of its confidence."""


class Opposites:
    """Reads which qualities a text says and which it denies.

    Parameters
    ----------
    path
        The list of qualities.

    """

    def __init__(self, path: Path = OPPOSITES) -> None:
        cues: dict[str, list[Cue[str]]] = defaultdict(list)
        self._deny: dict[str, frozenset[str]] = {}
        self._before: dict[str, str] = {}
        self._glued: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for quality, lang, said in read_rows(path):
            words = said.split("|")
            if quality == NOT:
                self._deny[lang] = frozenset(map(fold, words))
                self._before[lang] = words[0]
            elif quality == GLUED:
                self._glued[lang] = tuple(words)
            else:
                cues[lang] += [Cue.of(word, quality) for word in words]
        self._cues = {lang: CueIndex(cues[lang]) for lang in LANGUAGES}
        self._of_title = lru_cache(maxsize=65_536)(self._title)

    def read(self, text: str, langs: Collection[str]) -> Mapping[str, bool]:
        """Quality to whether the text says it (True) or denies it (False); what is not clear is left out.

        That is what it does both to, and what something denies from a distance (``without major psychotic symptoms``).

        >>> Opposites().read("esteatosis hepática no alcohólica", ["es"])
        {'alcoholic': False}
        >>> Opposites().read("Nontraumatic rupture; no STEMI", ["en"])
        {'traumatic': False, 'st elevation': False}
        """
        words = fold(text).split()
        found: dict[str, set[bool | None]] = defaultdict(set)
        for lang in langs:
            for at in range(len(words)):
                for quality, said in self.at(words, at, lang):
                    found[quality].add(said)
        return {quality: said == {True} for quality, said in found.items() if said in ({True}, {False})}

    def denial(self, lang: str) -> str:
        """What denies a quality in a language when it stands before it."""
        return self._before[lang]

    def at(self, words: Sequence[str], at: int, lang: str) -> Iterator[tuple[str, bool | None]]:
        """The qualities that begin at one of the folded words, and whether they are said; None: it is not clear."""
        deny = self._deny[lang]
        denied = at > 0 and words[at - 1] in deny
        said = None if not denied and not deny.isdisjoint(words[max(0, at - FAR) : at]) else not denied
        for cue in self._cues[lang].at(words, at):
            yield cue.meaning, said
        for before in self._glued[lang]:
            rest = words[at].removeprefix(before)
            if rest != words[at] and len(rest) >= SHORTEST:
                for cue in self._cues[lang].at([rest], 0):
                    yield cue.meaning, False

    def _title(self, title: str) -> Mapping[str, bool]:
        return self.read(title, ("en",))

    def contradicts(self, said: Mapping[str, bool], title: str) -> bool:
        """Whether a code's title says what the text denies, or denies what it says."""
        own = self._of_title(title) if said else {}
        return any(own.get(quality, value) is not value for quality, value in said.items())


@cache
def opposites() -> Opposites:
    """The reader of the list that ships; read once, whoever asks."""
    return Opposites()


def set_last(against: Sequence[bool], confidences: Sequence[float]) -> tuple[list[int], list[float]]:
    """The order with the contradicting candidates last, and the confidences in it; their sum goes to the others.

    >>> order, sure = set_last([True, False, False], [0.9, 0.2, 0.05])
    >>> order, [round(one, 3) for one in sure]
    ([1, 2, 0], [0.8, 0.2, 0.009])
    """
    kept = [at for at, one in enumerate(against) if not one]
    last = [at for at, one in enumerate(against) if one]
    total = max(LEAST, sum(confidences[at] for at in kept))
    raised = [max(confidences[at], min(confidences[at] / total, confidences[0])) for at in kept]
    floor = min(raised, default=1.0)
    return kept + last, raised + [min(confidences[at] * RULED_OUT, floor) for at in last]
