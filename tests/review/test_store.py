"""The log is the truth: what is decided is kept once, in order, by whom and when, and can be taken back."""

import random
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.errors import ClinicodeError
from core.note.context import Status
from core.retrieve.memory import TeamMemory
from core.review import decide
from core.review.model import FINAL, Decision, Incoming, Kind, Settings
from core.review.people import Person, Role
from core.review.store import ReviewStore, StaleError
from tests.review.conftest import NOTE

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def remembered(store):
    return {(term.text, term.code): term.count for term in TeamMemory(store.engine).terms()}


def step(store, person, project, document, make, *given):
    """Read the work of a person, change it, write it down."""
    work = store.work(document, person.name, project.settings)
    return store.record(person, project, document, work, make(work, *given, person.name, NOW), 1.5)


def test_decisions_are_events_with_who_when_before_and_after(store, project, document, ben):
    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    step(store, ben, project, document, decide.decide, "m3", Decision.REJECTED)
    begun, accepted, rejected = store.events(project.id, document.id, "Ben")
    assert [event.kind for event in (begun, accepted, rejected)] == [Kind.BEGIN, Kind.ACCEPT, Kind.REJECT]
    assert [event.version for event in (begun, accepted, rejected)] == [1, 2, 3]
    assert accepted.actor == "Ben"
    assert abs((datetime.now(UTC) - accepted.at).total_seconds()) < 60
    assert (accepted.before["decision"], accepted.after["decision"]) == ("open", "accepted")
    (progress,) = store.progress(project.id)
    assert (progress.accepted, progress.rejected, progress.open, progress.seconds) == (1, 1, 1, 3.0)


def test_what_is_corrected_and_added_keeps_what_the_machine_said(store, project, document, ben):
    step(store, ben, project, document, decide.correct_codes, "m2", ["E10.9"])
    step(store, ben, project, document, decide.correct_status, "m3", Status.HISTORICAL)
    start = NOTE.index("arterial")
    work = store.work(document, "Ben", project.settings)
    work = store.record(ben, project, document, work, decide.correct_spans(work, "m1", ((13, 25),), NOTE, "Ben", NOW))
    added = decide.add(work, ((0, 8), (start, start + 8)), ["Z00.00"], NOTE, "Ben", NOW)
    work = store.record(ben, project, document, work, added)
    one, two, three = (work.annotation(name) for name in ("m1", "m2", "m3"))
    assert (two.codes, two.decision, two.corrected, two.suggestion.codes) == (
        ("E10.9",), Decision.ACCEPTED, True, ("E11.9",),
    )  # fmt: skip
    assert (three.status, three.decision) == (Status.HISTORICAL, Decision.OPEN)
    assert (one.text(NOTE), one.decision) == ("hipertensión", Decision.OPEN)
    assert work.annotations[0].text(NOTE) == "Paciente arterial"
    assert work.annotations[0].decision is Decision.ACCEPTED


def test_undo_is_an_event_and_goes_back_step_by_step(store, project, document, ben):
    begun = store.work(document, "Ben", project.settings)
    states = [begun.annotations]
    steps = [
        lambda work: decide.decide(work, "m1", Decision.ACCEPTED, "Ben", NOW),
        lambda work: decide.correct_codes(work, "m1", ["I15.9"], "Ben", NOW),
        lambda work: decide.add(work, ((0, 8),), ["Z00.00"], NOTE, "Ben", NOW),
        lambda work: decide.comment(work, "m2", "type?", "Ben", NOW),
        lambda work: decide.comment(work, "", "a short note", "Ben", NOW),
        decide.finish,
    ]
    work = begun
    for one in steps:
        work = store.record(ben, project, document, work, one(work))
        states.append(work.annotations)
    assert work.finished
    assert work.comments
    for before in reversed(states[:-1]):
        work = store.undo(ben, project, document, work)
        assert work.annotations == before
    assert (work.finished, work.comments) == (False, ())
    with pytest.raises(ClinicodeError, match="nothing left to undo"):
        store.undo(ben, project, document, work)
    kinds = [event.kind for event in store.events(project.id, document.id, "Ben")]
    assert kinds.count(Kind.UNDO) == len(steps)
    assert len(kinds) == 1 + 2 * len(steps)


def test_undo_then_something_else_then_undo(store, project, document, ben):
    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    step(store, ben, project, document, decide.decide, "m2", Decision.ACCEPTED)
    store.undo(ben, project, document, store.work(document, "Ben", project.settings))
    step(store, ben, project, document, decide.decide, "m2", Decision.REJECTED)
    for _ in range(2):
        store.undo(ben, project, document, store.work(document, "Ben", project.settings))
    counts = store.work(document, "Ben", project.settings).counts()
    assert counts[Decision.OPEN] == 3


def test_of_two_windows_the_second_is_told_to_look_again(store, project, document, ben):
    first = store.work(document, "Ben", project.settings)
    second = ReviewStore().work(document, "Ben", project.settings)
    store.record(ben, project, document, first, decide.decide(first, "m1", Decision.ACCEPTED, "Ben", NOW))
    with pytest.raises(StaleError, match="shown again"):
        store.record(ben, project, document, second, decide.decide(second, "m1", Decision.REJECTED, "Ben", NOW))
    kept = store.work(document, "Ben", project.settings)
    assert kept.annotation("m1").decision is Decision.ACCEPTED
    assert store.replayed(project.id) == store.all_work(project.id)


def anything(draw, work, by):
    """Some change that a person could make to a piece of work."""
    name = draw.choice([one.id for one in work.annotations] or [""])
    start = draw.randrange(0, 20)
    makers = {
        "decide": lambda: decide.decide(work, name, draw.choice(list(decide.DECISIONS)), by, NOW),
        "codes": lambda: decide.correct_codes(work, name, ["I10", "E11.9"], by, NOW),
        "status": lambda: decide.correct_status(work, name, draw.choice(list(Status)), by, NOW),
        "spans": lambda: decide.correct_spans(work, name, ((start, start + 9),), NOTE, by, NOW),
        "add": lambda: decide.add(work, ((start, start + 9),), ["I10"], NOTE, by, NOW),
        "comment": lambda: decide.comment(work, draw.choice([name, ""]), "so", by, NOW),
        "finish": lambda: decide.finish(work, done=not work.finished),
        "reveal": decide.reveal,
    }
    return makers[draw.choice(list(makers))]()


def test_the_log_replays_to_the_same_state(store, project, document, ben, admin):
    draw = random.Random(7)
    for person in (ben, admin):
        for _ in range(60):
            work = store.work(document, person.name, project.settings)
            change = anything(draw, work, person.name)
            if draw.random() < 0.3 and work.version > 5:
                change = decide.undo(store.events(project.id, document.id, person.name))
            store.record(person, project, document, work, change, draw.random())
    assert store.replayed(project.id) == store.all_work(project.id)
    assert len(store.all_work(project.id)) == 2


def test_the_log_cannot_be_changed(store, project, document):
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text("UPDATE event SET actor = 'somebody else'"))


def test_accepted_pairs_are_remembered_and_taken_back_with_the_decision(store, project, document, ben):
    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    step(store, ben, project, document, decide.correct_codes, "m2", ["E10.9"])
    step(store, ben, project, document, decide.decide, "m3", Decision.ACCEPTED)  # denied: not taught
    assert remembered(store) == {("hipertensión arterial", "I10"): 1, ("diabetes", "E10.9"): 1}
    step(store, ben, project, document, decide.correct_codes, "m2", ["E11.9"])
    assert ("diabetes", "E11.9") in remembered(store)
    assert ("diabetes", "E10.9") not in remembered(store)
    for _ in range(4):
        store.undo(ben, project, document, store.work(document, "Ben", project.settings))
    assert remembered(store) == {}


def test_a_pair_two_reviewers_teach_stays_while_one_of_them_holds_to_it(store, project, document, ben, admin):
    for person in (ben, admin):
        step(store, person, project, document, decide.decide, "m1", Decision.ACCEPTED)
    assert remembered(store) == {("hipertensión arterial", "I10"): 2}
    step(store, ben, project, document, decide.decide, "m1", Decision.REJECTED)
    assert remembered(store) == {("hipertensión arterial", "I10"): 1}


def test_with_approval_only_what_was_adjudicated_is_remembered(store, project, document, ben, admin):
    project = store.change_settings(admin, project, Settings(approval=True))
    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    assert remembered(store) == {}
    work = store.work(document, FINAL, project.settings)
    added = decide.add(work, ((13, 34),), ["I10"], NOTE, "Ada", NOW)
    with pytest.raises(ClinicodeError, match="adjudicator"):
        store.record(ben, project, document, work, added)
    store.record(admin, project, document, work, added)
    assert remembered(store) == {("hipertensión arterial", "I10"): 1}


def test_what_a_project_taught_can_be_withdrawn(store, project, document, ben):
    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    (one,) = store.taught(project.id)
    assert (one.text, one.code, one.lane, one.document) == ("hipertensión arterial", "I10", "Ben", document.id)
    with pytest.raises(ClinicodeError, match="adjudicator"):
        store.withdraw(ben, project, one)
    store.withdraw(Person("Eva", Role.ADJUDICATOR), project, one)
    assert (remembered(store), store.taught(project.id)) == ({}, [])
    assert store.events(project.id)[-1].kind is Kind.WITHDRAW
    step(store, ben, project, document, decide.decide, "m2", Decision.ACCEPTED)
    assert remembered(store) == {("diabetes", "E11.9"): 1}
    step(store, ben, project, document, decide.decide, "m1", Decision.REJECTED)
    assert remembered(store) == {("diabetes", "E11.9"): 1}


def test_blind_work_shows_suggestions_only_after_they_are_revealed(store, project, document, ben, admin):
    project = store.change_settings(admin, project, Settings(blind=True))
    work = store.work(document, "Ben", project.settings)
    assert work.shown == ()
    work = store.record(ben, project, document, work, decide.add(work, ((0, 8),), ["Z00.00"], NOTE, "Ben", NOW))
    assert [one.id for one in work.shown] == ["h1"]
    work = store.record(ben, project, document, work, decide.reveal())
    assert len(work.shown) == 4


def test_work_keeps_the_suggestions_that_it_began_with(store, project, document, ben, suggestions):
    from tests.review.conftest import ORIGIN

    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    store.suggest(document, suggestions[:1], ORIGIN, "es", 0.0)
    assert len(store.work(document, "Ben", project.settings).annotations) == 3
    assert len(store.work(document, "Eva", project.settings).annotations) == 1


def test_a_text_comes_into_a_project_once_and_all_documents_or_none(store, admin, project):
    added, twice = store.import_documents(
        admin, project, [Incoming("a", "Tos seca."), Incoming("b", "Fiebre."), Incoming("c", "Tos seca.")]
    )
    assert (added, twice) == (2, ["c"])
    assert store.import_documents(admin, project, [Incoming("d", "Fiebre.")]) == (0, ["d"])
    with pytest.raises(ClinicodeError, match="no letters"):
        store.import_documents(admin, project, [Incoming("e", "Disnea."), Incoming("f", "123")])
    assert [one.name for one in store.documents(project.id)] == ["a", "b"]


def test_reviewers_may_not_do_what_admins_do(store, project, document, ben):
    for act in (
        lambda: store.create(ben, "Mine"),
        lambda: store.delete(ben, project),
        lambda: store.import_documents(ben, project, [Incoming("x", "Tos.")]),
        lambda: store.assign(ben, [document], ["Ben"]),
        lambda: store.unassign(ben, document, "Ben"),
        lambda: store.change_settings(ben, project, Settings()),
    ):
        with pytest.raises(ClinicodeError, match="Ben may not"):
            act()
    work = store.work(document, "Ada", project.settings)
    with pytest.raises(ClinicodeError, match="Ben may not write in the work of Ada"):
        store.record(ben, project, document, work, decide.finish(work))
    assert store.projects() == [project]


def test_documents_are_assigned_once_to_each(store, admin, project, document):
    assert store.assign(admin, [document], ["Ben", "Eva"]) == 2
    assert store.assign(admin, [document], ["Ben", " Eva  "]) == 0
    store.unassign(admin, document, "Ben")
    assert store.assignments(project.id) == {document.id: ["Eva"]}
    with pytest.raises(ClinicodeError, match="not free"):
        store.assign(admin, [document], ["Adjudication"])


@pytest.mark.parametrize("withdraw", [False, True])
def test_a_deleted_project_leaves_nothing_of_its_notes(
    store, admin, ben, project, document, tmp_path, database, withdraw
):
    step(store, ben, project, document, decide.decide, "m1", Decision.ACCEPTED)
    work = store.work(document, "Ben", project.settings)
    counts = store.delete(admin, project, withdraw=withdraw)
    assert (counts["documents"], counts["taught"], counts["stay"]) == (1, int(withdraw), int(not withdraw))
    assert bool(remembered(store)) is not withdraw
    assert store.projects() == store.documents(project.id) == []
    (last,) = store.events(project.id)
    assert (last.kind, last.actor, last.after["documents"]) == (Kind.DELETE, "Ada", 1)
    with pytest.raises(ClinicodeError, match="deleted"):
        store.record(ben, project, document, work, decide.finish(work))
    if database == "sqlite":
        store.engine.dispose()
        left = b"".join(path.read_bytes() for path in tmp_path.glob("workspace.db*"))
        assert b"Niega asma" not in left


def test_a_name_is_taken_once(store, admin, project):
    with pytest.raises(ClinicodeError, match="already"):
        store.create(admin, " Pilot ")
    with pytest.raises(ClinicodeError, match="needs a name"):
        store.create(admin, " \n")
