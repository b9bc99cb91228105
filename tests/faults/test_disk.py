"""A full disk and one that cannot be written: a sentence is said, nothing is half written, and it works again after."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from core.backup import backup
from core.catalog.build import load_frame
from core.catalog.catalog import Catalog
from core.catalog.tables import store as tables
from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.runs import REFERENCE, read_run, save_run
from core.partial import model_folder
from core.restore import restore
from core.retrieve.index import open_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.review import decide
from core.review.model import Decision, Incoming
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.faults.test_backup import a_table
from tests.review.conftest import NOTE, ORIGIN, passage

ROOT = Path(__file__).resolve().parents[2]
ADA = Person("Ada", Role.ADMIN)
SIZE = 6 * 2**20


class Tmpfs:
    """A small file system in memory, mounted, which other data fill."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def fill(self) -> None:
        with (self.place / "other-data").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017

    def empty(self) -> None:
        (self.place / "other-data").unlink(missing_ok=True)
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.place)], check=True)


class Limit:
    """No file of this process may grow: what a quota is like, where nothing may be mounted."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.usual = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, self.usual[1]))

    def empty(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.usual)


def mounted(place: Path, *options: str) -> bool:
    place.mkdir(exist_ok=True)
    return not subprocess.run(["mount", *options, str(place)], check=False, capture_output=True).returncode


@pytest.fixture(params=["tmpfs", "limit"])
def disk(request, tmp_path, monkeypatch, capfd):
    place = tmp_path / "disk"
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    monkeypatch.setenv("CLINICODE_HOME", str(place / "home"))
    if request.param == "limit":
        place.mkdir()
        made = Limit(place)
        yield made
        made.empty()
        return
    if not mounted(place, "-t", "tmpfs", "-o", f"size={SIZE}", "none"):
        pytest.skip("this machine mounts nothing (the limit on files is tested instead)")
    yield Tmpfs(place)
    subprocess.run(["umount", "-l", str(place)], check=True)


def files(place: Path) -> dict[str, int]:
    return {
        str(path.relative_to(place)): path.stat().st_size
        for path in place.rglob("*")
        if path.is_file() and path.name != "other-data" and "workspace.db" not in path.name
    }


def test_what_people_write_is_refused_whole_and_goes_on_when_there_is_room(disk, tmp_path):
    home, store = disk.place / "home", ReviewStore()
    project = store.create(ADA, "Pilot")
    store.import_documents(ADA, project, [Incoming("a.txt", NOTE, "es")])
    document = store.document(store.documents(project.id)[0].id)
    store.suggest(document, [passage("hipertensión arterial", "I10")], ORIGIN, "es", 0.1)
    memory = TeamMemory(store.engine)
    memory.remember([Reviewed("tos seca", "R05.9")])
    table, run = a_table(), read_run(sorted(REFERENCE.glob("*.parquet"))[0])
    data = tmp_path / "own.tsv"
    data.write_text("text\tcode\n" + "fever\tR50.9\n" * 400)
    work, now = store.work(document, "Ada", project.settings), datetime.now(UTC)
    accept = decide.decide(work, "m1", Decision.ACCEPTED, "Ada", now)
    row = ("A00", os.urandom(3000).hex(), [], 1, "same")
    larger = pl.DataFrame([row] * 99, orient="row", schema=tables.ROWS)
    many = [Incoming(f"{at}.txt", f"{NOTE} {at} " * 40, "es") for at in range(60)]

    def acts():
        yield lambda: store.record(ADA, project, document, work, accept, 1.0)
        yield lambda: store.import_documents(ADA, project, many)
        yield lambda: memory.remember([Reviewed(f"fiebre {at}", "R50.9") for at in range(3000)])
        yield lambda: tables.save(table, larger)
        yield lambda: save_run(run)
        yield lambda: backup(home / "backup.zip")

    disk.fill()
    before = files(disk.place)
    try:
        for number, act in enumerate(acts()):
            with pytest.raises(ClinicodeError, match=r"(?i)make room"):
                act()
            assert files(disk.place) == before, number
        assert [one.text for one in memory.terms()] == ["tos seca"]
        assert store.progress(project.id) == []
        assert len(store.documents(project.id)) == 1
        assert tables.rows(table)["title"].to_list() == ["Cólera"]
    finally:
        disk.empty()
    for act in acts():
        act()
    assert store.replayed(project.id) == store.all_work(project.id)
    assert len(store.documents(project.id)) == 61
    assert len(memory.terms()) == 3002
    assert tables.rows(tables.tables()[0]).height == 99
    store.engine.dispose()
    disk.fill()
    try:
        with pytest.raises(ClinicodeError, match=r"(?i)make room"):
            restore(home / "backup.zip", replace=True)
    finally:
        disk.empty()
    assert len(ReviewStore().documents(project.id)) == 61
    restore(home / "backup.zip", replace=True)
    assert len(ReviewStore().documents(project.id)) == 61


def test_an_evaluation_that_finds_no_room_is_refused_and_leaves_nothing(disk, catalog, tmp_path):
    data = tmp_path / "own.tsv"
    data.write_text("text\tcode\n" + "fever\tR50.9\n" * 4000)
    jobs.place().mkdir(parents=True)
    disk.fill()
    try:
        with pytest.raises(ClinicodeError, match="make room"):
            jobs.start(data, ["bm25"], catalog)
        assert not list(jobs.place().iterdir())
    finally:
        disk.empty()


def test_an_index_or_a_model_that_does_not_fit_is_refused_and_leaves_nothing(disk, furnished, encoder):
    home = disk.place / "home"
    home.mkdir()
    catalog = Catalog(load_frame(furnished).head(1500), "small")
    disk.fill()
    try:
        with pytest.raises(ClinicodeError, match="make room"):
            open_index(catalog, encoder)
        assert not list((home / "index").iterdir())
        with pytest.raises(ClinicodeError, match="make room"), model_folder(home / "model") as folder:
            encoder.model.save(str(folder), create_model_card=False)
        assert not (home / "model").exists()
        assert load_frame(home).height > 90_000  # the book is read anew, without a cache
    finally:
        disk.empty()
    assert open_index(catalog, encoder).dense.ntotal > 1500


def test_a_workspace_that_cannot_be_written_is_looked_up_in(opened, workspace, tmp_path):
    """As in the container of somebody who mounts it read-only: the real command on the real index."""
    place = tmp_path / "home"
    shutil.copytree(workspace, tmp_path / "copy", ignore=shutil.ignore_patterns("index", "*.db-*", "evaluations"))
    (tmp_path / "copy" / "index").symlink_to(workspace / "index")
    if not mounted(place, "--bind", str(tmp_path / "copy")):
        pytest.skip("this machine mounts nothing, and as root every folder can be written")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)

        def run(*arguments):
            return subprocess.run(
                [sys.executable, "-c", "from core.cli import main; main()", *arguments],
                cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "CLINICODE_HOME": str(place)},
            )  # fmt: skip

        found = run("search", "--top-k", "1", "dolor torácico")
        assert found.returncode == 0, found.stderr
        assert "R07" in found.stdout
        for arguments in (("review", "create", "New"), ("forget", "--all"), ("restore", str(tmp_path / "no.zip"))):
            refused = run(*arguments)
            assert refused.returncode == 2, refused.stderr
            assert "cannot be" in refused.stderr
            assert refused.stderr.count("\n") == 1
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
