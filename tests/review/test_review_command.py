"""`clinicode review`: projects from the command line; all notes are invented."""

import csv
import io
import json
import zipfile

import pytest
from typer.testing import CliRunner

from core.cli import build
from core.errors import ClinicodeError
from core.retrieve.memory import TeamMemory
from core.review import decide
from core.review.model import Decision
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.review.conftest import NOTE, ORIGIN

ANN = Person("Ann", Role.ADMIN)


def call(*words, code=0):
    """The command with what it printed; its own exception, where it is to fail."""
    result = CliRunner().invoke(build(), ["review", *map(str, words)])
    if isinstance(result.exception, ClinicodeError):
        return result
    assert result.exit_code == code, (result.output, result.exception)
    return result


def refused(*words):
    """What is said where a command is refused (the command line turns it into one line and exit code 2)."""
    result = call(*words, code=1)
    assert isinstance(result.exception, ClinicodeError), result.output
    return str(result.exception)


@pytest.fixture
def home(tmp_path, workspace, opened, monkeypatch):
    """A workspace of the test's own, with what is built already."""
    folder = tmp_path / "home"
    folder.mkdir()
    for path in [*workspace.glob("catalog*"), workspace / "index"]:
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("CLINICODE_HOME", str(folder))
    return folder


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text(NOTE, encoding="utf-8")
    (folder / "b.txt").write_text("Neumonía adquirida en la comunidad.", encoding="utf-8")
    return folder


@pytest.fixture
def reviewed(home, notes, suggestions):
    """A project with one accepted annotation."""
    call("create", "Pilot", "--as", "Ann")
    call("import", "Pilot", notes / "a.txt", "--as", "Ann")
    store = ReviewStore()
    (project,) = store.projects()
    (listed,) = store.documents(project.id)
    document = store.document(listed.id)
    store.suggest(document, suggestions, ORIGIN, "es", 0.2)
    work = store.work(document, "Ann", project.settings)
    change = decide.decide(work, "m1", Decision.ACCEPTED, "Ann", project.created)
    work = store.record(ANN, project, document, work, change)
    store.record(ANN, project, document, work, decide.finish(work))
    return project


def test_a_project_is_made_with_its_settings_and_listed(home):
    assert "There is no project yet" in call("projects").output
    made = call("create", "Discharge  notes", "--reviewers", 2, "--blind", "--approval", "--as", "Ann").output
    (project,) = ReviewStore().projects()
    assert made.split(maxsplit=1) == [str(project.id), "Discharge notes\n"]
    assert (project.settings.reviewers, project.settings.blind, project.settings.approval) == (2, True, True)
    assert ReviewStore().events(project.id)[0].actor == "Ann"
    assert "Discharge notes  · documents 0" in call("projects").output
    assert "already" in refused("create", "Discharge notes")


def test_who_does_it_is_the_user_of_the_machine_where_nobody_is_named(home, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "maria")
    call("create", "Pilot")
    assert ReviewStore().events(1)[0].actor == "Maria"
    assert "not free as a reviewer's name" in refused("create", "Other", "--as", "machine")


def test_files_and_folders_come_in_and_a_text_comes_in_once(home, notes, tmp_path):
    call("create", "Pilot")
    told = call("import", "pilot", notes / "a.txt", notes).output
    assert "1 documents added" in told
    assert "1 were there already" in told
    lines = tmp_path / "more.jsonl"
    lines.write_text('{"id": "c", "text": "Tos seca."}\nnot json\n', encoding="utf-8")
    told = call("import", 1, lines, code=1).output
    assert "1 documents added (jsonl)" in told
    assert "line 2" in told
    assert sorted(one.name for one in ReviewStore().documents(1)) == ["a.txt", "b.txt", "c"]


def test_nothing_is_written_where_one_of_the_files_cannot_be_read(home, notes):
    call("create", "Pilot")
    assert "cannot be read" in refused("import", "Pilot", notes / "a.txt", notes / "nowhere.txt")
    assert ReviewStore().documents(1) == []
    assert "There is no project 'Other'" in refused("import", "Other", notes)


def test_the_product_reads_what_it_has_not_read_yet(home, notes):
    call("create", "Pilot")
    call("import", "Pilot", notes)
    assert "without suggestions 2" in call("projects").output
    assert "2 documents read" in call("suggest", "Pilot").output
    store = ReviewStore()
    assert store.unsuggested(1) == []
    assert any("I10" in one.codes for one in store.suggestions(store.documents(1)[0].id)[0])
    assert "Every document has its suggestions" in call("suggest", "Pilot").output


@pytest.mark.parametrize("kind", ["csv", "jsonl", "codiesp", "brat", "fhir", "audit", "archive"])
def test_results_are_written_in_every_format(reviewed, tmp_path, kind):
    out = tmp_path / "out"
    call("export", "Pilot", "--format", kind, "--out", out)
    data = out.read_bytes()
    assert not list(tmp_path.glob("*.part"))
    if kind in ("csv", "audit"):
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        assert "Ann" in str(rows)
        assert len(rows) == 1 or kind == "audit"
    elif kind == "jsonl":
        assert "I10" in str(json.loads(data.decode().splitlines()[0]))
    elif kind == "fhir":
        assert json.loads(data)["resourceType"] == "Bundle"
    else:
        assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) >= 2


def test_one_reviewers_decisions_are_exported_alone(reviewed, tmp_path):
    out = tmp_path / "out.csv"
    call("export", "Pilot", "--out", out, "--reviewer", "Ann")
    assert b"I10" in out.read_bytes()
    assert "Bob has decided nothing" in refused("export", "Pilot", "--out", out, "--reviewer", "Bob")
    assert "leave --reviewer out" in refused("export", 1, "--format", "archive", "--out", out, "--reviewer", "Ann")
    assert "choose one of csv" in refused("export", "Pilot", "--format", "xml", "--out", out)
    assert "cannot be written" in refused("export", "Pilot", "--out", tmp_path / "no" / "out.csv")


def test_an_archive_is_restored_with_its_log(reviewed, tmp_path):
    out = tmp_path / "pilot.zip"
    call("export", "Pilot", "--format", "archive", "--out", out)
    assert "Again" in call("restore", out, "--name", "Again").output
    store = ReviewStore()
    again = store.projects()[-1]
    assert [one.annotations for one in store.all_work(again.id)] == [
        one.annotations for one in store.all_work(reviewed.id)
    ]
    (tmp_path / "bad.zip").write_bytes(b"no archive")
    refused("restore", tmp_path / "bad.zip")


@pytest.mark.parametrize("withdraw", [False, True])
def test_a_project_is_deleted_only_when_that_is_confirmed(reviewed, withdraw):
    assert "say so with --yes" in refused("delete", "Pilot")
    assert ReviewStore().projects() == [reviewed]
    told = call("delete", "Pilot", "--yes", *(["--withdraw"] if withdraw else [])).output
    assert "Deleted: 1 documents" in told
    assert ReviewStore().projects() == []
    assert bool(TeamMemory().terms()) is not withdraw
