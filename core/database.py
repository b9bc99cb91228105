"""The workspace database: SQLite under ``CLINICODE_HOME``, or what ``CLINICODE_DATABASE_URL`` names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from core import settings
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

metadata = MetaData()


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
        metadata.create_all(engine)
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


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log and a patient lock, so that two processes can use one workspace."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
