"""What a page does when more people ask than can be answered: it says so, keeps what was typed, and answers later."""

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import ASSETS
from core.turns import NOTES, PHRASES
from pages.parts.busy import BUSY

ROOT = ASSETS.parent


@pytest.fixture
def crowd(monkeypatch):
    """Others have all the turns, and as many wait as may; returns what lets them go."""

    def come(turns):
        monkeypatch.setattr(turns, "places", 0)
        monkeypatch.setattr(turns, "queue", 0)
        return monkeypatch.undo

    return come


def opened(page: str = "") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    return (app.switch_page(page) if page else app).run()


def busy(app: AppTest) -> bool:
    assert not app.exception
    return [one.icon for one in app.warning] == [BUSY]


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click()
    return app.run()


def test_look_up_keeps_the_phrase_and_answers_it_when_there_is_a_turn(coder, crowd):
    app = opened()
    leave = crowd(PHRASES)
    app.text_input(key="lookup_text").input("gout")
    press(app, "Search")
    assert busy(app)
    assert app.text_input(key="lookup_text").value == "gout"
    assert not app.subheader
    assert busy(press(app, "Try again"))
    leave()
    press(app, "Try again")
    assert not app.warning
    assert "gout" in app.subheader[0].value.lower()


def test_code_a_note_keeps_the_note_and_what_was_found_before(coder, crowd):
    app = opened("pages/code_a_note.py")
    before = app.session_state["note_coded"]
    leave = crowd(NOTES)
    app.text_area(key="note_text").input("Gout and asthma.")
    press(app, "Find the codes")
    assert busy(app)
    assert app.text_area(key="note_text").value == "Gout and asthma."
    assert app.session_state["note_coded"] == before
    leave()
    press(app, "Try again")
    assert not app.warning
    assert [one.text for one in app.session_state["note_coded"][1].mentions] == ["Gout", "asthma"]


def test_notes_in_plenty_do_not_keep_anybody_from_looking_up(coder, crowd):
    crowd(NOTES)
    app = opened()
    app.text_input(key="lookup_text").input("gout")
    press(app, "Search")
    assert not app.warning
    assert "gout" in app.subheader[0].value.lower()


def test_who_waits_sees_how_many_are_before(coder, monkeypatch):
    monkeypatch.setattr(PHRASES, "places", 0)
    monkeypatch.setattr(PHRASES, "patience", 0.3)
    told = []
    monkeypatch.setattr("streamlit.delta_generator.DeltaGenerator.info", lambda _self, body, **_: told.append(body))
    assert busy(opened())
    assert set(told) == {"You are next."}
