"""Many at once, and killed at any moment: nothing decided is lost, doubled or written over."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from core.retrieve.memory import TeamMemory
from core.review import decide
from core.review.model import Incoming, Kind
from core.review.schema import TAUGHT
from core.review.store import ReviewStore
from tests.databases import alone
from tests.review.conftest import NOTE, ORIGIN

ROOT = Path(__file__).resolve().parents[2]
REVIEWERS = 10
DECISIONS = {"postgresql": 500, "sqlite": 80}
"""Of each reviewer; on PostgreSQL 5,000 together."""
NOT_DECIDED = (Kind.BEGIN, Kind.SUGGEST)
REVIEWER = """
import random, sys
from datetime import UTC, datetime
from core.review import decide
from core.review.model import Decision
from core.review.people import Person
from core.review.store import ReviewStore, StaleError
from core.errors import ClinicodeError

name, seed, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
draw, store, me = random.Random(seed), ReviewStore(), Person(name)
(project,) = store.projects()
documents = [store.document(one.id) for one in store.documents(project.id)]
done = stale = 0
print("ready", flush=True)
while done < wanted:
    document = draw.choice(documents)
    work, now = store.work(document, name, project.settings), datetime.now(UTC)
    one = draw.choice(work.annotations)
    kind = draw.random()
    if kind < 0.6:
        change = decide.decide(work, one.id, draw.choice(list(decide.DECISIONS)), name, now)
    elif kind < 0.8:
        change = decide.correct_codes(work, one.id, [draw.choice(["I10", "E11.9", "R05.9"])], name, now)
    elif kind < 0.9 and work.version > 2:
        try:
            change = decide.undo(store.events(project.id, document.id, name))
        except ClinicodeError:
            continue
    else:
        change = decide.add(work, ((0, 8),), ["Z00.00"], document.text, name, now)
    try:
        work = store.record(me, project, document, work, change, 1.0)
    except StaleError:
        stale += 1
        continue
    done += 1
    print("wrote", document.id, work.version, flush=True)
print("stale", stale, flush=True)
"""


def fill(store, admin, suggestions, documents):
    project = store.create(admin, "Many")
    store.import_documents(admin, project, [Incoming(f"{at}.txt", f"{NOTE} {at}", "es") for at in range(documents)])
    for document in store.documents(project.id):
        store.suggest(document, suggestions, ORIGIN, "es", 0.1)
    return project


def consistent(store, project):
    """What follows from the log is what the log says, and the memory holds what the decisions taught."""
    events = store.events(project.id)
    lanes: dict[tuple[int, str], list[int]] = {}
    for event in events:
        if event.version is not None and event.kind is not Kind.SUGGEST:
            lanes.setdefault((event.document, event.lane), []).append(event.version)
    assert all(sorted(versions) == list(range(1, len(versions) + 1)) for versions in lanes.values())
    assert store.replayed(project.id) == store.all_work(project.id)
    with store.engine.connect() as connection:
        pairs = connection.execute(select(TAUGHT.c.folded, TAUGHT.c.code)).all()
    taught = Counter((row.folded, row.code) for row in pairs)
    from core.text import fold

    assert {(fold(term.text), term.code): term.count for term in TeamMemory(store.engine).terms()} == dict(taught)
    return events


def test_ten_reviewers_at_once_lose_and_double_nothing(store, admin, suggestions, database):
    """Ten processes in five names, so that every piece of work is written by two at the same time."""
    project = fill(store, admin, suggestions, 8)
    command = [sys.executable, "-c", REVIEWER]
    running = [
        subprocess.Popen(
            [*command, f"Reviewer {at % 5}", str(at), str(DECISIONS[database])],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in range(REVIEWERS)
    ]
    said = [one.communicate(timeout=500)[0].splitlines() for one in running]
    assert all(one.returncode == 0 for one in running)
    wrote = [line.split()[1:] for lines in said for line in lines if line.startswith("wrote")]
    assert len(wrote) == REVIEWERS * DECISIONS[database]
    assert sum(int(lines[-1].split()[1]) for lines in said) > 0  # they did get in each other's way
    events = consistent(store, project)
    assert sum(event.kind not in NOT_DECIDED and event.document is not None for event in events) == len(wrote)


def test_killed_at_any_moment_only_the_click_in_flight_is_lost(store, admin, suggestions):
    project = fill(store, admin, suggestions, 2)
    for seed in range(4):
        reviewer = subprocess.Popen(
            [sys.executable, "-c", REVIEWER, "Ben", str(seed), "100000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        while not (first := reviewer.stdout.readline()).startswith("wrote"):
            assert first
        time.sleep(0.25 + 0.13 * seed)
        os.kill(reviewer.pid, signal.SIGKILL)
        said = [first, *reviewer.stdout.read().splitlines()]
        told = [line for line in said if line.startswith("wrote") and line.count(" ") == 2]
        reviewer.wait()
        alone(store.engine)
        versions = {one.document: one.version for one in store.progress(project.id)}
        for line in told:
            document, version = map(int, line.split()[1:])
            assert versions[document] >= version
        consistent(store, project)
    document = store.document(store.documents(project.id)[0].id)
    fresh = ReviewStore()
    work = fresh.work(document, "Ada", project.settings)
    fresh.record(admin, project, document, work, decide.comment(work, "", "still open", "Ada", datetime.now(UTC)))
