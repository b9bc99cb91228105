"""Ways to change a query: most must not change the answer, a few must (the other side, another number, a negation).

Every change is a function of the text, its language and a random generator; with the same seed it is the same. The idea
of counting unwarranted and missing flips is that of counterfactual test suites (Ribeiro et al., CheckList, ACL 2020).
Words come from ``assets/lexicon/robustness.tsv`` and from the abbreviation and qualifier lists.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from core.interface import N_
from core.note.cues import read_rows, tokens
from core.note.qualifiers import SCALES, read_cues
from core.rerank.opposites import opposites
from core.retrieve.abbreviations import read_abbreviations
from core.settings import ASSETS
from core.text import fold

WORDS = ASSETS / "lexicon" / "robustness.tsv"
WORD = re.compile(r"[^\W_ºª]+")
TYPO_FROM = 5
"""Letters that a word has at least where a typo is put into it."""
OCR_EVERY = 12
"""Letters of a text for one misread place."""
NUMBER = re.compile(r"(iv|v|i{1,3}|[1-5])[abc]?", re.IGNORECASE)
FUSED = re.compile(r"(dm|t|typ|tipo|type|tipus)([1-4])(dm)?", re.IGNORECASE)
ROMAN = ("i", "ii", "iii", "iv", "v")
Rng: TypeAlias = np.random.Generator
Apply: TypeAlias = Callable[[str, str, Rng], str | None]


@dataclass(frozen=True, slots=True)
class Perturbation:
    """A way to change a text; `apply` gives None where it cannot.

    `must_flip` says whether the answer has to change with it, `note` whether it is tried on a note of one sentence
    rather than on a phrase.
    """

    name: str
    about: str
    must_flip: bool
    apply: Apply
    note: bool = False


def generator(seed: int, query: str, perturbation: str) -> Rng:
    """The random generator of one query under one perturbation, whatever is measured beside it."""
    return np.random.default_rng([seed, zlib.crc32(f"{query}\t{perturbation}".encode())])


@cache
def word_rows(kind: str, lang: str = "") -> tuple[tuple[str, ...], ...]:
    """The rows of a kind for a language, in the order of the file."""
    return tuple(tuple(words.split("|")) for own, tongue, words in read_rows(WORDS) if (own, tongue) == (kind, lang))


def _changed(before: str, after: str) -> str | None:
    return after if after != before else None


def drop_accents(text: str, lang: str, rng: Rng) -> str | None:
    """Letters without their accents: ``úlcera`` is ``ulcera``."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _changed(unicodedata.normalize("NFKD", text), bare) and unicodedata.normalize("NFC", bare)


def upper_case(text: str, lang: str, rng: Rng) -> str | None:
    """All in capitals."""
    return _changed(text, text.upper())


def lower_case(text: str, lang: str, rng: Rng) -> str | None:
    """No capitals."""
    return _changed(text, text.lower())


def one_typo(text: str, lang: str, rng: Rng) -> str | None:
    """One typo, in one of the longer words."""
    return _with_typos(text, rng, each=1, words=1)


def typo_a_word(text: str, lang: str, rng: Rng) -> str | None:
    """One typo in every longer word."""
    return _with_typos(text, rng, each=1)


def two_typos_a_word(text: str, lang: str, rng: Rng) -> str | None:
    """Two typos in every longer word."""
    return _with_typos(text, rng, each=2)


def _with_typos(text: str, rng: Rng, each: int, words: int | None = None) -> str | None:
    places = [found for found in WORD.finditer(text) if len(found[0]) >= TYPO_FROM and found[0].isalpha()]
    if not places:
        return None
    if words is not None:
        places = [places[at] for at in rng.choice(len(places), min(words, len(places)), replace=False)]
    for place in sorted(places, key=lambda found: -found.start()):
        word = place[0]
        for _ in range(each):
            word = _typo(word, place[0], rng)
        text = text[: place.start()] + word + text[place.end() :]
    return text


def _typo(word: str, original: str, rng: Rng) -> str:
    """Neighbours swapped, a letter dropped or doubled, or a neighbour on the keyboard; never the original again."""
    while True:
        at = int(rng.integers(0, len(word) - 1))
        made = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + _beside(word[at], rng) + word[at + 1 :],
        )[int(rng.integers(0, 4))]
        if made not in (word, original):
            return made


def _beside(letter: str, rng: Rng) -> str:
    for (row,) in word_rows("keys"):
        at = row.find(letter.lower())
        if at >= 0:
            near = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            chosen = near[int(rng.integers(0, len(near)))]
            return chosen.upper() if letter.isupper() else chosen
    return letter


@cache
def _short_forms(lang: str) -> dict[str, str]:
    """Folded expansion to short form, where that expansion is the first reading of it and the form is shorter."""
    first: dict[str, str] = {}
    shorts: dict[str, str] = {}
    for reading in read_abbreviations(lang):
        if first.setdefault(reading.short, reading.expansion) == reading.expansion:
            long = fold(reading.expansion)
            if len(reading.short) < len(long):
                shorts.setdefault(long, reading.short)
    return shorts


def abbreviate(text: str, lang: str, rng: Rng) -> str | None:
    """The longest run of words that the abbreviation list has a short form for, as that form."""
    shorts, words = _short_forms(lang), tokens(text)
    for size in range(len(words), 0, -1):
        for at in range(len(words) - size + 1):
            run = words[at : at + size]
            if short := shorts.get(" ".join(token.word for token in run)):
                return text[: run[0].start] + short + text[run[-1].end :]
    return None


def reorder(text: str, lang: str, rng: Rng) -> str | None:
    """The words in another order: turned round, or shuffled."""
    words = text.split()
    if len(set(words)) < 2:
        return None
    if rng.integers(0, 2):
        turn = int(rng.integers(1, len(words)))
        return _changed(text, " ".join(words[turn:] + words[:turn]))
    while True:
        shuffled = [words[at] for at in rng.permutation(len(words))]
        if shuffled != words:
            return " ".join(shuffled)


def misread(text: str, lang: str, rng: Rng) -> str | None:
    """Letters as text recognition misreads them: ``rn`` for ``m``, ``1`` for ``l``; one place in twelve letters."""
    places = [(at, seen, read) for seen, read in word_rows("ocr") for at in _occurrences(text, seen)]
    wanted = max(1, len(text) // OCR_EVERY)
    chosen: list[tuple[int, str, str]] = []
    for number in rng.permutation(len(places)):
        at, seen, read = places[number]
        if len(chosen) < wanted and all(at + len(seen) <= other or other + len(was) <= at for other, was, _ in chosen):
            chosen.append((at, seen, read))
    for at, seen, read in sorted(chosen, reverse=True):
        text = text[:at] + read + text[at + len(seen) :]
    return text if chosen else None


def _occurrences(text: str, part: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(part, at)]


def negate(text: str, lang: str, rng: Rng) -> str | None:
    """A negation in front: ``no``, ``sin``, ``pas de``."""
    cues = [cue for row in word_rows("negation", lang) for cue in row]
    return f"{cues[int(rng.integers(0, len(cues)))]} {text}" if cues else None


def deny(text: str, lang: str, rng: Rng) -> str | None:
    """A quality denied: ``non alcoholic cirrhosis``, ``úlcera no por presión``."""
    words = tokens(text)
    folded = [token.word for token in words]
    for at, token in enumerate(words):
        if any(said for _, said in opposites().at(folded, at, lang)):
            return f"{text[: token.start]}{opposites().denial(lang)} {text[token.start :]}"
    return None


def distract(text: str, lang: str, rng: Rng) -> str | None:
    """A harmless sentence after the text."""
    sentences = [sentence for row in word_rows("sentence", lang) for sentence in row]
    chosen = sentences[int(rng.integers(0, len(sentences)))] if sentences else ""
    return f"{text.rstrip('.')}. {chosen}" if chosen else None


@cache
def _sides(lang: str) -> tuple[re.Pattern[str], dict[str, str]]:
    turned: dict[str, str] = {}
    for left, right in word_rows("side", lang):
        turned.setdefault(left, right)
        turned.setdefault(right, left)
    parts = sorted(turned, key=len, reverse=True)
    any_case = [part if part.isupper() else f"(?i:{re.escape(part)})" for part in parts]
    return re.compile(rf"(?<!\w)(?:{'|'.join(any_case)})(?!\w)"), turned


def flip_side(text: str, lang: str, rng: Rng) -> str | None:
    """Left for right and right for left, in the same inflection."""
    pattern, turned = _sides(lang)
    return _changed(
        text, pattern.sub(lambda found: _cased(found[0], turned.get(found[0]) or turned[found[0].lower()]), text)
    )


def _cased(like: str, word: str) -> str:
    if like.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if like[0].isupper() else word


@cache
def _scale_nouns(lang: str) -> frozenset[str]:
    return frozenset(cue.lower() for kind, value, cue in read_cues(lang) if kind == "scale" and value in SCALES)


def change_number(text: str, lang: str, rng: Rng) -> str | None:
    """The number of a type, stage, grade, degree, class or trimester: one lower, and two where it was one."""
    words = list(WORD.finditer(text))
    nouns = _scale_nouns(lang)
    for place, word in enumerate(words):
        near = {words[at][0].lower() for at in (place - 1, place + 1) if 0 <= at < len(words)}
        other = _other_fused(word[0]) or (_other_number(word[0], lang) if near & nouns else None)
        if other:
            return text[: word.start()] + _cased(word[0], other) + text[word.end() :]
    return None


def _other_fused(word: str) -> str | None:
    """``DM2`` and ``Typ2``, where the number is part of the word."""
    found = FUSED.fullmatch(word)
    return found and found[1] + str(_step(int(found[2]))) + (found[3] or "")


def _other_number(word: str, lang: str) -> str | None:
    lower = word.lower()
    for row in word_rows("ordinal", lang):
        if lower in row:
            return row[_step(row.index(lower) + 1) - 1]
    if not (found := NUMBER.fullmatch(word)):
        return None
    bare = found[1].lower()
    return str(_step(int(bare))) if bare.isdecimal() else ROMAN[_step(ROMAN.index(bare) + 1) - 1].upper()


def _step(number: int) -> int:
    return number - 1 if number > 1 else 2


PERTURBATIONS = (
    Perturbation("accents", N_("accents dropped"), False, drop_accents),
    Perturbation("upper", N_("all in capitals"), False, upper_case),
    Perturbation("lower", N_("no capitals"), False, lower_case),
    Perturbation("typo", N_("one typo in the text"), False, one_typo),
    Perturbation("typo-a-word", N_("one typo in every longer word"), False, typo_a_word),
    Perturbation("two-typos-a-word", N_("two typos in every longer word"), False, two_typos_a_word),
    Perturbation("abbreviation", N_("a long form abbreviated"), False, abbreviate),
    Perturbation("order", N_("words in another order"), False, reorder),
    Perturbation("ocr", N_("misread letters (OCR)"), False, misread),
    Perturbation("distraction", N_("a harmless sentence after the phrase"), False, distract),
    Perturbation("distraction-note", N_("a harmless sentence in the note"), False, distract, note=True),
    Perturbation("side", N_("the other side"), True, flip_side),
    Perturbation("number", N_("another type, stage or degree"), True, change_number),
    Perturbation("quality", N_("a quality denied (“non-alcoholic”)"), True, deny),
    Perturbation("negation", N_("a negation in front, in a note"), True, negate, note=True),
)
"""Every perturbation, those that must not change the answer first."""
