"""The tables of the review store. Documents and events are the truth; the others follow from them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from core.database import metadata

NUMBER = BigInteger().with_variant(Integer, "sqlite")

PROJECT = Table(
    "project",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("settings", JSON, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)
DOCUMENT = Table(
    "document",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("project", NUMBER, ForeignKey("project.id"), nullable=False),
    Column("name", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("imported", DateTime(timezone=True), nullable=False),
    Column("uncertainty", Float),
    UniqueConstraint("project", "sha256", name="document_once"),
    sqlite_autoincrement=True,
)
EVENT = Table(
    "event",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("project", NUMBER, nullable=False),
    Column("document", NUMBER),
    Column("lane", String(100), nullable=False),
    Column("version", Integer),
    Column("actor", String(100), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("annotation", String(40), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    UniqueConstraint("document", "lane", "version", name="event_once"),
    Index("event_project", "project", "id"),
    sqlite_autoincrement=True,
)
"""Append-only. `event_once` is what keeps two people from writing over each other: a version is written once."""
WORK = Table(
    "work",
    metadata,
    Column("document", NUMBER, primary_key=True, autoincrement=False),
    Column("lane", String(100), primary_key=True),
    Column("project", NUMBER, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("open", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("unsure", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("state", JSON, nullable=False),
)
ASSIGNMENT = Table(
    "assignment",
    metadata,
    Column("document", NUMBER, primary_key=True, autoincrement=False),
    Column("reviewer", String(100), primary_key=True),
    Column("project", NUMBER, nullable=False, index=True),
)
TAUGHT = Table(
    "taught",
    metadata,
    Column("document", NUMBER, primary_key=True, autoincrement=False),
    Column("lane", String(100), primary_key=True),
    Column("annotation", String(40), primary_key=True),
    Column("code", String(16), primary_key=True),
    Column("project", NUMBER, nullable=False, index=True),
    Column("folded", String(1000), primary_key=True),
    Column("text", String(1000), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""Pairs that decisions put into the team memory, so that each can be taken out again."""
FOLLOWING = (WORK, ASSIGNMENT, TAUGHT)
