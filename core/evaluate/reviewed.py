"""Gold that is reviewed as a team would review it, to measure what reviewing teaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from core.database import metadata
from core.retrieve.memory import TeamMemory
from core.review import decide
from core.review.exchange.reading import read_folder
from core.review.model import Decision
from core.review.people import local
from core.review.store import ReviewStore

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalog import Catalog

REVIEWER = local("Reviewer")


def reviewed_memory(folder: Path, catalog: Catalog, share: float) -> TeamMemory:
    """The team memory after a share of a folder's documents, the first by name, was reviewed: each annotation accepted.

    The documents go through a review project of their own, in a database that lives and ends with this process.

    Raises
    ------
    ClinicodeError
        If the folder has no annotated documents.
    """
    documents = sorted(read_folder(folder, catalog).documents, key=lambda one: one.name)
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    store = ReviewStore(engine)
    project = store.create(REVIEWER, "gold")
    chosen = documents[: round(share * len(documents))]
    store.import_documents(REVIEWER, project, [replace(one, lang=one.lang or "es") for one in chosen])
    for document in store.texts(project.id):
        work = store.work(document, REVIEWER.name, project.settings)
        for one in work.annotations:
            if one.codes:
                change = decide.decide(work, one.id, Decision.ACCEPTED, REVIEWER.name, datetime.now(UTC))
                work = store.record(REVIEWER, project, document, work, change)
    return TeamMemory(engine)
