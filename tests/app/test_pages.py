"""Every page through Streamlit's own test runner; what needs a browser is in tests/browser."""

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import ASSETS

ROOT = ASSETS.parent


@pytest.fixture
def app(coder):
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)


def shown(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.subheader, app.warning, app.info, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def look_up(app: AppTest, text: str) -> AppTest:
    app.text_input(key="lookup_text").set_value(text)
    app.button(key="FormSubmitter:lookup-Search").click().run()
    return app


def test_look_up_opens_with_an_example(app):
    app.run()
    assert not app.exception
    assert "An example" in shown(app)
    assert "ICD-10-CM April 2026" in shown(app)


def test_a_phrase_shows_its_best_code_in_full(app):
    app.run()
    look_up(app, "dolor de espalda muy intenso")
    assert not app.exception
    assert "Language: Spanish" in shown(app)
    assert "dorsalgia" in app.subheader[0].value.lower()


def test_the_beginning_of_a_code_lists_codes(app):
    app.run()
    look_up(app, "e11.2")
    assert "Type 2 diabetes mellitus with kidney complications" in shown(app)
    assert "3 codes" in shown(app) or "codes ·" in shown(app)


def test_filters_keep_to_a_chapter_and_to_billable_codes(app):
    app.run()
    look_up(app, "dolor")
    app.selectbox(key="lookup_chapter").set_value("13")
    app.toggle(key="lookup_billable").set_value(True).run()
    assert not app.exception
    assert "musculoskeletal" in shown(app)
    assert "billable" in shown(app)


@pytest.mark.parametrize("text", ["☃☃☃", "<script>alert(1)</script>", "x" * 2500, "\u202e\u0007"])
def test_strange_phrases_get_a_message_and_no_traceback(app, text):
    app.run()
    look_up(app, text)
    assert not app.exception


def test_a_note_opens_with_a_demo_and_its_codes(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    assert not app.exception
    assert "passages found" in shown(app)
    assert "Codes to start from" in shown(app)
    assert app.text_area(key="note_text").value


def test_a_pasted_note_is_read_when_asked(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("Polmonite batterica. Ipertensione arteriosa.").run()
    assert "The text has changed" in shown(app)
    next(button for button in app.button if button.label == "Find the codes").click().run()
    assert not app.exception
    assert "Italian" in shown(app)
    assert "The text has changed" not in shown(app)


def test_statuses_are_counted_and_the_words_that_decided_are_said(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("Disnea. Niega dolor torácico. Madre con cáncer de mama.").run()
    next(button for button in app.button if button.label == "Find the codes").click().run()
    assert not app.exception
    coded = app.session_state["note_coded"][1]
    number = next(at for at, one in enumerate(coded.mentions) if one.text == "dolor torácico")
    app.session_state["note_mention"] = number
    app.run()
    assert not app.exception
    assert "Denied: “Niega”" in shown(app)


def test_a_missed_passage_is_added_by_its_words(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("Neumonía bacteriana. Zapatos  nuevos en casa.").run()
    next(button for button in app.button if button.label == "Find the codes").click().run()
    before = len(app.session_state["note_coded"][1].mentions)
    app.text_input(key="note_passage_text").set_value("no está en la nota")
    next(button for button in app.button if button.label == "Find its codes").click().run()
    assert not app.exception
    assert "is not in the note as typed" in shown(app)
    app.text_input(key="note_passage_text").set_value("Zapatos nuevos")
    next(button for button in app.button if button.label == "Find its codes").click().run()
    assert not app.exception
    mentions = app.session_state["note_coded"][1].mentions
    assert len(mentions) == before + 1
    assert mentions[-1].text == "Zapatos  nuevos"
    assert "For this passage" in shown(app)


def test_an_empty_note_gets_a_message_and_keeps_the_page(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("   ").run()
    next(button for button in app.button if button.label == "Find the codes").click().run()
    assert not app.exception
    assert "The note is empty" in shown(app)


def test_a_megabyte_of_text_is_refused_with_the_limit_and_kept(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("tos " * 250_000).run()
    next(button for button in app.button if button.label == "Find the codes").click().run()
    assert not app.exception
    assert "1,000,000 characters; at most 200,000" in shown(app)
    assert len(app.text_area(key="note_text").value) == 1_000_000


def test_a_file_is_opened_and_a_broken_one_explained(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.file_uploader(key="note_file").upload("note.txt", "Pneumopathie bactérienne aiguë".encode()).run()
    assert app.text_area(key="note_text").value == "Pneumopathie bactérienne aiguë"
    app.file_uploader(key="note_file").upload("broken.pdf", b"%PDF-1.4 nothing").run()
    assert not app.exception
    assert "cannot be read as a PDF" in shown(app)
    assert app.text_area(key="note_text").value == "Pneumopathie bactérienne aiguë"


def test_a_note_survives_a_page_change(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("Asma bronquial grave").run()
    app.switch_page("pages/look_up.py").run()
    app.switch_page("pages/code_a_note.py").run()
    assert app.text_area(key="note_text").value == "Asma bronquial grave"


def why(app: AppTest) -> str:
    """The HTML of the card that says why."""
    return "\n".join(element.proto.body for element in app.get("html"))


def test_the_chosen_code_says_why(app):
    app.run()
    look_up(app, "fractura cerrada de radio <i>izquierdo</i>")
    assert not app.exception
    assert "Why this code" in why(app)
    assert "of the match" in why(app)
    assert "Both say left." in why(app)
    assert "<i>" not in why(app)
    assert "Only this one" in why(app)
    assert "cosine" not in why(app).lower()


def test_where_nothing_is_likely_the_category_is_offered(app):
    app.run()
    look_up(app, "cosas raras del paciente")
    assert not app.exception
    assert any("nearest category" in info.value for info in app.info)
    look_up(app, "neumonía bacteriana")
    assert not any("nearest category" in info.value for info in app.info)


def test_a_code_that_was_typed_has_nothing_to_explain(app):
    app.run()
    look_up(app, "I21.4")
    assert "Why this code" not in why(app)


def test_a_passage_s_code_says_why(app):
    app.run()
    app.switch_page("pages/code_a_note.py").run()
    app.text_area(key="note_text").set_value("Polmonite batterica. Ipertensione arteriosa.").run()
    next(button for button in app.button if button.label == "Find the codes").click().run()
    app.session_state["note_code"] = "I10"
    app.run()
    assert not app.exception
    assert "Ipertensione" in why(app)
    assert "Polmonite" not in why(app)


def test_the_second_stage_can_be_switched_off_and_stays_off(app, opened):
    app.run()
    if opened.reranker is None:
        assert "lookup_rerank" not in app.session_state
        pytest.skip("no reranker ships yet")
    look_up(app, "fractura cerrada de radio izquierdo")
    app.toggle(key="lookup_rerank").set_value(False).run()
    assert not app.exception
    app.switch_page("pages/code_a_note.py").run()
    app.toggle(key="note_rerank").set_value(False).run()
    assert not app.exception
    app.switch_page("pages/look_up.py").run()
    assert app.toggle(key="lookup_rerank").value is False
