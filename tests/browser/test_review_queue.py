"""The queue in a real Chromium: documents come in through the uploader, get suggestions, are opened and deleted."""

import json
import re

import pytest

from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.browser.wide import wide

pytestmark = pytest.mark.browser
ADA = Person("Ada", Role.ADMIN)
COUNT = 40
"""Enough for whoever wants to stop to come in time, on a slow machine too."""
TEXT = "Carta {}. Paciente con diabetes mellitus tipo 2, hipertensión arterial y neumonía bacteriana. Niega asma. " * 4
LETTERS = "".join(
    f"{json.dumps({'id': f'carta {number}', 'text': TEXT.replace('{}', str(number))})}\n" for number in range(COUNT)
)


@pytest.fixture
def project(workspace, request):
    """A new project: the page opens the newest."""
    store = ReviewStore()
    made = store.create(ADA, f"Letters {request.node.callspec.id}")
    yield made
    for left in store.projects():
        if left.id == made.id:
            store.delete(ADA, left)
    store.engine.dispose()


def test_letters_are_imported_suggested_for_opened_and_deleted(page, address, project):
    page.goto(f"{address}/review?section=Queue")
    page.get_by_text("No documents yet.").wait_for()
    assert not wide(page)
    letters = {"name": "letters.jsonl", "mimeType": "application/json", "buffer": LETTERS.encode()}
    page.locator("input[type=file]").set_input_files(letters)
    page.get_by_text(f"This is JSON lines: {COUNT} documents").wait_for()
    page.get_by_role("button", name=f"Import {COUNT} documents").click()
    page.get_by_text(f"{COUNT} documents imported").wait_for()

    page.get_by_role("button", name=f"Suggest for {COUNT} documents").click()
    page.get_by_text(re.compile(rf"^[1-9]\d? of {COUNT} · ")).wait_for(timeout=120_000)
    page.locator(".st-key-queue_suggest_stop button").click()
    goes_on = page.get_by_role("button", name=re.compile(r"Continue: \d+ left"))
    goes_on.wait_for()
    assert not wide(page)
    goes_on.click()
    page.get_by_text("Suggestions are there for").wait_for(timeout=240_000)

    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    page.wait_for_timeout(2000)  # the table is a canvas: nothing in the document says that its rows are drawn
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 36 + 18)
    page.locator(".st-key-queue_open button:enabled").click()
    page.wait_for_url(re.compile("section=Review"))
    assert "carta" not in page.url

    page.goto(f"{address}/review?section=Queue")
    page.locator(".st-key-queue_delete button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(f"{COUNT} documents with their texts").wait_for()
    assert not wide(page)
    dialog.get_by_label("The project's name").fill(project.name)
    dialog.get_by_label("The project's name").press("Enter")
    dialog.get_by_role("button", name="Delete for good").click()
    page.get_by_text(f"is deleted: {COUNT} documents").wait_for()
    assert project.id not in {left.id for left in ReviewStore().projects()}
