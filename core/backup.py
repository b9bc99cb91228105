"""Everything that a user created, in one file: the workspace database's rows and the files beside it.

A zip file. ``database/TABLE.jsonl`` has a line of JSON for each row, in the order of the primary key, whichever
database they are from, so that a backup of PostgreSQL can be restored into SQLite and the other way round; ``home/...``
are the files of ``CLINICODE_HOME`` that could not be made again; ``manifest.json`` comes last and has the length and
the SHA-256 of every other file, the rows of each table, the step of the migrations that they are of, versions, and when
it was made. :mod:`core.restore` reads it.
"""

from __future__ import annotations

import glob
import hashlib
import io
import json
import logging
import os
import sqlite3
import zipfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from sqlalchemy import MetaData, StaticPool, create_engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from core import settings
from core.catalog.build import release
from core.catalog.tables import store
from core.database import HEAD, open_database, upgrade
from core.errors import ClinicodeError
from core.partial import sweep
from core.review.codec import zoned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Connection, Engine, Table

logger = logging.getLogger(__name__)

FORMAT, VERSION = "clinicode-backup", 1
MANIFEST = "manifest.json"
LEFT_OUT = (
    "index/*", "models/*", "catalog-*.parquet",  # made again when they are needed
    "workspace.db*",  # its rows are in the backup
    "restore-*", "replaced-*", "*.zip",  # of a restore; what one replaced; backups
)  # fmt: skip
PASSING = ("*.part", "*.lock", "lock")
"""What is of the moment, in whichever folder."""
BLOCK = 2**20
READS = 3
"""Times that the files are read again because a table was imported meanwhile."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a backup: its length in bytes and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in a backup: how many rows, and the number that its next row would have had (0: it has no numbers)."""

    count: int
    following: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `tables` are in an order in which they can be filled, `schema` is their step."""

    clinicode: str
    release: str
    created: str
    schema: str
    database: str
    tables: dict[str, Rows]
    members: dict[str, Member]

    def __str__(self) -> str:
        """What is in it, in words."""
        names = {"project": "projects", "document": "documents", "event": "events", "remembered": "remembered texts"}
        counts = [f"{name} {self.tables[table].count:,}" for table, name in names.items() if table in self.tables]
        return " · ".join([*counts, f"files {len(self.files):,}"])

    @property
    def files(self) -> list[str]:
        """The files of ``CLINICODE_HOME`` in it, by their paths there."""
        return [name.removeprefix("home/") for name in self.members if name.startswith("home/")]


def backup(target: Path) -> Manifest:
    """Write a backup of the workspace; whoever works in it goes on, and what is in it is of one moment.

    Raises
    ------
    ClinicodeError
        If the file cannot be written or is there and no backup, or the database is damaged.
    """
    if target.exists() and not is_backup(target):
        message = f"{target} is there already and is no backup; choose another name."
        raise ClinicodeError(message)
    sweep(target.parent, f"{glob.escape(target.name)}.*.part")  # its own: others keep theirs in a folder of the user's
    engine = open_database()
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds the notes
        with os.fdopen(descriptor, "wb") as file:
            with snapshot(engine) as connection, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest = _write(archive, connection, engine.dialect.name, target)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        message = f"{target} cannot be written ({error.strerror}); make room there or choose another place."
        raise ClinicodeError(message) from error
    except SQLAlchemyError as error:
        message = f"The database cannot be read for a backup ({reason_of(error)}); nothing was written."
        raise ClinicodeError(message) from error
    finally:
        partial.unlink(missing_ok=True)
        engine.dispose()
    return manifest


def is_backup(path: Path) -> bool:
    """Whether a file is a backup, whole or not."""
    try:
        with zipfile.ZipFile(path) as archive:
            return str(json.loads(archive.read(MANIFEST))["format"]) == FORMAT
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        return False


def created_files(home: Path, besides: Path | None = None) -> list[Path]:
    """The files of a workspace that could not be made again, in the order of their paths."""
    found = []
    for place, _, names in os.walk(home, followlinks=True):
        for path in (Path(place, name) for name in names):
            inside = path.relative_to(home)
            passing = any(fnmatch(path.name, pattern) for pattern in PASSING)
            if not passing and not any(fnmatch(str(inside), pattern) for pattern in LEFT_OUT) and path != besides:
                found.append(path)
    return sorted(found)


def tables_at(schema: str) -> list[str]:
    """The tables that a workspace has after a step of the migrations."""
    engine = private()
    upgrade(engine, schema)
    return sorted(set(inspect(engine).get_table_names()) - {"alembic_version"})


def reflected(connection: Connection, names: list[str]) -> list[Table]:
    """Tables as a database has them, in an order in which they can be filled."""
    found = MetaData()
    found.reflect(connection, only=names)
    return found.sorted_tables


def private() -> Engine:
    """An empty SQLite database in memory: a copy of the notes leaves nothing on a disk, however this process ends."""
    return create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """The database as it is at one moment, to be read while others write.

    Raises
    ------
    ClinicodeError
        If it is damaged.
    """
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection
        return
    copy = private()
    with engine.connect() as live, copy.connect() as connection:
        source: Any = live.connection.driver_connection
        try:
            source.backup(connection.connection.driver_connection)
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        except (sqlite3.Error, SQLAlchemyError) as error:
            said = str(getattr(error, "orig", error))
        if said != "ok":
            message = (
                f"{engine.url.database} is damaged or cannot be copied ({said}); restore the last backup with "
                "`clinicode restore FILE --replace`, which keeps the damaged file aside."
            )
            raise ClinicodeError(message)
        yield connection
    copy.dispose()


def reason_of(error: SQLAlchemyError) -> str:
    """What a database says went wrong, without the values that it may quote after that."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def plain(value: object) -> object:
    """A value of a row as JSON has it; moments in UTC."""
    if isinstance(value, datetime):
        return zoned(value).isoformat()
    return value


def following(connection: Connection, table: Table) -> int:
    """The number that a table's next row will have, which no deleted row has had; 0 where it has no numbers."""
    column = table.autoincrement_column
    if column is None:
        return 0
    last = connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        counted = connection.exec_driver_sql(query, (table.name,)).scalar() or 0
    else:
        sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar_one()
        query = f"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}"  # noqa: S608
        counted = connection.exec_driver_sql(query).scalar_one()
    return max(int(last), int(counted)) + 1


def _write(archive: zipfile.ZipFile, connection: Connection, dialect: str, target: Path) -> Manifest:
    rows, members = {}, {}
    for table in reflected(connection, tables_at(HEAD)):
        name = f"database/{table.name}.jsonl"
        with _Hashed(archive, name) as out:
            count = 0
            ordered = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=1000)
            for row in connection.execute(ordered):
                line = {column: plain(value) for column, value in row._mapping.items()}
                out.write(json.dumps(line).encode() + b"\n")
                count += 1
        rows[table.name], members[name] = Rows(count, following(connection, table)), out.member
    members |= _write_files(archive, target)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(metadata.version("clinicode"), release(), now, HEAD, dialect, rows, members)
    told = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
    archive.writestr(MANIFEST, json.dumps(told, indent=1, ensure_ascii=False))
    return manifest


def _write_files(archive: zipfile.ZipFile, target: Path) -> dict[str, Member]:
    home = settings.home()
    tables = _tables(home / "tables")
    members = {}
    for path in created_files(home, besides=target.absolute()):
        inside = path.relative_to(home)
        if inside.parts[0] == "tables" and path not in tables:
            continue
        try:
            source: IO[bytes] = io.BytesIO(tables[path]) if path in tables else path.open("rb")
        except FileNotFoundError:  # deleted meanwhile
            continue
        except OSError as error:
            message = f"{path} cannot be read ({error.strerror}); nothing was backed up."
            raise ClinicodeError(message) from error
        name = f"home/{inside.as_posix()}"
        with source, _Hashed(archive, name) as out:
            while block := source.read(BLOCK):
                out.write(block)
        members[name] = out.member
    return members


def _tables(place: Path) -> dict[Path, bytes]:
    """The files of imported tables; again where one was imported or removed meanwhile."""
    for _ in range(READS):
        version, found = store.version(), {}
        try:
            found = {path: path.read_bytes() for path in created_files(place)}
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"The imported tables in {place} cannot be read ({error.strerror}); nothing was backed up."
            raise ClinicodeError(message) from error
        if store.version() == version:
            return found
    raise ClinicodeError("Tables are being imported just now; make the backup again when that is done.")


class _Hashed:
    """A file being written into a backup, whose length and SHA-256 are counted on the way."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._out = archive.open(name, "w", force_zip64=True)
        self._digest, self._size = hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        """Append."""
        self._digest.update(data)
        self._size += len(data)
        self._out.write(data)

    @property
    def member(self) -> Member:
        """What was written."""
        return Member(self._size, self._digest.hexdigest())

    def __enter__(self) -> Self:
        """Write."""
        return self

    def __exit__(self, *_: object) -> None:
        """No more is written."""
        self._out.close()
