"""What reviewers agree on is taken over, what they differ in is settled by one person, and all of it is in the log."""

from datetime import UTC, datetime

import pytest

from core.errors import ClinicodeError
from core.note.context import Status
from core.retrieve.memory import TeamMemory
from core.review import adjudicate, decide
from core.review.adjudicate import Standing, begin, begun, neither, open_adjudication, own, standings, take
from core.review.compare import Differs
from core.review.model import FINAL, Decision, Kind, Settings
from core.review.people import Person, Role
from core.review.store import StaleError
from tests.review.conftest import NOTE
from tests.review.second import accept, do, mark, place, recode, reject, restatus, unsure

NOW = datetime(2026, 11, 27, tzinfo=UTC)
EVA = Person("Eva", Role.REVIEWER)


@pytest.fixture
def reviewed(store, project, document, ben):
    """Ben and Eva agree on hypertension; they differ in diabetes (code), asthma (only Ben), the patient (only Eva)."""
    do(store, ben, project, document, accept("m1"), accept("m2"), accept("m3"), decide.finish)
    do(
        store, EVA, project, document,
        accept("m1"), recode("m2", "E10.9"), reject("m3"), mark("Paciente", "Z00.00"), decide.finish,
    )  # fmt: skip
    return document


@pytest.fixture
def shown(store, admin, project, reviewed):
    return open_adjudication(store, admin, project, reviewed, NOW)


def case_of(shown, words):
    return next(case for case in shown.cases if case.first.text(NOTE) == words)


def settle(store, person, project, document, shown, change):
    work = begun(store, person, project, document, NOW, shown)
    return store.record(person, project, document, work, change(work))


def final(store, project, document):
    return store.work(document, FINAL, project.settings)


def remembered(store):
    return {(term.text, term.code): term.count for term in TeamMemory(store.engine).terms()}


def test_what_agrees_is_told_from_what_differs_and_nothing_is_written_yet(store, project, reviewed, shown):
    assert [side.lane for side in shown.reviewers] == ["Ben", "Eva"]
    assert [case.first.text(NOTE) for case in shown.agreed] == ["hipertensión arterial"]
    assert [(case.first.text(NOTE), case.kinds) for case in shown.disputed] == [
        ("Paciente", (Differs.MARKED,)),
        ("diabetes", (Differs.CODES,)),
        ("asma", (Differs.MARKED,)),
    ]
    assert shown.open == shown.disputed
    assert store.events(project.id, reviewed.id, FINAL) == []


def test_the_lane_begins_with_what_is_agreed_accepted_and_the_rest_open(store, admin, project, reviewed, shown):
    again = begin(store, admin, project, reviewed, NOW, shown.work)
    work = final(store, project, reviewed)
    assert (again.work, again.cases) == (work, shown.cases)
    assert [(one.text(NOTE), one.decision, one.codes) for one in work.gold] == [
        ("hipertensión arterial", Decision.ACCEPTED, ("I10",))
    ]
    assert work.counts()[Decision.OPEN] == 3
    assert work.gold[0].suggestion.codes == ("I10",)
    with pytest.raises(StaleError):
        begin(store, admin, project, reviewed, NOW, shown.work)
    assert final(store, project, reviewed) == work
    assert store.replayed(project.id) == store.all_work(project.id)


def test_each_difference_is_settled_one_way_or_another(store, admin, project, reviewed, shown):
    by = (admin.name, NOW)
    diabetes, asthma, patient = (case_of(shown, words) for words in ("diabetes", "asma", "Paciente"))
    settle(store, admin, project, reviewed, shown, lambda work: take(work, diabetes, 1, *by))
    again = open_adjudication(store, admin, project, reviewed, NOW)
    assert again.cases == shown.cases
    assert [case.id for case in again.open] == [patient.id, asthma.id]
    wanted = (("J45.909", "J45.909", "Z88.0"), Status.HISTORICAL, (place("Niega asma"),))
    settle(store, admin, project, reviewed, again, lambda work: own(work, asthma, *wanted, *by))
    again = open_adjudication(store, admin, project, reviewed, NOW)
    work = settle(store, admin, project, reviewed, again, lambda work: neither(work, patient, *by))
    assert [(one.text(NOTE), one.status, one.codes) for one in work.gold] == [
        ("hipertensión arterial", Status.AFFIRMED, ("I10",)),
        ("diabetes", Status.AFFIRMED, ("E10.9",)),
        ("Niega asma", Status.HISTORICAL, ("J45.909", "Z88.0")),
    ]
    work = store.record(admin, project, reviewed, work, decide.finish(work))
    kinds = [event.kind for event in store.events(project.id, reviewed.id, FINAL)]
    assert kinds == [Kind.BEGIN, Kind.BEGIN, Kind.ACCEPT, Kind.CORRECT_CODE, Kind.REJECT, Kind.FINISH]
    assert store.replayed(project.id) == store.all_work(project.id)
    assert standings(store.progress(project.id), {}, project.settings) == (Standing(reviewed.id, (), True, True),)


def test_taking_the_side_that_did_not_mark_it_leaves_it_out(store, admin, project, reviewed, shown):
    asthma = case_of(shown, "asma")
    work = settle(store, admin, project, reviewed, shown, lambda work: take(work, asthma, 1, admin.name, NOW))
    assert work.annotation(asthma.id).decision is Decision.REJECTED
    work = store.record(admin, project, reviewed, work, take(work, asthma, 0, admin.name, NOW))
    assert (work.annotation(asthma.id).decision, work.annotation(asthma.id).status) == (
        Decision.ACCEPTED, Status.NEGATED,
    )  # fmt: skip


def test_bounds_and_status_come_with_the_side_that_is_taken(store, admin, project, document, ben):
    span = lambda work: decide.correct_spans(work, "m1", (place("hipertensión"),), NOTE, "x", NOW)  # noqa: E731
    do(store, ben, project, document, accept("m1"), span, restatus("m1", Status.UNCERTAIN), decide.finish)
    do(store, EVA, project, document, accept("m1"), decide.finish)
    shown = open_adjudication(store, admin, project, document, NOW)
    (case,) = shown.disputed
    assert case.kinds == (Differs.SPANS, Differs.STATUS)
    work = settle(store, admin, project, document, shown, lambda work: take(work, case, 0, admin.name, NOW))
    (one,) = work.gold
    assert (one.text(NOTE), one.status, one.by) == ("hipertensión", Status.UNCERTAIN, "Ada")


def test_what_somebody_is_unsure_of_is_settled_too(store, admin, project, document, ben):
    do(store, ben, project, document, unsure("m2"), decide.finish)
    do(store, EVA, project, document, accept("m2"), decide.finish)
    shown = open_adjudication(store, admin, project, document, NOW)
    assert [case.kinds for case in shown.cases] == [(Differs.UNSURE,)]


def test_undo_goes_back_to_the_beginning_and_no_further(store, admin, project, reviewed, shown):
    diabetes, asthma = case_of(shown, "diabetes"), case_of(shown, "asma")
    work = settle(store, admin, project, reviewed, shown, lambda work: take(work, diabetes, 0, admin.name, NOW))
    work = store.record(admin, project, reviewed, work, neither(work, asthma, admin.name, NOW))
    work = store.record(admin, project, reviewed, work, decide.finish(work))
    for left in (1, 2, 3):
        work = adjudicate.undo(store, admin, project, reviewed, work)
        assert (work.counts()[Decision.OPEN], work.finished) == (left, False)
    with pytest.raises(ClinicodeError, match="nothing left to undo"):
        adjudicate.undo(store, admin, project, reviewed, work)
    assert len(work.gold) == 1


def test_with_approval_what_is_agreed_and_what_is_settled_is_remembered(store, admin, document, ben, project):
    project = store.change_settings(admin, project, Settings(reviewers=2, approval=True))
    do(store, ben, project, document, accept("m1"), accept("m2"), decide.finish)
    do(store, EVA, project, document, accept("m1"), recode("m2", "E10.9"), decide.finish)
    assert remembered(store) == {}
    shown = open_adjudication(store, admin, project, document, NOW)
    work = begun(store, admin, project, document, NOW, shown)
    assert remembered(store) == {("hipertensión arterial", "I10"): 1}
    store.record(admin, project, document, work, take(work, shown.disputed[0], 1, admin.name, NOW))
    assert remembered(store) == {("hipertensión arterial", "I10"): 1, ("diabetes", "E10.9"): 1}


def test_a_reviewer_who_changes_the_document_meanwhile_is_noticed(store, admin, ben, project, reviewed, shown):
    diabetes = case_of(shown, "diabetes")
    do(store, ben, project, reviewed, lambda work: decide.finish(work, done=False), recode("m2", "E10.9"))
    with pytest.raises(ClinicodeError, match="Two reviewers"):
        begun(store, admin, project, reviewed, NOW, shown)
    do(store, ben, project, reviewed, decide.finish)
    with pytest.raises(StaleError):
        begun(store, admin, project, reviewed, NOW, shown)
    fresh = open_adjudication(store, admin, project, reviewed, NOW)
    assert diabetes.said[0] not in [case.said[0] for case in fresh.disputed]
    assert len(fresh.disputed) == 2


def test_what_changes_after_the_beginning_is_said_and_the_lane_can_be_begun_again(
    store, admin, ben, project, reviewed, shown
):
    diabetes = case_of(shown, "diabetes")
    work = settle(store, admin, project, reviewed, shown, lambda work: take(work, diabetes, 0, admin.name, NOW))
    store.record(admin, project, reviewed, work, decide.finish(work))
    do(
        store, ben, project, reviewed,
        lambda work: decide.finish(work, done=False), recode("m2", "E10.9"), decide.finish,
    )  # fmt: skip
    again = open_adjudication(store, admin, project, reviewed, NOW)
    assert (again.changed, again.cases) == (("Ben",), shown.cases)
    fresh = begin(store, admin, project, reviewed, NOW, again.work)
    assert (len(fresh.disputed), fresh.work.finished, len(fresh.work.gold)) == (2, False, 2)
    assert open_adjudication(store, admin, project, reviewed, NOW) == fresh
    with pytest.raises(ClinicodeError, match="nothing left to undo"):
        adjudicate.undo(store, admin, project, reviewed, fresh.work)
    assert store.replayed(project.id) == store.all_work(project.id)


def test_reviewers_may_not_adjudicate(store, ben, project, reviewed, shown):
    with pytest.raises(ClinicodeError, match="may not adjudicate"):
        begun(store, ben, project, reviewed, NOW, shown)


def test_a_code_is_needed(store, admin, project, reviewed, shown):
    case = case_of(shown, "asma")
    with pytest.raises(ClinicodeError, match="at least one code"):
        own(shown.work, case, [], Status.AFFIRMED, case.spans, admin.name, NOW)


def test_three_reviewers_stand_beside_each_other(store, admin, project, reviewed):
    do(store, Person("Ann"), project, reviewed, accept("m2"), decide.finish)
    shown = open_adjudication(store, admin, project, reviewed, NOW)
    assert [side.lane for side in shown.reviewers] == ["Ann", "Ben", "Eva"]
    assert shown.agreed == ()
    assert [one.codes for one in case_of(shown, "diabetes").said] == [("E11.9",), ("E11.9",), ("E10.9",)]
    assert [one is not None for one in case_of(shown, "hipertensión arterial").said] == [False, True, True]


def test_a_document_is_ready_when_as_many_as_the_project_asks_have_finished(store, admin, ben, project, document):
    assert standings(store.progress(project.id), {}, project.settings) == ()
    assigned = {document.id: ["Ben", "Eva"]}
    assert standings([], assigned, Settings()) == (Standing(document.id, ("Ben", "Eva")),)
    do(store, ben, project, document, accept("m1"), decide.finish)
    assert standings(store.progress(project.id), {}, Settings()) == (Standing(document.id, ("",)),)
    assert standings(store.progress(project.id), assigned, Settings()) == (Standing(document.id, ("Eva",)),)
    do(store, EVA, project, document, accept("m1"), decide.finish)
    assert standings(store.progress(project.id), assigned, Settings()) == (Standing(document.id),)
    assert standings(store.progress(project.id), assigned, Settings(reviewers=3)) == (Standing(document.id, ("",)),)


def test_what_one_reviewer_finished_can_be_approved(store, admin, project, document, ben):
    project = store.change_settings(admin, project, Settings(approval=True))
    do(store, ben, project, document, accept("m1"), decide.finish)
    (standing,) = standings(store.progress(project.id), store.assignments(project.id), project.settings)
    assert standing == Standing(document.id)
    shown = open_adjudication(store, admin, project, document, NOW)
    assert shown.disputed == ()
    assert remembered(store) == {}
    settle(store, admin, project, document, shown, decide.finish)
    assert remembered(store) == {("hipertensión arterial", "I10"): 1}
