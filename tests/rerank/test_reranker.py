import shutil

import numpy as np
import pytest

from core.errors import ClinicodeError
from core.evaluate.gold import GoldQuery
from core.fingerprint import SUMS
from core.rerank.calibration import MODEL as CONFIDENCE
from core.rerank.calibration import expected_error, fit, risk
from core.rerank.cross import NAME as CROSS
from core.rerank.features import NAMES, FeatureMaker, compare
from core.rerank.reranker import DEPTH, MODEL, SETTINGS, Reranker
from core.retrieve.candidate import Source
from core.retrieve.memory import Reviewed
from core.settings import SHIPPED_RERANKER
from core.train.reranker import Settings, cross_fitted, make_lists, train_trees
from core.train.shipped_reranker import judged


def features_of(coder, text, lang="en"):
    """Each candidate's features by name, under its code."""
    retriever = coder.retriever
    memory = retriever.memory()
    maker = FeatureMaker(retriever)
    found = retriever.gather([text], memory, [(lang,)])[0]
    ranked = retriever.ranked(found, retriever.fusion)[:DEPTH]
    rows = maker.rows(maker.read([text], [(lang,)])[0], found, ranked, memory)
    assert rows.shape == (len(ranked), len(NAMES))
    assert np.isfinite(rows).all()
    return {code: dict(zip(NAMES, row.tolist(), strict=True)) for (_, code), row in zip(ranked, rows, strict=True)}


def test_qualifiers_agree_conflict_and_are_missing(coder):
    rows = features_of(coder, "pain in left knee")
    sides = {"left": 1, "right": -1}
    seen = set()
    for code, row in rows.items():
        words = coder.catalog.title(code).lower().split()
        side = next((side for side in sides if side in words), "")
        if side or not {"bilateral", "both"} & set(words):
            assert row["side agrees"] == sides.get(side, 0), coder.catalog.title(code)
        seen.add(side)
    assert {"left", ""} <= seen
    assert [compare(["left"], ["right"]), compare(["left"], ["left"]), compare(None, ["left"])] == [1, 0, 2]
    assert rows["M25.562"]["agree"] >= 1
    assert rows["M25.569"]["specified of title"] > 0


def test_a_title_that_covers_the_words_is_told_from_one_that_does_not(coder):
    rows = features_of(coder, "perforated acute appendicitis with peritoneal abscess")
    good, poor = rows["K35.33"], rows["K35.80"] if "K35.80" in rows else rows["K35.8"]
    assert good["text covered"] > poor["text covered"]


def test_what_people_chose_is_a_feature(coder):
    coder.remember([Reviewed("dolor de rodilla", "M25.569", "es")] * 3)
    row = features_of(coder, "dolor de rodilla", "es")["M25.569"]
    assert row["share"] == 1
    assert row["chosen"] == pytest.approx(np.log1p(3), abs=1e-4)


def test_the_reranker_orders_and_says_how_sure_it_is(coder):
    assert coder.reranker is not None
    candidates = coder.search("fractura cerrada de radio distal izquierdo", "es", top_k=60).candidates
    assert len({candidate.code for candidate in candidates}) == 60
    scores = [candidate.score for candidate in candidates]
    assert scores == sorted(scores, reverse=True)
    confidences = [candidate.confidence for candidate in candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence < 1 for confidence in confidences)


def test_a_stated_side_wins_and_the_switch_turns_the_reranker_off(coder):
    sided = coder.search("dolor en la rodilla izquierda", "es").candidates[0]
    assert sided.code == "M25.562"
    plain = coder.search("dolor en la rodilla izquierda", "es", rerank=False).candidates
    first = coder.retriever.search(["dolor en la rodilla izquierda"], 10, [("es",)])[0]
    assert [one.code for one in plain] == [one.code for one in first]


def test_one_by_one_and_all_at_once_give_the_same_order(coder):
    texts = ["dolor abdominal", "Schenkelhalsfraktur links", "☃☃☃", "fibrillation auriculaire"]
    together = coder.search_many(texts)
    for text, found in zip(texts, together, strict=True):
        assert [one.code for one in coder.search(text).candidates] == [one.code for one in found.candidates]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (MODEL, "tree\ngarbage"),
        (SETTINGS, "{"),
        (SETTINGS, "{}"),
        (CONFIDENCE, "tree"),
        (f"{CROSS}.safetensors", "bad"),
        (f"{CROSS}.json", "{}"),
    ],
)
def test_a_damaged_reranker_is_a_clear_error(coder, tmp_path, name, content):
    shutil.copytree(SHIPPED_RERANKER, tmp_path / "reranker", ignore=shutil.ignore_patterns(SUMS))
    (tmp_path / "reranker" / name).write_text(content)
    with pytest.raises(ClinicodeError, match="reranker"):
        Reranker.load(tmp_path / "reranker", coder.retriever)


def test_a_reranker_for_other_features_is_refused(coder, tmp_path):
    shutil.copytree(SHIPPED_RERANKER, tmp_path / "reranker", ignore=shutil.ignore_patterns(SUMS))
    path = tmp_path / "reranker" / MODEL
    path.write_text(path.read_text().replace("text_covered ", "something_else ", 1))
    with pytest.raises(ClinicodeError, match="other features"):
        Reranker.load(tmp_path / "reranker", coder.retriever)


def test_a_model_is_trained_saved_and_read_again(coder, tmp_path):
    queries = [
        GoldQuery(str(at), text, (frozenset({code}),), "en")
        for at, (text, code) in enumerate([("left knee pain", "M25.562"), ("right knee pain", "M25.561")] * 40)
    ]
    cross = coder.reranker.maker.cross
    lists = make_lists(coder.retriever, queries, coder.retriever.memory(), 1.0, cross=cross, keep_named=True)
    trees = train_trees(lists, Settings(rounds=8, smallest=2))
    calibration = fit(judged(trees, lists), [1.0] * len(queries))
    Reranker(trees, calibration, coder.retriever, cross).save(tmp_path)
    again = Reranker.load(tmp_path, coder.retriever)
    assert again.search(["left knee pain"], 5, [("en",)])[0][0].code == "M25.562"
    assert again.abstain == calibration.abstain > 0


def test_confidences_come_out_as_often_as_they_say():
    generator = np.random.default_rng(3)
    lists = []
    for _ in range(4000):
        chance = generator.random()
        scores = np.asarray([4 * chance, 0.0])
        lists.append((scores, np.zeros((2, len(NAMES)), np.float32), np.asarray([generator.random() < chance, False])))
    calibration = fit(lists[:2000], [1.0] * 2000)
    said = calibration.confidences([(scores, rows) for scores, rows, _ in lists[2000:]])
    first, right = np.asarray([one[0] for one in said]), np.asarray([truth[0] for _, _, truth in lists[2000:]])
    assert expected_error(first, right) < 0.06
    assert risk(first, right, 0.5) < risk(first, right, 1.0) - 0.1
    assert np.mean(first[right] < calibration.abstain) == pytest.approx(0.05, abs=0.03)


def test_expected_error_is_the_distance_of_word_and_deed():
    assert expected_error(np.asarray([0.95] * 4), np.asarray([True, True, False, False])) == pytest.approx(0.45)
    assert expected_error(np.asarray([0.5, 0.5]), np.asarray([True, False])) == 0


@pytest.mark.data
def test_the_candidates_of_a_training_text_never_saw_it(coder, public_data, monkeypatch):
    """The text itself must not be an entry term of the first stage that its candidates come from."""
    from core.train import reranker

    seen = []

    def spy(stage, queries, memory, weight, curriculum, *, contexts=None, keep_named=False):
        book = stage.book.terms
        corpus = {text for text, source in zip(book.texts, book.sources, strict=True) if source is Source.CORPUS}
        terms = corpus if keep_named else {term.text for term in memory.terms}
        seen.append(sum(query.text in terms for query in queries))
        return reranker.Lists()

    monkeypatch.setattr(reranker, "open_variant", lambda *_: (coder.retriever.encoder, 0.0))
    monkeypatch.setattr(reranker, "make_lists", spy)
    monkeypatch.setattr(reranker, "build_index", lambda terms, *_: replace_terms(coder.retriever.book, terms))
    anchors = coder.reranker.maker.cross.anchors
    cross_fitted(coder.catalog, public_data, coder.retriever.fusion, anchors, lambda _line: None)
    assert len(seen) == 8
    assert [seen[at] for at in (0, 1, 2, 4, 5, 6)] == [0] * 6
    assert min(seen[3], seen[7]) > 0


def replace_terms(book, terms):
    from core.retrieve.index import BookIndex

    return BookIndex(terms, book.dense, book.lexical, book.words)
