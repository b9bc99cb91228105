"""ClaML, the XML that the WHO, BfArM and others publish ICD-10 in (EN 14463): classes with rubrics, and modifiers.

A modifier says the fourth or fifth characters that a class may have ("at the ankle"): the classes it makes are not
written out in the file and are made here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from core.catalog.tables.model import Form, Rejected, Shape, System
from core.catalog.tables.rows import Raw
from core.errors import ClinicodeError
from core.interface import _, number
from core.markup import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

CODES = "category"
UNASSIGNED = "Nicht belegte Schlüsselnummer"
SYSTEMS = (("icd-10-gm", System.GM), ("icd10gm", System.GM), ("cim-10", System.CIM), ("cid-10", System.CID))
MOST_MADE = 400
"""Codes that modifiers may make of one class."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What one class of a modifier adds to a code and to its title."""

    code: str
    title: str


def recognise(root: Element) -> Shape | None:
    """What this is if it is a ClaML document."""
    if root.tag != "ClaML":
        return None
    title = root.find("Title")
    named = " ".join([*(title.attrib.values() if title is not None else ()), words(title) if title is not None else ""])
    system = next((one for name, one in SYSTEMS if name in named.lower()), System.WHO)
    version = title.get("version", "") if title is not None else ""
    year = re.search(r"(19|20)\d\d", f"{version} {named}")
    label = root.find("./Class/Rubric/Label")
    lang = (label.get("xml:lang", "") if label is not None else "")[:2].lower() or system.lang
    return Shape(Form.CLAML, "XML", system=system, lang=lang, release=year[0] if year else version)


def read(root: Element) -> Iterator[Raw | Rejected]:
    """Its categories in the order of the file, and those that modifiers make; the "line" is the number of the class.

    Raises
    ------
    ClinicodeError
        If a class has more modifiers than any classification has.
    """
    endings = _endings(root)
    written = {one.get("code", "") for one in root.iter("Class")}
    for place, one in enumerate(root.iter("Class"), 1):
        code = one.get("code", "")
        title = next(_labels(one, ("preferredLong", "preferred")), "")
        heading = one.get("kind") != CODES or title.startswith(UNASSIGNED)
        yield Raw(place, code, title, tuple(_labels(one, ("inclusion",))), heading)
        if heading or one.find("SubClass") is not None:
            continue
        for made in _made(one, code, title, endings):
            if made.code not in written:
                yield Raw(place, made.code, made.title)


def _labels(one: Element, kinds: tuple[str, ...]) -> Iterator[str]:
    """The texts of rubrics of these kinds, without the codes they refer to."""
    for kind in kinds:
        for rubric in one.findall("Rubric"):
            label = rubric.find("Label")
            if rubric.get("kind") == kind and label is not None:
                for reference in label.iter("Reference"):
                    reference.text = ""
                yield words(label)


def _endings(root: Element) -> dict[str, dict[str, Ending]]:
    """For each modifier its classes by their code."""
    endings: dict[str, dict[str, Ending]] = {}
    for one in root.iter("ModifierClass"):
        code = one.get("code", "")
        title = next(_labels(one, ("preferredLong", "preferred")), "")
        if code and title:
            endings.setdefault(one.get("modifier", ""), {})[code] = Ending(code, title)
    return endings


def _made(one: Element, code: str, title: str, endings: dict[str, dict[str, Ending]]) -> Iterator[Ending]:
    """The codes that a class's modifiers make of it: with the first alone, and with the first and those after it."""
    chosen: list[list[Ending]] = []
    for modified in one.findall("ModifiedBy"):
        known = endings.get(modified.get("code", ""), {})
        valid = [name.get("code", "") for name in modified.findall("ValidModifierClass")] or list(known)
        chosen.append([known[name] for name in valid if name in known])
        made = 1
        for several in chosen:
            made *= max(1, len(several))
        if made > MOST_MADE:
            message = _("Modifiers make {made} codes of {code}; get the file again as it was published.").format(
                made=number(made), code=code
            )
            raise ClinicodeError(message)
        for parts in product(*chosen):
            yield Ending(
                code + "".join(part.code if "." not in code else part.code.lstrip(".") for part in parts),
                f"{title}: {': '.join(part.title for part in parts)}",
            )
