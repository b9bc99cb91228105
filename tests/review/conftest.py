"""A review store on each database with a project, a document and what the machine says of it."""

import pytest

from core.note.context import Status
from core.review.model import Incoming, Option, Origin, Settings, Suggestion
from core.review.people import Person, Role

NOTE = "Paciente con hipertensión arterial y diabetes. Niega asma."
ORIGIN = Origin("model", "index", "April 2026")


@pytest.fixture
def store(database):
    from core.review.store import ReviewStore

    opened = ReviewStore()
    yield opened
    opened.engine.dispose()


@pytest.fixture
def admin():
    return Person("Ada", Role.ADMIN)


@pytest.fixture
def ben():
    return Person("Ben", Role.REVIEWER)


def passage(words: str, *codes: str, status: Status = Status.AFFIRMED, sure: float = 0.9) -> Suggestion:
    """A suggestion for words of NOTE."""
    start = NOTE.index(words)
    return Suggestion(
        ((start, start + len(words)),), status, codes[:1], sure, tuple(Option(code, sure) for code in codes)
    )


@pytest.fixture
def suggestions():
    return [
        passage("hipertensión arterial", "I10", "I15.9"),
        passage("diabetes", "E11.9", "E10.9", sure=0.6),
        passage("asma", "J45.909", status=Status.NEGATED),
    ]


@pytest.fixture
def project(store, admin):
    return store.create(admin, "Pilot", Settings())


@pytest.fixture
def document(store, admin, project, suggestions):
    store.import_documents(admin, project, [Incoming("a.txt", NOTE, "es")])
    (found,) = store.documents(project.id)
    store.suggest(found, suggestions, ORIGIN, "es", 0.2)
    return store.document(found.id)
