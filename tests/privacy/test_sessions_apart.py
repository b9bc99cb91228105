"""Two people at once: neither ever gets a text of the other, and what a server keeps for all has none."""

import pytest

pytestmark = pytest.mark.browser


def heard(visitor) -> str:
    """Everything that the server sent to a browser, with what stands on the page."""
    return " ".join([*visitor.heard, visitor.page.content()]).lower()


def look_up(visitor, text):
    visitor.open("")
    visitor.page.get_by_label("Diagnosis, symptom or code").fill(text)
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Why this code").wait_for()
    visitor.settle()


def code(visitor, text):
    visitor.open("code_a_note")
    visitor.page.get_by_label("The note (at most").fill(text)
    visitor.page.keyboard.press("Control+Enter")
    visitor.page.locator(".mention", has_text="asma").wait_for()
    visitor.settle()


def upload(visitor, page, name, text):
    visitor.open(page)
    visitor.upload(name, text.encode())
    visitor.page.get_by_text("This is ").wait_for()
    visitor.settle()


def test_two_sessions_never_get_each_other_s_text_and_no_cache_has_one(visitor, another, server):
    for name, one in (("Zxqvfirst", visitor), ("Zxqvsecond", another)):
        look_up(one, f"neumonía bacteriana {name}")
        code(one, f"Paciente {name} con asma.")
        upload(one, "evaluate?section=Your+own", "mine.tsv", f"text\tcode\tlang\nasma {name}\tJ45.909\tes\n")
    look_up(visitor, "gota Zxqvfirst")
    assert "zxqvfirst" in heard(visitor)
    assert "zxqvsecond" in heard(another)
    assert "zxqvsecond" not in heard(visitor)
    assert "zxqvfirst" not in heard(another)
    for path in ("code_a_note", "evaluate?section=Your+own", "review"):
        another.open(path)
    assert "zxqvfirst" not in heard(another)
    looked = server.cached()
    assert looked["caches"] > 20
    assert looked["objects"] > 100_000
    assert looked["found"] == []
