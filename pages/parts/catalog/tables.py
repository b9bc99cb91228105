"""Code sets and tables: what is imported, and what codes with it."""

from __future__ import annotations

from pages.parts import tables


def section() -> None:
    """The same as wherever tables are brought in."""
    tables.section()
