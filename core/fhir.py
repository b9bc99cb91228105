"""Diagnoses as a FHIR R4B Bundle of Conditions, built (and so checked) by ``fhir.resources``.

What a relative has is no condition of the patient and is left out. https://hl7.org/fhir/R4B/condition.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.note.context import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.catalog import Catalog

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
DOCUMENT = "urn:clinicode:document"
"""The system of document names, which stand for the patient: nothing else is known of whom a note is about."""
MEANING = {
    Status.AFFIRMED: ("active", "confirmed"),
    Status.UNCERTAIN: ("active", "provisional"),
    Status.HISTORICAL: ("inactive", "confirmed"),
    Status.NEGATED: ("", "refuted"),
}
"""For each status the clinical one (none for what was ruled out) and how far it is verified."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A code that somebody gave: for which words of which document, when.

    `place` tells it from others and gives it the same name export after export; `remarks` are (who, when, what).
    """

    place: str
    code: str
    words: str
    spans: tuple[tuple[int, int], ...]
    status: Status
    document: str
    by: str
    at: datetime
    remarks: tuple[tuple[str, datetime, str], ...] = ()

    @property
    def name(self) -> uuid.UUID:
        """The resource's name."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"clinicode:{self.place}")


def bundle(found: Iterable[Diagnosis], catalog: Catalog) -> bytes:
    """A Bundle (JSON) with one Condition for each diagnosis."""
    from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415  only who exports it pays for it

    entries = [
        {"fullUrl": f"urn:uuid:{one.name}", "resource": _condition(one, catalog)}
        for one in found
        if one.status in MEANING
    ]
    made = Bundle.model_validate({"resourceType": "Bundle", "type": "collection", "entry": entries or None})
    return made.model_dump_json(indent=1).encode()


def _condition(one: Diagnosis, catalog: Catalog) -> dict[str, Any]:
    clinical, verified = MEANING[one.status]
    coding = {"system": ICD, "version": catalog.label, "code": one.code}
    if one.code in catalog:
        coding["display"] = catalog.title(one.code)
    where = ", ".join(f"{start}–{end}" for start, end in one.spans)
    quoted = f"“{one.words}”" + (f" at {where}" if where else "")
    remarks = [(one.by, one.at, quoted), *one.remarks] if one.words else list(one.remarks)
    condition: dict[str, Any] = {
        "resourceType": "Condition",
        "id": str(one.name),
        "verificationStatus": {"coding": [{"system": VERIFIED, "code": verified}]},
        "code": {"coding": [coding]} | ({"text": one.words} if one.words else {}),
        "subject": {"identifier": {"system": DOCUMENT, "value": one.document}, "display": one.document},
        "recordedDate": one.at.isoformat(),
        "recorder": {"display": one.by},
    }
    if clinical:
        condition["clinicalStatus"] = {"coding": [{"system": CLINICAL, "code": clinical}]}
    if remarks:
        condition["note"] = [{"authorString": by, "time": at.isoformat(), "text": text} for by, at, text in remarks]
    return condition
