"""All that a user made is in a backup, comes back whole on either database, and nothing is touched by a bad one."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect
from typer.testing import CliRunner

from core import settings
from core.backup import MANIFEST, backup, tables_at
from core.catalog.tables import store as tables
from core.catalog.tables.model import System
from core.cli import build
from core.database import HEAD, open_database
from core.errors import ClinicodeError
from core.evaluate.runs import REFERENCE
from core.restore import restore
from core.retrieve.memory import Reviewed, TeamMemory
from core.review import decide
from core.review.model import Decision, Incoming, Settings
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.review.conftest import NOTE, ORIGIN, passage
from tests.review.test_many import REVIEWER, consistent, fill

ADA = Person("Ada", Role.ADMIN)
ROOT = Path(__file__).resolve().parents[2]


def a_table(name="cie-10-es", title="Cólera"):
    import polars as pl

    facts = dict.fromkeys(("part", "file", "sha256", "day", "form", "encoding", "against", "rows"), "")
    counts = dict.fromkeys(("rows_in", "rejected", "left_out", "same", "differs", "only"), 0)
    table = tables.Imported(name, name, System.CIE, "es", "2024", book=False, **facts, **counts)
    return tables.save(table, pl.DataFrame([("A00", title, [], 1, "same")], orient="row", schema=tables.ROWS))


def furnish() -> ReviewStore:
    """A workspace with something of everything."""
    home, store = settings.home(), ReviewStore()
    gone = store.create(ADA, "Gone")
    store.import_documents(ADA, gone, [Incoming("gone.txt", "Fiebre.", "es")])
    project = store.create(ADA, "Pilot", Settings(reviewers=2))
    texts = [f"{NOTE} {at} — año 🙂 \u0000"[:-1] for at in range(3)]
    store.import_documents(ADA, project, [Incoming(f"{at}.txt", text, "es") for at, text in enumerate(texts)])
    said = [passage("hipertensión arterial", "I10", "I15.9"), passage("diabetes", "E11.9")]
    for one in store.documents(project.id)[:2]:
        document = store.document(one.id)
        store.suggest(document, said, ORIGIN, "es", 0.25)
        now = datetime.now(UTC)
        work = store.work(document, "Ada", project.settings)
        work = store.record(ADA, project, document, work, decide.decide(work, "m1", Decision.ACCEPTED, "Ada", now), 1.5)
        store.record(ADA, project, document, work, decide.comment(work, "m2", "¿seguro?", "Ada", now), 0.5)
        store.assign(ADA, [document], ["Ben"])
    store.delete(ADA, store.create(ADA, "Last"))  # its number must not be given again
    store.delete(ADA, gone)
    TeamMemory(store.engine).remember([Reviewed("tos seca", "R05.9", "es")] * 3)
    a_table()
    (home / "runs").mkdir()
    shutil.copy(sorted(REFERENCE.glob("*.parquet"))[0], home / "runs" / "own.parquet")
    (home / "people.toml").write_text('"ana@example.org" = "admin"\n')
    (home / "code_set.txt").write_text("icd-10-cm\n")
    job = home / "evaluations" / "20260101-000000-000000-abc"
    (job / "data").mkdir(parents=True)
    (job / "data" / "own.tsv").write_text("text\tcode\nfever\tR50.9\n")
    (job / "lock").touch()
    (home / "index" / "big").mkdir(parents=True)
    (home / "index" / "big" / "dense.faiss").write_text("made again")
    (home / "catalog-x.parquet").write_text("made again")
    (home / "runs" / "half.7.part").write_text("of the moment")
    return store


def what_is(manifest):
    return {name: one.sha256 for name, one in manifest.members.items()}, manifest.tables


def elsewhere(monkeypatch, place: Path) -> None:
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    monkeypatch.setenv("CLINICODE_HOME", str(place))


def forged(source: Path, target: Path, change) -> Path:
    """A backup with other content, whose manifest is right about it."""
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    change(manifest, files)
    manifest["members"] = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    }
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in {**files, MANIFEST: json.dumps(manifest).encode()}.items():
            archive.writestr(name, data)
    return target


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Path:
    """A backup of a furnished SQLite workspace, and an empty workspace in force."""
    elsewhere(monkeypatch, tmp_path / "first")
    furnish().engine.dispose()
    backup(tmp_path / "kept.zip")
    elsewhere(monkeypatch, tmp_path / "second")
    return tmp_path / "kept.zip"


def test_a_backup_comes_back_whole_on_either_database(database, tmp_path, monkeypatch):
    """From the database of this test into SQLite elsewhere, and from there back over what it was made of."""
    home, address = tmp_path / "home", os.environ.get("CLINICODE_DATABASE_URL", "")
    monkeypatch.setenv("CLINICODE_HOME", str(home))
    store = furnish()
    pilot = store.projects()[-1]
    before = store.events(pilot.id), store.all_work(pilot.id), store.taught(pilot.id), store.assignments(pilot.id)
    first = backup(tmp_path / "first.zip")
    assert (tmp_path / "first.zip").stat().st_mode & 0o077 == 0
    assert {name.removeprefix("database/").removesuffix(".jsonl") for name in first.members if "jsonl" in name} == set(
        inspect(store.engine).get_table_names()
    ) - {"alembic_version"}
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    made_again = {"index/big/dense.faiss", "catalog-x.parquet", "runs/half.7.part"}
    of_the_moment = {name for name in files if name.startswith("workspace.db") or name.endswith("/lock")}
    assert set(first.files) == files - made_again - of_the_moment

    elsewhere(monkeypatch, tmp_path / "second")
    restore(tmp_path / "first.zip")
    again = ReviewStore()
    assert (
        again.events(pilot.id), again.all_work(pilot.id), again.taught(pilot.id), again.assignments(pilot.id)
    ) == before  # fmt: skip
    consistent_log(again, pilot)
    second = backup(tmp_path / "second.zip")
    assert what_is(second) == what_is(first)

    monkeypatch.setenv("CLINICODE_HOME", str(home))
    if address:
        monkeypatch.setenv("CLINICODE_DATABASE_URL", address)
    TeamMemory(store.engine).forget()
    store.delete(ADA, pilot)
    (home / "runs" / "later.parquet").write_text("made after the backup")
    restored = restore(tmp_path / "second.zip", replace=True)
    assert what_is(backup(tmp_path / "third.zip"))[0] == what_is(first)[0]
    assert restored.aside is not None
    assert not (home / "runs" / "later.parquet").exists()
    assert ReviewStore().create(ADA, "New").id > max(store.project(pilot.id).id, 3)  # no number is given twice
    store.engine.dispose()


def consistent_log(store, project):
    assert store.replayed(project.id) == store.all_work(project.id)


def test_every_table_of_the_migrations_is_in_a_backup(database):
    engine = open_database()
    assert set(tables_at(HEAD)) == set(inspect(engine).get_table_names()) - {"alembic_version"}
    engine.dispose()


def test_a_backup_is_of_one_moment_while_another_process_writes(database, tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path / "home"))
    store = ReviewStore()
    project = fill(store, ADA, [passage("hipertensión arterial", "I10", "I15.9"), passage("diabetes", "E11.9")], 3)
    writer = subprocess.Popen(
        [sys.executable, "-c", REVIEWER, "Ben", "1", "100000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        writer.stdout.readline()
        sizes = []
        for at in range(3):
            for _ in range(20):
                writer.stdout.readline()
            sizes.append(backup(tmp_path / f"{at}.zip").tables["event"].count)
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    store.engine.dispose()
    assert sizes[0] < sizes[1] < sizes[2]  # it did write meanwhile
    for at in range(3):
        elsewhere(monkeypatch, tmp_path / f"restored-{at}")
        restore(tmp_path / f"{at}.zip")
        found = ReviewStore()
        assert len(consistent(found, project)) == sizes[at]
        found.engine.dispose()


def damages(data: bytes):
    yield "empty", b""
    yield "half", data[: len(data) // 2]
    yield "another file", b"caso\ti10\n" * 100
    yield "without its end", data[:-30]
    for at in range(7, len(data), len(data) // 60):
        yield f"byte {at}", data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def test_a_damaged_backup_is_refused_before_anything_is_touched(kept, tmp_path):
    """Flipped bytes all over the file, cut ends: each is told, or was in what a zip file does not use."""
    settings.home()
    whole, refused = kept.read_bytes(), 0
    for what, data in damages(whole):
        (tmp_path / "damaged.zip").write_bytes(data)
        said = refusal(tmp_path / "damaged.zip")
        if said:
            refused += 1
            assert "damaged.zip" in said, what
            left = {path.name for path in settings.home().iterdir()} - {"restore.lock"}
            assert not left, what
            continue
        assert what_is(backup(tmp_path / "again.zip"))[0] == what_is(backup_of(kept))[0], what
        shutil.rmtree(settings.home())
    assert refused > 50


def refusal(source: Path) -> str:
    try:
        restore(source)
    except ClinicodeError as error:
        return str(error)
    return ""


def backup_of(path: Path):
    from core.restore import verified

    with zipfile.ZipFile(path) as archive:
        return verified(archive, path)


def test_content_that_is_not_what_the_manifest_says_is_refused(kept, tmp_path):
    with zipfile.ZipFile(kept) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    event = files["database/event.jsonl"].splitlines(keepends=True)
    for change in (
        {"database/event.jsonl": b"".join(event[:-1])},
        {"home/people.toml": b'"eve@example.org" = "admin"\n'},
        {"home/index.html": b"one more"},
    ):
        with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
            for name, data in {**files, **change}.items():
                archive.writestr(name, data)
        with pytest.raises(ClinicodeError, match="damaged or was changed by hand"):
            restore(tmp_path / "changed.zip")

    def outside(manifest, files):
        files["home/../outside.txt"] = b"no"

    with pytest.raises(ClinicodeError, match="damaged or was changed by hand"):
        restore(forged(kept, tmp_path / "outside.zip", outside))
    assert not (tmp_path / "outside.txt").exists()

    def twice(manifest, files):
        files["database/event.jsonl"] += event[0]
        manifest["tables"]["event"]["count"] += 1

    with pytest.raises(ClinicodeError, match="damaged or was changed by hand"):
        restore(forged(kept, tmp_path / "twice.zip", twice))
    assert not (settings.home() / "people.toml").exists()


@pytest.mark.parametrize("newer", [("version", 99), ("schema", "v99")])
def test_a_backup_of_a_later_release_is_refused(kept, tmp_path, newer):
    def later(manifest, files):
        manifest.update([newer])

    with pytest.raises(ClinicodeError, match="A newer Clinicode"):
        restore(forged(kept, tmp_path / "later.zip", later))


def test_a_backup_of_an_older_release_is_brought_up_to_date(kept, tmp_path):
    def first_step(manifest, files):
        manifest["schema"] = "v1"
        manifest["tables"] = {"remembered": manifest["tables"]["remembered"]}
        for name in [name for name in files if name.startswith("database/") and "remembered" not in name]:
            del files[name]

    restore(forged(kept, tmp_path / "older.zip", first_step))
    store = ReviewStore()
    assert ("tos seca", 3) in [(term.text, term.count) for term in TeamMemory(store.engine).terms()]
    assert store.create(ADA, "New").id == 1
    store.engine.dispose()


def test_a_workspace_with_data_is_only_replaced_when_asked_and_kept_aside(kept, tmp_path, monkeypatch):
    TeamMemory().remember([Reviewed("mine", "R05.9")])
    with pytest.raises(ClinicodeError, match="--replace"):
        restore(kept)
    assert [term.text for term in TeamMemory().terms()] == ["mine"]
    aside = restore(kept, replace=True).aside
    assert "mine" not in [term.text for term in TeamMemory().terms()]
    elsewhere(monkeypatch, tmp_path / "third")
    restore(aside)
    assert [term.text for term in TeamMemory().terms()] == ["mine"]


def test_a_damaged_database_is_kept_aside_as_it_is(kept):
    home = settings.home()
    engine = open_database()
    TeamMemory(engine).remember([Reviewed("mine", "R05.9")])
    engine.dispose()
    (home / "workspace.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(ClinicodeError, match="--replace"):
        restore(kept)
    aside = restore(kept, replace=True).aside
    assert (aside / "workspace.db").read_bytes().startswith(b"this is no database")
    assert [project.name for project in ReviewStore().projects()] == ["Pilot"]
    with closing(sqlite3.connect(home / "workspace.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (home / "people.toml").exists()


def test_the_commands_say_what_they_did_and_never_write_over_something_else(kept, tmp_path, monkeypatch):
    def run(*arguments):
        return CliRunner().invoke(build(), [str(one) for one in arguments])

    (tmp_path / "note.txt").write_text("a note")
    refused = run("backup", tmp_path / "note.txt")
    assert "no backup" in str(refused.exception)
    assert (tmp_path / "note.txt").read_text() == "a note"
    done = run("restore", kept)
    assert "projects 1 · documents 3" in done.output
    assert "keep it as you keep them" in run("backup", settings.home() / "own.zip").output
    inside = run("backup", settings.home() / "own.zip")  # again over itself: it is not in itself
    assert inside.exit_code == 0
    assert "home/own.zip" not in zipfile.ZipFile(settings.home() / "own.zip").namelist()
    nowhere = run("backup", tmp_path / "no" / "folder.zip")
    assert "cannot be written" in str(nowhere.exception)
