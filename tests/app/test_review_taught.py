"""The section that shows what a team taught; all notes are invented."""

import csv
import io
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from core.retrieve.memory import TeamMemory
from core.review import decide, effect
from core.review.effect import Effect, Row, Standing, State
from core.review.model import Incoming, Settings
from core.review.people import Person, Role
from core.review.store import ReviewStore

NOTE = "bad turn today. *funny* do. IC known. hypertension."
ANN, BEN = Person("Ann", Role.ADMIN), Person("Ben", Role.ADMIN)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def page(name, role):
    from core.review.people import Person, Role
    from core.review.store import ReviewStore
    from pages.parts.review import taught

    store = ReviewStore()
    taught.section(store, Person(name, Role(role)), store.projects()[0])


@pytest.fixture
def home(tmp_path, workspace, catalog, monkeypatch):
    folder = tmp_path / "home"
    folder.mkdir()
    for path in workspace.glob("catalog*"):
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("CLINICODE_HOME", str(folder))
    return folder


@pytest.fixture
def store(home):
    return ReviewStore()


def teach(store, project, person, words, *codes):
    (listed,) = store.documents(project.id)
    document = store.document(listed.id)
    work = store.work(document, person.name, project.settings)
    start = NOTE.index(words)
    change = decide.add(work, ((start, start + len(words)),), codes, NOTE, person.name, NOW)
    store.record(person, project, document, work, change)


@pytest.fixture
def project(store):
    made = store.create(ANN, "Pilot", Settings(reviewers=2))
    store.import_documents(ANN, made, [Incoming("a_b.txt", NOTE, "en")])
    return made


@pytest.fixture
def full(store, project):
    teach(store, project, ANN, "bad turn", "R55")
    teach(store, project, BEN, "bad turn", "R55")
    teach(store, project, ANN, "*funny* do", "R41.0")
    teach(store, project, ANN, "IC", "I50.9")
    teach(store, project, BEN, "IC", "I50.23")
    teach(store, project, ANN, "hypertension", "I10")
    return project


def open_page(person=ANN):
    return AppTest.from_function(page, default_timeout=180, args=(person.name, int(person.role))).run()


def said(app):
    assert not app.exception
    kinds = (app.markdown, app.caption, app.warning, app.info, app.subheader, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def table(app):
    return {(row.text, row.code): row for row in app.dataframe[0].value.itertuples()}


def choose(app, text):
    """Select the row of a text."""
    rows = app.dataframe[0].value["text"].tolist()
    key = f"review_taught_1__{len(rows)}"
    app.session_state[key] = {"selection": {"rows": [rows.index(text)], "columns": [], "cells": []}}
    return app.run()


def test_it_says_that_nothing_was_taught_yet_and_offers_no_measurement(project):
    app = open_page()
    assert "Nothing yet" in said(app)
    assert app.button(key="review_effect_start").disabled


def test_pairs_are_listed_with_how_often_by_whom_and_whether_they_are_new(full):
    app = open_page()
    found = table(app)
    row = found["bad turn", "R55"]
    assert (row.title, row.times, row.by, row.languages) == ("Syncope and collapse", 2, "Ann, Ben", "English")
    assert row.new
    assert not found["hypertension", "I10"].new
    assert "Pairs: 5 · decisions behind them: 6" in said(app)


def test_codes_that_differ_for_a_text_are_listed_apart_with_who_chose_them(full):
    app = open_page()
    assert "Coded differently: 1" in [one.label for one in app.expander]
    words = said(app)
    assert "I50.9 Heart failure, unspecified" in words
    assert "1 × Ben" in words


def test_the_search_finds_texts_codes_titles_and_names(full):
    app = open_page()
    for typed, wanted in (
        ("BAD", {"bad turn"}),
        ("i50", {"IC"}),
        ("disorientation", {"*funny* do"}),
        ("ben", {"bad turn", "IC"}),
    ):
        app.text_input(key="review_taught_find").set_value(typed).run()
        assert set(app.dataframe[0].value["text"]) == wanted
    app.text_input(key="review_taught_find").set_value("no such thing").run()
    assert "None has that text" in said(app)


def test_a_chosen_pair_opens_its_document_and_can_be_withdrawn(full, store):
    app = choose(open_page(), "bad turn")
    assert [one.label for one in app.button if "open_chosen" in str(one.key)] == ["a\\_b.txt"]
    app.button(key="review_taught_withdraw").click().run()
    assert "bad turn" not in set(app.dataframe[0].value["text"])
    assert {term.text for term in TeamMemory(store.engine).terms()} == {"*funny* do", "IC", "hypertension"}


def test_a_reviewer_cannot_withdraw(full, store):
    app = choose(open_page(Person("Eva", Role.REVIEWER)), "bad turn")
    app.button(key="review_taught_withdraw").click().run()
    assert not app.exception
    assert len(store.taught(full.id)) == 6


def test_marks_in_a_note_are_shown_as_they_stand(full):
    app = choose(open_page(), "*funny* do")
    assert "\\*funny\\* do" in said(app)


def test_with_approval_it_says_what_is_taught(store):
    made = store.create(ANN, "Approved", Settings(approval=True))
    store.import_documents(ANN, made, [Incoming("a", NOTE, "en")])
    teach(store, made, ANN, "bad turn", "R55")
    app = open_page()
    assert "only adjudicated pairs are taught" in said(app)
    assert "once it is adjudicated" in said(app)


def test_the_download_has_all_pairs(full, store, catalog):
    from core.review.taught import pairs
    from pages.parts.review.taught import _csv

    text = _csv(pairs(store.taught(full.id)), catalog, frozenset()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["text", "code", "title", "times", "by", "languages", "latest", "new"]
    assert {(row["text"], row["code"], row["times"]) for row in rows} >= {
        ("bad turn", "R55", "2"),
        ("IC", "I50.23", "1"),
    }
    assert len(rows) == 5


def test_a_measured_effect_is_shown_with_its_day_and_what_was_taught_since(full, store):
    times = sorted(one.at for one in store.taught(full.id))
    when = times[3] + (times[4] - times[3]) / 2
    rows = (
        Row("MRR@10", 0.7, 0.712, 0.004, 0.02, 0.003),
        Row("Hit@1", 0.6, 0.6, -0.01, 0.01, 1.0),
        Row("R@5", 0.8, 0.79, -0.02, -0.001, 0.04),
    )
    effect.place().mkdir()
    effect.write(full.id, Standing(State.DONE, 1.0, "", Effect(rows, 4, 0, 896, 2, when, "April 2026")))
    app = open_page()
    shown = app.dataframe[1].value
    assert shown["in words"].tolist() == ["better (p = 0.003)", "may be chance (p = 1.00)", "worse (p = 0.040)"]
    assert shown["difference (95 % interval)"][0] == "+0.012 [+0.004, +0.020]"
    words = said(app)
    assert f"Measured {when:%Y-%m-%d}" in words
    assert "896 mentions, 2 of them taught word for word, with what 4 decisions had taught" in words
    assert "2 were taught since" in words
    effect.write(full.id, Standing(State.FAILED, 0.0, "There is no room.", None))
    assert "There is no room." in said(open_page())


def test_a_measurement_is_started_and_cancelled_from_the_page(full):
    app = open_page()
    app.button(key="review_effect_start").click().run()
    assert effect.standing(full.id).state is State.RUNNING
    app.button(key="review_effect_cancel").click().run()
    assert effect.standing(full.id).state is State.CANCELLED
    assert "cancelled" in said(app)
