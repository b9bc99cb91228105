"""The main job in a real Chromium: look a phrase up, code a note, light and dark, wide and narrow."""

import re

import pytest

from tests.browser.wide import in_one_window, settled, wide
from tests.servers import serving

pytestmark = pytest.mark.browser


@in_one_window
def test_a_page_s_own_address_opens_in_the_frame_on_a_fresh_server(page, tmp_path):
    """On a server that nobody has visited, Streamlit would run the page's file alone."""
    with serving(tmp_path / "server.log") as (host, _):
        page.home = f"http://{host}"
        page.goto(f"http://{host}/code_a_note")
        page.locator(".mention").first.wait_for()
        assert page.get_by_test_id("stHeaderLogo").or_(page.get_by_test_id("stSidebarLogo")).count() > 0
        assert page.get_by_text("code a note", exact=True).count() == 0


def test_a_phrase_is_looked_up_and_a_code_opened(page, address):
    page.goto(address)
    page.get_by_label("Diagnosis, symptom or code").fill("dolor de espalda muy intenso")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_text("Language: Spanish").wait_for()
    page.locator("button.card .code", has_text="M54").first.wait_for()
    cards = page.locator("button.card")
    assert cards.first.get_attribute("aria-pressed") == "true"
    assert "M54" in cards.first.locator(".code").inner_text()
    second = cards.nth(1)
    title = second.locator(".title").inner_text()
    settled(page)
    second.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=title).wait_for()
    assert not wide(page)
    assert "espalda" not in page.url


@in_one_window
def test_a_code_is_copied(page, address):
    page.goto(address)
    page.get_by_label("Diagnosis, symptom or code").fill("K35.2")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Acute appendicitis with generalized peritonitis").wait_for()
    settled(page)
    assert page.get_by_test_id("stCode").inner_text().strip() == "K35.2"


def test_a_note_is_coded_and_a_passage_opened(page, address):
    from playwright.sync_api import expect

    page.goto(f"{address}/code_a_note")
    page.locator(".mention").first.wait_for()
    area = page.get_by_label("The note (at most")
    area.fill("Zxqv. Neumonía bacteriana y fibrilación auricular. <img src=x onerror=alert(1)>")
    page.keyboard.press("Control+Enter")
    mention = page.locator(".mention", has_text="Neumonía bacteriana")
    mention.wait_for()
    assert page.locator("div.note img").count() == 0
    assert "<img src=x onerror=alert(1)>" in page.locator("div.note").inner_text()
    settled(page)
    mention.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="For this passage").wait_for()
    assert page.locator(".mention[aria-pressed=true]").inner_text().startswith("Neumonía bacteriana")
    # the list of the whole note, which begins with another code, stands until the passage's has come
    expect(page.locator("button.card .code").first).to_have_text(re.compile("^J15"))
    assert not wide(page)
    assert "Zxqv" not in page.url


@in_one_window
def test_a_demo_note_in_another_language_is_opened(page, address):
    page.goto(f"{address}/code_a_note")
    page.locator(".mention").first.wait_for()
    page.get_by_label("Demo notes (invented patients)").click()
    page.get_by_role("option", name="Catalan").first.click()
    page.get_by_text("Catalan (").wait_for()
    assert page.locator(".mention").count() >= 5


@in_one_window
def test_a_file_is_uploaded(page, address):
    page.goto(f"{address}/code_a_note")
    page.locator(".mention").first.wait_for()
    page.get_by_role("button", name="Open a file").click()
    note = {"name": "nota.txt", "mimeType": "text/plain", "buffer": "Neumonía bacteriana".encode("cp1252")}
    page.locator("input[type=file]").set_input_files(note)
    page.locator(".mention", has_text="Neumonía bacteriana").wait_for()


def test_a_code_says_why_and_opens_for_the_rest(page, address):
    page.goto(address)
    page.get_by_label("Diagnosis, symptom or code").fill("fractura de radio <img src=x onerror=alert(1)> izquierdo")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_text("Language: Spanish").wait_for()
    card = page.locator(".st-key-lookup_why")
    card.get_by_text("Why this code").wait_for()
    strongest = card.locator("mark", has_text="izquierdo").first
    assert "of the match" in strongest.get_attribute("title")
    assert strongest.evaluate("one => parseFloat(getComputedStyle(one).borderBottomWidth)") >= 1
    assert card.locator("img").count() == 0
    assert "<img src=x" in card.inner_text()
    card.get_by_text("Scores of each stage").click()
    card.locator(".js-plotly-plot").wait_for()
    card.get_by_role("cell", name="Names in the code book").wait_for()
    assert not wide(page)
