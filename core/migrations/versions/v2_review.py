"""The review store: projects, documents, the event log, and what follows from it."""

import sqlalchemy as sa
from alembic import op

revision = "v2"
down_revision = "v1"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION event_stays() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$ "
        "LANGUAGE plpgsql",
        "CREATE TRIGGER event_stays BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION event_stays()",
    ),
}


def upgrade() -> None:
    """Create the tables, and what keeps the log from being changed."""
    op.create_table(
        "project",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "document",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("project", NUMBER, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("imported", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uncertainty", sa.Float),
        sa.UniqueConstraint("project", "sha256", name="document_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("project", NUMBER, nullable=False),
        sa.Column("document", NUMBER),
        sa.Column("lane", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("annotation", sa.String(40), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.UniqueConstraint("document", "lane", "version", name="event_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("event_project", "event", ["project", "id"])
    op.create_table(
        "work",
        sa.Column("document", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("lane", sa.String(100), primary_key=True),
        sa.Column("project", NUMBER, nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("unsure", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
    )
    op.create_table(
        "assignment",
        sa.Column("document", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("reviewer", sa.String(100), primary_key=True),
        sa.Column("project", NUMBER, nullable=False, index=True),
    )
    op.create_table(
        "taught",
        sa.Column("document", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("lane", sa.String(100), primary_key=True),
        sa.Column("annotation", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("project", NUMBER, nullable=False, index=True),
        sa.Column("folded", sa.String(1000), primary_key=True),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for guard in GUARDS.get(op.get_bind().dialect.name, ()):
        op.execute(guard)
