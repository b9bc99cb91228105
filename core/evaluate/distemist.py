"""DisTEMIST (BioASQ 2022): mentions of diseases in Spanish clinical cases, linked to SNOMED CT.

Miranda-Escalada et al., "Overview of DisTEMIST at BioASQ: automatic detection and normalization of diseases from
clinical texts". A row of a linking table may hold ICD-10-CM codes instead, or a second table says which ICD-10-CM
codes a SNOMED CT code stands for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.codiesp import current_codes
from core.evaluate.gold import GoldQuery, Problem, check_mention
from core.evaluate.mentions import read_table
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.catalog import Catalog

HEADER = ("filename", "mark", "label", "off0", "off1", "span", "code", "sem_rel")
SNOMED = re.compile(r"\d{6,18}")


def parse_mentions(
    path: Path, catalog: Catalog, snomed: Mapping[str, frozenset[str]]
) -> tuple[list[GoldQuery], list[Problem]]:
    """Distinct mention strings with their codes, and the lines that cannot be used.

    Each part of a composite code (``a+b``) is one thing to find; a SNOMED CT code is found under any of the codes that
    `snomed` has for it. Mentions are Spanish unless a column ``lang`` says otherwise.

    Raises
    ------
    ClinicodeError
        If the file is no such table.
    """
    found: dict[tuple[str, str], tuple[int, set[frozenset[str]]]] = {}
    problems: list[Problem] = []
    for number, row in read_table(path, HEADER):
        text, lang = " ".join(row["span"].split()), row.get("lang") or "es"
        try:
            check_mention(text, lang)
            groups = {_group(part.strip(), catalog, snomed) for part in row["code"].split("+")}
        except ClinicodeError as error:
            problems.append(Problem(number, str(error)))
        else:
            found.setdefault((text, lang), (number, set()))[1].update(groups)
    queries = [
        GoldQuery(f"{path.stem}-{number}", text, tuple(sorted(groups, key=sorted)), lang, (("lang", lang),))
        for (text, lang), (number, groups) in found.items()
    ]
    return queries, problems


def read_snomed(path: Path, catalog: Catalog) -> dict[str, frozenset[str]]:
    """ICD-10-CM codes by SNOMED CT code, from a table with the columns ``snomed, code``; unknown codes are left out.

    Raises
    ------
    ClinicodeError
        If the file is no such table, or has no code of this release.
    """
    codes: dict[str, set[str]] = defaultdict(set)
    for _line, row in read_table(path, ("snomed", "code")):
        if current := _icd(row["code"], catalog):
            codes[row["snomed"]].update(current)
    if not codes:
        message = _("{name} maps nothing to a code of {label}; it needs the columns snomed and code.").format(
            name=path.name, label=catalog.label
        )
        raise ClinicodeError(message)
    return {concept: frozenset(found) for concept, found in codes.items()}


def _group(code: str, catalog: Catalog, snomed: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if not code or code.upper() == "NOMAP":
        raise ClinicodeError(_("The annotators found no code for it (NOMAP).") if code else _("It has no code."))
    if SNOMED.fullmatch(code):
        if mapped := snomed.get(code):
            return mapped
        message = (
            _("SNOMED CT code {code} has no code of {label} in the map.").format(code=code, label=catalog.label)
            if snomed
            else _(
                "{code} is a SNOMED CT code; add a map with the columns snomed and code to say its ICD-10-CM code."
            ).format(code=code)
        )
        raise ClinicodeError(message)
    if current := _icd(code, catalog):
        return current
    message = _("{code!r} is not in {label}.").format(code=code[:20], label=catalog.label)
    raise ClinicodeError(message)


def _icd(code: str, catalog: Catalog) -> frozenset[str]:
    dotted = catalog.dotted(code)
    if dotted in catalog and not catalog[dotted].codable:
        return frozenset()
    return current_codes(code, catalog)
