"""What was taught is put together, and its effect is measured by a real process on the real mentions."""

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from core import interface
from core.errors import ClinicodeError
from core.evaluate.mentions import PUBLIC, read_mentions
from core.retrieve.memory import Reviewed, TeamMemory
from core.review import decide, effect
from core.review.effect import Effect, Row, Standing, State
from core.review.learning import Taught
from core.review.measure import Content, measure, row
from core.review.model import Incoming, Settings
from core.review.people import Person, Role
from core.review.store import ReviewStore
from core.review.taught import conflicts, pairs

DAY = datetime(2026, 11, 27, tzinfo=UTC)
ANN = Person("Ann", Role.ADMIN)


def taught(text, code, lane="Ann", document=1, annotation="m1", days=0, lang="es"):
    return Taught(document, lane, annotation, code, text, lang, DAY + timedelta(days=days))


@pytest.fixture
def home(tmp_path, workspace, opened, monkeypatch):
    """A workspace of the test's own with the session's catalog and index in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    for path in [*workspace.glob("catalog*"), workspace / "index"]:
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("CLINICODE_HOME", str(folder))
    return folder


def teach(store, text, codes):
    """A project in which a passage was given codes."""
    project = store.create(ANN, "Teaching", Settings())
    store.import_documents(ANN, project, [Incoming("a", text, "en")])
    (listed,) = store.documents(project.id)
    document = store.document(listed.id)
    for start, end, code in codes:
        work = store.work(document, "Ann", project.settings)
        change = decide.add(work, ((start, end),), [code], text, "Ann", DAY)
        store.record(ANN, project, document, work, change)
    return project


def hard_mentions(catalog, count):
    """Public mentions as one note, with the passages and codes that teach them."""
    found, text = [], ""
    for query in read_mentions(PUBLIC, catalog)[:count]:
        found.append((len(text), len(text) + len(query.text), min(query.codes)))
        text += query.text + "\n"
    return text, found


def test_texts_that_differ_in_case_and_accents_are_one_pair_with_all_who_taught_it():
    first, second = pairs(
        [
            taught("Hipertensión", "I10"),
            taught("hipertension", "I10", lane="Ben", document=2, days=1, lang="ca"),
            taught("asma", "J45.909", days=-1),
        ]
    )
    assert (first.text, first.code, first.times) == ("hipertension", "I10", 2)
    assert (first.by, first.langs, first.documents) == (("Ann", "Ben"), ("ca", "es"), (2, 1))
    assert first.latest == DAY + timedelta(days=1)
    assert (second.text, second.times) == ("asma", 1)


def test_different_codes_of_one_text_are_a_conflict_with_who_said_what():
    given = [
        taught("IC", "I50.9"),
        taught("ic", "I50.23", lane="Ben"),
        taught("IC", "I50.9", document=2, lane="Eva", days=1),
        taught("asma", "J45.909"),
    ]
    (one,) = conflicts(given)
    assert (one.folded, [side.codes for side in one.sides]) == ("ic", [("I50.9",), ("I50.23",)])
    assert [side.by for side in one.sides] == [("Ann", "Eva"), ("Ben",)]
    assert (one.sides[0].times, one.sides[0].documents) == (2, (2, 1))


def test_two_codes_of_one_annotation_are_no_conflict_but_one_code_of_them_elsewhere_is():
    both = [taught("diabetes with retinopathy", code) for code in ("E11.9", "H35.00")]
    assert conflicts(both) == []
    (one,) = conflicts([*both, taught("diabetes with retinopathy", "E11.9", document=2)])
    assert {side.codes for side in one.sides} == {("E11.9", "H35.00"), ("E11.9",)}


def test_a_difference_has_its_interval_and_what_is_equal_is_not_significant():
    same = row("Hit@1", [0.0, 1.0] * 50, [0.0, 1.0] * 50)
    assert (same.difference, same.low, same.high, same.p, same.significant) == (0.0, 0.0, 0.0, 1.0, False)
    better = row("Hit@1", [0.0] * 40 + [1.0] * 60, [1.0] * 100)
    assert better.difference == pytest.approx(0.4)
    assert 0.25 < better.low < 0.4 < better.high < 0.55
    assert better.significant


def test_only_the_projects_own_counts_are_taken_from_the_memory(home, catalog):
    store = ReviewStore()
    memory = TeamMemory(store.engine)
    memory.remember([Reviewed("bad turn", "R55", "en")] * 2 + [Reviewed("funny do", "R41.0", "en")])
    text = "bad turn, long lie"
    project = teach(store, text, [(0, 8, "R55"), (10, 18, "W19.XXXA")])
    content = Content.of(store, project.id)
    whole = Counter({term.text: term.count for term in content.whole})
    assert whole == {"bad turn": 3, "funny do": 1, "long lie": 1}
    assert {term.text: count for term, count in content.less} == {"bad turn": 2, "funny do": 1}
    assert content.taught == 2
    ages = {term.text: term.last for term in content.whole}
    assert all(term.last == ages[term.text] for term, _ in content.less)


def test_a_project_that_taught_nothing_cannot_be_measured(home):
    store = ReviewStore()
    project = store.create(ANN, "Empty", Settings())
    with pytest.raises(ClinicodeError, match="taught nothing"):
        Content.of(store, project.id)


def test_what_was_taught_is_found_with_it_and_not_without(home, catalog):
    store = ReviewStore()
    text, passages = hard_mentions(catalog, 60)
    project = teach(store, text, passages)
    told = []
    found = measure(project.id, lambda share, message: told.append((share, message)), limit=60)
    hit = next(one for one in found.rows if one.measure == "Hit@1")
    assert hit.before < hit.after
    assert hit.significant
    assert (found.taught, found.remembered, found.queries) == (60, 0, 60)
    assert found.same == 60
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1][0] == pytest.approx(1.0)
    assert Counter({term.text: term.count for term in TeamMemory(store.engine).terms()}).total() == 60


def test_a_result_is_kept_whole_while_the_next_measurement_runs(home):
    result = Effect((Row("Hit@1", 0.5, 0.6, 0.05, 0.15, 0.001),), 12, 3, 896, 2, DAY, "April 2026")
    effect.place().mkdir()
    assert effect.standing(1) == Standing()
    effect.write(1, Standing(State.DONE, 1.0, "", result))
    assert effect.standing(1) == Standing(State.DONE, 1.0, "", result)
    effect.write(1, Standing(State.RUNNING, 0.4, "with", result))
    died = effect.standing(1)  # nobody holds the lock
    assert (died.state, died.effect) == (State.DIED, result)
    assert "stopped before" in died.message
    effect.delete(1)
    assert effect.standing(1) == Standing()


def test_a_damaged_file_is_as_good_as_none(home):
    effect.place().mkdir()
    (effect.place() / "effect-1.json").write_text('{"state": "done"', encoding="utf-8")
    assert effect.standing(1) == Standing()


def test_a_measurement_runs_in_a_process_of_its_own_once_at_a_time_and_can_be_cancelled(home, catalog):
    store = ReviewStore()
    project = teach(store, "long lie", [(0, 8, "W19.XXXA")])
    effect.start(project.id)
    assert effect.standing(project.id).state is State.RUNNING
    effect.start(project.id)  # a second one does not begin
    effect.cancel(project.id)
    assert effect.standing(project.id).state is State.CANCELLED
    effect.start(project.id)
    assert effect.standing(project.id).state is State.RUNNING
    until = time.monotonic() + 180
    while (now := effect.standing(project.id)).state is State.RUNNING:
        assert time.monotonic() < until, now
        time.sleep(0.3)
    assert now.state is State.DONE, now
    assert (now.effect.taught, now.effect.remembered) == (1, 0)
    assert [one.measure for one in now.effect.rows] == ["MRR@10", "Hit@1", "R@5"]
    written = (effect.place() / f"effect-{project.id}.json").read_text(encoding="utf-8")
    assert "long lie" not in written
    assert json.loads(written)["state"] == "done"


def test_a_measurement_that_cannot_be_made_says_why_in_the_language_of_who_asked(home, monkeypatch):
    monkeypatch.setattr(interface._Reader, "language", staticmethod(lambda: "es"))
    project = ReviewStore().create(ANN, "Empty", Settings())
    effect.start(project.id)
    until = time.monotonic() + 300
    while (now := effect.standing(project.id)).state is State.RUNNING:
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now.state is State.FAILED
    said = "This project has taught nothing that could be measured yet."
    assert now.message == interface._(said) != said
