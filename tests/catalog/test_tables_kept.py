"""Tables kept, compared with ICD-10-CM, and used as code sets."""

import json

import pytest

from core.catalog import Level, load_catalog
from core.catalog.tables import sets, store
from core.catalog.tables.bring import Wanted, bring, keep
from core.catalog.tables.compare import Retitled, compare
from core.catalog.tables.match import comparable, known_differences, standings
from core.catalog.tables.model import Row, Standing, System
from core.catalog.tables.read import open_bytes
from core.catalog.tables.titles import LocalTitle, local_titles
from core.errors import ClinicodeError
from core.retrieve.candidate import Source
from core.retrieve.entries import entries
from tests.catalog import files


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    monkeypatch.delenv("CLINICODE_CODE_SET", raising=False)
    return tmp_path


@pytest.fixture
def bring_in(home, encoder):
    def brought(name, data, **said):
        data = data if isinstance(data, bytes) else data.encode()
        return keep(bring(open_bytes(name, data), Wanted(**said), lambda: encoder))

    return brought


PORTUGUESE = (
    "CAT;CLASSIF;DESCRICAO;DESCRABREV;REFER;EXCLUIDOS;\n"
    "A00;;Cólera;;;;\nI10;;Hipertensão essencial (primária);;;;\nJ45;;Fratura do fêmur;;;;\nX99;;Outra coisa;;;;\n"
    "B99;;Só um exemplo;;;;\n"
)


def test_a_who_code_is_the_same_only_if_its_title_says_so(catalog, encoder):
    rows = [
        Row("I10", "Hypertension artérielle essentielle", 1),
        Row("J45", "Fracture du fémur", 2),
        Row("J45.9", "Asthme, sans précision", 3),
        Row("W01.0", "Chute de plain-pied, domicile", 4),
        Row("J45.99", "Asthme", 5),
        Row("X99.9", "Agression", 6),
        Row("Q99.97", "Rien", 7),
        Row("S72.1", "Fracture du radius", 8),
    ]
    found = dict(zip([row.code for row in rows], standings(rows, System.CIM, catalog, encoder), strict=True))
    assert found["I10"] is Standing.SAME
    assert found["J45"] is Standing.DIFFERS
    assert found["J45.9"] is Standing.SAME
    assert found["W01.0"] is Standing.DIFFERS
    assert found["Q99.97"] is Standing.ONLY
    assert found["S72.1"] is Standing.DIFFERS


@pytest.mark.parametrize("code", ["W01.0", "X60.1", "Y34.9", "V90.1", "S72.01", "E11.72"])
def test_characters_that_mean_something_else_by_their_place_cannot_be_compared(code):
    assert not comparable(code)


@pytest.mark.parametrize("code", ["W01", "Y06.0", "Y83.1", "V01.1", "S72.0", "I10"])
def test_other_codes_can(code):
    assert comparable(code)


def test_listed_codes_differ_whatever_their_title_and_only_in_the_systems_named(catalog, encoder):
    title = catalog.title("K58.1")
    rows = [Row("E11.0", catalog.title("E11.0"), 1), Row("K58.1", title, 2)]
    assert standings(rows, System.GM, catalog, encoder) == [Standing.DIFFERS, Standing.DIFFERS]
    assert standings(rows, System.CID, catalog, encoder) == [Standing.DIFFERS, Standing.SAME]


def test_every_listed_code_begins_codes_of_the_catalog(catalog):
    for system in (System.CID, System.CIM, System.GM, System.WHO):
        assert all(catalog.starting_with(stem.rstrip(".")) for stem in known_differences(system))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "system", "rows", "most_rejected", "least_matched"),
    [
        ("CID-10-CATEGORIAS.CSV", "cid-10", 2045, 0, 1800),
        ("CID-10-SUBCATEGORIAS.CSV", "cid-10", 12451, 0, 8500),
        ("LIBCIM10MULTI_saufch20.TXT", "cim-10", 15789, 0, 9000),
        ("icd10gm_2025_rubrics.tsv", "icd-10-gm", 12518, 0, 8500),
    ],
)
def test_real_tables_are_recognised_and_matched(
    bring_in, public_data, name, system, rows, most_rejected, least_matched
):
    table = bring_in(name, (public_data / "national" / name).read_bytes())
    assert (table.system.value, table.rows_in) == (system, rows)
    assert table.rejected <= most_rejected
    assert table.same >= least_matched
    assert table.same + table.differs + table.only + table.left_out + table.rejected == rows


def test_a_clinical_table_matches_code_by_code_without_an_encoder(catalog):
    rows = [Row("S52.501A", "Lo que sea", 1), Row("A00.7", "Nada", 2)]
    assert standings(rows, System.CIE, catalog, None) == [Standing.SAME, Standing.ONLY]


def test_an_import_says_what_became_of_its_rows(bring_in, home):
    table = bring_in("c.csv", PORTUGUESE)
    assert (table.name, table.set_name, table.label) == ("cid-10-categories", "cid-10", "CID-10, categories")
    standing = dict(store.rows(table).select("code", "standing").rows())
    assert standing == {"A00": "same", "I10": "same", "J45": "differs", "X99": "differs", "B99": standing["B99"]}
    assert (table.rows_in, table.rejected, table.same + table.differs, table.only) == (5, 0, 5, 0)
    assert store.tables() == (table,)
    assert len(table.sha256) == 64
    assert store.rows(table)["code"].to_list() == ["A00", "I10", "J45", "X99", "B99"]


def test_importing_again_replaces_and_leaves_nothing_behind(bring_in, home):
    bring_in("c.csv", PORTUGUESE)
    before = store.version()
    table = bring_in("d.csv", PORTUGUESE.replace("J45;;Fratura do fêmur;;;;\n", ""))
    assert [one.file for one in store.tables()] == ["d.csv"]
    assert table.rows_in == 4
    assert len(list((home / "tables").iterdir())) == 2
    assert store.version() != before


def test_an_import_that_cannot_be_written_leaves_what_was_there(bring_in, home, monkeypatch):
    table = bring_in("c.csv", PORTUGUESE)

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(ClinicodeError, match="No space left"):
        bring_in("d.csv", PORTUGUESE)
    assert store.tables() == (table,)
    assert len(list((home / "tables").iterdir())) == 2


def test_a_file_that_is_mostly_bad_imports_nothing(bring_in, home):
    with pytest.raises(ClinicodeError, match="nothing is imported"):
        bring_in("c.csv", PORTUGUESE.replace("A00", "??").replace("I10", "??").replace("J45", "??"))
    assert store.tables() == ()


def test_a_damaged_table_says_what_to_do(bring_in, home, catalog):
    table = bring_in("c.csv", PORTUGUESE)
    (home / "tables" / table.rows).write_bytes(b"broken")
    with pytest.raises(ClinicodeError, match=r"import c.csv again"):
        store.rows(table)
    assert len(local_titles()) == 0
    assert not any(term.source is Source.NATIONAL for term in entries(load_catalog()))
    (home / "tables" / f"{table.name}.json").write_text("{", encoding="utf-8")
    assert store.tables() == ()


def test_titles_stand_beside_the_book_s_where_the_code_is_the_same(bring_in):
    bring_in("c.csv", PORTUGUESE)
    titles = local_titles()
    assert titles.of("A00") == (LocalTitle("pt", "Cólera", "CID-10, categories"),)
    assert titles.of("A00", "fr") == ()
    assert titles.of("J45") == ()
    assert [one.title for one in titles.elsewhere("J45")] == ["Fratura do fêmur"]
    store.remove("cid-10-categories")
    assert local_titles().of("A00") == ()


def test_titles_of_same_codes_lead_to_them_and_others_do_not(bring_in):
    bring_in("c.csv", PORTUGUESE)
    found = {(term.text, term.code, term.lang) for term in entries(load_catalog()) if term.source is Source.NATIONAL}
    assert ("Cólera", "A00", "pt") in found
    assert not any(code in ("J45", "X99") and "Fratura" in text for text, code, _ in found)


def test_spanish_titles_apply_code_by_code(bring_in):
    table = bring_in("CIE-10-ES 2024.xlsx", files.workbook(files.SPANISH), system="cie-10-es")
    assert (table.name, table.release, table.lang, table.same) == ("cie-10-es", "2024", "es", 3)
    assert local_titles().of("S52.501A", "es")[0].title == "Fractura inventada"


def test_a_plain_table_has_to_be_named(bring_in):
    with pytest.raises(ClinicodeError, match="does not say which code system"):
        bring_in("x.xlsx", files.workbook(files.SPANISH))
    with pytest.raises(ClinicodeError, match="Say which language"):
        bring_in("x.xlsx", files.workbook(files.SPANISH), system="icd-10")
    with pytest.raises(ClinicodeError, match="'foo' is not known"):
        bring_in("x.xlsx", files.workbook(files.SPANISH), system="foo")
    assert bring_in("x.xlsx", files.workbook(files.SPANISH), system="icd-10", lang="ca").name == "icd-10-ca"


def test_a_national_table_can_be_coded_with(bring_in):
    bring_in("s.csv", files.DATASUS.encode("iso-8859-1"))
    with pytest.raises(ClinicodeError, match="import the file of its categories too"):
        sets.use("cid-10")
    bring_in("c.csv", files.DATASUS_CATEGORIES)
    sets.use("cid-10")
    book = load_catalog()
    assert (book.label, book.lang, book.system, len(book)) == ("CID-10", "pt", "cid-10", 8)
    code = book.find("a000")
    assert (code.parent, code.level, code.billable) == ("A00", Level.SUBCATEGORY, True)
    assert [above.code for above in book.ancestors("A00.0")] == ["1", "A00-A09", "A00"]
    assert book.chapter("W01.0") == "20"
    assert book.chapter("E99.9") == "4"
    with pytest.raises(ClinicodeError, match="in use"):
        sets.remove("cid-10-categories")
    sets.use("icd-10-cm")
    sets.remove("cid-10-categories")


def test_shipped_terms_come_along_only_where_the_code_means_the_same(bring_in):
    bring_in("c.csv", PORTUGUESE)
    sets.use("cid-10")
    book = load_catalog()
    shipped = [term for term in entries(book) if term.source is not Source.NATIONAL]
    assert {term.code for term in shipped} <= {"A00", "I10", "B99"}
    assert any(term.code == "I10" for term in shipped)


def test_a_code_set_that_is_gone_is_said(home, monkeypatch):
    monkeypatch.setenv("CLINICODE_CODE_SET", "cid-10")
    with pytest.raises(ClinicodeError, match="'cid-10' is not here; choose one of icd-10-cm"):
        load_catalog()


def test_a_release_is_a_code_set_and_compared_with_another(bring_in, home):
    bring_in("icd10cm-order-2025.txt", files.ORDER)
    bring_in("icd10cm-order-2026.txt", files.ORDER.replace("A000   ", "A001   ").replace("Invented weeks", "New weeks"))
    assert sets.names() == ("icd-10-cm", "icd-10-cm-2025", "icd-10-cm-2026")
    old, new = load_catalog("icd-10-cm-2025"), load_catalog("icd-10-cm-2026")
    assert (old.label, len(old)) == ("ICD-10-CM 2025", 6)
    assert [above.code for above in old.ancestors("S25.02XA")] == ["19", "S20-S29", "S25", "S25.02"]
    changes = compare(old, new)
    assert (changes.added, changes.removed) == (("A00.1",), ("A00.0",))
    assert changes.retitled == (Retitled("Z3A", "Invented weeks", "New weeks"),)
    assert not compare(old, old)


def test_the_published_tabular_list_gives_the_installed_release_again(bring_in, catalog):
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("simple_icd_10_cm")
    path = next(Path(spec.submodule_search_locations[0], "data").glob("*.xml"))
    table = bring_in(path.name, path.read_bytes())
    again = load_catalog(table.set_name)
    assert (table.set_name, table.rows_in, table.only) == ("icd-10-cm-2026", 98_186, 0)
    assert len(again) == len(catalog)
    assert not compare(catalog, again)
    assert again["I21.4"].notes == catalog["I21.4"].notes
    assert again.leaves("S25.0") == catalog.leaves("S25.0")


def test_what_is_kept_of_a_table_says_where_it_is_from(bring_in, home):
    bring_in("c.csv", PORTUGUESE)
    kept = json.loads((home / "tables" / "cid-10-categories.json").read_text(encoding="utf-8"))
    assert kept["file"] == "c.csv"
    assert kept["system"] == "cid-10"
    assert kept["against"] == load_catalog("icd-10-cm").label


def test_a_card_carries_the_title_in_the_reader_s_language_with_the_book_s_under_it(bring_in, coder):
    from pages.parts.components import candidate_card

    bring_in("CID-10-CATEGORIAS.CSV", PORTUGUESE)
    (first, *_) = coder.search("hipertensão arterial", "pt").candidates
    card = candidate_card(first, coder, "hipertensão arterial", "pt")
    assert (card.code, card.title, card.lines[0]) == ("I10", "Hipertensão essencial (primária)", first.title)
    assert candidate_card(first, coder, "hypertension", "en").title == first.title
