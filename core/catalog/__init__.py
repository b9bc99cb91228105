"""Code sets: ICD-10-CM as the book prints it, its hierarchy and its notes."""

from core.catalog.catalog import Catalog
from core.catalog.code import Code, Level, Notes
from core.catalog.load import load_catalog

__all__ = ["Catalog", "Code", "Level", "Notes", "load_catalog"]
