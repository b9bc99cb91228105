"""What the product finds in a document stands in it as suggestions, with what made them."""

from core.note.context import Status
from core.review.model import Incoming, Settings
from core.review.suggest import suggest, uncertainty
from tests.review.conftest import NOTE, passage


def test_documents_get_suggestions_with_their_origin(store, admin, coder):
    project = store.create(admin, "Pilot", Settings())
    store.import_documents(admin, project, [Incoming("a", NOTE), Incoming("b", "Pneumònia adquirida a la comunitat.")])
    seen = []
    suggest(store, coder, store.unsuggested(project.id), seen.append)
    assert [one.name for one in seen] == ["a", "b"]
    assert store.unsuggested(project.id) == []
    first, second = store.documents(project.id)
    assert (first.lang, second.lang) == ("es", "ca")
    assert 0 <= first.uncertainty <= 1
    found, made_by = store.suggestions(first.id)
    codes = {one.codes[0]: one for one in found}
    assert codes["I10"].status is Status.AFFIRMED
    assert next(one for one in found if one.codes[0].startswith("J45")).status is Status.NEGATED
    assert len(codes["I10"].options) == 5
    assert made_by["catalog"] == coder.catalog.label
    assert coder.reranker.fingerprint in made_by["model"]


def test_even_odds_are_the_most_uncertain():
    assert uncertainty([]) == 0
    assert uncertainty([passage("diabetes", "E11.9", sure=0.5)]) == 1
    assert uncertainty([passage("diabetes", "E11.9", sure=0.1)]) < uncertainty([passage("diabetes", "E11.9", sure=0.6)])
