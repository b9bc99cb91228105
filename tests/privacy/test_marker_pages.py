"""A marker in a text goes through every page: it stands in the browser and where it was saved, nowhere else."""

import json
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.browser


def test_a_phrase_looked_up_is_kept_nowhere(visitor, server):
    visitor.open("")
    visitor.page.get_by_label("Diagnosis, symptom or code").fill("neumonía bacteriana Zxqvlookup-dolör")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Why this code").wait_for()
    visitor.settle()
    assert "Zxqvlookup" in " ".join(visitor.heard)
    assert server.place.holding("Zxqvlookup") == []
    assert "zxqv" not in visitor.addresses().lower()


def test_a_note_is_coded_and_taken_along_and_kept_nowhere(visitor, server):
    visitor.open("code_a_note")
    visitor.page.get_by_role("button", name="Open a file").click()
    visitor.upload("Zxqvnote.txt", "Paciente Zxqvnote-dolör con asma y neumonía Zxqvnote bacteriana.".encode())
    visitor.page.locator(".mention", has_text="asma").wait_for()
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_label("A passage that was missed").fill("neumonía Zxqvnote bacteriana")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("heading", name="For this passage").wait_for()
    visitor.settle()
    visitor.page.locator(".st-key-note_passage button.card").first.click()
    visitor.page.get_by_role("button", name="Accept J").click()
    visitor.page.get_by_text("Take it along").click()
    buttons = [visitor.page.get_by_role("button", name=name, exact=True) for name in ("CSV", "JSON", "FHIR R4B")]
    taken = [visitor.download(button) for button in buttons]
    assert [b"Zxqvnote" in data for _, data in taken] == [True, True, True]
    for _ in range(3):  # what was made ready is dropped while others are answered
        visitor.open("")
    for address, _ in taken:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(address)  # noqa: S310
    assert server.place.holding("Zxqvnote") == []
    assert "zxqv" not in visitor.addresses().lower()


def test_an_evaluation_has_its_texts_until_it_is_deleted(visitor, server):
    visitor.open("evaluate?section=Your+own")
    table = "text\tcode\tlang\nneumonía bacteriana Zxqvevaluate\tJ15.9\tes\nfebre\tR50.9\tca\n"
    visitor.upload("mine.tsv", table.encode())
    visitor.page.get_by_text("mentions to run: 2").wait_for()
    visitor.settle()
    assert server.place.holding("Zxqvevaluate") == []
    visitor.page.get_by_role("button", name="clinicode", exact=True).click()
    visitor.settle()
    visitor.page.get_by_role("button", name="Start", exact=True).click()
    job = visitor.page.locator("[class*=st-key-own_job_]").first
    job.get_by_text("done", exact=True).wait_for()
    held = server.place.holding("Zxqvevaluate")
    assert held
    assert all(path.startswith("clinicode/evaluations/") and "/data/" in path for path in held)

    visitor.page.get_by_text("Queries", exact=True).click()
    visitor.page.get_by_label("Data set").click()
    visitor.page.get_by_role("option", name="mine.tsv").first.click()
    visitor.page.get_by_text("2 queries. A number is").wait_for()
    visitor.settle()
    _, queries = visitor.download(visitor.page.get_by_role("button", name="Download this view as CSV"))
    assert b"Zxqvevaluate" in queries
    assert server.place.holding("Zxqvevaluate") == held

    visitor.page.get_by_text("Your own", exact=True).click()
    job.get_by_role("button", name="Delete").click()
    visitor.page.get_by_role("button", name="Delete for good").click()
    visitor.page.get_by_text("None yet.").wait_for()
    assert server.place.holding("Zxqvevaluate") == []
    assert "zxqv" not in visitor.addresses().lower()


def test_a_review_has_its_texts_until_it_is_deleted(visitor, server):
    visitor.open("review?section=Queue")
    visitor.page.get_by_label("Name", exact=True).fill("Pilot")
    visitor.page.get_by_role("button", name="Make the project").click()
    visitor.page.get_by_text("No documents yet.").wait_for()
    note = json.dumps({"id": "one", "text": "Paciente con neumonía Zxqvreview bacteriana. Niega asma."}) + "\n"
    visitor.upload("letters.jsonl", note.encode())
    visitor.page.get_by_text("This is JSON lines: 1 document").wait_for()
    visitor.settle()
    assert server.place.holding("Zxqvreview") == []
    visitor.page.get_by_role("button", name="Import 1 document").click()
    visitor.page.get_by_role("button", name="Suggest for 1 document").click()
    visitor.page.get_by_text("Suggestions are there for").wait_for()
    visitor.page.get_by_text("Review", exact=True).last.click()
    visitor.page.locator(".mention[aria-pressed=true]").wait_for()
    for key in "aa":
        visitor.settle()
        visitor.page.keyboard.press(key)
    visitor.page.get_by_text("All decided").wait_for()
    visitor.page.get_by_text("Export", exact=True).click()
    _, archive = visitor.download(visitor.page.locator(".st-key-exports_archive button"))
    assert archive.startswith(b"PK")
    held = server.place.holding("Zxqvreview")
    assert held
    assert {path.split(".db")[0] for path in held} == {"clinicode/workspace"}
    visitor.page.get_by_text("Queue", exact=True).click()
    visitor.page.locator(".st-key-queue_delete button").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_text("Withdraw what it taught too").click()
    dialog.get_by_label("The project's name").fill("Pilot")
    dialog.get_by_label("The project's name").press("Enter")
    dialog.get_by_role("button", name="Delete for good").click()
    visitor.page.get_by_text("is deleted: 1 document").wait_for()
    assert server.place.holding("Zxqvreview") == []
    assert "zxqv" not in visitor.addresses().lower()


def crash_looking_up(visitor, text):
    visitor.open("")
    visitor.page.get_by_label("Diagnosis, symptom or code").fill(text)
    visitor.page.keyboard.press("Enter")


def crash_coding(visitor, text):
    visitor.open("code_a_note")
    visitor.page.get_by_label("The note (at most").fill(text)
    visitor.page.keyboard.press("Control+Enter")


def crash_taking_along(visitor, text):
    crash_coding(visitor, text)
    visitor.settle()
    visitor.page.get_by_label("A passage that was missed").fill(text)
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("heading", name="For this passage").wait_for()
    visitor.settle()
    visitor.page.locator(".st-key-note_passage button.card").first.click()
    visitor.page.get_by_role("button", name="Accept ").last.click()
    visitor.page.get_by_text("Take it along").click()
    visitor.page.get_by_role("button", name="CSV", exact=True).click()


def crash_evaluating(visitor, text):
    visitor.open("evaluate?section=Your+own")
    visitor.upload("mine.tsv", f"text\tcode\tlang\n{text}\tJ15.9\tes\n".encode())


def crash_importing(visitor, text):
    visitor.open("review?section=Queue")
    if not visitor.page.get_by_text("No documents yet.").is_visible():
        visitor.page.get_by_label("Name", exact=True).fill("Crashing")
        visitor.page.get_by_role("button", name="Make the project").click()
        visitor.page.get_by_text("No documents yet.").wait_for()
    visitor.upload("letter.txt", text.encode())
    visitor.page.get_by_role("button", name="Import 1 document").click()


@pytest.mark.parametrize(
    ("crash", "broken", "how", "error"),
    [
        (crash_looking_up, "search", "boomloud", "ValueError"),
        (crash_looking_up, "search", "boomquiet", "LookupError"),
        (crash_coding, "code", "boomloud", "ValueError"),
        (crash_taking_along, "as_csv", "boomloud", "ValueError"),
        (crash_evaluating, "recognise", "boomloud", "ValueError"),
        (crash_importing, "import_documents", "boomloud", "ValueError"),
    ],
)
def test_what_crashes_is_logged_without_its_words(visitor, server, crash, broken, how, error):
    before = server.said()
    crash(visitor, f"neumonía {how}:{broken} Zxqvcrash")
    for _ in range(600):
        visitor.page.wait_for_timeout(100)
        if f"in broken\n    raise {error}" in server.said().removeprefix(before):
            break
    else:
        pytest.fail("it did not crash")
    assert server.place.holding("Zxqvcrash") == []


def test_a_measurement_that_crashes_in_the_background_says_nothing_of_its_texts(visitor, server):
    crash_evaluating(visitor, "neumonía boomloud:measure Zxqvworker")
    visitor.page.get_by_text("mentions to run: 1").wait_for()
    visitor.page.get_by_role("button", name="clinicode", exact=True).click()
    visitor.settle()
    visitor.page.get_by_role("button", name="Start", exact=True).click()
    job = visitor.page.locator("[class*=st-key-own_job_]").first
    job.get_by_text("It failed with an error (ValueError)").wait_for()
    assert all("/data/" in path for path in server.place.holding("Zxqvworker"))
    job.get_by_role("button", name="Delete").click()
    visitor.page.get_by_role("button", name="Delete for good").click()
    visitor.page.get_by_text("None yet.").wait_for()
    assert server.place.holding("Zxqvworker") == []
