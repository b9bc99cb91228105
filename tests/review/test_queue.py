"""The queue: who has which document, how far it is, and which comes next."""

from datetime import UTC, datetime, timedelta

import pytest

from core.review import decide
from core.review.adjudicate import standings
from core.review.model import FINAL, Decision, Document, Incoming, Settings
from core.review.people import Person, Role
from core.review.queue import (
    Entry,
    Filter,
    Order,
    Stage,
    arranged,
    entries,
    following,
    paces,
    shared_out,
    time_left,
)
from tests.review.conftest import NOTE, ORIGIN

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def listed(number, name="a.txt", *, lang="es", unsure=None, stage=Stage.NEW, who=()):
    document = Document(number, 1, name, "", lang, NOW + timedelta(hours=number), unsure)
    return Entry(document, stage, unsure is not None, tuple(who), (), None, None)


def decided(store, project, document, person, *names, finish=False, lane="", seconds=2.0):
    """Accept annotations in a person's lane, and finish it."""
    own = lane or person.name
    work = store.work(document, own, project.settings)
    for name in names:
        change = decide.decide(work, name, Decision.ACCEPTED, person.name, NOW)
        work = store.record(person, project, document, work, change, seconds)
    if finish:
        store.record(person, project, document, work, decide.finish(work))


def the_stage(store, project):
    (one,) = entries(store, project)
    return one.stage


def test_a_document_for_one_reader_is_finished_by_that_one(store, project, document, ben):
    assert the_stage(store, project) is Stage.NEW
    decided(store, project, document, ben, "m1")
    assert the_stage(store, project) is Stage.BEGUN
    decided(store, project, document, ben, finish=True)
    assert the_stage(store, project) is Stage.DONE
    (one,) = entries(store, project)
    assert one.finished_by("Ben")
    assert not one.finished_by("Ada")


def test_a_document_for_two_is_adjudicated_when_both_have_read_it(store, project, document, ben, admin):
    project = store.change_settings(admin, project, Settings(reviewers=2))
    decided(store, project, document, ben, finish=True)
    assert the_stage(store, project) is Stage.BEGUN
    decided(store, project, document, admin, finish=True)
    assert the_stage(store, project) is Stage.READ
    decided(store, project, document, admin, finish=True, lane=FINAL)
    assert the_stage(store, project) is Stage.DONE


def test_all_who_have_a_document_have_to_finish_it(store, project, document, ben, admin):
    store.assign(admin, [document], ["Ben", "Eva"])
    decided(store, project, document, ben, finish=True)
    assert the_stage(store, project) is Stage.BEGUN
    store.unassign(admin, document, "Eva")
    assert the_stage(store, project) is Stage.DONE


def test_a_document_is_to_adjudicate_exactly_when_adjudication_takes_it(store, project, document, ben, admin):
    project = store.change_settings(admin, project, Settings(reviewers=2))
    store.assign(admin, [document], ["Ben", "Ada", "Eva"])
    for person, expected in ((ben, Stage.BEGUN), (admin, Stage.READ)):
        decided(store, project, document, person, finish=True)
        (standing,) = standings(store.progress(project.id), store.assignments(project.id), project.settings)
        assert (the_stage(store, project), not standing.missing) == (expected, expected is Stage.READ)


def test_an_entry_says_who_has_it_when_it_changed_and_whether_it_has_suggestions(
    store, project, document, ben, admin, suggestions
):
    given = Incoming("b.txt", f"{NOTE} Y tos.", "es", tuple(suggestions))
    store.import_documents(admin, project, [given, Incoming("c.txt", "Fiebre.")])
    store.assign(admin, [document], ["Eva", "Ben"])
    decided(store, project, document, ben, "m1", "m2")
    one, two, three = entries(store, project)
    assert (one.suggested, two.suggested, three.suggested) == (True, True, False)
    assert one.reviewers == ("Ben", "Eva")
    assert abs((one.changed - datetime.now(UTC)).total_seconds()) < 60
    assert two.changed is None
    assert [(lane.lane, lane.decided, lane.open) for lane in one.lanes] == [("Ben", 2, 1)]


def test_orders_are_by_uncertainty_date_name_and_chance():
    found = [
        listed(1, "note 10.txt", unsure=0.2),
        listed(2, "Note 2.txt", unsure=None),
        listed(3, "note 1.txt", unsure=0.9),
        listed(4, "another", unsure=0.0),
    ]

    def numbers(order):
        return [one.document.id for one in arranged(found, order)]

    assert numbers(Order.UNCERTAIN) == [3, 1, 4, 2]
    assert numbers(Order.OLDEST) == [1, 2, 3, 4]
    assert numbers(Order.NEWEST) == [4, 3, 2, 1]
    assert numbers(Order.NAME) == [4, 3, 2, 1]


def test_the_random_order_stays_when_documents_are_added():
    many = [listed(number) for number in range(1, 200)]
    drawn = arranged(many, Order.RANDOM)
    assert drawn not in (many, many[::-1])
    assert arranged(many[:50], Order.RANDOM) == [one for one in drawn if one.document.id <= 50]


def test_filters_narrow_together_and_let_all_through_when_empty():
    found = [
        listed(1, "Alta 1.txt", who=["Ben"]),
        listed(2, "alta 2.txt", lang="ca", stage=Stage.DONE),
        listed(3, "Urgencias.txt", lang="", who=["Ben", "Eva"], stage=Stage.DONE),
    ]

    def numbers(chosen):
        return [one.document.id for one in found if chosen.lets(one)]

    assert numbers(Filter()) == [1, 2, 3]
    assert numbers(Filter(mine="Ben")) == [1, 3]
    assert numbers(Filter(words="ALTA")) == [1, 2]
    assert numbers(Filter(words="txt alta 2")) == [2]
    assert numbers(Filter(stages=frozenset({Stage.DONE}))) == [2, 3]
    assert numbers(Filter(mine="Ben", stages=frozenset({Stage.DONE}), langs=frozenset({""}))) == [3]


def test_next_is_one_s_own_then_what_nobody_has(store, project, ben, admin):
    store.import_documents(admin, project, [Incoming(name, f"Tos {name}.") for name in "abcd"])
    a, b, c, d = store.documents(project.id)
    store.assign(admin, [a], ["Eva"])
    store.assign(admin, [c], ["Ben"])

    def taken(name):
        found = following(entries(store, project), name, project.settings)
        return found.name if found else None

    assert (taken("Ben"), taken("Eva"), taken("Ada")) == ("c", "a", "b")
    decided(store, project, c, ben, finish=True)
    assert taken("Ben") == "b"
    work = store.work(b, "Ben", project.settings)
    store.record(ben, project, b, work, decide.comment(work, "", "long", "Ben", NOW))
    assert (taken("Ben"), taken("Ada")) == ("b", "d")
    decided(store, project, b, ben, finish=True)
    decided(store, project, d, ben, finish=True)
    assert (taken("Ben"), taken("Ada")) == (None, None)


@pytest.mark.parametrize(("people", "each"), [(["A", "B", "C"], 2), (["A", "B"], 1), (["A", "B", "C", "D"], 3)])
def test_documents_are_split_evenly(people, each):
    documents = [listed(number).document for number in range(1, 12)]
    given = shared_out(documents, people, each, {})
    readers = [[name for name in people if one in given[name]] for one in documents]
    assert {len(one) for one in readers} == {each}
    counts = [len(given[name]) for name in people]
    assert max(counts) - min(counts) <= 1


def test_splitting_tops_up_what_somebody_has_already():
    one, two, three = (listed(number).document for number in (1, 2, 3))
    given = shared_out([one, two, three], ["A", "B"], 2, {1: ["A"], 2: ["Z", "B"]})
    assert given == {"A": [three], "B": [one, three]}
    assert shared_out([one], ["A", "A"], 3, {}) == {"A": [one]}
    assert shared_out([one], [], 1, {}) == {}


def test_progress_by_reviewer_counts_documents_decisions_corrections_and_time(store, project, ben, admin):
    texts = [f"{NOTE} {number}" for number in range(3)]
    store.import_documents(admin, project, [Incoming(f"{n}.txt", text, "es") for n, text in enumerate(texts)])
    found = store.documents(project.id)
    from tests.review.conftest import passage

    for one in found:
        store.suggest(one, [passage("hipertensión arterial", "I10"), passage("asma", "J45.909")], ORIGIN, "es", 0.1)
    store.assign(admin, found, ["Ben", "eva"])
    decided(store, project, found[0], ben, "m1", "m2", finish=True, seconds=3.0)
    decided(store, project, found[1], ben, "m1", finish=True, seconds=10.0)
    work = store.work(found[2], "Ben", project.settings)
    change = decide.correct_codes(work, "m1", ["I15.9"], "Ben", NOW)
    store.record(ben, project, found[2], work, change, 5.0)
    decided(store, project, found[0], Person("Ada", Role.ADMIN), finish=True, lane=FINAL)
    first, second, last = paces(entries(store, project), store.all_work(project.id))
    assert (first.reviewer, first.assigned, first.finished, first.begun) == ("Ben", 3, 2, 1)
    assert (first.decided, first.accepted, first.corrected) == (4, 4, 1)
    assert first.seconds_document == pytest.approx(8.0)
    assert first.seconds_decision == pytest.approx(21.0 / 4)
    assert (second.reviewer, second.assigned, second.finished, second.seconds_document) == ("eva", 3, 0, None)
    assert (last.reviewer, last.assigned, last.finished) == (FINAL, 0, 1)


def test_the_time_left_of_a_batch_is_said_in_words():
    assert time_left(0, 250, 1.0) == "0 of 250"
    assert time_left(12, 252, 12.0) == "12 of 252 · about 4 min left"
    assert time_left(200, 250, 10.0) == "200 of 250 · a minute or less left"
    assert time_left(250, 250, 99.0) == "250 of 250"


def test_a_thousand_documents_are_listed_at_once(store, project, admin, ben):
    store.import_documents(admin, project, [Incoming(f"{n}.txt", f"Tos {n}.", "es") for n in range(1000)])
    documents = store.documents(project.id)
    store.assign(admin, documents[:500], ["Ben"])
    begun = datetime.now(UTC)
    found = arranged(entries(store, project), Order.UNCERTAIN)
    assert len(found) == 1000
    assert (datetime.now(UTC) - begun).total_seconds() < 2
