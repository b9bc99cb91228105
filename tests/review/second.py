"""Lanes made by hand, for what two people say of a note."""

from datetime import UTC, datetime

from core.note.context import Status
from core.review import decide
from core.review.model import Annotation, Decision, Work
from tests.review.conftest import NOTE

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def marked(spans, *codes, status=Status.AFFIRMED, decision=Decision.ACCEPTED, name=""):
    """An annotation; `spans` is a pair of bounds or several."""
    spans = spans if isinstance(spans[0], tuple) else (spans,)
    return Annotation(name or f"h{spans[0][0]}-{'.'.join(codes)}", spans, status, codes, decision, "x", NOW)


def lane(document, name, *annotations, finished=True):
    return Work(document, name, 1, annotations, finished=finished)


def place(words, note=NOTE):
    start = note.index(words)
    return (start, start + len(words))


def do(store, person, project, document, *makers):
    """Read a person's own work, change it step by step, write it down; `makers` get the work."""
    work = store.work(document, person.name, project.settings)
    for make in makers:
        work = store.record(person, project, document, work, make(work))
    return work


def accept(name):
    return lambda work: decide.decide(work, name, Decision.ACCEPTED, "x", NOW)


def reject(name):
    return lambda work: decide.decide(work, name, Decision.REJECTED, "x", NOW)


def unsure(name):
    return lambda work: decide.decide(work, name, Decision.UNSURE, "x", NOW)


def recode(name, *codes):
    return lambda work: decide.correct_codes(work, name, codes, "x", NOW)


def restatus(name, status):
    return lambda work: decide.correct_status(work, name, status, "x", NOW)


def mark(words, *codes, status=Status.AFFIRMED):
    return lambda work: decide.add(work, (place(words),), codes, NOTE, "x", NOW, status)
