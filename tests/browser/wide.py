"""Windows, whether a page fits its own, and whether it has come to rest."""

import pytest

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
