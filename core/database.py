"""The workspace database: SQLite under ``CLINICODE_HOME``, or what ``CLINICODE_DATABASE_URL`` names."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import URL, Engine, MetaData, StaticPool, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from core import settings
from core.errors import ClinicodeError
from core.interface import N_, _

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
    from sqlalchemy.pool import ConnectionPoolEntry

logger = logging.getLogger(__name__)

metadata = MetaData()
MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "v2"
"""The last step of the migrations."""
_CREATING = 0x636C696E  # the advisory lock that processes creating tables wait for
PATIENCE = 10
"""Seconds that a process waits for another one's lock on a SQLite workspace."""
LOST = N_(
    "The connection to the database broke; what was written last may be missing: look, and do it again in a moment."
)
UNREACHABLE = N_("The database does not answer ({reason}); look whether it runs and is the right one, and do it again.")
RESTORE = "`clinicode restore FILE --replace`"
_REPLACE = N_("{place} is damaged; restore the last backup with {command}, which keeps this file aside.")
EMPTY = N_("{place} is empty: what was in it is lost. Restore a backup with {command}, or delete it.")
_FULL = N_("{place} cannot grow, because the disk is full; nothing was changed. Make room and do it again.")
READ_ONLY = N_("{place} cannot be written; make its folder writable, or set {variable} to one that is.")
FAULTS = {
    "file is not a database": _REPLACE,
    "disk image is malformed": _REPLACE,
    "malformed database schema": _REPLACE,
    "unsupported file format": _REPLACE,
    "disk I/O error": N_(
        "{place} cannot be read or written; make room on its disk, or look whether the disk is failing."
    ),
    "database or disk is full": _FULL,
    "No space left on device": _FULL,
    "readonly database": READ_ONLY,
    "unable to open database file": N_(
        "{place} cannot be opened or made; make its folder writable, or set {variable}."
    ),
    "database is locked": N_("{place} is held by another process for too long; do it again in a moment."),
}
"""What SQLite and PostgreSQL say, and what a person can do about it."""


def open_database() -> Engine:
    """Connect, bringing the tables up to this release.

    Raises
    ------
    ClinicodeError
        If the database cannot be opened or is not one.
    """
    try:
        url = address()
        if _to_be_read(url):
            return _for_reading(url)
        if url.get_backend_name() == "sqlite":
            _begin(url)
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)  # an error would quote a note
        event.listen(engine, "handle_error", _say)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        upgrade(engine)
        _settle(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        message = _(
            "CLINICODE_DATABASE_URL is no database address that can be used here; PostgreSQL needs the extra postgres."
        )
        raise ClinicodeError(message) from error
    except ClinicodeError:
        raise
    except Exception as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        message = _("Cannot open the workspace database {url} ({reason}); check the address.").format(
            url=url.render_as_string(), reason=reason
        )
        raise ClinicodeError(message) from error
    return engine


def clear_log(engine: Engine) -> None:
    """Take what was deleted out of SQLite's write-ahead log too, and out of the statements that this process keeps.

    SQLAlchemy keeps a compiled statement with the values of its first use: the text of the first note imported.
    """
    engine.clear_compiled_cache()
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def address() -> URL:
    """Where the workspace database is.

    Raises
    ------
    sqlalchemy.exc.ArgumentError
        If ``CLINICODE_DATABASE_URL`` is no address.
    """
    return make_url(os.environ.get("CLINICODE_DATABASE_URL") or f"sqlite:///{settings.home() / 'workspace.db'}")


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Take the steps of ``core/migrations`` that are missing, one process at a time: two would take each twice.

    Raises
    ------
    ClinicodeError
        If a newer release took steps that this one does not know.
    """
    if _version(engine) == to:
        return
    from alembic import command  # noqa: PLC0415  only who opens a new or an older workspace pays for it
    from alembic.config import Config  # noqa: PLC0415

    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
        steps = Config(attributes={"connection": connection})
        steps.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        steps.set_main_option("path_separator", "os")
        command.upgrade(steps, to)


def _begin(url: URL) -> None:
    """Make a new SQLite workspace where there is no file, in one step: an empty file is then one that lost its content.

    Raises
    ------
    ClinicodeError
        If the file is empty.
    """
    path = Path(url.database or "")
    if not url.database or url.database.startswith((":", "file:")) or path.is_dir():
        return
    if path.exists():
        if not path.stat().st_size and not Path(f"{path}-wal").exists():
            raise ClinicodeError(_told(EMPTY, path))
        return
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    engine = create_engine(f"sqlite:///{partial}", hide_parameters=True)
    event.listen(engine, "handle_error", _say)
    try:
        partial.unlink(missing_ok=True)
        upgrade(engine)
        engine.dispose()
        with suppress(FileExistsError):  # another process was quicker
            os.link(partial, path)
    except OSError:  # a disk without links
        if not path.exists():
            partial.replace(path)
    finally:
        engine.dispose()
        partial.unlink(missing_ok=True)


def _to_be_read(url: URL) -> bool:
    """Whether it is a SQLite database in a folder that this process cannot write into."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return False
    folder = Path(url.database).absolute().parent
    return folder.is_dir() and not os.access(folder, os.W_OK)


def _for_reading(url: URL) -> Engine:
    """The database of a folder that cannot be written: looking up works, and what would write says that it cannot.

    SQLite reads such a file only where it may take it that nobody changes it, so one with a write-ahead log is refused.

    Raises
    ------
    ClinicodeError
        If it was not closed properly or an older release wrote it.
    """
    path = Path(url.database or "").absolute()
    logger.warning("%s cannot be written: the workspace is opened for reading only.", path.parent)
    log = Path(f"{path}-wal")
    if log.is_file() and log.stat().st_size:
        raise ClinicodeError(_told(READ_ONLY, path))
    if path.is_file():
        engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&immutable=1&uri=true", hide_parameters=True)
        event.listen(engine, "handle_error", _say)
        if _version(engine) != HEAD:
            raise ClinicodeError(_told(READ_ONLY, path))
        return engine
    engine = create_engine("sqlite://", poolclass=StaticPool)
    upgrade(engine)
    event.listen(engine, "handle_error", _say)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    return engine


def _settle(engine: Engine) -> None:
    """Finish a restore that was cut short, or throw away what it had made ready."""
    if any(settings.home().glob("restore-*")):
        from core.restore import settle  # noqa: PLC0415  it opens databases itself, and is seldom needed

        settle(engine)


def _say(context: ExceptionContext) -> None:
    """Say in a sentence what has become of the database, where it is that and no mistake of ours.

    Raises
    ------
    ClinicodeError
        If it is damaged, full, not to be written, not to be reached, or somebody else holds it for too long.
    """
    if context.is_pre_ping or not isinstance(context.sqlalchemy_exception, DatabaseError):
        return
    found = str(context.original_exception)
    engine = context.engine
    place = _("The database")
    if engine is not None and engine.dialect.name == "sqlite":
        place = re.sub(r"^file:|\.\d+\.part$", "", engine.url.database or _("The workspace"))
    remedy = next((said for mark, said in FAULTS.items() if mark in found), "")
    if not remedy and context.is_disconnect:
        remedy = LOST
    elif not remedy and context.connection is None:
        remedy = UNREACHABLE
    if remedy:
        raise ClinicodeError(_told(remedy, place, found.partition("\n")[0])) from context.original_exception


def _told(fault: str, place: str | Path, reason: str = "") -> str:
    """What is wrong with a database at a place, and what a person can do about it."""
    return _(fault).format(place=place, reason=reason, command=RESTORE, variable="CLINICODE_HOME")


def _version(engine: Engine) -> str:
    """The last step that a workspace has taken; empty where it is new.

    Raises
    ------
    ClinicodeError
        If it is one that this release does not know.
    """
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")
    if found and int(found[1:]) > int(HEAD[1:]):
        raise ClinicodeError(_("A newer Clinicode wrote this workspace; update this one, or use another."))
    return found


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log and a patient lock, so that several processes can use one workspace."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={1000 * PATIENCE}")
    cursor.execute("PRAGMA secure_delete=ON")  # a deleted note leaves nothing in the file
    cursor.execute("PRAGMA temp_store=MEMORY")  # and none is sorted in another one
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:  # SQLite does not wait for this lock by itself
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)
    cursor.close()
