"""Every section of every page for people who see, hear or move otherwise: axe-core, keyboard, words, rest, room."""

import re
import time
from dataclasses import dataclass

import pytest

from core.note.context import Status
from core.review import decide
from core.review.model import Incoming, Option, Origin, Settings, Suggestion
from core.review.people import Person, Role
from pages.parts.components import STATUS_WORDS
from pages.parts.review.desk_note import SAID
from tests.browser.axe import FOCUS, alike, axe_core, moving, tab_to, violations
from tests.browser.wide import FITS, settled
from tests.review.second import accept, do, recode, reject, unsure

pytestmark = pytest.mark.browser

ADA, BEN, EVA = Person("Ada", Role.ADMIN), Person("Ben"), Person("Eva")
NOTE = (
    "Type 1 diabetes mellitus. Type 2 diabetes mellitus. Denies asthma. Possible pneumonia. History of stroke. "
    "Mother had breast cancer. Hypertension."
)
PASSAGES = (
    ("Type 1 diabetes mellitus", "E10.9", Status.AFFIRMED),
    ("Type 2 diabetes mellitus", "E11.9", Status.AFFIRMED),
    ("asthma", "J45.909", Status.NEGATED),
    ("pneumonia", "J18.9", Status.UNCERTAIN),
    ("stroke", "Z86.73", Status.HISTORICAL),
    ("breast cancer", "Z80.3", Status.FAMILY),
    ("Hypertension", "I10", Status.AFFIRMED),
)
CHARTS = ".js-plotly-plot .main-svg"
NIGHT = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(18, 25, 27)'"
STILL = "* { transition: none !important; animation: none !important }"
RESTS = """() => {
  const busy = "[data-stale=true], .stApp:not([data-test-script-state=notRunning])"
  if (document.querySelector(busy)) window.restingSince = performance.now()
  return performance.now() - window.restingSince > 300
}"""

LINE = """one => {
  const { textDecorationLine, textDecorationStyle } = getComputedStyle(one)
  return [textDecorationLine, textDecorationStyle, getComputedStyle(one, "::after").content].join()
}"""
SIGN = "one => getComputedStyle(one, '::before').content"


@dataclass(frozen=True)
class View:
    """A section by its address, and what is there once it is drawn."""

    path: str
    ready: str
    narrow: bool = False

    def __str__(self) -> str:
        return re.sub(r"\W+", "-", self.path).strip("-") or "look_up"


VIEWS = [
    View("", ".st-key-lookup_why h4", narrow=True),
    View("code_a_note", ".mention", narrow=True),
    *(
        View(f"review?section={section}", ready, narrow=section == "Review")
        for section, ready in (
            ("Queue", "[data-testid=stDataFrame] canvas"),
            ("Review", "button.card"),
            ("Adjudicate", "[class*=st-key-case_]"),
            ("Agreement", CHARTS),
            ("Learning", "[data-testid=stDataFrame] canvas"),
            ("Export", "[data-testid=stDownloadButton]"),
        )
    ),
    *(
        View(f"evaluate?section={section}", ready, narrow=section == "Leaderboard")
        for section, ready in (
            *((name, CHARTS) for name in ("Leaderboard", "Languages", "Mistakes", "Confidence", "Training data")),
            *((name, CHARTS) for name in ("Notes", "Robustness", "Explanations", "Speed")),
            ("Queries", "[data-testid=stDataFrame] canvas"),
            ("Your own", "[data-testid=stFileUploader]"),
            ("Report", "[data-testid=stButton]"),
        )
    ),
    View("catalog?code=E11", ".tree .row[aria-selected=true]", narrow=True),
    View("catalog?code=E11.95", ".text a"),
    View("catalog?section=Changes", "[data-testid=stAlert]"),
    View("catalog?section=Tables", "[data-testid=stFileUploader]"),
]


@pytest.fixture(scope="module", autouse=True)
def project(opened, workspace):
    """Two documents that Ben and Eva have finished otherwise, and one that Ada has begun."""
    from core.review.store import ReviewStore

    profile = workspace / "profile.txt"
    profile.write_text("Ada", "utf-8")
    store = ReviewStore()
    made = store.create(ADA, "Pilot", Settings(reviewers=2, guideline="Code what is treated."))
    names = ("one.txt", "two.txt", "three.txt")
    store.import_documents(ADA, made, [Incoming(name, f"{NOTE} ({name})", "en") for name in names])
    documents = [store.document(one.id) for one in store.documents(made.id)]
    found = [
        Suggestion(((start, start + len(words)),), status, (code,), 0.7, (Option(code, 0.7), Option("R69", 0.2)))
        for words, code, status in PASSAGES
        for start in [NOTE.index(words)]
    ]
    everything = [accept(f"m{number}") for number in range(1, len(PASSAGES) + 1)]
    for document in documents:
        store.suggest(document, found, Origin("m", "i", "c"), "en", 0.5)
    for document in documents[:2]:
        do(store, BEN, made, document, *everything, decide.finish)
        do(store, EVA, made, document, *everything, recode("m2", "E11.8"), reject("m4"), decide.finish)
    store.assign(ADA, documents[2:], ["Ada"])
    do(store, ADA, made, documents[2], accept("m1"), reject("m2"), unsure("m4"))
    yield made
    for left in store.projects():
        store.delete(ADA, left, withdraw=True)
    store.engine.dispose()
    profile.unlink()
    opened.forget()


@pytest.fixture(scope="module")
def shared(chromium, address, project):
    """One window for all views."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture
def window(shared):
    shared.set_viewport_size({"width": 1280, "height": 900})
    shared.emulate_media(color_scheme="light", reduced_motion="no-preference", forced_colors="none")
    return shared


@pytest.fixture
def dripping(window):
    """The window over a line on which each message comes a while after the one before: it is drawn between any two.

    A part of the page that then stands elsewhere than in the run before is made anew, and loses the focus.
    """

    def slowly(socket):
        server = socket.connect_to_server()

        def pass_on(message):
            time.sleep(0.03)
            socket.send(message)

        server.on_message(pass_on)

    context = window.context.browser.new_context(viewport=window.viewport_size, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.route_web_socket("**/_stcore/stream", slowly)
    yield page
    context.close()


def drawn(page, address, path, ready):
    page.goto(f"{address}/{path}")
    page.locator(ready).first.wait_for()
    settled(page)


def resting(page):
    """Wait until nothing has been drawn anew for a while: what waits for that is shown pale."""
    page.evaluate("window.restingSince = performance.now()")
    page.wait_for_function(RESTS)


def checked(page) -> list[str]:
    """What axe-core finds in light and in dark, everything unfolded."""
    page.add_script_tag(path=axe_core())
    page.add_style_tag(content=STILL)
    page.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach((one) => one.click())")
    resting(page)
    found = [f"light: {one}" for one in violations(page)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function(NIGHT)
    resting(page)
    return found + [f"dark: {one}" for one in violations(page)]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_nothing_serious_is_wrong_in_either_theme(window, address, view):
    drawn(window, address, view.path, view.ready)
    found = checked(window)
    assert not found, "\n".join(found)
    assert moving(window) == []
    assert alike(window) == []
    for chart in window.get_by_test_id("stPlotlyChart").all():
        assert chart.get_attribute("role") == "figure"
        assert len(chart.get_attribute("aria-label")) > 20
    window.set_viewport_size({"width": 320, "height": 900})
    window.wait_for_function(FITS)
    if view.narrow:
        assert not (found := violations(window)), "\n".join(found)


def test_what_opens_over_a_page_is_no_worse(window, address):
    drawn(window, address, "review?section=Queue", "[data-testid=stDataFrame] canvas")
    window.get_by_role("button", name="Ada").click()
    window.get_by_label("Review under the name").wait_for()
    assert not (found := checked(window)), "\n".join(found)
    window.keyboard.press("Escape")
    window.locator(".st-key-queue_delete button").click()
    window.get_by_role("dialog").get_by_label("The project's name").wait_for()
    assert not (found := checked(window)), "\n".join(found)


def coded(page, text):
    """Read a note by the keys that do."""
    page.get_by_label("The note (at most").fill(text)
    page.keyboard.press("Control+Enter")


def test_an_empty_note_and_a_list_that_the_rules_speak_against(window, address):
    drawn(window, address, "code_a_note", ".mention")
    coded(window, " ")
    window.get_by_test_id("stAlert").wait_for()
    assert not (found := checked(window)), "\n".join(found)
    window.emulate_media(color_scheme="light")
    coded(window, NOTE)
    window.locator(".mention", has_text="Hypertension").wait_for()
    window.get_by_role("button", name="Accept all of these").click()
    window.get_by_text("Error: Excludes1").first.wait_for()
    window.locator("button.card").first.click()
    window.locator(".st-key-note_why h4").wait_for()
    assert not (found := checked(window)), "\n".join(found)


def test_statuses_and_decisions_are_told_without_colour(window, address):
    window.emulate_media(forced_colors="active")
    drawn(window, address, "code_a_note", ".mention")
    coded(window, NOTE)
    window.locator(".mention", has_text="Hypertension").wait_for()
    looks = set()
    for status, (word, _) in STATUS_WORDS.items():
        mention = window.locator(f".mention.{status.value}").first
        looks.add(mention.evaluate(LINE))
        assert mention.get_attribute("aria-label").endswith(f", {word}")
    assert len(looks) == len(Status)
    drawn(window, address, "review?section=Review", "button.card")
    signs = {kind: window.locator(f".mention.{kind}.first").first.evaluate(SIGN) for kind in SAID}
    assert len(set(signs.values())) == len(SAID)
    for kind, word in SAID.items():
        assert f", {word}, " in window.locator(f".mention.{kind}").first.get_attribute("aria-label")
        assert window.locator(f".list .{kind} .mark").first.get_attribute("aria-label") == word
    chosen = window.locator(".list [aria-pressed=true]")
    assert chosen.evaluate("one => parseFloat(getComputedStyle(one).borderLeftWidth)") > 4


def test_the_main_job_is_done_by_the_keyboard_alone(dripping, address):
    from playwright.sync_api import expect

    drawn(dripping, address, "", ".st-key-lookup_why h4")
    dripping.add_style_tag(content=STILL)
    tab_to(dripping, "Diagnosis, symptom or code")
    dripping.keyboard.type("dolor torácico opresivo")
    dripping.keyboard.press("Enter")
    dripping.get_by_text("Language: Spanish").wait_for()
    resting(dripping)
    second = dripping.locator("button.card").nth(1)
    code = second.get_attribute("data-code")
    tab_to(dripping, f"button: {code}")
    dripping.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(second).to_be_focused()
    resting(dripping)
    tab_to(dripping, "Why not the next one")
    dripping.keyboard.press("Enter")
    dripping.locator(".why .other").first.wait_for()

    drawn(dripping, address, "", "button.card")
    dripping.add_style_tag(content=STILL)
    tab_to(dripping, "Code a note")
    dripping.keyboard.press("Enter")
    dripping.locator(".mention").first.wait_for()
    resting(dripping)
    tab_to(dripping, "The note (at most")
    dripping.keyboard.press("Control+a")
    dripping.keyboard.type(NOTE)
    dripping.keyboard.press("Control+Enter")
    dripping.locator(".mention", has_text="Hypertension").wait_for()
    resting(dripping)
    tab_to(dripping, "Hypertension, present")
    dripping.keyboard.press("Enter")
    dripping.get_by_role("heading", name="For this passage").wait_for()
    resting(dripping)
    expect(dripping.locator(".mention", has_text="Hypertension")).to_be_focused()
    tab_to(dripping, "button: I10")
    dripping.keyboard.press("Enter")
    dripping.get_by_role("button", name="Accept I10").wait_for()
    resting(dripping)
    tab_to(dripping, "Accept I10")
    dripping.keyboard.press("Enter")
    dripping.locator(".listed [data-code=I10]").wait_for()
    resting(dripping)
    tab_to(dripping, "Take it along", back=True)
    dripping.keyboard.press("Enter")
    tab_to(dripping, "CSV")
    with dripping.expect_download() as download:
        dripping.keyboard.press("Enter")
    assert "I10" in download.value.path().read_text(encoding="utf-8-sig")
    tab_to(dripping, "I10 off the list", back=True)
    dripping.keyboard.press("Enter")
    dripping.get_by_text("Accept codes to put them here").wait_for()


@pytest.mark.parametrize(
    ("path", "start", "on"),
    [
        ("code_a_note", ".mention", "Tab"),
        ("code_a_note", "button.card", "Tab"),
        ("review?section=Review", ".mention[tabindex]", "Tab"),
        ("review?section=Review", ".list button", "Tab"),
        ("review?section=Adjudicate", ".mention[tabindex]", "Tab"),
        ("catalog?code=E11", '.tree [tabindex="0"]', "ArrowDown"),
    ],
)
def test_what_is_chosen_keeps_the_focus(dripping, address, path, start, on):
    dripping.goto(f"{address}/{path}")
    first = dripping.locator(start).first
    first.wait_for(state="attached")
    settled(dripping)
    if not first.is_visible():
        dripping.locator("summary", has_text="The whole note").click()
    first.focus()
    resting(dripping)
    for _ in range(2):
        dripping.keyboard.press(on)
        focused = dripping.evaluate(FOCUS)["named"]
        dripping.keyboard.press("Enter")
        resting(dripping)
        assert dripping.evaluate(FOCUS)["named"] == focused != ""
