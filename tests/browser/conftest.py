"""A server of the application and a real Chromium, light and dark, wide and narrow."""

from collections.abc import Iterator

import pytest

from tests.browser.wide import WINDOWS
from tests.servers import serving


@pytest.fixture(scope="session")
def address(opened, tmp_path_factory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(log) as (host, _):
        yield f"http://{host}"
    said = log.read_text()
    assert "Traceback" not in said
    assert "Zxqv" not in said


@pytest.fixture(params=WINDOWS, ids=WINDOWS)
def page(request, chromium, address):
    scheme, width = WINDOWS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.home = address
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("request", lambda sent: page.problems.append(sent.url) if _leaves(sent.url, page.home) else None)
    yield page
    context.close()
    assert page.problems == []


def _leaves(url: str, address: str) -> bool:
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
