"""The section in which people measure on data of their own; all texts are invented."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    from pages.parts.evaluate import own

    own.section()


@pytest.fixture
def app(catalog):
    return AppTest.from_function(page, default_timeout=180).run()


def said(app: AppTest) -> str:
    assert not app.exception
    kinds = (app.markdown, app.caption, app.warning, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_it_says_where_data_are_kept_and_who_can_open_them(app, workspace):
    assert str(workspace / "evaluations") in said(app)
    assert "Everyone who uses this workspace can open it" in said(app)


def test_an_upload_is_shown_with_what_is_wrong_in_it(app):
    table = b"text\tcode\tlang\nfever\tR50.9\ten\nfoo\tZZZ.9\ten\ntos\tR05.9\tes\n"
    app.file_uploader(key="own_file").upload("team.tsv", table, "text/plain").run()
    assert "a table of mentions" in said(app)
    assert "English 1, Spanish 1" in said(app)
    assert "1 line cannot be used; the rows that can will be run" in said(app)
    assert app.dataframe[0].value["text"].tolist() == ["fever", "tos"]
    assert app.dataframe[1].value["line"].tolist() == [3]
    assert not app.button(key="own_start").disabled


@pytest.mark.parametrize(
    ("name", "content"), [("a.zip", b"PK\x03\x04 no zip"), ("a.tsv", b"\x00\x01"), ("a.jsonl", b"[1]\n")]
)
def test_bad_uploads_get_a_sentence_and_lose_no_choice(app, name, content):
    good = b'{"text": "fever", "codes": ["R50.9"]}\n'
    app.file_uploader(key="own_file").upload("good.jsonl", good, "text/plain").run()
    app.button_group(key="own_systems").set_value(["bm25", "tfidf"]).run()
    app.file_uploader(key="own_file").upload(name, content, "text/plain").run()
    assert name in app.warning[0].value
    said(app)
    app.file_uploader(key="own_file").upload("good.jsonl", good, "text/plain").run()
    assert app.button_group(key="own_systems").value == ["bm25", "tfidf"]


def test_a_folder_that_is_not_there_is_said(app):
    app.button_group(key="own_origin").set_value("A CodiEsp folder on this machine").run()
    app.text_input(key="own_folder").set_value("/nowhere/at/all").run()
    assert "There is no folder /nowhere/at/all" in said(app)
