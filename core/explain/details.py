"""Details of text and title side by side: what agrees, what only one of them says, what excludes the other."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.explain.explanation import Detail, Details
from core.note.qualifiers import KINDS, SCALES, QualifierReader

if TYPE_CHECKING:
    from core.note.qualifiers import Qualifiers

FIVE = ("1", "2", "3", "4", "5")
CONTRARY: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(SCALES, (FIVE,)),
    "side": (("left", "right", "bilateral"),),
    "encounter": (("initial", "subsequent", "sequela"),),
    "course": (("acute", "subacute", "chronic"),),
    "severity": (("mild", "moderate", "severe"),),
    "age": (("newborn", "infant", "child", "adolescent", "adult", "elderly"),),
    "fracture": (("open", "closed"), ("displaced", "nondisplaced"), ("delayed", "nonunion", "malunion")),
    "origin": (("primary", "secondary"),),
    "behaviour": (("benign", "malignant", "in situ", "uncertain"),),
    "intent": (("accident", "selfharm", "assault"),),
    "history": (("personal", "family"),),
    "part": (("upper", "lower"), ("anterior", "posterior"), ("medial", "lateral"), ("inner", "outer")),
}
"""Values of which one excludes the others: a text that says one and a title that says another cannot both be right."""
SILENT = frozenset({"presence", "specified", "number"})
"""Kinds of which nothing is said where only one side has them: they say too little by themselves."""
PHRASES = {
    ("encounter", "sequela"): "sequela",
    ("course", "remission"): "in remission",
    ("fracture", "delayed"): "delayed healing",
    ("origin", "drug"): "due to a drug",
    ("origin", "alcohol"): "due to alcohol",
    ("origin", "procedure"): "after a procedure",
    ("origin", "trauma"): "due to an injury",
    ("behaviour", "uncertain"): "of uncertain behaviour",
    ("intent", "selfharm"): "self-harm",
    ("intent", "accident"): "by accident",
}


@cache
def reader() -> QualifierReader:
    """The cue lists that ship, read once."""
    return QualifierReader()


def compare(said: Qualifiers, titled: Qualifiers) -> Details:
    """What the qualifiers of a text and of a title make of one another."""
    agrees, missing, contradicts = [], [], []
    for kind in KINDS:
        ours, theirs = set(said.get(kind, ())), set(titled.get(kind, ()))
        if both := ours & theirs:
            values = _sorted(both)
            agrees.append(Detail(kind, values, values, f"Both say {_listed(kind, values)}."))
        for group in CONTRARY.get(kind, ()):
            one, other = ours & set(group), theirs & set(group)
            if one and other and not one & other:
                contradicts.append(_contradiction(kind, _sorted(one), _sorted(other)))
                ours, theirs = ours - one, theirs - other
        if kind in SILENT:
            continue
        if alone := _sorted(theirs - both):
            sentence = f"This code's title says {_listed(kind, alone)}; the text does not."
            missing.append(Detail(kind, (), alone, sentence))
        if alone := _sorted(ours - both):
            sentence = f"The text says {_listed(kind, alone)}; this code's title does not."
            missing.append(Detail(kind, alone, (), sentence))
    return Details(tuple(agrees), tuple(missing), tuple(contradicts))


def _contradiction(kind: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Detail:
    sentence = f"The text says {_listed(kind, ours)}; this code is for {_listed(kind, theirs)}."
    return Detail(kind, ours, theirs, sentence)


def _sorted(values: set[str]) -> tuple[str, ...]:
    return tuple(sorted(values))


def _listed(kind: str, values: tuple[str, ...]) -> str:
    return " and ".join(_phrase(kind, value) for value in values)


def _phrase(kind: str, value: str) -> str:
    """A value in words that mean something without its kind."""
    if (kind, value) in PHRASES:
        return PHRASES[kind, value]
    if kind in (*SCALES, "number"):
        return f"{kind} {value}"
    return f"{value} {kind}" if kind in ("encounter", "history") else value
