"""The demonstration: invented notes, read by the real product, part-reviewed, put back by a click, gone at the end."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.demo import MARK, is_demo
from core.demo.fill import fill, reset
from core.demo.script import SCRIPT, Lane, Line, place, play, read_script
from core.demo.serve import check_port, workspace
from core.errors import ClinicodeError
from core.evaluate.runs import read_runs
from core.language import LANGUAGES
from core.note.context import Status
from core.retrieve.memory import TeamMemory
from core.review.model import Decision, Incoming, Settings, Suggestion
from core.review.people import Person, Role
from core.review.store import ReviewStore
from core.review.taught import conflicts
from core.settings import ASSETS
from tests.servers import free_port

ROOT = ASSETS.parent
NURIA, TOM = "Núria Example", "Tom Example"


@pytest.fixture(scope="module")
def filled(opened, workspace):
    """The demonstration, filled once, with a product of its own around what is loaded already."""
    from core.demo.serve import workspace as throw_away

    with throw_away() as folder:
        store = ReviewStore()
        coder = around(opened, store)
        before = {text: best(coder, text) for text in ("PAC", "Kieferklemme")}
        project = fill(store, coder)
        yield folder, store, coder, project, before
        store.engine.dispose()
    assert not folder.exists()
    assert (Path(os.environ["CLINICODE_HOME"]) / "index").is_dir()  # only the links to it are gone


def around(opened, store):
    """The loaded product with the memory of another workspace."""
    from core import settings
    from core.coder import Coder
    from core.note.reader import open_reader
    from core.rerank.reranker import Reranker
    from core.retrieve.retriever import Retriever

    memory, old = TeamMemory(store.engine), opened.retriever
    retriever = Retriever(opened.catalog, old.encoder, old.book, memory, old.fusion)
    reader, ranker = open_reader(settings.SHIPPED_READER, retriever)
    reranker = Reranker.load(settings.SHIPPED_RERANKER, retriever)
    return Coder(opened.catalog, retriever, opened.detector, memory, reader, ranker, reranker)


def banner():
    from pages.parts.frame import demo_banner

    demo_banner()


def best(coder, text):
    return coder.search(text).candidates[0].code


def state(store):
    """Everything that a person sees of the projects, without numbers and times."""
    found = []
    for project in store.projects():
        names = {one.id: one.name for one in store.documents(project.id)}
        assigned = {names[number]: people for number, people in store.assignments(project.id).items()}
        work = {
            (names[one.document], one.lane, one.finished, one.blind): [
                (note.id, note.spans, note.codes, note.status, note.decision, [c.text for c in note.comments])
                for note in one.annotations
            ]
            for one in store.all_work(project.id)
        }
        pairs = sorted((one.folded, one.code, one.lane) for one in store.taught(project.id))
        found.append((project.name, project.settings, sorted(names.values()), assigned, work, pairs))
    return found, {(term.text, term.code): term.count for term in TeamMemory(store.engine).terms()}


def test_the_script_says_that_all_is_invented_and_its_codes_exist(catalog):
    assert "invented" in json.loads(SCRIPT.read_text(encoding="utf-8"))["about"]
    script = read_script()
    assert len(script.reviewers) == 2
    for note in script.notes:
        for lane in note.work:
            assert lane.reviewer in script.reviewers
            for line in lane.lines:
                assert place(note.text, line.passage, line.nth), (note.name, line.passage)
                assert all(code in catalog for code in line.codes), line


def test_notes_in_seven_languages_are_read_by_the_product(filled):
    _, store, _, project, _ = filled
    documents = store.documents(project.id)
    assert {one.lang for one in documents} == set(LANGUAGES)
    assert store.unsuggested(project.id) == []
    assert all(len(store.suggestions(one.id)[0]) > 10 for one in documents)


def test_two_reviewers_have_part_reviewed_with_disagreements_and_one_note_blind(filled):
    _, store, _, project, _ = filled
    work = {(one.document, one.lane): one for one in store.all_work(project.id)}
    assert {lane for _, lane in work} == {NURIA, TOM}
    both = [document for document, lane in work if lane == NURIA and (document, TOM) in work]
    done = [one for one in both if work[one, NURIA].finished and work[one, TOM].finished]
    assert len(done) >= 2
    differing = [
        (ours.text(store.document(one).text), ours.codes, theirs.codes)
        for one in done
        for ours in work[one, NURIA].gold
        for theirs in work[one, TOM].gold
        if ours.spans == theirs.spans and ours.codes != theirs.codes
    ]
    assert len(differing) >= 3
    assert any(not one.finished for one in work.values())
    assert [one.lane for one in work.values() if one.blind] == [TOM]
    (blind,) = (one for one in work.values() if one.blind)
    assert len(blind.shown) == 3
    unread = {one.id for one in store.documents(project.id)} - {document for document, _ in work}
    assert len(unread) >= 2
    assert any(note.decision is Decision.UNSURE for one in work.values() for note in one.annotations)
    assert len(conflicts(store.taught(project.id))) >= 2
    assert store.replayed(project.id) == store.all_work(project.id)


def test_what_was_taught_changes_a_search(filled):
    _, _, coder, _, before = filled
    assert best(coder, "PAC") == "Z95.828" != before["PAC"]
    assert best(coder, "Kieferklemme") == "R25.2" != before["Kieferklemme"]


def test_two_short_runs_were_really_measured(filled):
    folder, *_ = filled
    runs = list(read_runs(folder / "runs"))
    assert {run.provenance.system for run in runs} == {"clinicode", "first-stage"}
    assert all(run.table.height == 50 for run in runs)
    assert all("--limit 50" in run.provenance.command for run in runs)


def test_starting_over_restores_the_same_state(filled):
    _, store, coder, project, _ = filled
    before = state(store)
    admin = Person("Visitor", Role.ADMIN)
    other = store.create(admin, "Mine", Settings())
    store.import_documents(admin, other, [Incoming("a", "Tos seca.")])
    first = store.documents(project.id)[0]
    store.unassign(admin, first, TOM)
    told = []
    reset(store, coder, lambda share, _what: told.append(share))
    assert state(store) == before
    assert told == sorted(told)
    store.delete(admin, store.projects()[0])
    reset(store, coder)
    assert state(store) == before


def test_a_workspace_that_is_no_demonstration_is_never_reset(filled, coder, tmp_path, monkeypatch):
    folder, *_ = filled
    assert is_demo()
    for name, value in (("CLINICODE_DEMO", "0"), ("CLINICODE_HOME", str(tmp_path)), ("CLINICODE_DATABASE_URL", "x")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not is_demo()
            with pytest.raises(ClinicodeError, match="no demonstration"):
                reset(None, coder)
    assert (folder / MARK).is_file()


def test_lines_whose_passage_is_not_found_are_skipped(store, admin, project, document):
    lane = Lane(
        "Ben",
        (
            Line("no such words", "reject"),
            Line("Paciente con", "reject"),  # nothing stands on it
            Line("hipertensión", "code", ("I15.9",)),
            Line("con", "add", ("Z00.00",), nth=9),
        ),
        rest=0.7,
        finished=True,
    )
    work = play(store, project, document, lane)
    assert [(one.codes, one.decision) for one in work.annotations] == [
        (("I15.9",), Decision.ACCEPTED),
        (("E11.9",), Decision.REJECTED),
        (("J45.909",), Decision.ACCEPTED),
    ]
    assert work.finished


def test_a_suggestion_without_a_code_is_rejected_with_the_rest(store, admin, project, document):
    from tests.review.conftest import ORIGIN

    store.suggest(document, [Suggestion(((0, 8),), Status.AFFIRMED, (), 0.9)], ORIGIN, "es", 0.1)
    (one,) = play(store, project, document, Lane("Ben", (), rest=0.1)).annotations
    assert one.decision is Decision.REJECTED


def test_the_throw_away_folder_holds_no_other_database_and_is_gone_afterwards(tmp_path, monkeypatch):
    own = tmp_path / "own"
    (own / "index").mkdir(parents=True)
    (own / "index" / "a").write_text("built", encoding="utf-8")
    (own / "catalog-x.parquet").write_text("cache", encoding="utf-8")
    (own / "workspace.db").write_text("mine", encoding="utf-8")
    monkeypatch.setenv("CLINICODE_HOME", str(own))
    monkeypatch.setenv("CLINICODE_DATABASE_URL", "postgresql://somewhere/else")
    with workspace() as folder:
        assert os.environ["CLINICODE_HOME"] == str(folder)
        assert "CLINICODE_DATABASE_URL" not in os.environ
        assert is_demo()
        assert sorted(path.name for path in folder.iterdir()) == ["catalog-x.parquet", MARK, "index"]
        assert (folder / "index" / "a").read_text(encoding="utf-8") == "built"
    assert not folder.exists()
    assert (own / "index" / "a").read_text(encoding="utf-8") == "built"
    assert os.environ["CLINICODE_DATABASE_URL"] == "postgresql://somewhere/else"
    assert not is_demo()
    with workspace(keep=True) as folder:
        pass
    assert folder.is_dir()
    shutil.rmtree(folder)


def test_a_port_that_is_taken_is_said_before_anything_is_made():
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        with pytest.raises(ClinicodeError, match="choose another with --port"):
            check_port(other.getsockname()[1])


def test_every_page_says_that_it_is_a_demonstration_and_no_other_does(filled, monkeypatch):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180).run()
    assert any("demonstration on invented notes" in one.value for one in app.markdown)
    assert app.button(key="demo_reset").label == "Start over"
    monkeypatch.setenv("CLINICODE_DEMO", "0")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180).run()
    assert not any("demonstration" in one.value for one in app.markdown)


def test_one_click_starts_over(filled):
    _, store, *_ = filled
    before = state(store)
    store.delete(Person("Visitor", Role.ADMIN), store.projects()[0])
    app = AppTest.from_function(banner, default_timeout=180).run()  # AppTest runs app.py itself only the first time
    app.button(key="demo_reset").click().run()
    assert not app.exception
    assert state(store) == before


def test_the_command_serves_the_demonstration_and_leaves_nothing_behind(opened, workspace):
    port = free_port()
    command = [sys.executable, "-c", "from core.cli import main; main()", "demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(f"http://localhost:{port}/_stcore/health", process)
        (folder,) = {
            Path(value) for value in [environment(child, "CLINICODE_HOME") for child in children(process.pid)] if value
        }
        assert (folder / "workspace.db").is_file()
        assert folder.name.startswith("clinicode-demo-")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=300)
        finally:
            process.terminate()
    assert process.returncode == 0, said
    assert "nothing was kept" in said
    assert not folder.exists()
    assert (workspace / "index").is_dir()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port))  # nobody answers any more


def wait_for(address, process, seconds=240):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the demonstration was not served")


def children(pid):
    return [int(one) for one in re.findall(r"\d+", Path(f"/proc/{pid}/task/{pid}/children").read_text())]


def environment(pid, name):
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return next((pair.partition("=")[2] for pair in pairs if pair.startswith(f"{name}=")), "")
