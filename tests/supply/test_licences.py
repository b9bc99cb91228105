"""Nothing comes in under a licence that has not been looked at, and SECURITY.md lists them all."""

import re

import pytest

from tests.conftest import ROOT
from tests.supply.test_lock import LICENCES

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CNRI-Python", "ISC", "LGPL-3.0-only", "MIT", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
"""Permissive ones; MPL and LGPL (psycopg) bind those files alone, which are installed unchanged."""

FOUND = LICENCES.licences()


def rows(under: str) -> dict[str, str]:
    """The rows of the table that follows a heading: the first cell and the rest."""
    block = PAGE.partition(f"### {under}\n")[2].partition("\n#")[0]
    found = re.findall(r"^\| ([^|]+) \| (.+) \|$", block, re.MULTILINE)[2:]
    return dict(found)


def test_most_of_what_is_locked_is_installed_and_has_a_licence():
    assert len(FOUND) > 80
    assert [name for name, said in FOUND.items() if not said] == []


@pytest.mark.parametrize("name", sorted(FOUND))
def test_a_licence_is_one_that_was_looked_at(name):
    parts = set(re.split(r" AND | OR ", FOUND[name]))
    chosen = parts & ALLOWED if " OR " in FOUND[name] else parts
    assert chosen
    assert chosen <= ALLOWED, f"{name} is under {FOUND[name]}"


def test_every_package_stands_in_the_table_under_its_licence():
    listed = {name: said for said, names in rows("Licences of what is installed").items() for name in names.split(", ")}
    assert {name: listed.get(name) for name in FOUND} == FOUND, "make licences"


def test_every_folder_of_models_and_data_stands_in_the_table():
    listed = " ".join(rows("Licences of models and data"))
    folders = [*(ROOT / "assets").iterdir(), *(ROOT / "assets" / "models").iterdir()]
    shipped = [path for path in folders if path.is_dir() and path.name not in ("models", "interface")]
    missing = [path.name for path in shipped if f"`{path.relative_to(ROOT).as_posix()}`" not in listed]
    assert missing == []
