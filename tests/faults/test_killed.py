"""Killed (SIGKILL) just before each file operation: the next start works, and what is there is the old or the new."""

import os
import shutil
import signal
import time

import pytest

from core import settings
from core.backup import backup, created_files
from core.catalog.tables import store as tables
from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.jobs import State
from core.language import NgramLanguageModel
from core.partial import STALE, model_folder
from core.restore import restore
from core.review.model import Incoming
from core.review.store import ReviewStore
from core.train.language import train_language
from tests.faults.killing import killed, killed_at_each
from tests.faults.test_backup import ADA, a_table, furnish

SMALL = "Catalog(load_frame(home()).head(1500), 'small')"
INDEX = f"""
from core.catalog.build import load_frame
from core.catalog.catalog import Catalog
from core.encode.load import load_encoder
from core.retrieve.index import open_index
from core.settings import home
catalog, encoder = {SMALL}, load_encoder()
deadly = ready
open_index(catalog, encoder)
"""
TRAINING = """
from pathlib import Path
from core.partial import model_folder
from core.language import LANGUAGES, read_words
from core.train.language import train_language
labelled = [(word, lang) for lang in LANGUAGES for word in read_words(lang)[::40]]
"""
TRAIN = """
with model_folder(Path(home) / "model") as folder:
    train_language([word for word, _ in labelled], [lang for _, lang in labelled], folder, 500)
"""
TABLE = """
from tests.faults.test_backup import a_table
import polars
"""


def aged(path):
    """As if nobody had written there for long."""
    for one in (path, *path.rglob("*")):
        os.utime(one, (time.time() - 2 * STALE,) * 2)


def test_an_index_build_that_is_killed_leaves_nothing_that_is_taken_for_an_index(furnished, encoder, monkeypatch):
    from core.catalog.build import load_frame
    from core.catalog.catalog import Catalog
    from core.retrieve.index import open_index

    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    dying = [killed(INDEX, at, CLINICODE_HOME=str(furnished)) for at in (3, 9)]
    for one in dying:
        _, said = one.communicate(timeout=300)
        assert one.returncode == -signal.SIGKILL, said
    left = list((furnished / "index").iterdir())
    assert left
    assert all(path.suffix == ".part" for path in left)
    aged(furnished / "index")
    catalog, told = Catalog(load_frame(furnished).head(1500), "small"), []
    for _ in range(2):
        book = open_index(catalog, encoder, lambda share, what: told.append(share))
        assert book.dense.ntotal > 1500
    assert told.count(0.85) == 1  # built once, and read the second time
    assert [path.suffix for path in (furnished / "index").iterdir()] == [""]


def test_an_import_of_a_table_that_is_killed_leaves_the_old_table_or_the_new(tmp_path, monkeypatch):
    homes = {number: tmp_path / str(number) for number in range(1, 21)}
    for home in homes.values():
        monkeypatch.setenv("CLINICODE_HOME", str(home))
        a_table()
    died = killed_at_each(TABLE, 'a_table(title="Cólera nueva")', homes)
    assert sum(died.values()) >= 4
    assert not all(died.values())  # one went through to its end
    titles = set()
    for home in homes.values():
        monkeypatch.setenv("CLINICODE_HOME", str(home))
        (table,) = tables.tables()
        titles |= set(tables.rows(table)["title"])
        aged(home / "tables")
        a_table(title="Cólera otra vez")
        (table,) = tables.tables()
        assert tables.rows(table)["title"].to_list() == ["Cólera otra vez"]
        assert sorted(path.suffix for path in (home / "tables").iterdir()) == [".json", ".parquet"]
    assert titles == {"Cólera", "Cólera nueva"}


def test_a_training_that_is_killed_leaves_the_old_model_or_one_that_is_refused(tmp_path):
    homes = {number: tmp_path / str(number) for number in (1, 3, 5, 6, 7, 8, 20)}
    for home in homes.values():
        shutil.copytree(settings.ASSETS / "models" / "language", home / "model")
    old = NgramLanguageModel.load(homes[1] / "model").log_probabilities("fiebre alta")
    died = killed_at_each(TRAINING, TRAIN, homes)
    assert (died[1], died[20]) == (True, False)
    found = {}
    for number, home in homes.items():
        try:
            said = NgramLanguageModel.load(home / "model").log_probabilities("fiebre alta")
        except ClinicodeError as error:
            assert str(home / "model") in str(error)  # noqa: PT017  which of the three it is depends on the moment
            found[number] = "refused"
        else:
            found[number] = "old" if (said == old).all() else "new"
    assert (found[1], found[20]) == ("old", "new")
    assert "refused" in found.values()
    again = next(homes[number] / "model" for number, way in found.items() if way == "refused")
    with model_folder(again) as folder:
        train_language(["fever", "fiebre", "febbre", "febre"] * 20, ["en", "es", "it", "pt"] * 20, folder, 50)
    NgramLanguageModel.load(again)


def test_a_restore_that_is_killed_has_happened_or_has_not(tmp_path, monkeypatch):
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path / "made"))
    furnish().engine.dispose()
    new = what_there_is()
    backup(tmp_path / "kept.zip")
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path / "before"))
    store = ReviewStore()
    store.import_documents(ADA, store.create(ADA, "Mine"), [Incoming("a.txt", "Tos.", "es")])
    store.engine.dispose()
    (tmp_path / "before" / "profile.txt").write_text("Ada")
    old = what_there_is()
    homes = {number: tmp_path / f"home-{number}" for number in (*range(1, 50, 4), *range(50, 70), 200)}
    for home in homes.values():
        shutil.copytree(tmp_path / "before", home)
    prepare = "from pathlib import Path\nfrom core.restore import restore\nimport alembic.command\n"
    died = killed_at_each(prepare, f"restore(Path({str(tmp_path / 'kept.zip')!r}), replace=True)", homes)
    assert not died[200]
    outcomes = []
    for number, home in homes.items():
        monkeypatch.setenv("CLINICODE_HOME", str(home))
        now = what_there_is()  # opening the workspace settles what was cut short
        assert now in (old, new), number
        assert not list(home.glob("restore-*"))
        if died[number]:
            outcomes.append("old" if now == old else "new")
    assert outcomes == sorted(outcomes, reverse=True)  # old up to one moment, new from then on
    assert min(outcomes.count("old"), outcomes.count("new")) >= 3
    monkeypatch.setenv("CLINICODE_HOME", str(homes[1]))
    restore(tmp_path / "kept.zip", replace=True)
    assert what_there_is() == new


BACKUP = """
from pathlib import Path
import core.backup
write_files = core.backup._write_files
def slowly(*arguments):
    sys.audit("os.mkdir", "half of it is written")
    try:
        return write_files(*arguments)
    finally:
        sys.audit("os.mkdir", "all of it is written, but for its list")
core.backup._write_files = slowly
"""


def test_a_backup_that_is_killed_leaves_the_one_before_or_the_new_one_whole(tmp_path, monkeypatch):
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path / "made"))
    store = furnish()
    backup(tmp_path / "old.zip")
    store.create(ADA, "One more")
    store.engine.dispose()
    new = what_there_is()
    homes = {number: tmp_path / f"home-{number}" for number in (*range(1, 9), 100)}
    for home in homes.values():
        shutil.copytree(tmp_path / "made", home)
        shutil.copy(tmp_path / "old.zip", home.with_suffix(".zip"))
    died = killed_at_each(BACKUP, 'core.backup.backup(Path(os.environ["CLINICODE_HOME"]).with_suffix(".zip"))', homes)
    assert not died[100]
    assert sum(died.values()) >= 4
    old = (tmp_path / "old.zip").read_bytes()
    for number, home in homes.items():
        assert (home.with_suffix(".zip").read_bytes() == old) == died[number]
        monkeypatch.setenv("CLINICODE_HOME", str(home))
        assert what_there_is() == new
    left = list(tmp_path.glob("*.part"))
    assert left
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in left)
    other = tmp_path / "somebody-else-s.part"
    for path in (other, *left):
        path.touch()
        aged(path)
    for number, home in homes.items():
        if died[number]:
            monkeypatch.setenv("CLINICODE_HOME", str(home))
            backup(home.with_suffix(".zip"))
    assert list(tmp_path.glob("*.part")) == [other]
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path / "fresh"))
    restore(homes[1].with_suffix(".zip"))
    assert what_there_is() == new


def what_there_is():
    """The log and the files of the workspace in force."""
    store, home = ReviewStore(), settings.home()
    log = [store.events(project.id) for project in store.projects()]
    store.engine.dispose()
    return log, {str(path.relative_to(home)): path.read_bytes() for path in created_files(home)}


def test_documents_that_were_being_imported_when_it_was_killed_are_all_there_or_none(tmp_path, monkeypatch):
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    store = ReviewStore()
    project = store.create(ADA, "Pilot")
    code = """
from core.review.model import Incoming
from core.review.people import local
from core.review.store import ReviewStore
from core.train.language import train_language
store = ReviewStore()
(project,) = store.projects()
def many():
    for at in range(10**6):
        if at == 200:
            print("half", flush=True)
        yield Incoming(f"{at}.txt", f"Fiebre {at}.", "es")
store.import_documents(local("Ada"), project, many())
"""
    dying = killed(code, 0)
    assert dying.stdout.readline() == "half\n"
    dying.kill()
    dying.communicate()
    assert store.documents(project.id) == []
    assert store.import_documents(ADA, project, [Incoming("a.txt", "Fiebre 7.", "es")]) == (1, [])
    store.engine.dispose()


@pytest.fixture
def evaluated(furnished, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    yield furnished
    for job in jobs.jobs():
        jobs.delete(job)


def test_after_an_evaluation_that_was_killed_the_next_one_runs(evaluated, catalog, tmp_path):
    table = tmp_path / "own.tsv"
    table.write_text("text\tcode\tlang\nfever\tR50.9\ten\ncough\tR05.9\ten\n")
    first = jobs.start(table, ["bm25"], catalog)
    while jobs.read_job(first.folder).state is not State.RUNNING:
        time.sleep(0.02)
    os.kill(jobs.read_job(first.folder).progress.pid, signal.SIGKILL)
    (evaluated / "runs").mkdir(exist_ok=True)
    (evaluated / "runs" / "half.parquet.7.part").write_bytes(b"PAR1 half")
    until = time.monotonic() + 300
    while jobs.read_job(first.folder).active:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert jobs.read_job(first.folder).state is State.FAILED
    second = jobs.start(table, ["bm25"], catalog)
    until = time.monotonic() + 300
    while (now := jobs.read_job(second.folder)).active:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (now.state, len(now.runs)) == (State.DONE, 1)
