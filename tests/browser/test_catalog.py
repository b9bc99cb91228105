"""The Catalog page in a real Chromium: the tree by keyboard and by click, addresses, links in notes, search."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.wide import in_one_window, wide

pytestmark = pytest.mark.browser


def row(page, code):
    return page.locator(f'.tree .row[data-code="{code}"]')


def opened(page, code):
    """Wait until the code is shown."""
    expect(page.get_by_test_id("stCode").first).to_have_text(re.compile(rf"^\s*{re.escape(code)}\s*$"))


def test_the_tree_is_opened_to_a_code_by_keyboard_and_the_address_keeps_it(page, address):
    page.goto(f"{address}/catalog")
    opened(page, "J44.0")
    row(page, "J44.0").focus()
    page.keyboard.press("Home")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    expect(row(page, "9")).to_be_focused()
    for name, downs in (("I20-I25", 3), ("I21", 1), ("I21.4", 4)):
        page.keyboard.press("ArrowRight")
        row(page, name).wait_for()
        page.keyboard.press("ArrowRight")
        for _ in range(downs):
            page.keyboard.press("ArrowDown")
        expect(row(page, name)).to_be_focused()
    page.keyboard.press("Enter")
    opened(page, "I21.4")
    expect(row(page, "I21.4")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?code=I21\.4$"))
    assert not wide(page)
    page.reload()
    opened(page, "I21.4")
    chosen = row(page, "I21.4")
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(chosen).to_be_in_viewport()
    expect(row(page, "I21")).to_have_attribute("aria-expanded", "true")
    # back to its header, which closes
    chosen.focus()
    page.keyboard.press("ArrowLeft")
    expect(row(page, "I21")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(row(page, "I21")).to_have_attribute("aria-expanded", "false")
    expect(row(page, "I21.4")).to_have_count(0)


@in_one_window
def test_what_was_opened_stays_open_when_another_code_is_chosen(page, address):
    page.goto(f"{address}/catalog?code=i21")
    opened(page, "I21")
    row(page, "I25").click()
    opened(page, "I25")
    row(page, "I25.2").wait_for()
    assert row(page, "I21.4").count() == 1
    row(page, "I21.4").click()
    opened(page, "I21.4")
    page.go_back()
    opened(page, "I25")


def test_a_code_in_a_note_is_a_link_to_it_and_keeps_the_page(page, address):
    page.goto(f"{address}/catalog?code=I21.4")
    opened(page, "I21.4")
    page.evaluate("window.kept = true")
    page.locator(".text a", has_text="I25.2").click()
    opened(page, "I25.2")
    page.get_by_role("heading", name="Old myocardial infarction").wait_for()
    expect(page).to_have_url(re.compile(r"\?code=I25\.2$"))
    expect(row(page, "I25.2")).to_have_attribute("aria-selected", "true")
    page.get_by_role("navigation", name="Above it").get_by_role("link", name="I25 Chronic").click()
    opened(page, "I25")
    assert page.evaluate("window.kept")
    assert not wide(page)


def test_a_search_lists_codes_and_opens_the_tree_there(page, address):
    page.goto(f"{address}/catalog")
    opened(page, "J44.0")
    page.get_by_label("Search in the book").fill("fract rad left")
    page.get_by_text("the nearest 100 are shown").wait_for()
    assert not wide(page)
    page.get_by_label("Search in the book").fill("non q wave <img src=x onerror=alert(1)>")
    page.get_by_text("Nothing in the book has these words").wait_for()
    page.get_by_label("Search in the book").fill("non q wave")
    card = page.locator("button.card", has_text="also called “Non-Q wave myocardial infarction NOS”")
    card.click()
    opened(page, "I21.4")
    expect(row(page, "I21.4")).to_be_in_viewport()
    page.get_by_role("button", name=re.compile("Back to the .* found")).click()
    card.wait_for()


def test_an_unknown_code_is_said_so_and_a_near_one_opens(page, address):
    page.goto(f"{address}/catalog?code=E11.95")
    page.get_by_text("is not in ICD-10-CM April 2026").wait_for()
    page.locator(".text a", has_text="E11.9 ").click()
    opened(page, "E11.9")
    page.get_by_text("Found by these terms").wait_for()
    page.locator(".terms li").first.wait_for()
    assert not wide(page)


def test_other_sections_fit(page, address):
    page.goto(f"{address}/catalog?section=Changes")
    page.get_by_text("There is one release here").wait_for()
    page.get_by_test_id("stButtonGroup").get_by_text("Tables").click()
    page.get_by_text("Bring in a table").wait_for()
    assert not wide(page)


@in_one_window
def test_the_title_is_looked_up_on_request(page, address):
    page.goto(f"{address}/catalog?code=E11")
    opened(page, "E11")
    page.get_by_role("button", name="Look up similar").click()
    page.get_by_role("heading", name="Look up").wait_for()
    expect(page.get_by_label("Diagnosis, symptom or code")).to_have_value("Type 2 diabetes mellitus")
