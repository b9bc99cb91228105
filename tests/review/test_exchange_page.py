"""The section in which things are taken out of a project and a project is brought back; all texts are invented."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from core.review import decide
from core.review.exchange.archive import archived
from core.review.model import FINAL, Decision, Incoming
from core.review.people import Person, Role

NOW = datetime(2026, 11, 27, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def page(name, role, number):
    from core.review.people import Person, Role
    from core.review.store import ReviewStore
    from pages.parts.review import exports

    reviews = ReviewStore()
    chosen = next((one for one in reviews.projects() if one.id == number), None)
    exports.section(reviews, Person(name, Role(role)), chosen)


def opened(person, project):
    number = project.id if project else 0
    app = AppTest.from_function(page, args=(person.name, person.role.value, number), default_timeout=180).run()
    assert not app.exception
    return app


def said(app):
    return "\n".join(str(element.value) for kind in (app.markdown, app.warning, app.caption) for element in kind)


def decided(store, person, project, document, lane=""):
    work = store.work(document, lane or person.name, project.settings)
    work = store.record(person, project, document, work, decide.add(work, ((0, 8),), ["I10"], document.text, "x", NOW))
    return store.record(person, project, document, work, decide.finish(work))


def test_it_says_how_many_documents_are_final_and_why_others_are_not(store, admin, ben, project, document):
    store.import_documents(admin, project, [Incoming("b", "Paciente con tos."), Incoming("c", "Paciente con fiebre.")])
    app = opened(admin, project)
    assert "**0 of 3 documents are final**; left out: 3 not finished." in said(app)
    assert app.get("download_button")[0].proto.disabled
    one, two, _ = (store.document(listed.id) for listed in store.documents(project.id))
    decided(store, ben, project, one)
    for person in (admin, ben):
        decided(store, person, project, two)
    app = opened(admin, project)
    assert "**1 of 3 documents are final**; left out: 1 to adjudicate, 1 not finished." in said(app)
    assert not any(button.proto.disabled for button in app.get("download_button"))
    decided(store, admin, project, two, FINAL)
    app = opened(admin, project)
    assert "**2 of 3 documents are final**; left out: 1 not finished." in said(app)
    app.selectbox(key="exports_whose").set_value("Ada").run()
    assert "**Ada** has begun 1 of 3 documents and finished 1" in said(app)


def test_a_reviewer_sees_no_other_reviewers_work_and_restores_nothing(store, admin, ben, project, document):
    decided(store, admin, project, document)
    app = opened(ben, project)
    assert app.selectbox(key="exports_whose").options == ["Final"]
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["CSV", "JSON lines", "CodiEsp", "BRAT standoff", "FHIR R4B"]
    assert not app.get("file_uploader")
    app = opened(Person("Eva", Role.ADJUDICATOR), project)
    assert app.selectbox(key="exports_whose").options == ["Final", "Ada"]
    assert [button.proto.label for button in app.get("download_button")][5:] == [
        "Archive", "Log as CSV", "Log as JSON lines",
    ]  # fmt: skip


def test_an_archive_is_restored_and_what_is_wrong_with_one_is_said(store, admin, project, document):
    store.record(
        admin, project, document, work := store.work(document, "Ada", project.settings),
        decide.decide(work, "m1", Decision.ACCEPTED, "Ada", NOW),
    )  # fmt: skip
    app = opened(admin, None)
    app.file_uploader(key="exports_archive_0").upload("a.zip", b"PK\x03\x04 no", "application/zip").run()
    app.button(key="exports_restore").click().run()
    assert "The archive is a damaged zip file" in said(app)
    app.file_uploader(key="exports_archive_0").upload("a.zip", archived(store, project), "application/zip").run()
    app.text_input(key="exports_name").set_value("Back *again*").run()
    app.button(key="exports_restore").click().run()
    assert not app.exception
    assert [one.name for one in store.projects()] == ["Pilot", "Back *again*"]
    assert app.session_state["review_project"] == store.projects()[-1].id
    assert "Restored as" in app.toast[0].value
    assert not app.get("button")
