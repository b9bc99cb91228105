"""The section in which tables are brought in; all titles are invented or everyday."""

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog.tables import sets, store
from tests.catalog import files


def page():
    from pages.parts import tables

    tables.section()


@pytest.fixture
def app(tmp_path, monkeypatch, catalog, encoder):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    monkeypatch.delenv("CLINICODE_CODE_SET", raising=False)
    return AppTest.from_function(page, default_timeout=180).run()


def said(app: AppTest) -> str:
    assert not app.exception
    kinds = (app.markdown, app.caption, app.warning, app.error, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def give(app: AppTest, name: str, data: bytes) -> AppTest:
    round_ = app.session_state["tables_round"]
    return app.file_uploader(key=f"tables_file_{round_}").upload(name, data, "text/plain").run()


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_table_is_recognised_compared_and_only_then_imported(app):
    assert "Its titles then stand beside the English ones" in said(app)
    give(app, "CID.CSV", files.DATASUS.encode("iso-8859-1"))
    assert "This is **CID-10 table of DATASUS**" in said(app)
    assert "ISO-8859-1" in said(app)
    assert "columns separated by semicolon" in said(app)
    assert len(app.dataframe) == 1
    app.button(key="tables_compare").click().run()
    assert numbers(app)["Rows in"] == "4"
    assert numbers(app)["Rejected rows"] == "0"
    assert numbers(app)["Only in this table"] == "1"
    assert store.tables() == ()
    app.button(key="tables_import").click().run()
    said(app)
    assert [table.name for table in store.tables()] == ["cid-10-subcategories"]
    assert "CID-10, subcategories" in said(app)
    app.button(key="tables_remove_cid-10-subcategories").click().run()
    said(app)
    assert store.tables() == ()


def test_the_columns_of_a_plain_table_are_confirmed_by_a_person(app):
    text = "clave;breve;texto\nA00;Col;Cólera inventado\nA00.0;Col;Cólera inventado de verano\nA00;x;otra vez\n"
    give(app, "tabla.csv", text.encode())
    choice = {box.label: box.value for box in app.selectbox}
    assert (choice["Column of codes"], choice["Column of titles"]) == ("clave", "texto")
    assert choice["Code system"] is None
    app.button(key="tables_compare").click().run()
    assert "does not say which code system" in said(app)
    next(box for box in app.selectbox if box.label == "Column of titles").set_value("breve").run()
    next(box for box in app.selectbox if box.label == "Code system").select("CIE-10-ES").run()
    app.button(key="tables_compare").click().run()
    assert numbers(app)["Matched"] == "2"
    assert numbers(app)["Rejected rows"] == "1"
    rows = app.dataframe[-1].value
    assert rows["line"].tolist() == [4]
    assert rows["why"].tolist() == ["A00 was already on line 2"]
    app.button(key="tables_import").click().run()
    assert store.rows(store.tables()[0])["title"].to_list() == ["Col", "Col"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"<a/>", b"PK\x03\x04 no"])
def test_what_cannot_be_read_gets_a_sentence(app, data):
    give(app, "x.csv", data)
    assert "x.csv" in said(app)
    assert not any(button.key == "tables_compare" for button in app.button)


def test_another_code_set_is_chosen_here_and_cannot_be_removed_while_in_use(app):
    give(app, "icd10cm-order-2025.txt", files.ORDER.encode())
    app.button(key="tables_compare").click().run()
    app.button(key="tables_import").click().run()
    app.selectbox(key="tables_use").set_value("icd-10-cm-2025").run()
    said(app)
    assert sets.chosen() == "icd-10-cm-2025"
    app.button(key="tables_remove_icd-10-cm-2025").click().run()
    assert "in use; choose another first" in said(app)
    assert len(store.tables()) == 1
