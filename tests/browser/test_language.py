"""The interface in the browser's language, and in another that its reader chooses, in a real Chromium."""

import pytest

from tests.browser.wide import choose, settled, wide

pytestmark = pytest.mark.browser


@pytest.fixture
def catalan(page):
    """A window of a browser that asks for Catalan."""
    context = page.context.browser.new_context(
        viewport=page.viewport_size, color_scheme="dark", locale="ca-ES", service_workers="block"
    )
    window = context.new_page()
    window.set_default_timeout(60_000)
    yield window
    context.close()


def test_it_follows_the_browser_and_keeps_what_was_chosen(catalan, address):
    catalan.goto(address)
    catalan.get_by_role("button", name="Cerca", exact=True).wait_for()
    catalan.wait_for_function("document.documentElement.lang === 'ca'")
    catalan.locator("button.card").first.wait_for()
    settled(catalan)
    assert not wide(catalan)
    choose(catalan, "Idioma de la interfície", "Deutsch")
    catalan.get_by_role("button", name="Suchen", exact=True).wait_for()
    catalan.wait_for_function("document.documentElement.lang === 'de'")
    catalan.reload()
    catalan.get_by_role("button", name="Suchen", exact=True).wait_for()
    catalan.wait_for_function("document.documentElement.lang === 'de'")
    assert not wide(catalan)
