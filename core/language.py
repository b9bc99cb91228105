"""Which language a text is in, and how sure that is.

Four witnesses are heard: `langdetect` (Shuyo, 2010: character n-grams of Wikipedia), which knows running text; the
word lists under ``assets/lexicon/words``, which know function words and clinical vocabulary; a small n-gram classifier
trained on clinical terms, which knows how a disease name is spelt in each language; and the words of the written corpus
and the abbreviation lists, which know what is written in which language. Short phrases need all.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from numpy.typing import NDArray
from safetensors.numpy import load_file

from core import settings
from core.errors import ClinicodeError
from core.fingerprint import check
from core.interface import _
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "ca": "Catalan",
    "it": "Italian",
    "pt": "Portuguese",
    "fr": "French",
    "de": "German",
}
SURE = 0.75
"""Below this probability a guess is called unsure."""
TRIALS, ITERATIONS = 1, 30
"""Of langdetect's random walk (7 and 1,000 by default): a hundredth of the work, no worse together with the others."""
LIKELY = 0.1
"""From this probability on a language is one that the text may well be in."""
FEW = 8
"""Letters; of a shorter text each witness is believed the less."""
UNHEARD = 0.1
"""Texts that a word is taken to stand in where a language has none with it."""
ENOUGH = 4_000
"""Characters of a text that are looked at."""

WORDS = settings.ASSETS / "lexicon" / "words"
MODEL = settings.ASSETS / "models" / "language"
Vector: TypeAlias = NDArray[np.float64]
LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Language:
    """A detected (or given) language; `confidence` is a probability, 1 where a person said it.

    `likely` are all that it may well be, itself first.
    """

    lang: str
    confidence: float
    likely: tuple[str, ...]
    given: bool = False

    @property
    def sure(self) -> bool:
        """Whether the guess can be shown without a question mark."""
        return self.confidence >= SURE

    @property
    def name(self) -> str:
        """In English, for a page."""
        return LANGUAGES[self.lang]


@dataclass(frozen=True, slots=True)
class Witnesses:
    """How much each witness counts: factors of log-probabilities, chosen on the public mentions."""

    langdetect: float = 0.15
    words: float = 0.3
    ngrams: float = 1.0
    corpus: float = 0.8


class LanguageDetector:
    """Detects one of the seven languages; the same text always gets the same answer."""

    def __init__(self, witnesses: Witnesses | None = None) -> None:
        self.witnesses = witnesses or Witnesses()
        self._langs = list(LANGUAGES)
        self._factory = DetectorFactory()
        self._factory.seed = 7
        profiles = [Path(PROFILES_DIRECTORY, lang).read_text(encoding="utf-8") for lang in self._langs]
        self._factory.load_json_profile(profiles)
        self._words = self._word_evidence()
        self._ngrams = NgramLanguageModel.load(MODEL) if MODEL.is_dir() else None
        self._corpus = self._corpus_evidence()

    def detect(self, text: str, given: str | None = None) -> Language:
        """The most likely language, or the one a person gave.

        Raises
        ------
        ClinicodeError
            If the given language is none of the seven.
        """
        if given and given != "auto":
            if given not in LANGUAGES:
                message = _("Language {given!r} is not known; choose auto or one of {languages}.").format(
                    given=given, languages=", ".join(LANGUAGES)
                )
                raise ClinicodeError(message)
            return Language(given, 1.0, (given,), given=True)
        probabilities = self.probabilities(text)
        ranked = sorted(self._langs, key=lambda lang: -probabilities[lang])
        likely = tuple(lang for lang in ranked if probabilities[lang] >= LIKELY)
        return Language(ranked[0], probabilities[ranked[0]], likely)

    def probabilities(self, text: str) -> dict[str, float]:
        """The probability of each of the seven languages; equal ones where a text gives no hint."""
        sample = text[:ENOUGH]
        scores: Vector = self.witnesses.langdetect * self._langdetect(sample)
        scores = scores + self.witnesses.words * self._heard(sample, self._words)
        scores = scores + self.witnesses.corpus * self._heard(sample, self._corpus)
        if self._ngrams is not None:
            scores = scores + self.witnesses.ngrams * self._ngrams.log_probabilities(sample)
        letters = sum(map(len, LETTERS.findall(sample)))
        scores = min(1.0, letters / FEW) * scores  # three letters are hardly evidence, whatever they look like
        scores = np.exp(scores - scores.max())
        return dict(zip(self._langs, (scores / scores.sum()).tolist(), strict=True))

    def _langdetect(self, text: str) -> Vector:
        detector = self._factory.create()
        detector.n_trial, detector.ITERATION_LIMIT = TRIALS, ITERATIONS
        detector.append(text.lower())
        try:
            found = {guess.lang: guess.prob for guess in detector.get_probabilities()}
        except LangDetectException:  # no letters that it knows
            found = {}
        logs: Vector = np.log(np.asarray([found.get(lang, 0.0) + 1e-3 for lang in self._langs]))
        return logs

    def _heard(self, text: str, known: Mapping[str, Vector]) -> Vector:
        total = np.zeros(len(self._langs))
        for word in LETTERS.findall(text.lower()):
            evidence = known.get(word)
            if evidence is None:
                evidence = known.get(fold(word))
            if evidence is not None:
                total += evidence
        return total

    def _word_evidence(self) -> dict[str, Vector]:
        """Log-odds of each listed word: shared between the languages that list it, a little for the others."""
        counts: dict[str, Vector] = defaultdict(lambda: np.zeros(len(self._langs)))
        for at, lang in enumerate(self._langs):
            for word in read_words(lang):
                counts[word][at] = 1.0
                counts[fold(word)][at] = max(counts[fold(word)][at], 0.7)
        return {word: np.log(0.93 * row / row.sum() + 0.01) for word, row in counts.items()}

    def _corpus_evidence(self) -> dict[str, Vector]:
        """Log-probability of each language given a word, from how many texts of each have it."""
        counts: dict[str, Vector] = defaultdict(lambda: np.zeros(len(self._langs)))
        texts = np.zeros(len(self._langs))
        for text, lang in _written_texts():
            at = self._langs.index(lang)
            for word in set(LETTERS.findall(text.lower())):
                counts[word][at] += 1
                texts[at] += 1
        shares = {word: row / texts + UNHEARD / texts.mean() for word, row in counts.items()}
        return {word: np.log(row / row.sum()) for word, row in shares.items()}


def _written_texts() -> Iterator[tuple[str, str]]:
    """Every text of the corpus and of the abbreviation lists with its language."""
    for path in sorted(settings.ASSETS.glob("corpora/*/*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and "\t" in line:
                yield line.split("\t")[1], path.parent.name
    for path in sorted(settings.ASSETS.glob("lexicon/abbreviations/*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and "\t" in line:
                yield from ((cell, path.stem) for cell in line.split("\t")[:2])


class NgramLanguageModel:
    """A logistic regression over the character n-grams of a text; trained by :mod:`core.train.language`.

    Parameters
    ----------
    vocabulary
        N-grams in the order of the rows of `weights`; a word is read with a space on each side.
    weights
        (n-grams, languages).
    bias
        (languages,).
    longest
        Sizes of n-grams go from 1 to this.

    """

    def __init__(
        self,
        vocabulary: list[str],
        weights: np.ndarray[tuple[int, int], np.dtype[np.float32]],
        bias: np.ndarray[tuple[int], np.dtype[np.float32]],
        longest: int,
    ) -> None:
        self._rows = {ngram: row for row, ngram in enumerate(vocabulary)}
        self._weights = weights
        self._bias = bias
        self._longest = longest

    @classmethod
    def load(cls, folder: Path) -> NgramLanguageModel:
        """Read a trained model's folder.

        Raises
        ------
        ClinicodeError
            If a file is absent or damaged.
        """
        try:
            check(folder)
            settings_ = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            tensors = load_file(folder / "model.safetensors")
        except Exception as error:
            message = _(
                "The language model in {folder} cannot be read ({error}); get it again from the repository."
            ).format(folder=folder, error=error)
            raise ClinicodeError(message) from error
        weights = tensors["weights"].astype(np.float32)
        return cls(settings_["vocabulary"], weights, tensors["bias"].astype(np.float32), settings_["longest"])

    def log_probabilities(self, text: str) -> Vector:
        """Log-probability of each language."""
        rows = [row for gram in ngrams(text, self._longest) if (row := self._rows.get(gram)) is not None]
        logits = self._bias.astype(np.float64)
        if rows:
            unique, counts = np.unique(rows, return_counts=True)
            values = 1 + np.log(counts)
            logits = logits + (values / np.linalg.norm(values)) @ self._weights[unique]
        return np.asarray(logits - np.logaddexp.reduce(logits))


def ngrams(text: str, longest: int) -> list[str]:
    """Character n-grams of each lower-case word between spaces, sizes 1 to `longest`, accents kept."""
    grams: list[str] = []
    for word in LETTERS.findall(text.lower()):
        marked = f" {word} "
        for size in range(1, longest + 1):
            grams.extend(marked[at : at + size] for at in range(len(marked) - size + 1))
    return grams


def read_words(lang: str, *, function_only: bool = False) -> list[str]:
    """The word list of a language; its function words stand before the line ``# clinical words``."""
    words = []
    for line in (WORDS / f"{lang}.txt").read_text(encoding="utf-8").splitlines():
        if function_only and line.startswith("# clinical"):
            break
        if line.strip() and not line.startswith("#"):
            words.append(line.strip().lower())
    return words


@cache
def function_words() -> frozenset[str]:
    """The function words of all seven languages together."""
    return frozenset(word for lang in LANGUAGES for word in read_words(lang, function_only=True))
