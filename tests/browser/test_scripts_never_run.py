"""HTML, scripts, Markdown and formulas in all that people write, in a real Chromium: none runs, nothing is fetched.

The fixture `page` fails a test where a request leaves the server or a script breaks; here no dialog may open either.
"""

import pytest

from core.catalog.tables import store as tables
from core.catalog.tables.bring import Wanted, bring, keep
from core.catalog.tables.read import open_bytes
from core.note.context import Status
from core.review import decide
from core.review.model import Incoming, Option, Origin, Settings, Suggestion
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.browser.wide import in_one_window
from tests.review.second import NOW, accept, do, recode

pytestmark = pytest.mark.browser
ADA = Person("Ada", Role.ADMIN)
BEN, EVE = Person("Ben <img src=x onerror=ran=1>"), Person("![i](//outside.invalid/e)")
OUT = "//outside.invalid"
HTML = f"<script>ran=1</script><img src=x onerror=ran=1><svg/onload=ran=1><iframe src={OUT}></iframe>"
MARKDOWN = f"![i]({OUT}/i.png) [l](javascript:ran=1) :material/bolt: :red[red] $x^2$ `c` **bold** <b>b</b> &lt;i&gt;"
EVIL = f"{HTML} {MARKDOWN}"
SHORT = f"![i]({OUT}/n) <img src=x onerror=ran=1> :red[x]"
NOTE = f"Zxqv {EVIL}\nPaciente con neumonía bacteriana {EVIL} y diabetes mellitus."


def remark(work, name):
    return decide.comment(work, name, EVIL, BEN.name, NOW)


DRAWN = {
    "Queue": "[data-testid=stDataFrame] canvas",
    "Review": ".st-key-review_head",
    "Adjudicate": "mark:visible",
    "Agreement": "text=Pairs of reviewers",
    "Export": "text=Accepted annotations",
}
"""What is there when a section of the review page is."""


@pytest.fixture
def hostile(page):
    page.add_init_script("Object.defineProperty(window, 'ran', {set() { throw new Error('a script ran') }})")
    page.on("dialog", lambda dialog: page.problems.append(dialog.message) or dialog.dismiss())
    return page


@pytest.fixture
def project(opened, workspace):
    """A project of names and notes that attack, one document to review and one to adjudicate."""
    profile = workspace / "profile.txt"
    profile.write_text(SHORT[:80], "utf-8")
    reviews = ReviewStore()
    made = reviews.create(ADA, f"Zxqv {SHORT}", Settings(reviewers=2, guideline=EVIL))
    named = [Incoming(f"Zxqv {EVIL}"[:300], NOTE, "es"), Incoming(SHORT, f"{NOTE} 2", "es")]
    reviews.import_documents(ADA, made, named)
    found = reviews.documents(made.id)
    start = NOTE.index("neumonía")
    spans = ((start, start + len(f"neumonía bacteriana {EVIL}")),)
    said = Suggestion(spans, Status.AFFIRMED, ("J15.9",), 0.9, (Option("J15.9", 0.9), Option("J18.9", 0.1)), EVIL)
    for one in found:
        reviews.suggest(one, [said], Origin(EVIL, EVIL, "April 2026"), "es", 0.2)
    first = reviews.document(found[0].id)
    do(reviews, BEN, made, first, accept("m1"), lambda work: remark(work, "m1"), decide.finish)
    do(reviews, EVE, made, first, recode("m1", "J18.9"), decide.finish)
    yield made
    reviews.delete(ADA, reviews.project(made.id), withdraw=True)
    reviews.engine.dispose()
    profile.unlink()
    opened.forget()


@pytest.fixture
def imported(workspace):
    """A national table whose titles and release attack."""
    rows = f"code;title;terms\nJ44.0;{EVIL.replace(';', ',')};{SHORT}\nA00.0;Zxqv {SHORT};x\n"
    opened = open_bytes(f"{SHORT.replace('/', '-')}.csv", rows.encode())
    kept = keep(bring(opened, Wanted("cie-10-es", "es", SHORT[:30]), lambda: None))
    yield kept
    tables.remove(kept.name)


def settled(page) -> None:
    """The page is drawn, and what it would have fetched it would have."""
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    page.wait_for_timeout(300)
    leading = "img[src*='outside'], iframe[src*='outside'], [href*='outside'], [href^='javascript']"
    assert page.locator(leading).evaluate_all("found => found.map(one => one.parentElement.outerHTML)") == []
    assert page.locator("main script, main svg[onload], main img[onerror]").count() == 0
    assert "Traceback" not in page.inner_text("body")


@in_one_window
def test_nothing_that_people_write_runs_or_fetches(hostile, address, project, imported):
    page = hostile
    page.goto(f"{address}/catalog?code=J44.0")
    page.get_by_text("onerror=ran=1").first.wait_for()
    settled(page)
    page.goto(f"{address}/catalog?section=Tables")
    page.get_by_text("Bring in a table").wait_for()
    settled(page)
    for bad in (SHORT, f"E11.95{SHORT}"):
        page.goto(f"{address}/catalog?code={bad.replace('#', '')}")
        page.get_by_text("is not").first.wait_for()
        settled(page)
    for section, drawn in DRAWN.items():
        page.goto(f"{address}/review?section={section}")
        page.locator(drawn).filter(visible=True).first.wait_for()
        settled(page)
    page.goto(f"{address}/evaluate?section=Your+own")
    data = f"text\tcode\tlang\n{EVIL}\tR05.9\tes\n{EVIL}\tZZZ\t{SHORT}\n"
    uploaded = {"name": f"![i](\\\\outside.invalid\\n) {SHORT.replace('/', '-')}.tsv", "mimeType": "text/plain"}
    page.locator("input[type=file]").set_input_files({**uploaded, "buffer": data.encode()})
    page.get_by_text("line cannot").or_(page.get_by_text("cannot be used")).first.wait_for()
    settled(page)
    page.locator("input[type=file]").set_input_files({**uploaded, "buffer": b"nothing\n"})
    page.get_by_text("in none of the formats").wait_for()
    settled(page)


@in_one_window
def test_nothing_in_a_phrase_or_a_note_runs_or_fetches(hostile, address):
    page = hostile
    page.goto(address)
    page.get_by_label("Diagnosis, symptom or code").fill(f"neumonía {EVIL}")
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator("button.card").first.wait_for()
    settled(page)
    page.goto(f"{address}/code_a_note")
    page.locator(".mention").first.wait_for()
    page.get_by_label("The note (at most").fill(NOTE)
    page.keyboard.press("Control+Enter")
    page.locator(".mention", has_text="diabetes mellitus").wait_for()
    assert "<script>ran=1</script>" in page.locator("div.note").inner_text()
    settled(page)
    page.get_by_role("button", name="Open a file").click()
    page.locator("input[type=file]").first.set_input_files(
        {"name": f"{SHORT.replace('/', '-')}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 broken"}
    )
    page.get_by_text("cannot be read as a PDF").first.wait_for()
    settled(page)
