"""The interface speaks seven languages: every message has its translation, and nothing is shown that is no message."""

import ast
import re
import runpy
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from core import interface
from core.language import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
OTHERS = [lang for lang in LANGUAGES if lang != "en"]
FIELD = re.compile(r"\{[^{}]*\}")


@pytest.fixture(scope="module")
def messages():
    return runpy.run_path(str(ROOT / ".ci" / "messages.py"))["messages"]()


@pytest.fixture
def reader():
    yield interface.speak
    interface.speak(lambda: interface.ENGLISH)


def forms(message):
    return [message] if isinstance(message, str) else list(message)


@pytest.mark.parametrize("lang", OTHERS)
def test_every_message_has_a_translation_with_the_same_fields(lang, messages):
    with (interface.LOCALE / f"{lang}.po").open("rb") as file:
        catalog = read_po(file, locale=lang)
    wrong = []
    for message in messages:
        found = catalog.get(forms(message)[0])
        said = forms(found.string) if found is not None else []
        if len(said) != (1 if isinstance(message, str) else catalog.num_plurals) or not all(said):
            wrong.append(("no translation", message))
            continue
        fields = set(FIELD.findall(forms(message)[-1]))
        if set(FIELD.findall(said[-1])) != fields or not set(FIELD.findall(said[0])) <= fields:
            wrong.append((said, message))
    assert wrong == []


@pytest.mark.parametrize("lang", OTHERS)
def test_no_translation_is_of_a_message_that_is_gone(lang, messages):
    with (interface.LOCALE / f"{lang}.po").open("rb") as file:
        catalog = read_po(file, locale=lang)
    known = {forms(message)[0] for message in messages}
    assert [one.id for one in catalog if one.id and forms(one.id)[0] not in known] == []
    assert not catalog.obsolete


@pytest.mark.parametrize("lang", OTHERS)
def test_most_messages_are_said_in_other_words_than_the_english(lang, messages):
    same = [
        message
        for message in messages
        if isinstance(message, str)
        and len(message.split()) > 2
        and interface.translations(lang).gettext(message) == message
    ]
    assert len(same) < 10, same


def test_it_follows_whoever_reads(reader):
    reader(lambda: "ca")
    assert interface._("Search") != "Search"
    assert interface.number(12345) == "12.345"
    assert interface.language_name("de") == "Alemany"
    reader(lambda: "de")
    assert interface.number(1234.5, 1) == "1.234,5"
    assert interface.ngettext("{count} code", "{count} codes", 2) != interface.ngettext(
        "{count} code", "{count} codes", 1
    )
    assert interface._("") == ""
    reader(lambda: "xx")
    assert interface.translations("xx").gettext("Search") == "Search"


WORDS = re.compile(r"[A-Za-z]{2,}[^/_=]* [A-Za-z]{2,}|^[A-Z][a-z]{2,}$")
# fmt: off
SHOWN = {
    "button", "markdown", "caption", "title", "header", "subheader", "info", "warning", "error", "success",
    "toast", "expander", "popover", "selectbox", "multiselect", "radio", "toggle", "checkbox", "text_input",
    "text_area", "number_input", "date_input", "file_uploader", "download_button", "form_submit_button", "pills",
    "segmented_control", "spinner", "progress", "metric", "badge", "text", "write", "dialog", "slider",
    "select_slider", "status",
}
# fmt: on
"""Calls of Streamlit whose first argument is read by a person."""
LABELS = {"help", "placeholder", "label", "title", "alt", "text", "caption"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_shows_words_that_are_no_message(path):
    """Looks at what is handed to Streamlit: a text there is a message or comes from one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    stray = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in SHOWN:
            continue
        for shown in [*call.args[:1], *(one.value for one in call.keywords if one.arg in LABELS)]:
            pieces = shown.values if isinstance(shown, ast.JoinedStr) else [shown]
            stray += [
                (call.lineno, piece.value)
                for piece in pieces
                if isinstance(piece, ast.Constant)
                and isinstance(piece.value, str)
                and WORDS.search(re.sub(r":[a-z_]+/[a-z_]+:|<[^>]*>", "", piece.value).strip())
            ]
    assert stray == []


BEHIND = (
    *("core/train/", "core/synthesis/", "core/batch/", "core/commands/", "core/demo/", "core/backup.py"),
    *("core/restore.py", "core/evaluate/suite.py", "core/retrieve/abbreviations.py", "core/partial.py"),
)
"""What only the command line, which speaks English, or our own files can make go wrong."""
WRONG = {"ClinicodeError", "StaleError", "BusyError", "BadLine", "Problem"}


def sentences(function, functions):
    """What errors in a function say: their words, what a name stands for, what another function makes of them."""
    named = {}
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            named.setdefault(one.targets[0].id, []).append(one.value)
    for call in ast.walk(function):
        if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") in WRONG and call.args):
            continue
        said = call.args[-1]
        for one in named.get(said.id, [said]) if isinstance(said, ast.Name) else [said]:
            called = one.func if isinstance(one, ast.Call) else None
            maker = functions.get(getattr(called, "id", getattr(called, "attr", "")))
            yield from [end.value for end in ast.walk(maker) if isinstance(end, ast.Return)] if maker else [one]


def untranslated(said):
    """Whether words stand in it as they are: in quotes, or under a name in capitals that is no argument of `_`."""
    if isinstance(said, ast.JoinedStr):
        return any(isinstance(one, ast.Constant) and re.search("[A-Za-z]{3}", one.value) for one in said.values)
    source = said.func.value if isinstance(said, ast.Call) and isinstance(said.func, ast.Attribute) else said
    return isinstance(source, ast.Constant) or (isinstance(source, ast.Name) and source.id.isupper())


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_goes_wrong_is_said_in_its_reader_s_language(path):
    """The sentence of an error is a message or comes from one, wherever a page may lead."""
    if str(path.relative_to(ROOT)).startswith(BEHIND):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    said = (one for function in functions.values() for one in sentences(function, functions))
    assert [ast.unparse(one) for one in said if untranslated(one)] == []
