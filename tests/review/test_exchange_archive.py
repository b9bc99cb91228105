"""A project leaves as one file and comes back whole: documents, log, work and assignments, or nothing of it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.archives import zipped
from core.database import open_database
from core.errors import ClinicodeError
from core.note.context import Status
from core.retrieve.memory import TeamMemory
from core.review import decide
from core.review.exchange.archive import DAMAGED, DOCUMENTS, EVENTS, MANIFEST, archived
from core.review.exchange.files import unzipped
from core.review.exchange.reading import read_documents
from core.review.model import FINAL, Decision, Incoming, Kind, Option, Origin, Settings, Suggestion
from core.review.people import Person, Role
from core.review.store import ReviewStore
from tests.review.conftest import NOTE

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ADA, BEN = Person("Ada", Role.ADMIN), Person("Ben", Role.REVIEWER)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A workspace on another machine."""
    (tmp_path / "elsewhere").mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("CLINICODE_HOME", str(tmp_path / "elsewhere"))
        patch.delenv("CLINICODE_DATABASE_URL", raising=False)
        opened = ReviewStore(open_database())
    yield opened
    opened.engine.dispose()


def act(store, person, project, document, make, *given, lane=""):
    work = store.work(document, lane or person.name, project.settings)
    return store.record(person, project, document, work, make(work, *given, person.name, NOW), 0.25)


def state(store, project):
    """A project without the numbers that a database gives: documents, lanes, assignments, events but for restoring."""
    place = {one.id: number for number, one in enumerate(store.documents(project.id))}
    documents = [(one.name, one.text, one.lang, one.imported, one.uncertainty) for one in store.texts(project.id)]
    fields = ("version", "annotations", "blind", "revealed", "finished", "seconds", "comments")
    works = [
        (place[one.document], one.lane, *(getattr(one, name) for name in fields)) for one in store.all_work(project.id)
    ]
    held = {place[document]: names for document, names in store.assignments(project.id).items()}
    events = [
        (
            place.get(one.document),
            one.lane,
            one.version,
            one.actor,
            one.at,
            one.kind,
            one.annotation,
            one.before,
            one.after,
        )
        for one in store.events(project.id)
        if one.kind is not Kind.RESTORE
    ]
    progress = [
        (place[one.document], one.lane, one.open, one.accepted, one.finished) for one in store.progress(project.id)
    ]
    return documents, works, held, events, progress, project.settings, project.created


def parts(data):
    """The documents and the events of an archive, but for who restored what is in it."""
    files = unzipped("a", data)
    lines = files[EVENTS].splitlines()
    return files[DOCUMENTS], [line for line in lines if json.loads(line)["kind"] != Kind.RESTORE]


def remembered(store):
    return {(term.text, term.code): term.count for term in TeamMemory(store.engine).terms()}


@pytest.fixture
def worked(store, project, document):
    """A project in which two reviewers, and then an adjudicator, have decided."""
    store.assign(ADA, [document], ["Ada", "Ben", "Eva"])
    store.unassign(ADA, document, "Eva")
    for person in (ADA, BEN):
        act(store, person, project, document, decide.decide, "m1", Decision.ACCEPTED)
    act(store, BEN, project, document, decide.correct_codes, "m2", ["E10.9"])
    store.undo(BEN, project, document, store.work(document, "Ben", project.settings))
    act(store, BEN, project, document, decide.correct_codes, "m2", ["E11.9"])
    act(store, BEN, project, document, decide.comment, "m2", "sure?")
    project = store.change_settings(ADA, project, Settings(reviewers=2, approval=True, guideline="Höhe\n😀"))
    act(store, ADA, project, document, decide.decide, "m2", Decision.ACCEPTED)
    work = store.work(document, FINAL, project.settings)
    store.record(ADA, project, document, work, decide.add(work, ((0, 8),), ["Z00.00"], NOTE, "Ada", NOW))
    return project


def test_a_project_comes_back_whole_on_another_machine(store, worked, elsewhere):
    data = archived(store, worked)
    back = elsewhere.restore(ADA, data)
    assert back.name == "Pilot"
    assert elsewhere.projects() == [back]
    assert state(elsewhere, back) == state(store, worked)
    assert elsewhere.replayed(back.id) == elsewhere.all_work(back.id)
    assert parts(archived(elsewhere, back)) == parts(data)
    assert remembered(elsewhere) == {}
    assert elsewhere.taught(back.id) == []


def test_who_restored_it_stands_at_the_end_of_its_log_and_goes_on_with_it(store, worked, elsewhere):
    back = elsewhere.restore(Person("Zoe", Role.ADMIN), archived(store, worked), "Second home", teach=True)
    last = elsewhere.events(back.id)[-1]
    assert (last.kind, last.actor, last.document) == (Kind.RESTORE, "Zoe", None)
    said = {"name": "Second home", "archived": "Pilot", "events": len(store.events(worked.id)), "teach": True}
    assert last.after == said
    again = store.restore(ADA, archived(elsewhere, back))
    who = [(one.actor, one.after["name"]) for one in store.events(again.id) if one.kind is Kind.RESTORE]
    assert who == [("Zoe", "Second home"), ("Ada", "Second home")]
    assert state(store, again) == state(store, worked)


def test_beside_its_original_it_gets_a_number_or_the_name_that_is_given(store, worked):
    data = archived(store, worked)
    names = [store.restore(ADA, data, name).name for name in ("", "", " New  name ")]
    assert names == ["Pilot (2)", "Pilot (3)", "New name"]
    for project in store.projects():
        assert state(store, project) == state(store, worked)
    with pytest.raises(ClinicodeError, match="already; take another"):
        store.restore(ADA, data, "Pilot")
    with pytest.raises(ClinicodeError, match="Ben may not restore"):
        store.restore(BEN, data)
    assert len(store.projects()) == 4


def test_restored_work_goes_on_and_can_be_undone(store, worked, elsewhere):
    back = elsewhere.restore(ADA, archived(store, worked))
    (listed,) = elsewhere.documents(back.id)
    document = elsewhere.document(listed.id)
    elsewhere.undo(BEN, back, document, elsewhere.work(document, "Ben", back.settings))
    act(elsewhere, BEN, back, document, decide.decide, "m3", Decision.REJECTED)
    assert elsewhere.work(document, "Ben", back.settings).annotation("m3").decision is Decision.REJECTED
    assert elsewhere.replayed(back.id) == elsewhere.all_work(back.id)


def test_what_was_taught_is_taught_again_only_when_asked_for(store, worked, elsewhere):
    taught = {(one.text, one.code, one.lane, one.annotation) for one in store.taught(worked.id)}
    assert taught == {
        ("hipertensión arterial", "I10", "Ada", "m1"),
        ("hipertensión arterial", "I10", "Ben", "m1"),
        ("diabetes", "E11.9", "Ben", "m2"),
        ("Paciente", "Z00.00", FINAL, "h1"),
    }
    pair = next(one for one in store.taught(worked.id) if one.code == "E11.9")
    store.withdraw(ADA, worked, pair)
    back = elsewhere.restore(ADA, archived(store, worked), teach=True)
    assert remembered(elsewhere) == remembered(store)
    assert len(elsewhere.taught(back.id)) == 3
    assert state(elsewhere, back) == state(store, worked)
    elsewhere.delete(ADA, back, withdraw=True)
    assert remembered(elsewhere) == {}


def changed(data, name, make):
    files = unzipped("a", data)
    rows = [json.loads(line) for line in files[name].decode().split("\n") if line]
    make(rows[0] if name == MANIFEST else rows)
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    return zipped({**files, name: text.encode()}.items())


def manifest(data, **new):
    files = unzipped("a", data)
    return zipped({**files, MANIFEST: json.dumps(json.loads(files[MANIFEST]) | new).encode()}.items())


def of_kind(rows, kind):
    return next(row for row in rows if row["kind"] == kind)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: changed(data, EVENTS, lambda rows: rows.pop()),
        lambda data: changed(data, DOCUMENTS, lambda rows: rows.pop()),
        lambda data: changed(data, EVENTS, lambda rows: rows.__setitem__(4, rows[3])),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(version=7)),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(after={})),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(after=None)),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(kind="invented")),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(document=9)),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(document="1")),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(at="yesterday")),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").update(actor=["Ben"])),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "suggest").update(after={})),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "assign").update(after={"reviewer": "Zoe"})),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "assign").update(after=None)),
        lambda data: changed(data, EVENTS, lambda rows: of_kind(rows, "accept").pop("lane")),
        lambda data: changed(data, DOCUMENTS, lambda rows: rows[0].update(text="")),
        lambda data: changed(data, DOCUMENTS, lambda rows: rows[0].update(text="corto")),
        lambda data: changed(data, DOCUMENTS, lambda rows: rows[0].update(text=NOTE + "\x00\ud800")),
        lambda data: changed(data, DOCUMENTS, lambda rows: rows[0].update(text=3)),
        lambda data: changed(data, DOCUMENTS, lambda rows: rows[0].update(uncertainty="much")),
        lambda data: manifest(data, settings={"reviewers": "two"}),
        lambda data: manifest(data, settings=[1]),
        lambda data: manifest(data, format="other"),
        lambda data: manifest(data, name=None),
        lambda data: zipped((name, data) for name, data in unzipped("a", data).items() if name != EVENTS),
        lambda data: zipped({**unzipped("a", data), EVENTS: b"[1]\n" * 20}.items()),
        lambda data: zipped({**unzipped("a", data), EVENTS: b"\xff{"}.items()),
    ],
)
def test_of_a_damaged_archive_nothing_is_restored(store, worked, elsewhere, damage):
    for target in (store, elsewhere):
        before = target.projects()
        with pytest.raises(ClinicodeError) as said:
            target.restore(ADA, damage(archived(store, worked)))
        assert str(said.value) == DAMAGED
        assert target.projects() == before
        events = target.events(before[-1].id + 1 if before else 1)
        assert events == []


def test_what_is_no_archive_or_of_a_newer_release_is_said(store, worked):
    data = archived(store, worked)
    for other, said in (
        (b"", "no archive"),
        (b"PK\x03\x04", "damaged zip"),
        (zipped([("a.txt", "Tos.")]), "no archive"),
        (manifest(data, version=2), "newer Clinicode"),
        (data[: len(data) // 2], "damaged zip"),
    ):
        with pytest.raises(ClinicodeError, match=said):
            store.restore(ADA, other)


def test_an_archive_is_not_taken_for_documents(store, worked, catalog):
    with pytest.raises(ClinicodeError, match="restore it in the Export section"):
        read_documents("pilot.zip", archived(store, worked), catalog)


# any project

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40).map(
    lambda text: f"Tos 😀\r\n{text}"
)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12).filter(
    str.strip
)
CHANCE = st.floats(0, 1)


@st.composite
def suggested(draw, text):
    """Something that the machine may have said of a text."""
    start = draw(st.integers(0, 2))
    end = draw(st.integers(start + 1, len(text)).filter(lambda end: text[start:end].strip()))
    codes = draw(st.lists(st.sampled_from(["I10", "E11.9", "R05.9"]), max_size=2, unique=True))
    options = tuple(Option(code, draw(CHANCE)) for code in codes)
    return Suggestion(((start, end),), draw(st.sampled_from(Status)), tuple(codes), draw(CHANCE), options, draw(WORDS))


def change(draw, work, note, by):
    """Something that a person may do, which the rules of the desk may refuse."""
    name = draw(st.sampled_from([one.id for one in work.annotations] or [""]))
    span = st.tuples(st.integers(0, len(note)), st.integers(0, len(note))).map(sorted).map(tuple)
    spans = tuple(draw(st.lists(span, min_size=1, max_size=2)))
    acts = [
        lambda: decide.decide(work, name, draw(st.sampled_from(list(decide.DECISIONS))), by, NOW),
        lambda: decide.correct_codes(work, name, ["I10", draw(st.sampled_from(["J45.909", "R52"]))], by, NOW),
        lambda: decide.correct_status(work, name, draw(st.sampled_from(Status)), by, NOW),
        lambda: decide.correct_spans(work, name, spans, note, by, NOW),
        lambda: decide.add(work, spans, ["I10"], note, by, NOW),
        lambda: decide.comment(work, draw(st.sampled_from([name, ""])), draw(WORDS), by, NOW),
        lambda: decide.finish(work, done=not work.finished),
        decide.reveal,
    ]
    return draw(st.sampled_from(acts))()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_project_comes_back_as_it_was(store, elsewhere, data):
    draw = data.draw
    rules = Settings(draw(st.integers(1, 3)), draw(st.booleans()), draw(st.booleans()), draw(CHANCE), draw(WORDS))
    project = store.create(ADA, f"Any {len(store.projects())}", rules)
    texts = draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))
    langs = st.sampled_from(["", "es", "de"])
    store.import_documents(
        ADA,
        project,
        [
            Incoming(draw(WORDS), text, draw(langs), tuple(draw(st.lists(suggested(text), max_size=2))))
            for text in texts
        ],
    )
    for listed in store.documents(project.id):
        document = store.document(listed.id)
        if draw(st.booleans()):
            said = draw(st.lists(suggested(document.text), max_size=3))
            store.suggest(document, said, Origin("m", "i", "c"), draw(langs), draw(CHANCE))
        store.assign(ADA, [document], draw(st.lists(st.sampled_from(["Ada", "Ben", "Žoë"]), max_size=3)))
        store.unassign(ADA, document, "Ben")
        for person in draw(st.lists(st.sampled_from([ADA, BEN]), max_size=8)):
            work = store.work(document, person.name, rules)
            try:
                if draw(st.integers(0, 3)) == 0:
                    store.undo(person, project, document, work)
                else:
                    made = change(draw, work, document.text, person.name)
                    store.record(person, project, document, work, made, draw(st.floats(0, 100)))
            except ClinicodeError:
                continue
    kept = archived(store, project)
    for target, teach in ((elsewhere, False), (store, True)):
        back = target.restore(ADA, kept, f"Back {len(target.projects())}", teach=teach)
        assert state(target, back) == state(store, project)
        assert target.replayed(back.id) == target.all_work(back.id)
        assert parts(archived(target, back)) == parts(kept)
        lessons = {(one.lane, one.annotation, one.code, one.folded) for one in store.taught(project.id)}
        again = {(one.lane, one.annotation, one.code, one.folded) for one in target.taught(back.id)}
        assert again == (lessons if teach else set())
