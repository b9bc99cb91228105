"""Damaged files: made again where they can be, else named with what to do; nothing is wiped, nothing wrong is used."""

import logging
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core import fingerprint, settings
from core.backup import backup
from core.catalog.build import load_frame, read_frame, write_frame
from core.catalog.catalog import Catalog
from core.catalog.tables import sets
from core.catalog.tables import store as tables
from core.database import open_database
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.board import own_runs
from core.evaluate.runs import REFERENCE, read_run, save_run
from core.language import NgramLanguageModel
from core.note.reader import open_reader
from core.rerank.reranker import Reranker
from core.restore import restore
from core.retrieve.index import open_index
from core.retrieve.memory import Reviewed, TeamMemory
from core.review.people import signed_in
from core.review.store import ReviewStore
from tests.faults.test_backup import a_table

ROOT = Path(__file__).resolve().parents[2]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path / "home"))
    return settings.home()


@pytest.fixture
def workspace_db(home) -> Path:
    engine = open_database()
    TeamMemory(engine).remember([Reviewed(f"tos {at}", "R05.9", "es") for at in range(400)])
    engine.dispose()
    return home / "workspace.db"


def remembered() -> int:
    engine = open_database()
    try:
        return len(TeamMemory(engine).terms())
    finally:
        engine.dispose()


@pytest.mark.parametrize("damage", ["half", "empty", "another file", "first page"])
def test_a_damaged_database_is_named_and_left_as_it_is(workspace_db, tmp_path, damage):
    backup(tmp_path / "kept.zip")
    data = workspace_db.read_bytes()
    broken = {
        "half": data[: len(data) // 2],
        "empty": b"",
        "another file": b"text\tcode\n" * 900,
        "first page": bytes(100) + data[100:],
    }[damage]
    workspace_db.write_bytes(broken)
    for _ in range(2):
        with pytest.raises(ClinicodeError, match="clinicode restore") as caught:
            remembered()
        assert str(workspace_db) in str(caught.value)
        assert workspace_db.read_bytes() == broken
    done = subprocess.run(
        [sys.executable, "-c", "from core.cli import main; main()", "review", "projects"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "Traceback" not in done.stderr
    aside = restore(tmp_path / "kept.zip", replace=True).aside
    assert remembered() == 400
    assert (aside / "workspace.db").read_bytes() == broken


def test_flipped_bytes_of_a_database_s_structure_are_told_or_do_no_harm(workspace_db):
    """SQLite has no digest of what the rows say: there a changed byte is another letter."""
    data, draw = workspace_db.read_bytes(), random.Random(3)
    with closing(sqlite3.connect(workspace_db)) as connection:
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    heads = [start + draw.randrange(8) for start in range(0, len(data), page)]  # where a page says what it is
    told = 0
    for at in heads[:60]:
        for path in workspace_db.parent.glob("workspace.db-*"):
            path.unlink()
        workspace_db.write_bytes(flipped(data, at))
        try:
            remembered()
        except ClinicodeError:
            told += 1
    assert told


def test_a_damaged_index_is_built_again_whatever_is_damaged(furnished, encoder, monkeypatch, caplog):
    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    catalog = Catalog(load_frame(furnished).head(400), "small")
    book = open_index(catalog, encoder)
    vectors = book.vectors.copy()
    del book  # it has the file mapped
    (folder,) = (furnished / "index").iterdir()
    for name, damage in {
        "dense.faiss": lambda data: flipped(data, len(data) // 2),  # a number in the middle of a vector
        "lexical/indptr.csc.index.npy": lambda data: flipped(data, len(data) - 9),
        "words/vectors.npy": lambda _: b"",
        "words/words.json": lambda data: data[:-20],
        "lexical/vocab.index.json": lambda _: b"<html>",
        "manifest.json": lambda data: flipped(data, 5),
    }.items():
        (folder / name).write_bytes(damage((folder / name).read_bytes()))
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            again = open_index(catalog, encoder)
        assert "building it again" in caplog.text, name
        assert (again.vectors == vectors).all(), name
        del again


def test_a_changed_byte_of_a_kept_table_is_noticed_wherever_it_is(furnished, tmp_path, home):
    """Without a digest, one in five went unnoticed: parquet read it as another title."""
    path = write_frame(load_frame(furnished), tmp_path, "catalog")
    data, draw = path.read_bytes(), random.Random(1)
    assert read_frame(path).height > 90_000
    for _ in range(50):
        path.write_bytes(flipped(data, draw.randrange(len(data))))
        with pytest.raises(ValueError, match="not those that were written"):
            read_frame(path)
    table = a_table()
    rows = home / "tables" / table.rows
    whole = rows.read_bytes()
    for broken in (b"", whole[:100], b"another file", *(flipped(whole, at) for at in range(0, len(whole), 97))):
        rows.write_bytes(broken)
        with pytest.raises(ClinicodeError, match="restore a backup") as caught:
            tables.rows(table)
        assert str(rows) in str(caught.value)


def test_a_damaged_list_entry_of_a_table_keeps_its_rows_and_the_other_tables(home, caplog):
    first, second = a_table("first"), a_table("second")
    entry = (home / "tables" / "first.json").read_bytes()
    for broken in (b"", entry[:40], b"\x00" * 50, b'{"name": "first"}'):
        (home / "tables" / "first.json").write_bytes(broken)
        with caplog.at_level(logging.WARNING):
            assert [table.name for table in tables.tables()] == ["second"]
        assert "import it again" in caplog.text
        second = a_table("second")
        assert tables.rows(second).height == 1
    (home / "tables" / "first.json").write_bytes(entry)  # back from a backup
    assert tables.rows(first).height == 1


def test_a_damaged_run_is_named_and_the_others_are_shown(home):
    source = read_run(min(REFERENCE.glob("*.parquet"), key=lambda path: path.stat().st_size))
    good, bad = save_run(source), save_run(source)
    data = bad.read_bytes()
    for broken in (b"", data[: len(data) // 2], b"another file", data[:4] + bytes(len(data) - 4)):
        bad.write_bytes(broken)
        found, problems = own_runs()
        assert len(found) == 1
        assert str(bad) in problems[0]
    draw = random.Random(2)
    for _ in range(40):  # polars would end the process at some of them
        bad.write_bytes(flipped(data, draw.randrange(len(data))))
        found, problems = own_runs()
        assert (len(found), len(problems)) == (1, 1)
    assert read_run(good).table.equals(source.table)


@pytest.mark.parametrize("model", ["encoder", "language", "reranker", "reader"])
def test_a_changed_byte_of_a_model_is_refused_with_the_name_of_the_file(opened, tmp_path, model):
    folder = tmp_path / model
    shutil.copytree(settings.ASSETS / "models" / model, folder)
    load = {
        "encoder": lambda: load_encoder(str(folder)),
        "language": lambda: NgramLanguageModel.load(folder),
        "reranker": lambda: Reranker.load(folder, opened.retriever),
        "reader": lambda: open_reader(folder, opened.retriever),
    }[model]
    load()
    for path in sorted(folder.iterdir()):
        if path.suffix == ".md" or path.name == fingerprint.SUMS:
            continue
        data = path.read_bytes()
        for broken in (flipped(data, len(data) // 3), data[: len(data) // 2], b""):
            path.write_bytes(broken)
            with pytest.raises(ClinicodeError) as caught:
                load()
            assert str(folder) in str(caught.value)
            assert path.name in str(caught.value)
        path.write_bytes(data)
    (folder / fingerprint.SUMS).write_text("rubbish\n")
    with pytest.raises(ClinicodeError, match=fingerprint.SUMS):
        load()


def test_the_seals_of_the_shipped_models_are_whole():
    for folder in (settings.ASSETS / "models").iterdir():
        assert (folder / fingerprint.SUMS).is_file(), folder
        fingerprint.check(folder)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"= = ="])
def test_damaged_settings_are_told(home, caplog, content):
    (home / "code_set.txt").write_bytes(content if content != b"= = =" else b"\xc3")
    with caplog.at_level(logging.WARNING):
        assert sets.chosen() == sets.INSTALLED
    assert "code_set.txt cannot be read" in caplog.text
    (home / "people.toml").write_bytes(content)
    if content:
        with pytest.raises(ClinicodeError, match=r"people\.toml"):
            signed_in("ana@example.org")
    else:
        assert signed_in("ana@example.org").role.name == "REVIEWER"


def test_a_damaged_job_does_not_hide_the_others(home):
    for name in ("20260101-000000-000000-aaa", "20260102-000000-000000-bbb"):
        folder = jobs.place() / name
        folder.mkdir(parents=True)
        order = '{"name": "a", "format": "table", "kind": "mentions", "split": "", "path": "", "systems": ["bm25"], '
        (folder / "job.json").write_text(order + '"limit": 0, "when": "2026", "queries": 1, "skipped": 0}')
        (folder / "progress.json").write_text("{")
    (folder / "job.json").write_bytes(b"\xff")
    assert [job.id for job in jobs.jobs()] == ["20260101-000000-000000-aaa"]
    assert ReviewStore().projects() == []
    assert os.access(home, os.W_OK)
