"""The workspace database: SQLite under ``CLINICODE_HOME``, or what ``CLINICODE_DATABASE_URL`` names."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING

from sqlalchemy import Engine, MetaData, create_engine, event, func, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from core import settings
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

metadata = MetaData()
_CREATING = 0x636C696E  # the advisory lock that processes creating tables wait for
PATIENCE = 10
"""Seconds that a process waits for another one's lock on a SQLite workspace."""


def open_database() -> Engine:
    """Connect, creating the tables that are not there yet.

    Raises
    ------
    ClinicodeError
        If the database cannot be opened or is not one.
    """
    url = os.environ.get("CLINICODE_DATABASE_URL") or f"sqlite:///{settings.home() / 'workspace.db'}"
    try:
        engine = create_engine(url, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        _create_tables(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        message = (
            "CLINICODE_DATABASE_URL is no database address that can be used here; PostgreSQL needs the extra postgres."
        )
        raise ClinicodeError(message) from error
    except Exception as error:
        shown = create_engine(url).url.render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        message = f"Cannot open the workspace database {shown} ({reason}); move the file away or check the address."
        raise ClinicodeError(message) from error
    return engine


def _create_tables(engine: Engine) -> None:
    """Create what is missing, one process at a time: two that look and then create would create twice."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
        metadata.create_all(connection)


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log and a patient lock, so that several processes can use one workspace."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={1000 * PATIENCE}")
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
