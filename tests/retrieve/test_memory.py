import os
import subprocess
import sys
import time

import pytest
from sqlalchemy import create_engine

from core.database import metadata, open_database
from core.errors import ClinicodeError
from core.retrieve.memory import Reviewed, TeamMemory

POSTGRES = os.environ.get("CLINICODE_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def memory(request, monkeypatch):
    if request.param == "sqlite":
        return TeamMemory.of([])
    if not POSTGRES:
        pytest.skip("CLINICODE_TEST_POSTGRES names no PostgreSQL (.ci/run starts one)")
    monkeypatch.setenv("CLINICODE_DATABASE_URL", POSTGRES)
    memory = TeamMemory()
    memory.forget()
    return memory


def test_counts_the_same_text_however_it_is_written(memory):
    memory.remember([Reviewed("Dolor torácico", "R07.9", "es"), Reviewed("dolor  toracico.", "R07.9")])
    memory.remember([Reviewed("DOLOR TORÁCICO", "R07.9", "es")])
    (term,) = memory.terms()
    assert (term.code, term.count) == ("R07.9", 3)


def test_the_version_changes_with_the_content(memory):
    empty = memory.version()
    memory.remember([Reviewed("tos", "R05.9")])
    once = memory.version()
    memory.remember([Reviewed("tos", "R05.9")])
    assert len({empty, once, memory.version()}) == 3
    memory.forget()
    assert memory.version()[:2] == (0, 0)


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_processes_remember_at_once_into_one_workspace(where, tmp_path, monkeypatch):
    """All open a workspace that is not there yet, at the same moment, and count the same text as well as their own."""
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    if where == "postgresql":
        if not POSTGRES:
            pytest.skip("CLINICODE_TEST_POSTGRES names no PostgreSQL (.ci/run starts one)")
        monkeypatch.setenv("CLINICODE_DATABASE_URL", POSTGRES)
        server = create_engine(POSTGRES)
        metadata.drop_all(server)
        with server.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version; DROP FUNCTION IF EXISTS event_stays")
    code = (
        "import sys, time; from core.retrieve.memory import *;"
        "time.sleep(max(0, float(sys.argv[2]) - time.time())); m = TeamMemory();"
        "[m.remember([Reviewed('the same', 'I10'), Reviewed(f'text {sys.argv[1]} {i}', 'I10')]) for i in range(40)]"
    )
    start = str(time.time() + 6)
    running = [subprocess.Popen([sys.executable, "-c", code, str(at), start]) for at in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert TeamMemory().version()[:2] == (161, 320)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    (tmp_path / "workspace.db").write_bytes(b"not a database at all, but long enough to look like one" * 50)
    with pytest.raises(ClinicodeError, match=r"workspace\.db"):
        open_database()


@pytest.mark.parametrize("url", ["nonsense", "mongodb://somewhere/x"])
def test_a_wrong_database_address_is_a_clear_error(monkeypatch, url):
    monkeypatch.setenv("CLINICODE_DATABASE_URL", url)
    with pytest.raises(ClinicodeError, match="CLINICODE_DATABASE_URL"):
        open_database()
