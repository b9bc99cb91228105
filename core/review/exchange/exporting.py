"""What can be taken out of a project: the accepted annotations in five formats, and the log.

The whole of it is :func:`core.review.exchange.archive.archived`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.interface import N_
from core.review.exchange import audit, brat, codiesp, fhir, jsonlines, tables
from core.review.exchange.reviewed import reviewed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.catalog import Catalog
    from core.review.exchange.reviewed import Reviewed
    from core.review.model import Project
    from core.review.store import ReviewStore


@dataclass(frozen=True, slots=True)
class Export:
    """A format of accepted annotations: what it is called and for, how its files end, and what makes one."""

    key: str
    title: str
    purpose: str
    ending: str
    mime: str
    make: Callable[[Sequence[Reviewed], Catalog], bytes]


EXPORTS = (
    Export(
        "csv", "CSV", N_("One row an annotation, for a spreadsheet or statistics."), ".csv", "text/csv",
        lambda found, _catalog: tables.write(found),
    ),
    Export(
        "jsonl", "JSON lines", N_("Notes with their annotations, for scripts; can be imported here again."), ".jsonl",
        "application/x-ndjson", lambda found, _catalog: jsonlines.write(found),
    ),
    Export(
        "codiesp", "CodiEsp", N_("Gold for evaluation: present and uncertain diagnoses only."), "-codiesp.zip",
        "application/zip", lambda found, _catalog: codiesp.write(found),
    ),
    Export(
        "brat", "BRAT standoff", N_("Texts with .ann files for other annotation tools."), "-brat.zip",
        "application/zip", brat.write,
    ),
    Export(
        "fhir", "FHIR R4B", N_("A Bundle of Conditions for other systems; family history is left out."), "-fhir.json",
        "application/fhir+json", fhir.write,
    ),
)  # fmt: skip


def export(store: ReviewStore, project: Project, catalog: Catalog, key: str, reviewer: str = "") -> bytes:
    """The accepted annotations of a project's results, or of what one reviewer has made of it so far.

    Parameters
    ----------
    key
        Which of the `EXPORTS`.
    reviewer
        Whose lane (default: what is final, see :func:`core.review.final.final_work`).
    """
    made = next(one for one in EXPORTS if one.key == key)
    return made.make(reviewed(store, project, reviewer), catalog)


def log_table(store: ReviewStore, project: Project) -> bytes:
    """The log of a project as CSV."""
    return audit.as_table(store.events(project.id), _names(store, project))


def log_lines(store: ReviewStore, project: Project) -> bytes:
    """The log of a project as JSON lines."""
    return audit.as_lines(store.events(project.id), _names(store, project))


def _names(store: ReviewStore, project: Project) -> dict[int, str]:
    return {document.id: document.name for document in store.documents(project.id)}
