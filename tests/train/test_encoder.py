import random

import numpy as np
import pytest

from core.train.encoder import Recipe, misspelt, train_encoder
from core.train.pairs import Pair, collect

SMALL = Recipe(dimensions=16, vocabulary=3000, epochs=6, batch=64, repeats=(), mine_before=(4,), mine_depth=3)


def some_pairs(catalog):
    codes = [code for code in catalog if code.inclusion_terms][:800]
    return [Pair(term, code.title, "en", "icd-10-cm") for code in codes for term in code.inclusion_terms]


def test_training_brings_terms_near_their_titles_and_is_repeatable(catalog):
    pairs = some_pairs(catalog)
    titles = [code.title for code in catalog][:3000]
    epochs = []
    model = train_encoder(pairs, SMALL, titles, after_epoch=lambda _model, epoch: epochs.append(epoch))
    assert epochs == [1, 2, 3, 4, 5, 6]
    left = model.encode([pair.text for pair in pairs[:200]])
    right = model.encode([pair.target for pair in pairs[:200]])
    own = (left * right).sum(axis=1).mean()
    assert own > (left @ right.T).mean() + 0.4
    again = train_encoder(pairs, SMALL, titles)
    assert np.array_equal(again.encode(["acute bronchitis"]), model.encode(["acute bronchitis"]))


def test_a_misspelling_is_one_step_away():
    spoil = random.Random(1)
    for _ in range(50):
        wrong = misspelt("bronquitis", spoil)
        assert abs(len(wrong) - 10) <= 1
        assert wrong[0] == "b"
    assert misspelt("tos", spoil) == "tos"


def test_pairs_come_from_the_catalog_and_the_corpus_alone_where_there_is_no_data(catalog):
    pairs = collect(catalog, None)
    assert {pair.source for pair in pairs} == {"icd-10-cm", "corpus"}
    titles = {code.title for code in catalog}
    assert all(pair.target in titles for pair in pairs)


@pytest.mark.data
def test_pairs_from_public_tables_are_clean(catalog, public_data):
    pairs = collect(catalog, public_data, ("train",))
    sources = {pair.source for pair in pairs}
    assert {"codiesp", "cim-10", "cid-10", "icd-10-gm", "icd-9-cm-it", "icpc-2", "hpo", "wikidata"} <= sources
    assert len({(pair.text.lower(), pair.target) for pair in pairs}) == len(pairs)
    assert {pair.lang for pair in pairs} == {"en", "es", "ca", "it", "pt", "fr", "de"}


@pytest.mark.data
def test_what_is_measured_on_is_not_trained_on(catalog, public_data):
    from core.evaluate import codiesp, mentions
    from core.settings import ASSETS
    from core.text import fold

    pairs = collect(catalog, public_data, ("train",))
    written = {fold(pair.text) for pair in pairs if pair.source == "corpus"}
    public = mentions.read_mentions(ASSETS / "evaluation" / "mentions.tsv", catalog)
    assert not written & {fold(query.text) for query in public}
    dev = {fold(query.text) for query in codiesp.read_mentions(public_data / "codiesp", "dev", catalog)}
    train = {fold(query.text) for query in codiesp.read_mentions(public_data / "codiesp", "train", catalog)}
    from_codiesp = {fold(pair.text) for pair in pairs if pair.source == "codiesp"}
    assert from_codiesp <= train
    assert from_codiesp & dev <= train
