"""The second opinion through Streamlit's own test runner: adjudication and agreement, with nothing and two sides."""

import pytest
from streamlit.testing.v1 import AppTest

from core.note.context import Status
from core.review import decide
from core.review.model import FINAL, Decision, Incoming, Settings
from core.review.people import Person, Role
from core.review.store import ReviewStore
from core.settings import ASSETS
from pages.parts.review import common
from tests.review.conftest import NOTE, ORIGIN, passage
from tests.review.second import NOW, accept, do, mark, recode, reject

ROOT = ASSETS.parent
ADA, BEN, EVA = Person("Ada", Role.ADMIN), Person("Ben"), Person("Eva <b>x</b> $y$")
OTHER = "Ingresa por neumonía <script>alert(1)</script> y fiebre."


@pytest.fixture
def home(monkeypatch, tmp_path, catalog):
    """A workspace of its own, in which Ada works."""
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    monkeypatch.setattr("pages.parts.book.load_catalog", lambda: catalog)
    (tmp_path / "profile.txt").write_text("Ada", "utf-8")
    common._store.clear()
    yield tmp_path
    common._store.clear()


def filled():
    """A store with a project of two documents, each of them finished by Ben and Eva."""
    store = ReviewStore()
    project = store.create(ADA, "Pilot", Settings(reviewers=2))
    store.import_documents(ADA, project, [Incoming("a.txt", NOTE, "es"), Incoming("*b*.txt", OTHER, "es")])
    first, second = (store.document(one.id) for one in store.documents(project.id))
    said = [
        passage("hipertensión arterial", "I10"),
        passage("diabetes", "E11.9"),
        passage("asma", "J45.909", status=Status.NEGATED),
    ]
    store.suggest(first, said, ORIGIN, "es", 0.2)
    do(store, BEN, project, first, accept("m1"), accept("m2"), accept("m3"), decide.finish)
    do(store, EVA, project, first, accept("m1"), recode("m2", "E10.9"), reject("m3"), decide.finish)
    start = OTHER.index("neumonía")
    for person, code in ((BEN, "J18.9"), (EVA, "J18.9")):
        do(store, person, project, second, lambda work, code=code: decide.add(
            work, ((start, start + 8),), [code], OTHER, "x", NOW), decide.finish)  # fmt: skip
    return store, project, first, second


def opened(section):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    app.query_params["section"] = section
    app.switch_page("pages/review.py").run()
    assert not app.exception
    return app


def shown(app):
    assert not app.exception
    kinds = (app.markdown, app.caption, app.subheader, app.warning, app.info, app.error, app.success, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def press(app, name):
    """Settle a difference; the buttons of the first open one have keys of their own."""
    next(one for one in app.button if one.key in (name, f"{name}_key")).click().run()


def progress(app):
    return app.get("progress")[0].proto.text


def html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def final(store, project, document):
    return store.work(document, FINAL, project.settings)


def case_button(app, words, kind, side=""):
    """The button of the difference about these words of the first document."""
    return next(
        one for one in app.button if one.key and one.key.startswith(kind) and one.key.endswith(f"{words}{side}")
    )


def test_with_nothing_reviewed_the_sections_say_what_is_needed(home):
    store = ReviewStore()
    store.create(ADA, "Pilot", Settings(reviewers=2))
    assert "2 reviewers have to finish the same document" in shown(opened("Adjudicate"))
    assert "Two reviewers have to finish the same document" in shown(opened("Agreement"))


def test_one_finished_lane_waits_for_the_other(home):
    store = ReviewStore()
    project = store.create(ADA, "Pilot", Settings(reviewers=2))
    store.import_documents(ADA, project, [Incoming("a.txt", NOTE, "es")])
    (document,) = store.documents(project.id)
    store.assign(ADA, [document], ["Ben", EVA.name])
    do(store, BEN, project, document, mark("diabetes", "E11.9"), decide.finish)
    told = shown(opened("Adjudicate"))
    assert "1 document waits until 2 reviewers have finished" in told
    assert "Eva \\<b\\>" in told
    assert "Two reviewers have to finish the same document" in shown(opened("Agreement"))


def test_a_document_is_settled_through_the_widgets(home):
    store, project, first, second = filled()
    app = opened("Adjudicate")
    assert "0 of 2 settled" in progress(app)
    assert app.button(key="adjudicate_finish").disabled
    assert [one.key for one in app.button if one.key and one.key.startswith("take_")] == [
        f"take_{first.id}_{name}" for name in ("d2_0_key", "d2_1_key", "d3_0", "d3_1")
    ]
    assert '">diabetes</mark>' in html(app)
    press(app, f"take_{first.id}_d2_1")
    assert "1 of 2 settled" in progress(app)
    work = final(store, project, first)
    assert [(one.text(NOTE), one.codes, one.decision) for one in work.annotations] == [
        ("hipertensión arterial", ("I10",), Decision.ACCEPTED),
        ("diabetes", ("E10.9",), Decision.ACCEPTED),
        ("asma", ("J45.909",), Decision.OPEN),
    ]
    app.button(key="adjudicate_undo").click().run()
    assert final(store, project, first).annotation("d2").decision is Decision.OPEN
    press(app, f"neither_{first.id}_d2")
    press(app, f"take_{first.id}_d3_0")
    app.button(key="adjudicate_finish").click().run()
    work = final(store, project, first)
    assert [(one.text(NOTE), one.codes, one.status) for one in work.gold] == [
        ("hipertensión arterial", ("I10",), Status.AFFIRMED),
        ("asma", ("J45.909",), Status.NEGATED),
    ]
    assert work.finished
    assert {event.actor for event in store.events(project.id, first.id, FINAL)} == {"Ada"}
    # the next one that is ready is open now, and there is nothing to settle in it
    assert app.selectbox(key="adjudicate_document").value == second.id
    assert "They agree on everything" in shown(app)
    assert "<script>" not in html(app)
    app.button(key="adjudicate_finish").click().run()
    assert [one.codes for one in final(store, project, second).gold] == [("J18.9",)]
    assert "Every document that was ready is settled" in shown(app)
    assert store.replayed(project.id) == store.all_work(project.id)


def test_another_code_is_given_with_its_status(home):
    store, project, first, _ = filled()
    app = opened("Adjudicate")
    app.text_input(key=f"query_{first.id}_d2").set_value("e13.9").run()
    codes = app.multiselect(key=f"codes_{first.id}_d2")
    assert any("E13.9" in option for option in codes.options)
    codes.set_value(["E13.9", "E10.9"]).run()
    app.text_input(key=f"query_{first.id}_d2").set_value("").run()
    assert app.multiselect(key=f"codes_{first.id}_d2").value == ["E13.9", "E10.9"]
    app.selectbox(key=f"status_{first.id}_d2").set_value(Status.UNCERTAIN).run()
    app.button(key=f"own_{first.id}_d2").click().run()
    one = final(store, project, first).annotation("d2")
    assert (one.codes, one.status, one.by) == (("E13.9", "E10.9"), Status.UNCERTAIN, "Ada")


def test_what_nobody_marked_is_added_and_what_all_agree_on_is_settled_otherwise(home):
    store, project, first, _ = filled()
    app = opened("Adjudicate")
    app.text_input(key="adjudicate_words").set_value("not a word of it")
    app.button(key="adjudicate_mark").click().run()
    assert "Those words are not in the note" in shown(app)
    app.text_input(key="adjudicate_words").set_value("Paciente")
    app.button(key="adjudicate_mark").click().run()
    start = NOTE.index("Paciente")
    name = f"{first.id}_{start}_{start + len('Paciente')}"
    assert "“Paciente”" in shown(app)
    assert app.button(key=f"add_{name}").disabled
    app.text_input(key=f"query_{name}").set_value("r07.9").run()
    app.multiselect(key=f"codes_{name}").set_value(["R07.9"]).run()
    app.selectbox(key=f"status_{name}").set_value(Status.UNCERTAIN).run()
    app.button(key=f"add_{name}").click().run()
    (added,) = [one for one in final(store, project, first).annotations if one.id.startswith("h")]
    assert (added.text(NOTE), added.codes, added.status) == ("Paciente", ("R07.9",), Status.UNCERTAIN)
    assert "New annotation" not in shown(app)
    press(app, f"neither_{first.id}_{added.id}")
    assert final(store, project, first).annotation(added.id).decision is Decision.REJECTED
    app.button(key="adjudicate_undo").click().run()
    # what all agree on is opened by choosing it in the note
    assert not any(one.key == f"own_{first.id}_a1" for one in app.button)
    app.session_state["adjudicate_opened"] = (first.id, "a1")
    app.run()
    app.text_input(key=f"query_{first.id}_a1").set_value("i15.9").run()
    app.multiselect(key=f"codes_{first.id}_a1").set_value(["I15.9"]).run()
    app.button(key=f"own_{first.id}_a1").click().run()
    press(app, f"neither_{first.id}_d2")
    press(app, f"neither_{first.id}_d3")
    app.button(key="adjudicate_finish").click().run()
    found = [(one.text(NOTE), one.codes) for one in final(store, project, first).gold]
    assert found == [("Paciente", ("R07.9",)), ("hipertensión arterial", ("I15.9",))]
    assert store.replayed(project.id) == store.all_work(project.id)


def test_a_settled_document_can_be_opened_again(home):
    store, project, _, second = filled()
    app = opened("Adjudicate")
    app.selectbox(key="adjudicate_document").set_value(second.id).run()
    app.button(key="adjudicate_finish").click().run()
    app.button_group(key="adjudicate_which").set_value("Settled").run()
    assert "1 diagnosis stands" in shown(app)
    app.button(key="adjudicate_reopen").click().run()
    assert not final(store, project, second).finished
    assert app.selectbox(key="adjudicate_document").value == second.id


def test_what_somebody_else_settled_meanwhile_is_not_written_over(home):
    store, project, first, _ = filled()
    app, other = opened("Adjudicate"), opened("Adjudicate")
    press(app, f"take_{first.id}_d2_0")
    press(other, f"take_{first.id}_d2_1")
    assert "shown again as it stands now" in shown(other)
    assert final(store, project, first).annotation("d2").codes == ("E11.9",)
    assert "1 of 2 settled" in progress(other)


def test_a_reviewer_who_changes_a_document_in_adjudication_is_named(home):
    store, project, first, _ = filled()
    app = opened("Adjudicate")
    press(app, f"take_{first.id}_d2_0")
    do(
        store, BEN, project, first,
        lambda work: decide.finish(work, done=False), recode("m2", "E10.9"), decide.finish,
    )  # fmt: skip
    app.run()
    assert "Ben changed this document after settling began" in shown(app)
    app.button(key="adjudicate_again").click().run()
    assert "0 of 1 settled" in progress(app)


def test_reviewers_do_not_see_what_others_said(home, monkeypatch):
    filled()
    monkeypatch.setattr("pages.parts.review.common.local", Person)
    app = opened("Adjudicate")
    assert "takes the role adjudicator" in shown(app)
    assert html(app).startswith("<style>")  # the page's own, and nothing else
    assert html(app).count("<") == 2


def test_agreement_shows_its_figures_and_where_people_disagree(home):
    filled()
    app = opened("Agreement")
    told = shown(app)
    assert "2 reviewers, 2 documents" in told
    figures = {one.label: one.value for one in app.metric}
    # marks: 3 and 2, 1 and 1; three passages in common, two of them with the same code
    assert figures["Same passage"] == f"{6 / 7:.0%}"
    assert figures["Same code"] == "67%"
    assert figures["Same status"] == "100%"
    assert len(app.get("plotly_chart")) == 1
    codes = app.dataframe[-1].value
    assert codes["one code"].tolist() == ["E10.9"]
    assert codes["the other"].tolist() == ["E11.9"]
    assert codes["who"].tolist() == [f"{EVA.name} E10.9, Ben E11.9: 1"]
    assert "A kappa that stands as “–” cannot be told: only one value was used" in told
    for part in ("chapter", "status", "document"):
        app.button_group(key="agreement_part").set_value(part).run()
        assert not app.exception
    assert app.dataframe[-2].value["document"].tolist() == ["a.txt", "*b*.txt"]


def test_agreement_follows_what_is_written(home):
    store, project, first, _ = filled()
    app = opened("Agreement")
    do(store, EVA, project, first, lambda work: decide.finish(work, done=False))
    app.run()
    assert "2 reviewers, 1 document " in shown(app)
    figures = {one.label: one.value for one in app.metric}
    assert figures["Alpha, codes"] == "–"
    assert app.dataframe[-1].value is not None


def test_a_code_is_found_by_words(coder, workspace):
    """In the workspace that has the index: what the search of the product finds can be taken."""
    (workspace / "profile.txt").write_text("Ada", "utf-8")
    common._store.clear()
    store, project, first, _ = filled()
    try:
        app = opened("Adjudicate")
        app.selectbox(key="review_project").set_value(project.id).run()
        app.text_input(key=f"query_{first.id}_d2").set_value("diabetes mellitus gestacional").run()
        assert any(option.startswith("O24") for option in app.multiselect(key=f"codes_{first.id}_d2").options)
    finally:
        store.delete(ADA, project, withdraw=True)
        (workspace / "profile.txt").unlink()
