"""Jobs run in real processes; all texts are invented."""

import json
import os
import shlex
import time

import pytest
from typer.testing import CliRunner

from core.cli import build
from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.jobs import State
from core.evaluate.runs import read_run

ROWS = "text\tcode\tlang\nfever\tR50.9\ten\nfoo\tZZZ.9\ten\ncough\tR05.9\ten\n"


@pytest.fixture
def home(tmp_path, catalog, workspace, monkeypatch):
    """A workspace for the jobs of one test, with the catalog's cache of the session in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    for path in workspace.glob("catalog*"):
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("CLINICODE_HOME", str(folder))
    yield folder
    for job in jobs.jobs():
        jobs.delete(job)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "team (1).tsv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def wait(job, *states, seconds=300.0):
    until = time.monotonic() + seconds
    while (now := jobs.read_job(job.folder)).state not in states:
        assert time.monotonic() < until, now
        time.sleep(0.1)
    return now


def test_a_job_runs_in_another_process_and_its_run_can_be_repeated(home, table, catalog, tmp_path):
    job = jobs.start(table, ["bm25", "bm25-stems"], catalog, limit=2)
    assert job.active
    done = wait(job, State.FAILED, State.DONE)
    assert (done.state, done.share, done.order.skipped) == (State.DONE, 1.0, 1)
    assert done.progress.pid not in (0, os.getpid())
    path, stems = done.runs
    run = read_run(path)
    assert (run.provenance.system, run.table.height) == ("bm25", 2)
    assert read_run(stems).provenance.system == "bm25-stems"
    assert [one.id for one in jobs.jobs()] == [job.id]

    command = shlex.split(run.provenance.command)
    assert str(home) in run.provenance.command
    repeated = CliRunner().invoke(build(), [*command[1:], "--out", str(tmp_path / "again")])
    assert repeated.exit_code == 0, repeated.output
    (again,) = (tmp_path / "again").glob("*.parquet")
    assert read_run(again).provenance.data == run.provenance.data
    assert read_run(again).table.equals(run.table)

    for file in ("job.json", "progress.json"):
        assert "fever" not in (job.folder / file).read_text(encoding="utf-8")
    jobs.delete(done)
    assert not job.folder.exists()
    assert not path.exists()


def test_at_most_two_run_at_once_and_the_next_waits_its_turn(home, table, catalog):
    import fcntl

    held = []
    jobs.place().mkdir()
    for number in range(2):
        held.append((jobs.place() / f"place-{number}.lock").open("w"))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
    first, second = (jobs.start(table, ["bm25"], catalog, limit=1) for _ in range(2))
    while not (jobs.read_job(first.folder).progress.pid and jobs.read_job(second.folder).progress.pid):
        time.sleep(0.1)
    assert [one.state for one in jobs.jobs()] == [State.WAITING, State.WAITING]
    assert [one.id for one in jobs.jobs()] == [second.id, first.id]

    jobs.cancel(first)
    assert jobs.read_job(first.folder).state is State.CANCELLED
    for one in held:
        one.close()
    wait(second, State.RUNNING)
    assert jobs.read_job(first.folder).state is State.CANCELLED


def test_what_goes_wrong_is_said_and_runs_that_were_made_stay(home, table, catalog):
    job = wait(jobs.start(table, ["bm25", "no-such-system"], catalog), State.FAILED, State.DONE)
    assert job.state is State.FAILED
    assert "no system 'no-such-system'" in job.progress.message
    assert len(job.runs) == 1


def test_a_job_whose_process_died_has_failed(home, table, catalog):
    import signal

    job = jobs.start(table, ["tfidf"], catalog)
    while not (pid := jobs.read_job(job.folder).progress.pid):
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    failed = wait(job, State.FAILED)
    assert "stopped before it was done" in failed.progress.message


def test_what_cannot_run_is_refused_and_leaves_nothing(home, table, catalog, tmp_path):
    with pytest.raises(ClinicodeError, match="at least one system"):
        jobs.start(table, [], catalog)
    folder = tmp_path / "cases"
    (folder / "text_files").mkdir(parents=True)
    (folder / "devD.tsv").write_text("caso\ti10\n")
    (folder / "text_files" / "caso.txt").write_text("Hipertensión arterial.")
    with pytest.raises(ClinicodeError, match="Whole notes"):
        jobs.start(folder, ["bm25"], catalog)
    (tmp_path / "bad.tsv").write_text("text\tcode\nfoo\tZZZ.9\n")
    with pytest.raises(ClinicodeError, match="no row that can be used"):
        jobs.start(tmp_path / "bad.tsv", ["bm25"], catalog)
    assert jobs.jobs() == []


def test_a_folder_that_is_no_job_is_left_out(home):
    (jobs.place() / "strange").mkdir(parents=True)
    (jobs.place() / "strange" / "job.json").write_text(json.dumps(["no", "job"]))
    assert jobs.jobs() == []
