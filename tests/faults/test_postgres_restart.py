"""PostgreSQL restarted without warning (``-m immediate``) while processes write: nothing that was told is lost."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.errors import ClinicodeError
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.databases import alone
from tests.review.conftest import passage
from tests.review.test_many import consistent, fill

ROOT = Path(__file__).resolve().parents[2]
ADA = Person("Ada", Role.ADMIN)
STUBBORN = """
import random, sys, time
from datetime import UTC, datetime
from core.errors import ClinicodeError
from core.review import decide
from core.review.people import Person
from core.review.store import ReviewStore, StaleError

name = sys.argv[1]
draw, store, me = random.Random(name), ReviewStore(), Person(name)
(project,) = store.projects()
documents = store.documents(project.id)
print("ready", flush=True)
while True:
    try:
        document = store.document(draw.choice(documents).id)
        work, now = store.work(document, name, project.settings), datetime.now(UTC)
        decision = draw.choice(list(decide.DECISIONS))
        work = store.record(me, project, document, work, decide.decide(work, "m1", decision, name, now), 1.0)
        print("wrote", document.id, work.version, flush=True)
    except StaleError:
        print("stale", flush=True)
    except ClinicodeError as error:
        print("told", error, flush=True)
        time.sleep(0.05)
"""


@pytest.fixture
def server(monkeypatch):
    """A PostgreSQL of this test's own; what it gives restarts it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("PostgreSQL is not installed (.ci/run installs it)")
    if os.geteuid() != 0:
        pytest.skip("starting a PostgreSQL as its own user takes root")
    place = Path(tempfile.mkdtemp(prefix="clinicode-postgres-"))
    shutil.chown(place, "postgres", "postgres")

    def run(*command):
        done = subprocess.run(
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *map(str, command)],
            cwd=place, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout

    bin_, data = found[-1].parent, place / "data"
    run(bin_ / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"listen_addresses = ''\nunix_socket_directories = '{place}'\n")
    run(bin_ / "pg_ctl", "-D", data, "-w", "-l", place / "log", "start")
    run(bin_ / "createdb", "-h", place, "-U", "postgres", "clinicode")
    monkeypatch.setenv("CLINICODE_DATABASE_URL", f"postgresql+psycopg://postgres@/clinicode?host={place}")
    try:
        yield lambda *what: run(bin_ / "pg_ctl", "-D", data, "-w", "-l", place / "log", *what)
    finally:
        run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(place)


def test_reviewers_go_on_after_a_restart_and_nothing_they_were_told_is_lost(server):
    store = ReviewStore()
    project = fill(store, ADA, [passage("hipertensión arterial", "I10", "I15.9"), passage("diabetes", "E11.9")], 4)
    names = ("Ben", "Cleo", "Ben")  # two of them in the same work
    running = [
        subprocess.Popen([sys.executable, "-c", STUBBORN, name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in names
    ]
    said = [[] for _ in running]

    def listen(lines):
        for one, own in zip(running, said, strict=True):
            target = sum(line.startswith("wrote") for line in own) + lines
            while sum(line.startswith("wrote") for line in own) < target:
                own.append(one.stdout.readline())
                assert own[-1], "a reviewer ended"

    try:
        listen(15)
        for _ in range(2):
            server("restart", "-m", "immediate")
            listen(15)
        assert [one.name for one in store.projects()] == ["Many"]  # the page that was open all the time
        assert all(one.poll() is None for one in running)
    finally:
        for one, own in zip(running, said, strict=True):
            one.kill()
            own.extend(one.communicate()[0].splitlines())
    alone(store.engine)
    told = [line for own in said for line in own if line.startswith("told")]
    assert told
    assert all("the database" in line.lower() and "again" in line for line in told), told
    versions = {(one.document, one.lane): one.version for one in store.progress(project.id)}
    for name, own in zip(names, said, strict=True):
        for line in own:
            if line.startswith("wrote") and len(line.split()) == 3:
                document, version = map(int, line.split()[1:])
                assert versions[document, name] >= version
    consistent(store, project)
    server("stop", "-m", "fast")
    with pytest.raises(ClinicodeError, match="database"):
        store.projects()
    with pytest.raises(ClinicodeError, match="does not answer"):
        ReviewStore()
    server("start")
    assert [one.name for one in store.projects()] == ["Many"]
    store.engine.dispose()
