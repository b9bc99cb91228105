"""From what a file holds to usable rows: codes brought into one form, what cannot be used named by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.catalog.tables.model import Reading, Rejected, Row
from core.catalog.tables.text import BROKEN
from core.errors import ClinicodeError
from core.interface import _, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalog.tables.model import Shape

CODE = re.compile(r"[A-Z]\d[\dA-Z]{1,5}|[A-Z]\d[\dA-Z][\dA-Z]{0,2}\+\d{1,2}")
"""A code without its dot; French extensions of a whole code stand behind a plus sign."""
HEADING = re.compile(
    r"[A-Z]\d[\dA-Z](\.\d)?\s*[-–]\s*[A-Z]\d[\dA-Z](\.\d)?|[IVX]{1,5}|\d{1,2}|(CAP|KAP)\b.*", re.IGNORECASE
)
"""A block or a chapter."""
MARKS = "†*!#+"
"""Dagger, asterisk and exclamation mark say how a code is used, and are no part of it."""
LONGEST_TITLE = 600
MOST_REJECTED = 0.5
"""A file of which more than this part cannot be used is not what it was taken for."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it stands in a file; `heading` says that it is known to be no code, or a withdrawn one."""

    line: int
    code: str
    title: str
    terms: tuple[str, ...] = ()
    heading: bool = False


def dotted(text: str) -> str:
    """A code as ICD-10-CM writes it (``E11.2``), from ``E112``, ``e11.2†`` or ``E11.-``; empty if it is none."""
    bare = text.strip().upper().rstrip(MARKS).removesuffix("-").removesuffix(".").rstrip(MARKS)
    if bare.count(".") > 1 or ("." in bare and bare.index(".") != 3):
        return ""
    bare = bare.replace(".", "", 1)
    if not CODE.fullmatch(bare):
        return ""
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"


def collect(shape: Shape, found: Iterable[Raw | Rejected]) -> Reading:
    """The usable rows, each code once.

    Raises
    ------
    ClinicodeError
        If there are none, or fewer than those that cannot be used.
    """
    rows: dict[str, Row] = {}
    rejected: list[Rejected] = []
    left_out = 0
    for one in found:
        if isinstance(one, Rejected):
            rejected.append(one)
            continue
        code = dotted(one.code)
        if one.heading or (not code and HEADING.fullmatch(one.code.strip())):
            left_out += 1
        elif reason := _reason(one, code, rows):
            rejected.append(Rejected(one.line, reason))
        else:
            terms = dict.fromkeys(clean for term in one.terms if (clean := " ".join(term.split())))
            title = " ".join(one.title.split())
            rows[code] = Row(code, title, one.line, tuple(term for term in terms if term != title))
    if not rows or len(rejected) > MOST_REJECTED * (len(rows) + len(rejected)):
        first = ""
        if rejected:
            first = _(" (line {line}: {reason})").format(line=rejected[0].line, reason=rejected[0].reason)
        message = _("{rejected} of {rows} rows cannot be used{first}; nothing is imported.").format(
            rejected=number(len(rejected)), rows=number(len(rows) + len(rejected)), first=first
        )
        raise ClinicodeError(message)
    return Reading(shape, tuple(rows.values()), tuple(rejected), left_out)


def _reason(one: Raw, code: str, rows: dict[str, Row]) -> str:
    """Why a row cannot be used; empty if it can."""
    if not one.code.strip():
        return _("no code")
    if not code:
        shown = one.code.strip()
        return _("{text} is no code").format(text=shown[:20] + "…" if len(shown) > 20 else repr(shown))
    if not one.title.strip():
        return _("{code} has no title").format(code=code)
    if len(one.title) > LONGEST_TITLE:
        told = _("the title of {code} has more than {count} characters")
        return told.format(code=code, count=number(LONGEST_TITLE))
    if BROKEN in one.title or any(ord(char) < 32 and char not in "\t\n\r" for char in one.title):
        return _("the title of {code} is damaged").format(code=code)
    if code in rows:
        return _("{code} was already on line {line}").format(code=code, line=rows[code].line)
    return ""
