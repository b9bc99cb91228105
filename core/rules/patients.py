"""Codes that the book keeps for some patients: women or men, newborns, mothers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.interface import N_, _
from core.rules.finding import Finding, Patient, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.rules.book import Rulebook

SEXES = {
    "female": re.compile(
        r"\bfemale (?:genital|pelvic|reproductive)|\bmaternal records\b|\bpregnancy, childbirth", re.I
    ),
    "male": re.compile(r"\bmale (?:genital|pelvic|reproductive)", re.I),
}
MESSAGES = {
    "female": N_("{code} is kept for female patients."),
    "male": N_("{code} is kept for male patients."),
}
MOTHERS, NEWBORNS = "15", "16"
YOUNGEST, OLDEST = 9, 64
"""Years of age between which the editors of claims take a pregnancy for possible (Medicare Code Editor)."""


def patients(codes: Sequence[str], book: Rulebook, patient: Patient) -> Iterator[Finding]:
    """Codes that do not fit the patient, or that cannot be of one patient together."""
    listed = list(dict.fromkeys(codes))
    kept = {code: found for code in listed if (found := kept_for(code, book)) is not None}
    for code, (sex, at, sentence) in kept.items():
        if patient.sex and sex != patient.sex:
            yield Finding("Sex", Severity.WARNING, (code,), _(MESSAGES[sex]).format(code=code), sentence, at)
    women = [code for code, kind in kept.items() if kind[0] == "female"]
    men = [code for code, kind in kept.items() if kind[0] == "male"]
    if women and men and not patient.sex:
        at, sentence = kept[men[0]][1:]
        message = _("{one} is kept for female patients and {other} for male ones.").format(one=women[0], other=men[0])
        yield Finding("Sex", Severity.WARNING, (women[0], men[0]), message, sentence, at)
    if patient.age is None:
        return
    for code in listed:
        chapter = book.catalog.chapter(code)
        if chapter == MOTHERS and not YOUNGEST <= patient.age <= OLDEST:
            told = _("{code} is for a pregnancy or a birth; the patient is {age} years old.")
            message = told.format(code=code, age=f"{patient.age:g}")
            yield Finding("Age", Severity.WARNING, (code,), message, book.catalog.title(MOTHERS), MOTHERS)
        elif chapter == NEWBORNS and patient.age >= 1:
            told = _("{code} is for what begins around birth; the patient is {age} years old.")
            message = told.format(code=code, age=f"{patient.age:g}")
            yield Finding("Age", Severity.HINT, (code,), message, book.catalog.title(NEWBORNS), NEWBORNS)


def kept_for(code: str, book: Rulebook) -> tuple[str, str, str] | None:
    """The sex that a code is kept for, with where the book says so and its words; None where it is not."""
    for one in (book.catalog[code], *reversed(book.catalog.ancestors(code))):
        for sex, words in SEXES.items():
            if words.search(one.title) and not all(other.search(one.title) for other in SEXES.values()):
                return sex, one.code, one.title
    return None
