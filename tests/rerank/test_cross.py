import dataclasses

import numpy as np
import pytest
import torch

from core.encode.module import NgramEmbedding
from core.encode.words import Anchors
from core.rerank.cross import Batch, CrossAttention, Pair, Shape, Text, load_cross, save_cross
from core.rerank.features import cross_columns, cross_pairs
from core.train import cross as cross_training
from core.train.cross import CrossRecipe, Curriculum, train_cross


def scored(cross, coder, text, lang="en"):
    retriever = coder.retriever
    found = retriever.gather([text], retriever.memory(), [(lang,)])[0]
    codes = [code for _, code in retriever.ranked(found, retriever.fusion)[:20]]
    return dict(zip(codes, cross.scores([text], [cross_pairs(cross.words, found, codes)])[0].tolist(), strict=True))


def test_it_tells_siblings_apart_by_the_words_that_differ(coder):
    cross = coder.reranker.maker.cross
    left = scored(cross, coder, "pain in the left knee")
    assert max(left, key=left.get) == "M25.562"
    assert left["M25.562"] > left["M25.569"]
    right = scored(cross, coder, "dolor de rodilla derecha", "es")
    assert max(right, key=right.get) == "M25.561"


def test_scores_do_not_depend_on_what_else_is_scored(coder):
    cross = coder.reranker.maker.cross
    words = cross.words
    pairs = [words.pair(code, -1, 0.5) for code in ("I10", "S72.001A", "F32.A")]
    alone = [float(cross.scores(["hip fracture"], [[pair]])[0][0]) for pair in pairs]
    together = cross.scores(["hip fracture", "a"], [pairs, pairs[:1]])[0]
    assert np.allclose(alone, together, atol=1e-4)


def test_a_text_of_no_known_word_is_scored_without_complaint(coder):
    cross = coder.reranker.maker.cross
    assert np.isfinite(cross.scores(["☃☃"], [[cross.words.pair("I10", -1, 0.0)]])[0]).all()
    assert cross.scores(["pain"], [[]])[0].shape == (0,)


def test_it_serves_an_encoder_whose_space_is_turned(coder):
    """A rotation of every vector changes no similarity, and must not change a score."""
    cross, retriever = coder.reranker.maker.cross, coder.retriever
    module = retriever.encoder.ngrams
    generator = np.random.default_rng(5)
    turn = np.linalg.qr(generator.normal(size=(256, 256)))[0].astype(np.float32)
    turned = NgramEmbedding(module.ngrams, module.vectors.detach().numpy() @ turn, module.weights.detach().numpy())
    rotation = cross.anchors.rotation(turned)
    assert np.allclose(turn @ rotation, np.eye(256), atol=0.02)
    assert np.array_equal(cross.anchors.rotation(module), np.eye(256, dtype=np.float32))


def test_it_is_saved_and_read_again(coder, tmp_path):
    cross = coder.reranker.maker.cross
    save_cross(tmp_path, cross)
    again = load_cross(tmp_path, coder.retriever)
    before, after = scored(cross, coder, "acute appendicitis"), scored(again, coder, "acute appendicitis")
    assert before == after


def test_the_words_around_a_text_count(coder):
    """What the text leaves open, its sentence says."""
    cross = coder.reranker.maker.cross
    pairs = [cross.words.pair(code, -1, 0.5) for code in ("H16.011", "H16.012")]
    right, left = (
        cross.scores(["central corneal ulcer"], [pairs], [f"in the {side} eye since yesterday"])[0]
        for side in ("right", "left")
    )
    assert right[0] - right[1] > left[0] - left[1]


def test_a_candidate_is_read_with_what_only_its_parent_says(coder):
    words = coder.reranker.maker.cross.words
    pair = words.pair("M25.561", -1, 0.5)
    assert pair.inherited.any()
    assert not np.isin(pair.parent, pair.title).any()
    assert len(words.pair("A00", -1, 0.5).parent) == 0


@pytest.fixture
def knees(coder):
    """Forty times the same two texts, with which of three candidates is right."""
    curriculum = Curriculum(coder.reranker.maker.cross.words)
    codes = ["M25.561", "M25.562", "M25.569"]
    texts = [("right knee pain", 0), ("left knee pain", 1)] * 40
    pairs = [[curriculum.words.pair(code, -1, 0.5) for code in codes] for _ in texts]
    relevance = [np.eye(3, dtype=np.int8)[at] * 2 for _, at in texts]
    curriculum.add([text for text, _ in texts], [""] * len(texts), pairs, relevance)
    return curriculum, [at for _, at in texts]


def test_it_learns_which_candidate_is_right(knees):
    curriculum, right = knees
    network = train_cross([curriculum], Shape(width=32, layers=1), CrossRecipe(epochs=30, lists=8, rate=3e-3))
    scores = curriculum.scores(network, [3] * len(right))
    assert np.mean([int(np.argmax(own)) == at for own, at in zip(scores, right, strict=True)]) > 0.95


def test_a_training_that_was_cut_off_goes_on_where_it_was(knees, tmp_path, monkeypatch):
    curriculum, _ = knees
    shape, recipe, kept = Shape(width=32, layers=1), CrossRecipe(epochs=2, lists=8, mine=0), tmp_path / "cross.pt"
    whole = train_cross([curriculum], shape, recipe)
    monkeypatch.setattr(cross_training, "_batches", cut_off_in_the_second_epoch(cross_training._batches))
    with pytest.raises(KeyboardInterrupt):
        train_cross([curriculum], shape, recipe, kept)
    monkeypatch.undo()
    assert kept.is_file()
    lines = []
    monkeypatch.setattr(cross_training, "tqdm", lambda batches, **_: lines.append(1) or batches)
    again = train_cross([curriculum], shape, recipe, kept)
    assert len(lines) == 1
    assert not kept.exists()
    before, after = (curriculum.scores(one, [3] * len(curriculum.lists))[:2] for one in (whole, again))
    assert [int(np.argmax(own)) for own in before] == [int(np.argmax(own)) for own in after]


def cut_off_in_the_second_epoch(batches):
    calls = []

    def stop(*given):
        calls.append(given)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return batches(*given)

    return stop


def test_padding_changes_nothing():
    torch.manual_seed(1)
    network = CrossAttention(Shape(dimensions=8, width=16, layers=1, heads=2, hidden=16)).eval()
    torch.nn.init.normal_(network.head.weight)
    table = torch.randn(30, 8)
    none = np.asarray([], np.int32)
    short = Pair(np.asarray([3, 4], np.int32), np.asarray([True, False]), none, none, 0.1)
    long = dataclasses.replace(short, term=np.arange(5, 14, dtype=np.int32), parent=np.asarray([20], np.int32))
    text = Text(np.asarray([1, 2], np.int32), none)
    within = Text(text.words, np.arange(21, 29, dtype=np.int32))
    with torch.inference_mode():
        alone = network(table, Batch.of([text], [short]))
        beside = network(table, Batch.of([text, within], [short, long]))
    assert torch.allclose(alone, beside[:1], atol=1e-5)


def test_columns_say_how_far_behind_the_best_a_candidate_is():
    columns = cross_columns(np.asarray([1.0, 3.0, 2.0], np.float32))
    assert columns[:, 1].tolist() == [-2.0, 0.0, -1.0]
    assert columns[:, 2].tolist() == [2.0, 0.0, 1.0]


def test_anchors_are_a_vector_a_word(coder):
    anchors = Anchors.of(coder.retriever.encoder.ngrams, ["fractura", "diabetes", "pneumonia"])
    assert anchors.vectors.shape == (3, 256)
