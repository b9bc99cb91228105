"""Details of text and title side by side: what agrees, what only one of them says, what excludes the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explain.explanation import Detail, Details
from core.interface import N_, _
from core.note.qualifiers import KINDS, SCALES

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
    ("encounter", "initial"): N_("initial encounter"),
    ("encounter", "subsequent"): N_("subsequent encounter"),
    ("encounter", "sequela"): N_("sequela"),
    ("course", "remission"): N_("in remission"),
    ("fracture", "delayed"): N_("delayed healing"),
    ("history", "personal"): N_("personal history"),
    ("history", "family"): N_("family history"),
    ("origin", "drug"): N_("due to a drug"),
    ("origin", "alcohol"): N_("due to alcohol"),
    ("origin", "procedure"): N_("after a procedure"),
    ("origin", "trauma"): N_("due to an injury"),
    ("behaviour", "uncertain"): N_("of uncertain behaviour"),
    ("intent", "selfharm"): N_("self-harm"),
    ("intent", "accident"): N_("by accident"),
}
"""What a value is called where its own name would not be enough."""
WORDS = frozenset(
    {
        *(N_("left"), N_("right"), N_("bilateral")),
        *(N_("acute"), N_("subacute"), N_("chronic"), N_("recurrent")),
        *(N_("mild"), N_("moderate"), N_("severe")),
        *(N_("newborn"), N_("infant"), N_("child"), N_("adolescent"), N_("adult"), N_("elderly")),
        *(N_("congenital"), N_("juvenile")),
        *(N_("open"), N_("closed"), N_("displaced"), N_("nondisplaced"), N_("nonunion"), N_("malunion")),
        *(N_("pathological"), N_("assault")),
        *(N_("primary"), N_("secondary"), N_("allergic"), N_("autoimmune"), N_("bacterial"), N_("diabetic")),
        *(N_("fungal"), N_("gestational"), N_("hemorrhagic"), N_("hereditary"), N_("hypertensive")),
        *(N_("idiopathic"), N_("ischemic"), N_("obstructive"), N_("viral")),
        *(N_("benign"), N_("malignant"), N_("in situ"), N_("metastatic")),
        *(N_("upper"), N_("lower"), N_("anterior"), N_("posterior"), N_("medial"), N_("lateral")),
        *(N_("inner"), N_("outer"), N_("proximal"), N_("distal")),
        *(N_("abscess"), N_("coma"), N_("gangrene"), N_("hemorrhage"), N_("infection"), N_("necrosis")),
        *(N_("obstruction"), N_("perforation"), N_("ulcer")),
        *(N_("labor"), N_("pregnancy"), N_("puerperium")),
        *(N_("with"), N_("without"), N_("other"), N_("unspecified")),
        *(N_("type"), N_("stage"), N_("grade"), N_("degree"), N_("class"), N_("trimester"), N_("number")),
    }
)
"""The values and scales that are called by their names."""


def compare(said: Qualifiers, titled: Qualifiers) -> Details:
    """What the qualifiers of a text and of a title make of one another."""
    agrees, missing, contradicts = [], [], []
    for kind in KINDS:
        ours, theirs = set(said.get(kind, ())), set(titled.get(kind, ()))
        if both := ours & theirs:
            values = _sorted(both)
            agrees.append(Detail(kind, values, values, _("Both say {what}.").format(what=_listed(kind, values))))
        for group in CONTRARY.get(kind, ()):
            one, other = ours & set(group), theirs & set(group)
            if one and other and not one & other:
                contradicts.append(_contradiction(kind, _sorted(one), _sorted(other)))
                ours, theirs = ours - one, theirs - other
        if kind in SILENT:
            continue
        if alone := _sorted(theirs - both):
            sentence = _("This code's title says {what}; the text does not.").format(what=_listed(kind, alone))
            missing.append(Detail(kind, (), alone, sentence))
        if alone := _sorted(ours - both):
            sentence = _("The text says {what}; this code's title does not.").format(what=_listed(kind, alone))
            missing.append(Detail(kind, alone, (), sentence))
    return Details(tuple(agrees), tuple(missing), tuple(contradicts))


def _contradiction(kind: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Detail:
    sentence = _("The text says {what}; this code is for {other}.")
    return Detail(kind, ours, theirs, sentence.format(what=_listed(kind, ours), other=_listed(kind, theirs)))


def _sorted(values: set[str]) -> tuple[str, ...]:
    return tuple(sorted(values))


def _listed(kind: str, values: tuple[str, ...]) -> str:
    return f" {_('and')} ".join(_phrase(kind, value) for value in values)


def _phrase(kind: str, value: str) -> str:
    """A value in words that mean something without its kind."""
    if (kind, value) in PHRASES:
        return _(PHRASES[kind, value])
    if kind in (*SCALES, "number"):
        return f"{_(kind)} {value}"
    return _(value)
