"""Windows, whether a page fits its own, whether it has come to rest, and keys and lists in it."""

import pytest
from playwright.sync_api import TimeoutError

WINDOWS = {"light-1280": ("light", 1280), "dark-390": ("dark", 390)}

FITS = """() => [document.documentElement, document.querySelector(".stMain")].every(
  (one) => !one || one.scrollWidth <= one.clientWidth + 1)"""
in_one_window = pytest.mark.parametrize("page", ["light-1280"], indirect=True)
"""For a test of what a page does; how it looks is tested in each window."""


def wide(page) -> bool:
    """Whether anything is wider than the window: what scrolls is the page's main part."""
    return page.evaluate(f"!({FITS})()")


def settled(page) -> None:
    """Wait until the page's script has ended: before that a button may be drawn anew under the pointer."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def press(page, key: str) -> None:
    """Press a key once the page listens to it: its buttons take their keys a moment after they are drawn."""
    settled(page)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    page.keyboard.press(key)


def choose(window, label: str, name: str) -> None:
    """Choose from a list once the page is drawn, opened again where it was drawn anew while it opened."""
    for _ in range(20):
        settled(window)
        window.get_by_role("combobox", name=label, exact=True).press("ArrowDown")
        try:
            window.get_by_role("option", name=name).click(timeout=3000)
        except TimeoutError:
            continue
        return
    pytest.fail(f"{name} cannot be chosen")
