"""What a rule reports: how grave it is, the codes it is about, the sentence of the book it rests on, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.interface import N_

RULES = (
    N_("Excludes1"),
    N_("Excludes2"),
    N_("Code first"),
    N_("Use additional code"),
    N_("Code also"),
    N_("Manifestation"),
    N_("Listed twice"),
    N_("Beside its header"),
    N_("Header"),
    N_("Side"),
    N_("Both sides"),
    N_("More exact"),
    N_("Sex"),
    N_("Age"),
)
"""What the rules are called; translated where they are shown."""


class Severity(StrEnum):
    """How grave a finding is: cannot stand, look again, or worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing that a coder can do about a finding: take codes out of the list, put codes in, or move one up.

    `first` is a code that is to stand before the other codes of the finding.
    """

    label: str
    out: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    first: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of codes of a list.

    `sentence` is what the book prints and `at` the code, block or chapter it is printed at (both empty where the rule
    rests on the hierarchy alone, which `message` then says).
    """

    rule: str
    severity: Severity
    codes: tuple[str, ...]
    message: str
    sentence: str = ""
    at: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of the patient: `sex` is ``female`` or ``male`` (empty: unknown), `age` in years (or None)."""

    sex: str = ""
    age: float | None = None
