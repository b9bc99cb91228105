"""A PostgreSQL database of a test's own, in the server that `.ci/run` starts."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text

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
