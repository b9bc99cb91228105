"""The abbreviation lists: short forms as clinicians write them, their expansions, and codes where they follow.

A query that holds a short form is searched under each of its readings as well as as it stands, so that a form with
several readings (``IC``: heart failure, cochlear implant) brings up the codes of each.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.language import LANGUAGES, read_words
from core.settings import ASSETS
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

FOLDER = ASSETS / "lexicon" / "abbreviations"
HEADER = "short\texpansion\tcodes"
LONGEST = 3
"""Words that a short form may have once its points and strokes are spaces (``s/p`` has two)."""
MOST = 6
"""Readings of one query that are searched."""


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One reading of a short form; an ambiguous one has several, the most usual first. `codes` may be empty."""

    short: str
    expansion: str
    codes: tuple[str, ...]
    lang: str


def read_abbreviations(lang: str, folder: Path = FOLDER) -> list[Abbreviation]:
    """The list of a language, in its order.

    Raises
    ------
    ClinicodeError
        If there is no list of the language or a line has not its columns.
    """
    path = folder / f"{lang}.tsv"
    if not path.is_file():
        message = f"There is no abbreviation list {path}."
        raise ClinicodeError(message)
    readings = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#") or line == HEADER:
            continue
        cells = [*line.split("\t"), ""][:3]
        if len(line.split("\t")) not in (2, 3) or not cells[0] or not cells[1]:
            message = f"{path.name}, line {number}: needs short, expansion and codes, tab-separated."
            raise ClinicodeError(message)
        codes = tuple(code for code in cells[2].split("|") if code)
        readings.append(Abbreviation(cells[0], cells[1], codes, lang))
    return readings


def all_abbreviations() -> list[Abbreviation]:
    """The lists of all languages."""
    return [reading for lang in LANGUAGES for reading in read_abbreviations(lang)]


class Expander:
    """Writes out the short forms of a text.

    Parameters
    ----------
    readings
        Short forms with what they stand for, the most usual reading of each first.

    """

    def __init__(self, readings: Iterable[Abbreviation]) -> None:
        self._readings: dict[tuple[str, str], list[Abbreviation]] = defaultdict(list)
        for reading in readings:
            self._readings[reading.lang, fold(reading.short)].append(reading)
        self._words = {lang: frozenset(map(fold, read_words(lang, function_only=True))) for lang in LANGUAGES}

    def expand(self, text: str, langs: Collection[str] = tuple(LANGUAGES)) -> list[str]:
        """The text with its short forms written out, once for each reading; empty where there are none.

        Parameters
        ----------
        text
            A query.
        langs
            Languages that it may be in: the same letters stand for other things in another language.

        """
        found: dict[str, None] = {}
        for lang in langs:
            found.update(dict.fromkeys(self._in_language(text, lang)))
        found.pop(fold(text), None)
        return list(found)[:MOST]

    def _in_language(self, text: str, lang: str) -> Iterator[str]:
        words = fold(text).split()
        places = list(self._places(words, lang))
        if not places:
            return
        usual = {start: readings[0] for start, _, readings in places}
        yield _written_out(words, [(start, end, usual[start]) for start, end, _ in places])
        for start, _, readings in places:
            for other in readings[1:]:
                chosen = {**usual, start: other}
                yield _written_out(words, [(at, end, chosen[at]) for at, end, _ in places])

    def _places(self, words: list[str], lang: str) -> Iterator[tuple[int, int, list[Abbreviation]]]:
        at = 0
        while at < len(words):
            for size in range(min(LONGEST, len(words) - at), 0, -1):
                folded = " ".join(words[at : at + size])
                if folded in self._words[lang]:
                    continue
                if readings := self._readings.get((lang, folded)):
                    yield at, at + size, readings
                    at += size - 1
                    break
            at += 1


def _written_out(words: list[str], places: list[tuple[int, int, Abbreviation]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, reading in places:
        parts += [*words[done:start], fold(reading.expansion)]
        done = end
    return " ".join([*parts, *words[done:]])
