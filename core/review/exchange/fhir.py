"""Accepted annotations as a FHIR R4B Bundle; see :mod:`core.fhir`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.fhir import Diagnosis, bundle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalog import Catalog
    from core.review.exchange.reviewed import Reviewed


def write(found: Iterable[Reviewed], catalog: Catalog) -> bytes:
    """A Bundle (JSON) with one Condition for each code of each accepted annotation."""
    diagnoses = (
        Diagnosis(
            place=f"{one.document.project}/{one.document.id}/{one.work.lane}/{annotation.id}/{code}",
            code=code,
            words=annotation.text(one.document.text),
            spans=annotation.spans,
            status=annotation.status,
            document=one.document.name or f"document {one.document.id}",
            by=annotation.by,
            at=annotation.at,
            remarks=tuple((comment.by, comment.at, comment.text) for comment in annotation.comments),
        )
        for one in found
        for annotation in one.annotations
        for code in annotation.codes
    )
    return bundle(diagnoses, catalog)
