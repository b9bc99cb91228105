import dataclasses

import numpy as np
import torch

from core.encode.module import NgramEmbedding
from core.encode.words import Anchors
from core.rerank.cross import Batch, CrossAttention, Pair, Shape, load_cross, save_cross
from core.rerank.features import cross_columns, cross_pairs
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


def test_it_learns_which_candidate_is_right(coder):
    words = coder.reranker.maker.cross.words
    curriculum = Curriculum(words)
    codes = ["M25.561", "M25.562", "M25.569"]
    texts = [("right knee pain", 0), ("left knee pain", 1)] * 40
    pairs = [[words.pair(code, -1, 0.5) for code in codes] for _ in texts]
    relevance = [np.eye(3, dtype=np.int8)[at] * 2 for _, at in texts]
    curriculum.add([text for text, _ in texts], pairs, relevance)
    network = train_cross([curriculum], Shape(width=32, layers=1), CrossRecipe(epochs=30, lists=8, rate=3e-3))
    scores = curriculum.scores(network, [3] * len(texts))
    assert np.mean([int(np.argmax(own)) == at for own, (_, at) in zip(scores, texts, strict=True)]) > 0.95


def test_padding_changes_nothing():
    torch.manual_seed(1)
    network = CrossAttention(Shape(dimensions=8, width=16, layers=1, heads=2, hidden=16)).eval()
    torch.nn.init.normal_(network.head.weight)
    table = torch.randn(30, 8)
    short = Pair(np.asarray([3, 4], np.int32), np.asarray([True, False]), np.asarray([], np.int32), 0.1)
    long = dataclasses.replace(short, term=np.arange(5, 14, dtype=np.int32))
    text = np.asarray([1, 2], np.int32)
    with torch.inference_mode():
        alone = network(table, Batch.of([text], [short]))
        beside = network(table, Batch.of([text, text], [short, long]))
    assert torch.allclose(alone, beside[:1], atol=1e-5)


def test_columns_say_how_far_behind_the_best_a_candidate_is():
    columns = cross_columns(np.asarray([1.0, 3.0, 2.0], np.float32))
    assert columns[:, 1].tolist() == [-2.0, 0.0, -1.0]
    assert columns[:, 2].tolist() == [2.0, 0.0, 1.0]


def test_anchors_are_a_vector_a_word(coder):
    anchors = Anchors.of(coder.retriever.encoder.ngrams, ["fractura", "diabetes", "pneumonia"])
    assert anchors.vectors.shape == (3, 256)
