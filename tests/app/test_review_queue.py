"""The review page's queue through Streamlit's own test runner: a project from its making to its end."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.review import decide
from core.review.model import Decision, Incoming, Settings
from core.review.people import Person, Role
from core.review.store import ReviewStore
from core.settings import ASSETS

ADA = Person("Ada", Role.ADMIN)
NOTES = [
    ("uno", "Paciente con diabetes mellitus tipo 2 e hipertensión arterial."),
    ("dos", "Neumonía adquirida en la comunidad. Niega asma."),
    ("tres", "Fractura de muñeca derecha."),
]
LINES = [json.dumps({"id": name, "text": text, "lang": "es"}) for name, text in NOTES]


@pytest.fixture
def reviews(workspace):
    """The workspace's review store, without projects before and after the test."""
    store = ReviewStore()
    _clear(store)
    yield store
    _clear(store)
    store.engine.dispose()


def _clear(store):
    for project in store.projects():
        store.delete(ADA, project, withdraw=True)


@pytest.fixture
def project(reviews):
    made = reviews.create(ADA, "Pilot_1 *", Settings(reviewers=2))
    reviews.import_documents(ADA, made, [Incoming(name, text, "es") for name, text in NOTES])
    return made


@pytest.fixture
def app(reviews, catalog):
    app = AppTest.from_file(str(ASSETS.parent / "app.py"), default_timeout=180)
    app.session_state["review_name"] = "Ada"
    app.run()
    app.switch_page("pages/review.py")
    return app


def said(app: AppTest) -> str:
    assert not app.exception
    kinds = (app.markdown, app.caption, app.success, app.warning, app.info, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def listed(app: AppTest) -> list[str]:
    return app.dataframe[0].value["name"].tolist()


def choose(app: AppTest, *rows: int) -> None:
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    app.run()


def upload(app: AppTest, *files: tuple[str, bytes]) -> None:
    app.file_uploader[0].set_value([(name, data, "text/plain") for name, data in files]).run()


def test_a_first_project_is_made_and_documents_are_imported_after_a_look_at_them(app, reviews):
    app.run()
    assert "A project is a set of notes" in said(app)
    app.text_input(key="queue_new0_name").set_value("Letters")
    app.button_group(key="queue_new0_reviewers").set_value(2)
    next(button for button in app.button if button.label == "Make the project").click().run()
    (project,) = reviews.projects()
    assert (project.name, project.settings.reviewers) == ("Letters", 2)
    assert "No documents yet" in said(app)
    upload(app, ("letters.jsonl", "\n".join([*LINES, "{bad"]).encode()))
    assert "This is **JSON lines**: 3 documents" in said(app)
    assert "1 thing in it cannot be used; the rest can be imported" in said(app)
    assert listed(app) == ["uno", "dos", "tres"]
    assert app.dataframe[1].value["where"].tolist() == ["line 4"]
    app.button(key="queue_import").click().run()
    assert "3 documents imported" in said(app)
    assert "3 documents have no suggestions yet" in said(app)
    assert [one.name for one in reviews.documents(project.id)] == ["uno", "dos", "tres"]


def test_what_is_there_already_is_named_and_left_out(app, project, reviews):
    app.run()
    upload(app, ("again_2.txt", NOTES[0][1].encode()), ("new.txt", b"Tos seca."))
    assert "This is **notes**: 2 documents" in said(app)
    app.button(key="queue_import").click().run()
    assert "1 document imported. Left out, as their text is there already: again\\_2.txt" in said(app)
    assert len(reviews.documents(project.id)) == 4


def test_a_note_and_its_annotations_are_uploaded_side_by_side(app, project, reviews):
    app.run()
    note, marks = "Diabetes mellitus.", "T1\tDIAGNOSTICO 0 17\tDiabetes mellitus\n#1\tAnnotatorNotes T1\tE11.9\n"
    upload(app, ("a.ann", marks.encode()), ("a.txt", note.encode()), ("b.csv", b"id,text\nb,Fiebre alta.\n"))
    assert "This is **BRAT standoff and a table**: 2 documents, with 1 annotation in them" in said(app)
    app.button(key="queue_import").click().run()
    found = reviews.documents(project.id)[3]
    (suggested,), _ = reviews.suggestions(found.id)
    assert suggested.spans == ((0, 17),)


def test_files_and_folders_that_cannot_be_read_get_a_sentence(app, project, tmp_path):
    app.run()
    upload(app, ("a.zip", b"PK\x03\x04 no zip"), ("b.txt", b"Tos."))
    assert "a.zip is a damaged zip file" in said(app)
    assert app.button(key="queue_import").label == "Import 1 document"
    app.button_group(key="queue_source").set_value("A folder on this machine").run()
    for typed in ("/nowhere/at/all", "~nobody_here/x", "a\x00b"):
        app.text_input(key="queue_folder_0").set_value(typed).run()
        assert "no folder" in said(app) or "cannot be read" in said(app)
        assert app.button(key="queue_import").disabled
    (tmp_path / "c.txt").write_text("Fiebre.")
    app.text_input(key="queue_folder_0").set_value(str(tmp_path)).run()
    assert app.button(key="queue_import").label == "Import 1 document"


def test_the_list_is_ordered_filtered_and_leads_to_the_next_document(app, project, reviews):
    one, two, three = reviews.documents(project.id)
    reviews.assign(ADA, [two], ["Ada", "Ben"])
    app.run()
    app.selectbox(key="queue_order").set_value("name").run()
    assert listed(app) == ["dos", "tres", "uno"]
    assert app.session_state["review_order"] == [two.id, three.id, one.id]
    app.text_input(key="queue_words").set_value("S").run()
    assert listed(app) == ["dos", "tres"]
    assert "2 of 3 documents fit the filters" in said(app)
    app.toggle(key="queue_mine").set_value(True).run()
    assert listed(app) == ["dos"]
    app.button_group(key="queue_stages").set_value(["finished"]).run()
    assert "0 of 3 documents fit the filters" in said(app)
    assert app.button(key="queue_next").disabled
    app.button_group(key="queue_stages").set_value([])
    app.toggle(key="queue_mine").set_value(False)
    app.text_input(key="queue_words").set_value("").run()
    choose(app, 2)
    app.button(key="queue_open").click().run()
    assert (app.session_state["review_section"], app.session_state["review_document"]) == ("Review", one.id)
    app.button_group(key="review_section").set_value("Queue").run()
    assert app.selectbox(key="queue_order").value == "name"
    app.button(key="queue_next").click().run()
    assert app.session_state["review_document"] == two.id


def test_documents_are_assigned_split_and_taken_away(app, project, reviews):
    app.run()
    app.multiselect(key="queue_assign_readers").set_value(["Ada", "Ben, Eva  M."])
    app.button_group(key="queue_assign_how").set_value("Split evenly").run()
    app.button(key="queue_assign_do").click().run()
    assert "Newly assigned: Ada 2, Ben 2, Eva M. 2" in said(app)
    held = reviews.assignments(project.id)
    assert [len(names) for names in held.values()] == [2, 2, 2]
    app.radio(key="queue_assign_which").set_value("Those chosen in the list")
    choose(app, 0)
    app.button(key="queue_unassign_do").click().run()
    assert "2 documents taken away" in said(app)
    assert len(reviews.assignments(project.id)) == 2
    app.multiselect(key="queue_assign_readers").set_value(["machine"]).run()
    app.button(key="queue_assign_do").click().run()
    assert "“machine” is not free" in said(app)


def test_progress_is_shown_by_reviewer(app, project, reviews):
    document = reviews.documents(project.id)[0]
    reviews.assign(ADA, [document], ["Ben"])
    work = reviews.work(document, "Ben", project.settings)
    added = decide.add(work, ((13, 21),), ["E11.9"], NOTES[0][1], "Ben", project.created)
    reviews.record(Person("Ben"), project, document, work, added, 7.0)
    app.session_state["queue_progress"] = True
    app.run()
    assert not app.exception
    table = app.dataframe[1].value
    assert table["reviewer"].tolist() == ["Ben"]
    assert table[["assigned", "in progress", "accepted", "s a decision"]].iloc[0].tolist() == [1, 1, 1, 7.0]
    assert "Ben: 1 of 1" in app.dataframe[0].value["reviewers"].tolist()


def test_suggestions_are_made_for_documents_that_have_none(app, project, reviews, opened):
    app.run()
    app.button(key="queue_suggest_start").click().run()
    assert "Suggestions are there for 3 more documents" in said(app)
    assert reviews.unsuggested(project.id) == []
    assert all(one.uncertainty is not None for one in reviews.documents(project.id))
    assert "queue_suggest_start" not in {button.key for button in app.button}


def test_the_queue_opens_without_the_models(app, project, monkeypatch):
    def load(*_given):
        raise AssertionError("the models were loaded")

    monkeypatch.setattr("core.coder.open_coder", load)
    monkeypatch.setattr("pages.parts.resources._load", load)
    app.run()
    assert listed(app) == ["uno", "dos", "tres"]
    said(app)


def test_what_was_stopped_is_continued(app, project, reviews, opened):
    from tests.review.conftest import ORIGIN

    app.session_state["queue_suggest_stopped"] = project.id
    reviews.suggest(reviews.documents(project.id)[0], [], ORIGIN, "es", 0.0)
    app.run()
    assert app.button(key="queue_suggest_start").label == "Continue: 2 left"
    app.button(key="queue_suggest_start").click().run()
    assert "Suggestions are there for 2 more documents" in said(app)


def test_settings_are_changed_and_a_second_project_is_made(app, project, reviews):
    app.run()
    prefix = f"queue_set{project.id}"
    app.toggle(key=f"{prefix}_blind").set_value(True)
    app.button_group(key=f"{prefix}_reviewers").set_value(1)
    app.toggle(key=f"{prefix}_approval").set_value(True)
    app.text_area(key=f"{prefix}_guideline").set_value("Code what is treated.")
    next(button for button in app.button if button.label == "Save").click().run()
    assert reviews.project(project.id).settings == Settings(1, True, True, 0.0, "Code what is treated.")
    app.text_input(key="queue_new0_name").set_value(project.name)
    next(button for button in app.button if button.label == "Make the project").click().run()
    assert "take another name" in said(app)
    app.text_input(key="queue_new0_name").set_value("Another")
    next(button for button in app.button if button.label == "Make the project").click().run()
    assert app.selectbox(key="review_project").value == reviews.projects()[-1].id
    assert "Another" in said(app)


@pytest.mark.parametrize("withdraw", [False, True])
def test_deleting_says_what_goes_and_stays_and_wants_the_name(app, project, reviews, withdraw):
    document = reviews.documents(project.id)[0]
    document = reviews.document(document.id)
    work = reviews.work(document, "Ada", project.settings)
    added = decide.add(work, ((13, 21),), ["E11.9"], document.text, "Ada", project.created)
    assert reviews.record(ADA, project, document, work, added).annotation("h1").decision is Decision.ACCEPTED
    app.run()
    app.button(key="queue_delete").click().run()
    assert "3 documents with their texts" in said(app)
    assert "1 pair of a term and a code that it taught the team memory" in said(app)
    app.text_input(key="queue_end_name").set_value("pilot").run()
    assert app.button(key="queue_end").disabled
    app.checkbox(key="queue_end_withdraw").set_value(withdraw)
    app.text_input(key="queue_end_name").set_value(project.name).run()
    app.button(key="queue_end").click().run()
    stays = "went with it" if withdraw else "stays in the team memory"
    assert "“Pilot\\_1 \\*” is deleted: 3 documents" in said(app)
    assert f"1 pair that it taught {stays}" in said(app)
    assert reviews.projects() == []
    assert "A project is a set of notes" in said(app)


def test_a_reviewer_sees_no_controls_of_admins(project, reviews):
    def page(number):
        from core.review.people import Person
        from core.review.store import ReviewStore
        from pages.parts.review import queue

        store = ReviewStore()
        queue.section(store, Person("Ben"), store.project(number) if number else None)

    app = AppTest.from_function(page, args=(project.id,), default_timeout=180).run()
    assert not app.exception
    assert {button.key for button in app.button} == {"queue_next", "queue_open", "queue_suggest_start"}
    assert not app.file_uploader
    alone = AppTest.from_function(page, args=(0,), default_timeout=180).run()
    assert "an admin makes one" in said(alone)
