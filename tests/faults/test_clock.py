"""The clock jumps, into the future and back: order, durations and what others see do not depend on it."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.catalog.tables import store as tables
from core.evaluate import jobs
from core.evaluate.runs import REFERENCE, read_run, save_run
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.remembered import MemoryIndex
from core.review import decide
from core.review.model import Decision
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.faults.test_backup import a_table
from tests.review.conftest import passage
from tests.review.test_many import consistent, fill

ROOT = Path(__file__).resolve().parents[2]
ADA = Person("Ada", Role.ADMIN)
YEARS = (2026, 2099, 1999, 2050)
CLOCK = """
import datetime as module, sys

class Wrong(module.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz).replace(year={year}, day=1)

module.datetime = Wrong
"""
DECIDE = """
from datetime import UTC, datetime
from core.review import decide
from core.review.model import Decision
from core.review.people import local
from core.review.store import ReviewStore
store, me = ReviewStore(), local("Ada")
(project,) = store.projects()
document = store.document(store.documents(project.id)[0].id)
work = store.work(document, "Ada", project.settings)
kind = list(decide.DECISIONS)[work.version % 2]
work = store.record(me, project, document, work, decide.decide(work, "m1", kind, "Ada", datetime.now(UTC)), -5.0)
remark = decide.comment(work, "", str(work.version), "Ada", datetime.now(UTC))
work = store.record(me, project, document, work, remark, 2)
"""


def at(year: int, code: str) -> None:
    """Run code in a process whose clock is in another year."""
    subprocess.run([sys.executable, "-c", CLOCK.format(year=year) + code], cwd=ROOT, check=True)


def test_the_log_is_in_the_order_in_which_it_was_written(database):
    store = ReviewStore()
    project = fill(store, ADA, [passage("hipertensión arterial", "I10"), passage("diabetes", "E11.9")], 1)
    for year in YEARS:
        at(year, DECIDE)
    events = consistent(store, project)
    mine = [event for event in events if event.lane == "Ada"]
    assert [event.version for event in mine] == list(range(1, 2 + 2 * len(YEARS)))
    assert [event.at.year for event in mine[1::2]] == list(YEARS)
    (work,) = store.all_work(project.id)
    assert [comment.text for comment in work.comments] == [str(one.version - 1) for one in mine[2::2]]
    assert work.seconds == 2.0 * len(YEARS)  # none is negative
    document = store.document(work.document)
    undone = store.undo(ADA, project, document, work)  # the last that was written, not the one of 2099
    assert [comment.text for comment in undone.comments] == [comment.text for comment in work.comments][:-1]
    store.engine.dispose()


def test_a_memory_that_changes_with_the_clock_set_back_is_seen_to_have_changed(database, encoder):
    """As many texts, as often chosen, none newer than before: only the order of changes tells."""
    at(2099, "from core.retrieve.memory import *\nTeamMemory().remember([Reviewed('tos', 'R05.9')])\n")
    memory = TeamMemory()
    before = memory.version()
    memory.forget()
    memory.remember([Reviewed("tos", "R05.8")])
    assert memory.version() != before
    at(2099, "from core.retrieve.memory import *\nTeamMemory().remember([Reviewed('fiebre', 'R50.9')])\n")
    known = memory.version()
    store = ReviewStore()
    project = fill(store, ADA, [passage("diabetes", "E11.9", "E10.9")], 1)
    document = store.document(store.documents(project.id)[0].id)
    work, now = store.work(document, "Ada", project.settings), datetime.now(UTC)
    work = store.record(ADA, project, document, work, decide.decide(work, "m1", Decision.ACCEPTED, "Ada", now))
    taught = memory.version()
    store.record(ADA, project, document, work, decide.correct_codes(work, "m1", ["E10.9"], "Ada", now))
    assert len({known, taught, memory.version()}) == 3
    index = MemoryIndex(memory.terms(), encoder)
    answers = index.recall(["diabetes", "fiebre"], encoder.encode(["diabetes", "fiebre"]), 5)
    assert set(answers[0].equal) == {"E10.9"}
    assert all(0 < one.votes <= 1 for answer in answers for one in answer.equal.values())  # nothing is older than now
    store.engine.dispose()


def test_runs_of_one_moment_do_not_go_over_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    run = read_run(sorted(REFERENCE.glob("*.parquet"))[0])
    paths = {save_run(run) for _ in range(3)}
    assert len(paths) == 3
    assert all(read_run(path).table.equals(run.table) for path in paths)


@pytest.mark.parametrize("year", [1999, 2099])
def test_jobs_and_imports_of_another_time_are_read(furnished, catalog, monkeypatch, year):
    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    at(year, "from tests.faults.test_backup import a_table\na_table()\n")
    assert [table.name for table in tables.tables()] == ["cie-10-es"]
    a_table("cie-10-es-b")
    assert len(tables.tables()) == 2
    folder = jobs.place() / f"{year}0101-000000-000000-abc"
    folder.mkdir(parents=True)
    order = '{"name": "a", "format": "table", "kind": "mentions", "split": "", "path": "", "systems": ["bm25"], '
    (folder / "job.json").write_text(order + f'"limit": 0, "when": "{year}-01-01", "queries": 1, "skipped": 0}}')
    (one,) = jobs.jobs()
    assert one.state is jobs.State.FAILED
    shutil.rmtree(folder)
