"""The Catalog page through Streamlit's own test runner, and what its parts make of the book."""

import subprocess
import sys

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from core.catalog.build import load_frame
from core.catalog.tables import store
from core.catalog.tables.model import System
from core.catalog.tables.store import Imported
from core.retrieve.memory import Reviewed, TeamMemory
from core.settings import ASSETS
from pages.parts.catalog.text import inherited_notes, pieces
from pages.parts.catalog.tree import opened

ROOT = ASSETS.parent


@pytest.fixture
def home(monkeypatch, furnished):
    """A workspace of the test's own; the book is loaded already."""
    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    return furnished


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/catalog.py").run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.subheader, app.warning, app.info, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_it_opens_with_an_example(home):
    app = page()
    assert app.subheader[0].value.startswith("Chronic obstructive pulmonary disease with (acute) lower")
    assert "ICD-10-CM April 2026" in shown(app)


@pytest.mark.parametrize("typed", ["E11.9", "e119", "e11.9", "E119"])
def test_the_address_opens_a_code_however_it_is_written(home, typed):
    app = page(code=typed)
    assert app.subheader[0].value == "Type 2 diabetes mellitus without complications"
    assert "billable" in shown(app)


def test_chapters_and_blocks_have_addresses_too(home):
    assert app_title(page(code="9")).startswith("Diseases of the circulatory system")
    assert app_title(page(code="I20-I25")).startswith("Ischemic heart diseases")


def app_title(app: AppTest) -> str:
    return app.subheader[0].value


@pytest.mark.parametrize("typed", ["E11.95", "<img src=x>", "**I21**", "x" * 3000])
def test_an_unknown_code_is_said_so_with_near_ones(home, typed):
    app = page(code=typed)
    assert "is not in ICD-10-CM April 2026" in app.warning[0].value
    assert not app.subheader
    if typed == "E11.95":
        assert "E11.9" in app.warning[0].value


def test_words_find_codes_by_chapter(home):
    app = page()
    app.text_input(key="catalog_search").set_value("asthma").run()
    assert not app.exception
    assert "**10. Diseases of the respiratory system" in shown(app)
    app.text_input(key="catalog_search").set_value("asthma zzz").run()
    assert "All words must occur" in shown(app)


def test_a_header_says_how_many_codes_it_has(home):
    assert "**Under it** (10; 87 billable at any depth)" in shown(page(code="E11"))


@pytest.mark.parametrize("section", ["Book", "Changes", "Tables"])
def test_every_section_opens_from_its_address(home, section):
    app = page(section=section)
    assert app.get("button_group") or app.segmented_control


@pytest.fixture
def older(home, catalog):
    """A second release: one code fewer, one more, one with another title."""
    frame = load_frame(home)
    less = frame.filter(pl.col("code") != "E11.A").with_columns(
        pl.when(pl.col("code") == "I21.4").then(pl.lit("NSTEMI of old")).otherwise("title").alias("title"),
        pl.when(pl.col("code") == "E11.9").then(pl.lit("E11.99")).otherwise("code").alias("code"),
        pl.col("children").list.eval(pl.element().filter(pl.element() != "E11.A").replace({"E11.9": "E11.99"})),
    )
    told = {"file": "x.xml", "sha256": "0", "day": "2026-01-01", "form": "x", "encoding": "utf-8", "against": ""}
    counts = dict.fromkeys(("rows_in", "rejected", "left_out", "same", "differs", "only"), 0)
    store.save(
        Imported(
            name="older", set_name="icd-10-cm-2020", system=System.CM, lang="en", release="2020", part="", book=True,
            rows="", **told, **counts,
        ),
        less,
    )  # fmt: skip


def test_changes_between_releases_are_listed_and_filtered(older):
    app = page(section="Changes")
    assert "4 of 4 changes" in shown(app)
    table = app.dataframe[0].value
    rows = {tuple(row) for row in table.itertuples(index=False)}
    new = "Non-ST elevation (NSTEMI) myocardial infarction"
    assert ("Retitled", "I21.4", "NSTEMI of old", new) in rows
    assert ("Removed", "E11.99", "Type 2 diabetes mellitus without complications", "") in rows
    assert {row[1] for row in rows if row[0] == "Added"} == {"E11.9", "E11.A"}
    app.text_input(key="changes_words").set_value("nstemi old").run()
    assert "1 of 4 changes" in shown(app)
    app.text_input(key="changes_words").set_value("e11a").run()
    assert list(app.dataframe[0].value["Code"]) == ["E11.A"]


def test_a_code_says_what_another_release_has_for_it(older):
    assert "ICD-10-CM 2020\\: “NSTEMI of old”." in shown(page(code="I21.4"))
    assert "ICD-10-CM 2020 does not have this code." in shown(page(code="E11.A"))


def test_the_terms_of_the_team_are_read_anew_each_time(home):
    from pages.parts.catalog.terms import remembered

    assert remembered("I21.4") == []
    TeamMemory().remember([Reviewed("infart sense elevació", "I21.4", "ca"), Reviewed("fever", "R50.9", "en")])
    assert [(term.text, term.count) for term in remembered("I21.4")] == [("infart sense elevació", 1)]
    app = page(code="I21.4")
    with_it = int(shown(app).rpartition("**Found by these terms** (")[2].partition(")")[0])
    TeamMemory().forget()
    app.run()
    assert f"**Found by these terms** ({with_it - 1})" in shown(app)


def test_terms_are_filtered_by_language_and_source(home):
    app = page(code="I21.4")
    app.selectbox(key="catalog_terms_language").set_value("de")
    app.selectbox(key="catalog_terms_source").set_value("inclusion term").run()
    assert not app.exception
    assert "No term of this language and source." in shown(app)


def test_only_the_children_of_what_is_open_are_sent(catalog):
    assert list(opened(catalog, ())) == [""]
    nodes = opened(catalog, {"9", "I20-I25", "C00-C14", "nothing"})
    assert list(nodes) == ["", "9", "I20-I25"]
    assert [node.code for node in nodes["I20-I25"]] == ["I20", "I21", "I22", "I23", "I24", "I25"]
    assert nodes["I20-I25"][1].count == len(catalog.leaves("I21")) == 13
    block = next(node for node in nodes["9"] if node.code == "I20-I25")
    assert block.title == "Ischemic heart diseases"


def test_a_title_that_goes_on_from_the_one_above_is_shown_from_where_it_differs(catalog):
    leaf = opened(catalog, {"19", "S70-S79", "S72", "S72.0", "S72.00", "S72.001"})["S72.001"][0]
    assert leaf.short == "… initial encounter for closed fracture"
    assert leaf.title == "Fracture of unspecified part of neck of right femur, initial encounter for closed fracture"


def links(line: str, catalog) -> list[tuple[str, str]]:
    return [(piece.text, piece.code) for piece in pieces(line, catalog) if piece.code]


def test_codes_in_a_note_become_links_and_nothing_is_lost(catalog):
    line = "type of asthma, if applicable (J45.-)"
    assert links(line, catalog) == [("J45", "J45")]
    assert "".join(piece.text for piece in pieces(line, catalog)) == line
    assert links("neoplasms (C00-D49)", catalog) == [("C00-D49", "2")]
    assert links("mental disorders (F10-F19)", catalog) == [("F10-F19", "F10-F19")]
    assert links("nephropathy (N14.0-N14.2)", catalog) == [("N14.0", "N14.0"), ("N14.2", "N14.2")]
    assert links("underdosing (Z91.12-, Z91.13-)", catalog) == [("Z91.12", "Z91.12"), ("Z91.13", "Z91.13")]
    assert links("vitamin B12 deficiency", catalog) == []
    assert links("retired code (Z99.999)", catalog) == []


def test_every_line_of_the_book_is_kept_word_for_word(catalog):
    for code in catalog.everything():
        for _, lines in code.notes.printed():
            for line in lines:
                assert "".join(piece.text for piece in pieces(line, catalog)) == line


def test_notes_are_inherited_from_the_nearest_first(catalog):
    found = inherited_notes(catalog["J44.0"], catalog)
    assert [above.code for above in found] == ["J44", "J40-J4A", "10"]
    assert [above.open for above in found] == [True, False, False]
    assert "Excludes1" in found[1].says


def test_the_page_needs_no_model(home):
    program = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=180)\n"
        "app.switch_page('pages/catalog.py').run()\n"
        "assert not app.exception and app.subheader\n"
        "print([name for name in ('torch', 'faiss', 'sentence_transformers', 'lightgbm') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
