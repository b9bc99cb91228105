"""The code set that the product codes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.catalog.catalog import Catalog


def load_catalog(name: str = "") -> Catalog:
    """A code set by its name, ``icd-10-cm`` for the installed release; without a name the one that was chosen.

    Raises
    ------
    ClinicodeError
        If there is none of this name.
    """
    from core.catalog.tables import sets  # noqa: PLC0415  tables are built on the catalog

    return sets.open_set(name or sets.chosen())
