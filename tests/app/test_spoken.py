"""Every page with each message in brackets: what a widget or a heading says without any is no message."""

import re
from gettext import NullTranslations

import pytest
from streamlit.testing.v1 import AppTest

from core import interface
from core.language import LANGUAGES
from core.settings import ASSETS

ROOT = ASSETS.parent
PLACES = [
    ("pages/look_up.py", ""),
    ("pages/code_a_note.py", ""),
    ("pages/review.py", ""),
    *(("pages/evaluate.py", name) for name in ("Leaderboard", "Languages", "Mistakes", "Confidence", "Training data")),
    *(("pages/evaluate.py", name) for name in ("Notes", "Robustness", "Explanations", "Speed", "Queries", "Your own")),
    *(("pages/catalog.py", name) for name in ("Book", "Changes", "Tables")),
]
LABELLED = (
    "button",
    "selectbox",
    "text_input",
    "text_area",
    "number_input",
    "toggle",
    "multiselect",
    "slider",
    "expander",
)
DATA = {"CSV", "JSON", "FHIR R4B"}
"""Shown as they are: phrases to try, and names of formats."""


class Bracketed(NullTranslations):
    def gettext(self, message):
        return f"⟦{message}⟧"

    def ngettext(self, one, many, count):
        return f"⟦{one if count == 1 else many}⟧"


def plain(text: str) -> bool:
    """Whether a text has words and none from a message."""
    return (
        "⟦" not in text
        and text not in DATA
        and re.search(r"[^\W\d_]{3}", re.sub(r":[a-z_]+/\w+:", "", text)) is not None
    )


@pytest.mark.parametrize(("page", "section"), PLACES, ids=lambda part: part.removeprefix("pages/") or "opened")
def test_what_is_shown_comes_from_messages(opened, monkeypatch, page, section):
    monkeypatch.setattr(interface, "translations", lambda _lang: Bracketed())
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    if section:
        app.query_params["section"] = section
    app.switch_page(page).run()
    assert not app.exception
    labels = [
        (kind, one.label)
        for kind in LABELLED
        for one in app.get(kind)
        if getattr(one, "label", "") and not (one.key or "").startswith("lookup_example_")
    ]
    assert labels
    assert [one for one in labels if plain(one[1])] == []
    helps = [one.proto.help for kind in LABELLED for one in app.get(kind) if getattr(one.proto, "help", "")]
    assert [one for one in helps if plain(one)] == []
    assert [one.value for one in app.title if plain(one.value)] == []
    assert "⟦" in app.markdown[0].value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_session_is_spoken_to_in_the_language_it_chose(opened, lang):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    app.run()
    app.selectbox(key="interface_language").select(lang).run()
    assert not app.exception
    said = interface.translations(lang).gettext("Look up")
    assert app.title[0].value == said
    assert (said == "Look up") is (lang == "en")
