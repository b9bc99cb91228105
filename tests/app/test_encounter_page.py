"""The encounter list on the page: codes are accepted, the rules speak, a remedy is one click."""

from streamlit.testing.v1 import AppTest

from core.encounter import Encounter, Listed
from core.settings import ASSETS


def opened() -> AppTest:
    app = AppTest.from_file(str(ASSETS.parent / "app.py"), default_timeout=180)
    app.switch_page("pages/code_a_note.py").run()
    assert not app.exception
    return app


def test_codes_are_accepted_checked_and_mended(coder):
    app = opened()
    assert "Accept codes to put them here" in "\n".join(one.value for one in app.caption)
    next(one for one in app.button if one.label == "Accept all of these").click().run()
    assert not app.exception
    listed = app.session_state["note_encounter"]
    assert len(listed.items) > 3
    assert all(item.words for item in listed.items)
    app.session_state["note_encounter"] = Encounter((Listed("E10.9"), Listed("E11.9")))
    app.run()
    assert any("Excludes1" in one.value for one in app.markdown)
    next(one for one in app.button if one.label == "Keep E11.9").click().run()
    assert app.session_state["note_encounter"].codes == ["E11.9"]
    next(one for one in app.button if one.label == "Empty it").click().run()
    assert app.session_state["note_encounter"].items == ()


def test_another_note_begins_another_list(coder):
    app = opened()
    next(one for one in app.button if one.label == "Accept all of these").click().run()
    assert app.session_state["note_encounter"].items
    stems = sorted(path.stem for path in (ASSETS / "demo").glob("*.txt"))
    app.selectbox(key="note_demo").set_value(stems[-1]).run()
    assert not app.exception
    assert app.session_state["note_encounter"].items == ()
