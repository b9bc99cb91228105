"""The review section through Streamlit's own test runner; what needs a browser is in tests/browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.note.context import Status
from core.review import decide
from core.review.desk import Clock, Mark, find_words, next_document, next_open, pieces, step, trimmed
from core.review.model import Comment, Decision, Incoming, Kind, Settings
from core.review.people import Person, Role
from core.settings import ASSETS
from tests.review.conftest import NOTE, ORIGIN, passage

ADA = Person("Ada", Role.ADMIN)


@pytest.fixture
def reviews(furnished, monkeypatch):
    from core.review.store import ReviewStore
    from pages.parts.review import common

    common._store.clear()
    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    (furnished / "profile.txt").write_text("Ada", "utf-8")
    opened = ReviewStore()
    yield opened
    opened.engine.dispose()
    common._store.clear()


def imported(reviews, *names: str, text: str = NOTE, **settings):
    """A project with notes that differ in their last line, suggestions for each."""
    project = reviews.create(ADA, "Pilot", Settings(**settings))
    reviews.import_documents(ADA, project, [Incoming(name, f"{text}\n{name}", "es") for name in names or ("a.txt",)])
    found = [
        passage("hipertensión arterial", "I10", "I15.9"),
        passage("diabetes", "E11.9", "E10.9", sure=0.6),
        passage("asma", "J45.909", status=Status.NEGATED),
    ]
    for listed in reviews.documents(project.id):
        reviews.suggest(listed, found, ORIGIN, "es", 0.2)
    return project, [reviews.document(listed.id) for listed in reviews.documents(project.id)]


@pytest.fixture
def with_models(coder, workspace):
    """A store beside the index that the session has built."""
    from core.review.store import ReviewStore
    from pages.parts.review import common

    common._store.clear()
    (workspace / "profile.txt").write_text("Ada", "utf-8")
    opened = ReviewStore()
    yield opened
    for project in opened.projects():
        opened.delete(ADA, project)
    opened.engine.dispose()
    (workspace / "profile.txt").unlink()
    common._store.clear()


@pytest.fixture
def desk():
    def open_page():
        app = AppTest.from_file(str(ASSETS.parent / "app.py"), default_timeout=180)
        app.query_params["section"] = "Review"
        app.switch_page("pages/review.py").run()
        assert not app.exception
        return app

    return open_page


def press(app, key):
    app.button(key=f"review_{key}").click().run()
    assert not app.exception
    return app


def shown(app) -> str:
    kinds = (app.markdown, app.subheader, app.caption, app.warning, app.info, app.success, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def work(reviews, project, document):
    return reviews.work(document, "Ada", project.settings)


def test_each_decision_is_in_the_store_at_once_and_the_next_open_annotation_opens(reviews, desk):
    project, (document,) = imported(reviews)
    app = desk()
    assert "“hipertensión arterial”" in shown(app)
    press(app, "accepted")
    assert work(reviews, project, document).annotations[0].decision is Decision.ACCEPTED
    assert "“diabetes”" in shown(app)
    press(app, "rejected")
    press(app, "unsure")
    decisions = [one.decision for one in work(reviews, project, document).annotations]
    assert decisions == [Decision.ACCEPTED, Decision.REJECTED, Decision.UNSURE]
    assert "All decided" in shown(app)


def test_what_is_decided_already_is_not_asked_or_written_again(reviews, desk):
    project, (document,) = imported(reviews)
    app = press(desk(), "accepted")
    press(app, "previous")
    version = work(reviews, project, document).version
    press(app, "accepted")
    assert work(reviews, project, document).version == version
    assert "“diabetes”" in shown(app)


def test_undo_takes_the_last_decision_back_and_opens_what_it_was_about(reviews, desk):
    project, (document,) = imported(reviews)
    app = press(press(desk(), "accepted"), "undo")
    assert work(reviews, project, document).annotations[0].decision is Decision.OPEN
    assert "“hipertensión arterial”" in shown(app)
    press(app, "undo")
    assert "nothing left to undo" in shown(app)


def test_a_decision_on_what_another_window_has_changed_is_told_and_not_made(reviews, desk):
    project, (document,) = imported(reviews)
    app = desk()
    here = work(reviews, project, document)
    change = decide.decide(here, "m1", Decision.REJECTED, "Ada", document.imported)
    reviews.record(ADA, project, document, here, change)
    press(app, "accepted")
    assert "changed in another window" in shown(app)
    assert work(reviews, project, document).annotations[0].decision is Decision.REJECTED
    assert "Rejected" in shown(app)
    press(app, "accepted")
    assert "another window" not in shown(app)
    assert work(reviews, project, document).annotations[0].decision is Decision.ACCEPTED


def test_hidden_suggestions_stay_hidden_until_they_are_asked_for(reviews, desk):
    project, (document,) = imported(reviews, blind=True)
    app = desk()
    assert "Suggestions are hidden" in shown(app)
    assert "hipertensión" not in shown(app)
    assert app.button(key="review_accepted").disabled
    press(app, "reveal")
    assert work(reviews, project, document).revealed
    assert "“hipertensión arterial”" in shown(app)


def test_words_typed_are_marked_with_codes_to_choose_from(with_models, desk):
    imported(with_models, blind=True)
    app = press(desk(), "mode_words")
    app.text_input(key="review_field_words").set_value("nadie")
    app.button(key="FormSubmitter:review_words-Mark them").click().run()
    assert "not in the note" in shown(app)
    app.text_input(key="review_field_words").set_value("DIABETES")
    app.button(key="FormSubmitter:review_words-Mark them").click().run()
    assert not app.exception
    assert "**New annotation:** “diabetes”" in shown(app)
    app.text_input(key="review_field_query").set_value("E11.9")
    app.button(key="FormSubmitter:review_find-Search").click().run()
    assert not app.exception
    press(app, "back")
    assert "New annotation" not in shown(app)


def test_a_status_is_corrected_and_the_annotation_stays_open(reviews, desk):
    project, (document,) = imported(reviews)
    app = press(press(desk(), "mode_status"), "status_historical")
    first = work(reviews, project, document).annotations[0]
    assert (first.status, first.decision) == (Status.HISTORICAL, Decision.OPEN)
    assert "corrected from present" in shown(app)


def test_finishing_waits_for_open_annotations_and_goes_on_to_the_next_document(reviews, desk):
    project, (first, second) = imported(reviews, "one.txt", "two.txt")
    app = press(desk(), "finish")
    assert "3 annotations are still open" in shown(app)
    for _ in range(3):
        press(app, "accepted")
    press(app, "finish")
    assert work(reviews, project, first).finished
    assert "two.txt" in shown(app)
    assert app.session_state["review_document"] == second.id
    for _ in range(3):
        press(app, "unsure")
    press(app, "finish")
    assert "Finished." in shown(app)
    assert app.button(key="review_accepted").disabled
    press(app, "reopen")
    assert not work(reviews, project, second).finished


def test_the_time_between_decisions_is_written_with_them(reviews, desk):
    project, (document,) = imported(reviews)
    app = desk()
    app.session_state["review_sitting"].clock = Clock(app.session_state["review_sitting"].clock.last - 7.0)
    press(app, "accepted")
    assert 7.0 <= work(reviews, project, document).seconds < 60.0


def test_names_passages_and_comments_are_shown_as_they_stand(reviews, desk):
    evil = "**<img src=x onerror=alert(1)>** [a](http://b) `c` :red[d] $e$"
    project, (document,) = imported(reviews, evil)
    here = work(reviews, project, document)
    words = document.text.index(evil)
    change = decide.add(here, ((words, words + len(evil)),), ("I10",), document.text, "Ada", document.imported)
    here = reviews.record(ADA, project, document, here, change)
    change = decide.comment(here, here.annotations[-1].id, evil, "Ada", document.imported)
    reviews.record(ADA, project, document, here, change)
    app = desk()
    app.session_state["review_sitting"].current = here.annotations[-1].id
    app.run()
    written = [one.value for one in (*app.markdown, *app.subheader, *app.caption) if "onerror" in one.value]
    assert len(written) == 3
    for one in written:
        assert "\\*\\*\\<img src=x onerror=alert(1)\\>\\*\\* \\[a\\](http\\://b) \\`c\\` \\:red\\[d\\] \\$e\\$" in one


def test_a_comment_is_kept_with_its_author(reviews, desk):
    project, (document,) = imported(reviews)
    app = press(desk(), "mode_comment")
    app.text_input(key="review_field_comment").set_value("ask the ward")
    app.button(key="FormSubmitter:review_comment-Keep").click().run()
    assert not app.exception
    assert "ask the ward" in shown(app)
    (comment,) = work(reviews, project, document).annotations[0].comments
    assert isinstance(comment, Comment)
    assert comment.by == "Ada"


def test_a_code_of_another_release_is_shown_as_such(reviews, desk):
    project = reviews.create(ADA, "Old", Settings())
    found = [passage("diabetes", "E99.99")]
    reviews.import_documents(ADA, project, [Incoming("a.txt", NOTE, "es", tuple(found))])
    app = desk()
    assert "“diabetes”" in shown(app)
    press(app, "why_button")
    assert "E99.99 is not in" in shown(app)


def test_a_document_that_is_gone_gives_way_to_the_first_open_one(reviews, desk):
    _, (_, second) = imported(reviews, "one.txt", "two.txt")
    app = desk()
    app.session_state["review_document"] = 999
    app.run()
    assert not app.exception
    assert "one.txt" in shown(app)
    assert "1 of 2" in shown(app)
    press(app, "document_after")
    assert app.session_state["review_document"] == second.id


# what the section is made of


def test_pieces_lose_no_text_and_no_mark_however_marks_overlap():
    text = "a😀b́ cdefgh"
    marks = [Mark("x", ((1, 4),)), Mark("y", ((0, 2), (5, 9))), Mark("z", ((1, 4),)), Mark("w", ((8, len(text)),))]
    found = pieces(len(text), marks)
    assert "".join(text[one.start : one.end] for one in found) == text
    assert {name for one in found for name in one.names} == {"x", "y", "z", "w"}
    for mark in marks:
        covered = {at for start, end in mark.spans for at in range(start, end)}
        assert covered == {at for one in found if mark.name in one.names for at in range(one.start, one.end)}
    at = next(one for one in found if one.start == 1)
    assert at.names == ("x", "y", "z")
    assert at.first
    assert not at.last


def test_a_break_is_not_work():
    clock = Clock(100.0).tick(130.0).tick(130.0 + 3600.0)
    assert clock.pending == 30.0 + 120.0
    assert clock.tick(clock.last - 5.0).pending == clock.pending


def test_the_next_open_annotation_is_sought_onward_and_then_from_the_start(reviews):
    project, (document,) = imported(reviews)
    here = work(reviews, project, document)
    assert next_open(here.shown, "m3") == "m1"
    assert step(here.shown, "m3", 1) == "m3"
    assert step(here.shown, "m1", 1) == "m2"
    assert step((), "m1", 1) == ""
    assert next_document([1, 2, 3], 3, {1}) == 2
    assert next_document([1, 2], 2, {1, 2}) is None


def test_words_are_found_across_line_breaks_and_nearest_to_where_one_reads():
    note = "asma\n\nuna hipertensión \n arterial y Asma"
    start, end = find_words(note, "hipertensión arterial") or (0, 0)
    assert note[start:end] == "hipertensión \n arterial"
    last = note.index("Asma")
    assert find_words(note, "Asma") == (last, last + 4)
    assert find_words(note, "ASMA") == (0, 4)
    assert find_words(note, "ASMA", near=30) == (last, last + 4)
    assert find_words(note, "  ") is None
    assert trimmed(note, 4, 9) == (6, 9)
    assert trimmed(note, 4, 6) is None


def test_the_log_of_a_review_says_what_was_before(reviews, desk):
    project, (document,) = imported(reviews)
    press(press(desk(), "accepted"), "undo")
    kinds = [one.kind for one in reviews.events(project.id, document.id, "Ada")]
    assert kinds == [Kind.BEGIN, Kind.ACCEPT, Kind.UNDO]
    assert json.dumps([one.after for one in reviews.events(project.id, document.id, "Ada")])
