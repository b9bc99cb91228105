"""Every rule over a list of codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import LANGUAGES
from core.rules.book import rulebook
from core.rules.detail import exactness, headers, sides
from core.rules.finding import Finding, Patient, Severity
from core.rules.patients import patients
from core.rules.together import asked_for, excludes, manifestations, order, repeated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from core.catalog import Catalog

GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}


def check(
    codes: Sequence[str],
    catalog: Catalog,
    texts: Mapping[str, str] | None = None,
    langs: Collection[str] = tuple(LANGUAGES),
    mentioned: Collection[str] = (),
    patient: Patient | None = None,
) -> list[Finding]:
    """What the rules say of a list of codes, the gravest first.

    Parameters
    ----------
    codes, catalog
        The list in its order, the first-listed code first, each code as the catalog writes it.
    texts
        The words of the note that each code was given for, where they are known.
    langs
        The languages that they may be in.
    mentioned
        Codes that the note speaks for and that are not on the list.
    patient
        What is known of the patient.

    Raises
    ------
    ClinicodeError
        If a code does not exist.
    """
    for code in {*codes, *mentioned}:
        catalog[code]  # says which one it does not know
    book, said = rulebook(catalog), texts or {}
    found = [
        *excludes(codes, book),
        *headers(codes, book, said, langs),
        *manifestations(codes, book, mentioned),
        *order(codes, book),
        *repeated(codes, book),
        *sides(codes, book, said, langs),
        *exactness(codes, book, said, langs),
        *patients(codes, book, patient or Patient()),
        *asked_for(codes, book, mentioned),
    ]
    return sorted(found, key=lambda one: GRAVITY[one.severity])
