"""A PostgreSQL database of a test's own in the server that `.ci/run` starts, and when nobody else is at work in it."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, text

POSTGRES = os.environ.get("CLINICODE_TEST_POSTGRES", "")


@contextmanager
def new_database(prefix: str) -> Iterator[str]:
    """The address of a new, empty database, which is gone afterwards; without a server the test is skipped."""
    if not POSTGRES:
        pytest.skip("CLINICODE_TEST_POSTGRES names no PostgreSQL (.ci/run starts one)")
    name = f"{prefix}_{uuid.uuid4().hex[:12]}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    base, _, query = POSTGRES.partition("?")
    yield base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def alone(engine: Engine) -> None:
    """Wait until PostgreSQL has done the last that a killed process had asked for: its connection ends after that."""
    engine.dispose()
    if engine.dialect.name != "postgresql":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    until = time.monotonic() + 60
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(others).scalar_one():
            assert time.monotonic() < until
            time.sleep(0.05)
