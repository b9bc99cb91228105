"""A workspace of any age opens: new, from before the first migration, and not one that a later release wrote."""

import pytest
from sqlalchemy import create_engine, inspect, text

from core.database import open_database
from core.errors import ClinicodeError
from core.retrieve.memory import REMEMBERED, Reviewed, TeamMemory


def test_a_new_workspace_has_every_table_and_is_opened_again(database):
    for _ in range(2):
        engine = open_database()
        found = set(inspect(engine).get_table_names())
        assert {"remembered", "project", "document", "event", "work", "assignment", "taught"} <= found
        engine.dispose()


def test_what_an_older_release_remembered_is_kept(database, tmp_path):
    import os

    url = os.environ.get("CLINICODE_DATABASE_URL") or f"sqlite:///{tmp_path / 'workspace.db'}"
    old = create_engine(url)
    REMEMBERED.create(old)
    TeamMemory(old).remember([Reviewed("tos seca", "R05.9", "es")])
    old.dispose()
    (term,) = TeamMemory().terms()
    assert (term.text, term.code) == ("tos seca", "R05.9")


def test_a_workspace_of_a_later_release_is_refused(database):
    engine = open_database()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v99'"))
    engine.dispose()
    with pytest.raises(ClinicodeError, match="newer Clinicode"):
        open_database()


def test_the_migrations_make_the_tables_that_the_code_names(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    import core.review.schema  # noqa: F401
    from core.database import metadata

    with open_database().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
