"""The review section in a real Chromium: a whole note by the keyboard, words selected, and what must not happen."""

import json

import pytest

from core.note.context import Status
from core.review import decide
from core.review.model import FINAL, Decision, Incoming, Kind, Option, Origin, Settings, Suggestion
from core.review.people import Person, Role
from tests.browser.wide import choose, in_one_window, press, settled, wide
from tests.review.second import accept, do

pytestmark = pytest.mark.browser

ADA = Person("Ada", Role.ADMIN)
TERMS = (("diabetes mellitus", "E11.9", "E10.9"), ("hypertension", "I10", "I15.9"), ("asthma", "J45.909", "J45.20"))
EVIL = "<img src=x onerror=alert(1)> **bold**"
STRANGE = "😀 Zxqv e\u0301 👩\u200d👩\u200d👧 first: pneumonia. 𝔘 second: gout and asthma. " + EVIL


@pytest.fixture
def reviews(opened, workspace):
    """The store that the server uses, under Ada's name; what a test makes goes with it."""
    from core.review.store import ReviewStore

    profile = workspace / "profile.txt"
    profile.write_text("Ada", "utf-8")
    store = ReviewStore()
    yield store
    for project in store.projects():
        store.delete(ADA, project, withdraw=True)
    store.engine.dispose()
    profile.unlink()
    opened.forget()


def long_note() -> tuple[str, list[Suggestion]]:
    """Thirty diagnoses, one a line, with two codes each."""
    lines, found, done = [], [], 0
    for number in range(30):
        words, *codes = TERMS[number % len(TERMS)]
        line = f"{number + 1}. Known {words}, followed up."
        start = done + line.index(words)
        options = tuple(Option(code, chance) for code, chance in zip(codes, (0.7, 0.2), strict=True))
        status = Status.NEGATED if number % 5 == 4 else Status.AFFIRMED
        found.append(Suggestion(((start, start + len(words)),), status, (codes[0],), 0.9, options))
        lines.append(line)
        done += len(line) + 1
    return "\n".join(lines), found


def make(reviews, *documents: Incoming, **settings):
    project = reviews.create(ADA, "Pilot", Settings(**settings))
    reviews.import_documents(ADA, project, documents)
    return project, [reviews.document(listed.id) for listed in reviews.documents(project.id)]


def desk(page, address):
    """Open the section; the latest project is the one shown."""
    page.goto(f"{address}/review?section=Review")
    page.locator(".st-key-review_head").wait_for()


def current(page, name):
    """Wait until an annotation is the open one, with its codes beside it, and keys are listened to."""
    page.locator(f".mention[data-id={name}][aria-pressed=true]").wait_for()
    page.locator(f'button.card[data-id^="{name}|"]').first.wait_for()
    page.locator(".keys[data-listening]").wait_for(state="attached")


def select(page, words):
    """Select words of the note as a mouse does: press at their start, release at their end."""
    settled(page)
    page.locator("div.note", has_text=words).click(trial=True)  # once it has stopped moving
    box = page.evaluate(
        """words => {
          const hosts = [...document.querySelectorAll("*")].filter((one) => one.shadowRoot)
          const note = hosts.map((one) => one.shadowRoot.querySelector("[role=document]")).find(Boolean)
          const walker = document.createTreeWalker(note, NodeFilter.SHOW_TEXT)
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words)
            if (at < 0) continue
            const range = document.createRange()
            range.setStart(walker.currentNode, at)
            range.setEnd(walker.currentNode, at + words.length)
            const one = range.getClientRects()[0]
            return [one.left, one.right, one.top + one.height / 2]
          }
        }""",
        words,
    )
    left, right, middle = box
    page.mouse.move(left + 0.5, middle)
    page.mouse.down()
    page.mouse.move(right - 2, middle, steps=4)
    page.mouse.move(right, middle)
    page.mouse.up()


def test_a_note_of_thirty_annotations_is_reviewed_with_the_keyboard_alone(page, address, reviews):
    text, found = long_note()
    project, (document, _) = make(reviews, Incoming("long.txt", text, "en"), Incoming("next.txt", "Next: gout.", "en"))
    reviews.suggest(document, found, Origin("m", "i", "c"), "en", 0.5)
    desk(page, address)
    current(page, "m1")
    for number in range(1, 31):
        press(page, "a2xu"[number % 4])
        if number == 7:  # taken back, and decided otherwise
            current(page, "m8")
            press(page, "z")
            current(page, "m7")
            press(page, "a")
        if number < 30:
            current(page, f"m{number + 1}")
    page.get_by_text("All decided").wait_for()
    work = reviews.work(document, "Ada", project.settings)
    by_key = {1: Decision.ACCEPTED, 2: Decision.REJECTED, 3: Decision.UNSURE, 0: Decision.ACCEPTED}
    for number, one in enumerate(work.annotations, 1):
        first, second = (option.code for option in one.suggestion.options)
        if number == 7:
            assert (one.decision, one.codes) == (Decision.ACCEPTED, (first,))
        else:
            assert one.decision is by_key[number % 4]
            assert one.codes == ((second,) if number % 4 == 1 else (first,))
    assert sum(one.kind is Kind.UNDO for one in reviews.events(project.id, document.id, "Ada")) == 1
    press(page, "f")
    page.get_by_text("next.txt").wait_for()
    work = reviews.work(document, "Ada", project.settings)
    assert work.finished
    assert 0 < work.seconds < 300
    assert not wide(page)
    assert "Known" not in page.url


@in_one_window
def test_selected_words_are_marked_where_they_stand_whatever_comes_before(page, address, reviews):
    project, (document,) = make(reviews, Incoming(EVIL, STRANGE, "en"))
    desk(page, address)
    page.get_by_text("Nothing is marked").wait_for()
    for words in ("pneumonia", "gout"):
        select(page, words)
        page.get_by_text(f"New annotation: “{words}”").wait_for()
        page.locator('button.card[data-id^="|"]').first.wait_for()
        press(page, "1")
        page.locator(".mention.accepted", has_text=words).wait_for()
    work = reviews.work(document, "Ada", project.settings)
    assert [one.text(document.text) for one in work.annotations] == ["pneumonia", "gout"]
    assert [one.codes[0][:3] for one in work.annotations] == ["J18", "M10"]
    # without the mouse, and as a second passage of the annotation that is open
    press(page, "n")
    page.locator(".st-key-review_field_words input:focus").fill("asthma")
    page.keyboard.press("Enter")
    page.get_by_text("New annotation: “asthma”").wait_for()
    page.locator('button.card[data-id^="|"]').first.wait_for()
    press(page, "p")
    page.get_by_role("heading", name="“gout asthma”").wait_for()
    assert page.locator(f'.mention[data-id="{work.annotations[1].id}"]').count() == 2
    assert page.locator("div.note img").count() == 0
    assert EVIL in page.locator("div.note").inner_text()
    assert EVIL in page.locator(".st-key-review_head").inner_text()


def test_keys_pressed_while_typing_decide_nothing_and_a_searched_code_is_taken(page, address, reviews):
    text, found = long_note()
    project, (document,) = make(reviews, Incoming("long.txt", text, "en"))
    reviews.suggest(document, found, Origin("m", "i", "c"), "en", 0.5)
    desk(page, address)
    current(page, "m1")
    press(page, "ArrowDown")
    current(page, "m2")
    press(page, "s")
    field = page.locator(".st-key-review_field_query input:focus")
    field.wait_for()
    page.keyboard.type("axu2 jkz")
    page.keyboard.press("Escape")
    current(page, "m2")
    assert reviews.work(document, "Ada", project.settings).version == 0
    press(page, "s")
    field.wait_for()
    page.keyboard.type("J45.2")
    page.keyboard.press("Enter")
    card = page.locator('button.card[data-id="m2|J45.21"]')
    card.wait_for()
    press(page, card.locator("kbd").inner_text())
    current(page, "m3")
    one = reviews.work(document, "Ada", project.settings).annotation("m2")
    assert (one.codes, one.decision) == (("J45.21",), Decision.ACCEPTED)
    press(page, "t")
    page.get_by_text("What does the note say of it?").wait_for()
    press(page, "3")
    page.locator(".mention.historical").wait_for()
    assert reviews.work(document, "Ada", project.settings).annotation("m3").status is Status.HISTORICAL
    press(page, "w")
    page.locator(".st-key-review_why").get_by_text("Why this code").wait_for()
    assert not wide(page)


@in_one_window
def test_hidden_suggestions_are_shown_by_a_key_and_a_held_key_decides_once(page, address, reviews):
    text, found = long_note()
    project, (document,) = make(reviews, Incoming("long.txt", text, "en"), blind=True)
    reviews.suggest(document, found, Origin("m", "i", "c"), "en", 0.5)
    desk(page, address)
    page.get_by_text("Suggestions are hidden").wait_for()
    page.get_by_role("button", name="Show").wait_for()
    assert page.locator(".mention").count() == 0
    press(page, "v")
    current(page, "m1")
    settled(page)
    for _ in range(5):  # what a browser sends while a key is held
        page.keyboard.down("a")
    page.keyboard.up("a")
    current(page, "m2")
    press(page, "j")
    current(page, "m3")
    decided = [one.decision for one in reviews.work(document, "Ada", project.settings).annotations]
    assert decided.count(Decision.ACCEPTED) == 1
    assert json.dumps(decided[1:]) == json.dumps([Decision.OPEN] * 29)


@in_one_window
def test_an_adjudicator_adds_words_that_nobody_marked_and_opens_a_passage_in_the_note(page, address, reviews):
    text = "Known hypertension. Seen for gout of the left knee."
    project, (document,) = make(reviews, Incoming("one.txt", text, "en"), reviewers=2)
    reviews.suggest(
        document, [Suggestion(((6, 18),), Status.AFFIRMED, ("I10",), 0.9)], Origin("m", "i", "c"), "en", 0.5
    )
    for person in (Person("Ben"), Person("Eva")):
        do(reviews, person, project, document, accept("m1"), decide.finish)
    page.goto(f"{address}/review?section=Adjudicate")
    page.get_by_text("The whole note").click()
    select(page, "gout")
    page.get_by_text("New annotation: “gout”").wait_for()
    choose(page, "Codes", "M10.9 Gout, unspecified")
    page.keyboard.press("Escape")  # more could be chosen
    page.get_by_role("button", name="Add it").click()
    page.locator(".mention.accepted", has_text="gout").wait_for()
    page.locator(".mention", has_text="hypertension").click()
    page.locator(".st-key-adjudicate_note").get_by_role("button", name="Leave it out").click()
    page.locator(".mention.rejected", has_text="hypertension").wait_for()
    page.get_by_role("button", name="Finish").click()
    page.get_by_text("Every document that was ready is settled").wait_for()
    gold = reviews.work(document, FINAL, project.settings).gold
    assert [(one.text(text), one.codes) for one in gold] == [("gout", ("M10.9",))]
    assert "gout" not in page.url
