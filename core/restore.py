"""A workspace put back from a backup (:mod:`core.backup`): all of it or nothing, even where the process is killed.

What is restored is made ready beside the workspace first: the rows in a private database, the files in a folder
``restore-TOKEN`` of ``CLINICODE_HOME``. Then one transaction changes the rows and marks the database with the token,
and after it the files are moved. The mark is what counts: :func:`settle`, called whenever a workspace is opened,
finishes a restore whose mark is in the database and throws away one whose mark is not.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import secrets
import shutil
import sqlite3
import zipfile
import zlib
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, create_engine, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from core import settings
from core.backup import (
    BLOCK,
    FORMAT,
    MANIFEST,
    PASSING,
    VERSION,
    Manifest,
    Member,
    Rows,
    backup,
    created_files,
    following,
    private,
    reason_of,
    reflected,
    tables_at,
)
from core.database import HEAD, address, open_database, upgrade
from core.errors import ClinicodeError
from core.interface import _
from core.review.codec import instant, zoned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Table

logger = logging.getLogger(__name__)

LOCK, PLAN = "restore.lock", "plan.json"
ROWS_AT_ONCE = 500
DAMAGED = "{} is damaged or was changed by hand; nothing was restored. Take another backup."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where what was there before is kept (None where there was nothing)."""

    manifest: Manifest
    aside: Path | None


def restore(source: Path, *, replace: bool = False) -> Restored:
    """Put a workspace back; with `replace` also where there is one, which is kept aside first.

    Raises
    ------
    ClinicodeError
        If the file is no backup, is damaged or a newer Clinicode wrote it; if there is a workspace already; or if there
        is no room. Then everything is as it was.
    """
    home = settings.home()
    with _alone(home), _opened(source) as archive:
        manifest = verified(archive, source)
        damaged = _damaged()
        engine = open_database() if damaged is None else None
        if not replace and (engine is None or _occupied(engine, home)):
            message = (
                f"There is a workspace in {home} already; say --replace to put the backup in its place (it is kept "
                "aside), or set CLINICODE_HOME to an empty folder."
            )
            raise ClinicodeError(message)
        token = secrets.randbelow(2**31 - 1) + 1
        staging = home / f"restore-{token}"
        try:
            aside = _keep_aside(engine, damaged, home) if replace else None
            rows = _rows(archive, manifest, source)
            _stage(archive, manifest, staging, home)
            if engine is not None:
                with engine.begin() as connection:
                    fill(connection, rows, token)
            else:
                _put_anew(Path(damaged or ""), rows, token, staging)
        except (OSError, zipfile.BadZipFile, zlib.error) as error:
            reason = getattr(error, "strerror", None) or "the file changed meanwhile"
            message = f"The backup cannot be restored ({reason}); nothing was changed. Make room in {home}."
            raise ClinicodeError(message) from error
        except SQLAlchemyError as error:
            message = f"The database did not take the backup ({reason_of(error)}); nothing was restored."
            raise ClinicodeError(message) from error
        finally:
            _settle(engine or create_engine(address()), home)
        return Restored(manifest, aside)


def settle(engine: Engine) -> None:
    """Finish a restore that was killed after its rows were in the database; throw away one that was killed before.

    Raises
    ------
    ClinicodeError
        If its files cannot be put in place.
    """
    home = settings.home()
    with suppress(_BusyError), _alone(home):  # one at work settles for itself
        _settle(engine, home)


class _BusyError(ClinicodeError):
    """Somebody is restoring."""


def verified(archive: zipfile.ZipFile, source: Path) -> Manifest:
    """What a backup says of itself, once every byte of it is what it says.

    Raises
    ------
    ClinicodeError
        If it is damaged, or a newer Clinicode wrote it.
    """
    damaged = ClinicodeError(DAMAGED.format(source))
    try:
        told = json.loads(archive.read(MANIFEST))
        if told.pop("format") != FORMAT:
            raise damaged
        if told.pop("version") > VERSION or int(told["schema"][1:]) > int(HEAD[1:]):
            message = f"A newer Clinicode ({told['clinicode']}) wrote {source}; update this one to restore it."
            raise ClinicodeError(message)
        told["tables"] = {name: Rows(**rows) for name, rows in told["tables"].items()}
        told["members"] = {name: Member(**member) for name, member in told["members"].items()}
        manifest = Manifest(**told)
        if sorted(archive.namelist()) != sorted([MANIFEST, *manifest.members]):
            raise damaged
        for name, member in manifest.members.items():
            path, digest, size = PurePosixPath(name), hashlib.sha256(), 0
            with archive.open(name) as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    size += len(block)
            if path.is_absolute() or ".." in path.parts or Member(size, digest.hexdigest()) != member:
                raise damaged
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise damaged from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise damaged from error
    return manifest


def fill(connection: Connection, rows: Engine, token: int) -> None:
    """Put rows in the place of all that a database holds, within one transaction, and mark it with a token."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    tables = reflected(connection, tables_at(HEAD))
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    numbers = {table.name: following(connection, table) for table in tables}
    for table in reversed(tables):
        connection.execute(delete(table))
    with rows.connect() as read:
        for table, source in zip(tables, _in_order(reflected(read, list(numbers)), tables), strict=True):
            found = read.execution_options(yield_per=ROWS_AT_ONCE).execute(select(source)).mappings()
            while some := list(islice(found, ROWS_AT_ONCE)):
                connection.execute(insert(table), [{name: _moment(row[name]) for name in row} for row in some])
            _count_from(connection, table, max(numbers[table.name], following(read, source)))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {token}")
    else:
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS 'restored {token}'")


def _mark(connection: Connection) -> int:
    """The token of the restore that a database has had last; 0 where it had none."""
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    said = connection.exec_driver_sql("SELECT obj_description('alembic_version'::regclass)").scalar()
    return int(str(said or "restored 0").rpartition(" ")[2])


def _settle(engine: Engine, home: Path) -> None:
    waiting = sorted(home.glob("restore-*"))
    try:
        with engine.connect() as connection:
            mark = _mark(connection)
    except (SQLAlchemyError, ClinicodeError):
        if _damaged() is None:  # whoever opens the workspace next can tell
            return
        mark = 0
    finally:
        engine.dispose()
    for folder in filter(Path.is_dir, waiting):
        if folder.name != f"restore-{mark}":
            shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            _put_files(folder, home)
        except OSError as error:
            told = _(
                "The rows of a backup are restored, but its files in {folder} cannot be put in place ({strerror}); "
                "make room and start again: it goes on from there."
            )
            message = told.format(folder=folder, strerror=error.strerror)
            raise ClinicodeError(message) from error


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """No other restore at the same time."""
    try:
        lock = (home / LOCK).open("w")
    except OSError as error:
        told = _("{place} cannot be written ({strerror}); make it writable or set {variable}.")
        message = told.format(place=home, strerror=error.strerror, variable="CLINICODE_HOME")
        raise ClinicodeError(message) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _BusyError(_("A backup is being restored here just now; wait until that is done.")) from error
        yield


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or "it is no backup, or only a part of one"
        message = f"{source} cannot be read ({reason}); nothing was restored."
        raise ClinicodeError(message) from error
    with archive:
        if MANIFEST not in archive.namelist():
            message = f"{source} is no backup; choose a file that `clinicode backup` wrote."
            raise ClinicodeError(message)
        yield archive


def _damaged() -> Path | None:
    """The file of the workspace database where it is a SQLite database that cannot be read."""
    where = address()
    path = Path(where.database or "") if where.get_backend_name() == "sqlite" else None
    if path is None or not path.is_file():
        return None
    if not path.stat().st_size and not Path(f"{path}-wal").exists():
        return path
    try:
        with closing(sqlite3.connect(path)) as connection:
            return None if connection.execute("PRAGMA integrity_check").fetchone() == ("ok",) else path
    except sqlite3.DatabaseError:
        return path


def _occupied(engine: Engine, home: Path) -> bool:
    with engine.connect() as connection:
        tables = reflected(connection, tables_at(HEAD))
        counts = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    return any(counts) or bool(created_files(home))


def _keep_aside(engine: Engine | None, damaged: Path | None, home: Path) -> Path | None:
    """What is there, as a backup, or as it is where its database cannot be read; None where there is nothing."""
    place = home / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    if engine is not None:
        if not _occupied(engine, home):
            return None
        backup(place.with_suffix(".zip"))
        return place.with_suffix(".zip")
    sources = [*created_files(home), *(Path(f"{damaged}{ending}") for ending in ("", "-wal", "-shm"))]
    for path in filter(Path.is_file, sources):
        target = place / (path.relative_to(home) if path.is_relative_to(home) else path.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return place


def _rows(archive: zipfile.ZipFile, manifest: Manifest, source: Path) -> Engine:
    """The rows of a backup in a private database, brought up to this release's step."""
    engine = private()
    upgrade(engine, manifest.schema)
    try:
        with engine.begin() as connection:
            for table in reflected(connection, list(manifest.tables)):
                moments = {column.name for column in table.columns if isinstance(column.type, DateTime)}
                count = 0
                with archive.open(f"database/{table.name}.jsonl") as lines:
                    while some := [_parsed(line, moments) for line in islice(lines, ROWS_AT_ONCE)]:
                        connection.execute(insert(table), some)
                        count += len(some)
                if count != manifest.tables[table.name].count:
                    raise ClinicodeError(DAMAGED.format(source))
                _count_from(connection, table, manifest.tables[table.name].following)
    except (KeyError, TypeError, ValueError, SQLAlchemyError) as error:
        raise ClinicodeError(DAMAGED.format(source)) from error
    upgrade(engine)
    return engine


def _stage(archive: zipfile.ZipFile, manifest: Manifest, staging: Path, home: Path) -> None:
    """Unpack the files beside the workspace; the folder has its name once all of them are there."""
    partial = staging.with_suffix(".part")
    (partial / "files").mkdir(parents=True)
    for name in manifest.files:
        target = partial / "files" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(f"home/{name}") as file, target.open("wb") as out:
            shutil.copyfileobj(file, out, BLOCK)
    old = {path.relative_to(home).as_posix() for path in created_files(home)}
    plan = {"put": manifest.files, "drop": sorted(old - set(manifest.files))}
    (partial / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    partial.rename(staging)


def _put_files(staging: Path, home: Path) -> None:
    """Move the files that were made ready into their places; begun again where it was cut short. The plan goes last."""
    done = not (staging / PLAN).exists()
    plan = {"put": [], "drop": []} if done else json.loads((staging / PLAN).read_text(encoding="utf-8"))
    for name in sorted(plan["put"], key=lambda name: (name.endswith(".json"), name)):  # a table's JSON after its rows
        with suppress(FileNotFoundError):
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / "files" / name).replace(home / name)
    for name in plan["drop"]:
        (home / name).unlink(missing_ok=True)
        _sweep((home / name).parent, home)
    (staging / PLAN).unlink(missing_ok=True)
    shutil.rmtree(staging)


def _sweep(folder: Path, home: Path) -> None:
    """Take a folder away in which nothing but locks is left, and those above it."""
    while folder != home and folder.is_dir():
        if not all(any(fnmatch(path.name, pattern) for pattern in PASSING) for path in folder.iterdir()):
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder = folder.parent


def _put_anew(damaged: Path, rows: Engine, token: int, staging: Path) -> None:
    """A new SQLite database in the place of one that cannot be read, a copy of which was kept."""
    made = staging / damaged.name
    engine = create_engine(f"sqlite:///{made}")
    upgrade(engine)
    with engine.begin() as connection:
        fill(connection, rows, token)
    engine.dispose()
    for ending in ("-wal", "-shm"):  # what they hold is of the old file
        Path(f"{damaged}{ending}").unlink(missing_ok=True)
    made.replace(damaged)


def _count_from(connection: Connection, table: Table, number: int) -> None:
    """Let a table's next row have this number."""
    if not number:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (table.name, number - 1))
    else:
        column = table.autoincrement_column
        sequence = func.pg_get_serial_sequence(table.name, column.name if column is not None else "")
        connection.execute(select(func.setval(sequence, number, False)))


def _in_order(tables: list[Table], of: list[Table]) -> list[Table]:
    named = {table.name: table for table in tables}
    return [named[table.name] for table in of]


def _parsed(line: bytes, moments: set[str]) -> dict[str, object]:
    row = json.loads(line)
    return {name: instant(value) if name in moments and value else value for name, value in row.items()}


def _moment(value: object) -> object:
    return zoned(value) if isinstance(value, datetime) else value
