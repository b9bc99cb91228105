import subprocess
import sys

import polars as pl
import pytest

from core.catalog import Level, load_catalog
from core.errors import ClinicodeError


def test_holds_every_header_and_leaf_of_the_release(catalog):
    assert catalog.label == "ICD-10-CM April 2026"
    assert len(catalog) == 98_186
    assert len(catalog.chapters()) == 22


def test_a_code_knows_its_place_and_its_notes(catalog):
    code = catalog["I21.4"]
    assert code.title == "Non-ST elevation (NSTEMI) myocardial infarction"
    assert code.level is Level.SUBCATEGORY
    assert code.parent == "I21"
    assert code.billable
    assert "Non-Q wave myocardial infarction NOS" in code.inclusion_terms
    header = catalog["I21"]
    assert not header.billable
    assert "I21.4" in header.children
    assert "old myocardial infarction (I25.2)" in header.notes.excludes2
    assert [above.code for above in catalog.ancestors("I21.4")] == ["9", "I20-I25", "I21"]


def test_a_block_of_one_category_is_not_that_category(catalog):
    assert catalog["B20"].parent == "B20-B20"
    assert catalog["B20-B20"].level is Level.BLOCK
    assert catalog["B20"].billable
    assert "B20-B20" not in catalog
    assert not catalog["B20-B20"].billable


@pytest.mark.parametrize("typed", ["e11.21", "E1121", " E11.21 ", "e1121"])
def test_finds_a_code_however_it_is_typed(catalog, typed):
    assert catalog.find(typed).code == "E11.21"


@pytest.mark.parametrize(("typed", "near"), [("I21.44", "I21.4"), ("S25.02X", "S25.02XA"), ("E1", "E11")])
def test_an_unknown_code_names_near_ones(catalog, typed, near):
    with pytest.raises(ClinicodeError, match="is not in ICD-10-CM April 2026") as error:
        catalog.find(typed)
    assert near in str(error.value)


@pytest.mark.parametrize("typed", ["", "  ", "☃", "x" * 5000, "I21.4; DROP TABLE"])
def test_nonsense_is_no_code(catalog, typed):
    with pytest.raises(ClinicodeError):
        catalog.find(typed)


def test_leaves_are_the_billable_codes_below(catalog):
    leaves = catalog.leaves("I21")
    assert "I21.4" in leaves
    assert "I21" not in leaves
    assert all(catalog.billable(leaf) for leaf in leaves)
    assert catalog.leaves("I21.4") == ("I21.4",)
    assert set(leaves) == {code.code for code in catalog if code.code.startswith("I21") and code.billable}


def test_the_beginning_of_a_code_lists_what_starts_so(catalog):
    found = [code.code for code in catalog.starting_with("e11.2")]
    assert found[:2] == ["E11.2", "E11.21"]
    assert catalog.starting_with("?") == ()


@pytest.mark.parametrize("typed", ["I21", "e11.2", "S72001A", "Z9"])
def test_what_looks_like_a_code(catalog, typed):
    assert catalog.looks_like_code(typed)


@pytest.mark.parametrize("typed", ["gripe", "H1N1 influenza", "covid", "FA", "DM2", "a b", ""])
def test_what_does_not_look_like_a_code(catalog, typed):
    assert not catalog.looks_like_code(typed)


def test_terms_are_titles_and_inclusion_terms(catalog):
    terms = catalog.terms()
    assert terms.filter(~pl.col("inclusion")).height == len(catalog)
    row = terms.filter(pl.col("text") == "Non-Q wave myocardial infarction NOS")
    assert row["code"].to_list() == ["I21.4"]


def test_a_damaged_cache_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    load_catalog()
    (cache,) = tmp_path.glob("catalog-*.parquet")
    cache.write_bytes(b"not a table")
    assert load_catalog()["I10"].title == "Essential (primary) hypertension"
    assert cache.stat().st_size > 100_000


def test_reading_the_cache_does_not_parse_the_book(workspace, catalog):
    check = (
        "import sys; from core.catalog import load_catalog; load_catalog(); sys.exit('simple_icd_10_cm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
