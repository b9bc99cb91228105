"""The everyday names of common signs and diagnoses in seven languages, and what is no diagnosis."""

from __future__ import annotations

import csv
import re
from functools import cache

from core.language import LANGUAGES
from core.note.cues import Cue, CueIndex, read_rows
from core.settings import ASSETS
from core.text import fold

NOTES = ASSETS / "notes"
DOSE = re.compile(r"\s+(?=\d)")
THINGS = frozenset({"drug", "test", "procedure", "anatomy"})
SIGNS, NORMAL = ASSETS / "lexicon" / "signs.tsv", ASSETS / "lexicon" / "normal.tsv"


@cache
def signs(lang: str) -> tuple[str, ...]:
    """The names in one language.

    >>> "fiebre" in signs("es"), "Fieber" in signs("de")
    (True, True)
    """
    with SIGNS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(name.strip() for row in rows for name in row[lang].split("|"))


@cache
def normal() -> CueIndex[str]:
    """What says that nothing is wrong (``afebrile``, ``abdomen soft``), in all languages; each cue means its own."""
    rows = read_rows(NORMAL)
    return CueIndex(Cue.of(phrase, lang) for lang, phrases in rows for phrase in phrases.split("|"))


@cache
def things() -> frozenset[str]:
    """Folded names of drugs (with and without their dose), tests, procedures and body parts: no diagnoses."""
    rows = (row for lang in LANGUAGES for row in read_rows(NOTES / f"{lang}.tsv"))
    names = {text for kind, text in rows if kind in THINGS}
    return frozenset(fold(name) for text in names for name in (text, DOSE.split(text)[0]) if name.strip())
