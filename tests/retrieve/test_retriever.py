import pytest

from core.retrieve.candidate import Scores
from core.retrieve.fusion import Fusion
from core.retrieve.memory import Reviewed

PHRASES = [
    ("acute appendicitis", "K35"),
    ("neumonía bacteriana", "J15"),
    ("insuficiència cardíaca congestiva", "I50"),
    ("colecistite acuta", "K81"),
    ("infecção do trato urinário", "N39"),
    ("fibrillation auriculaire", "I48"),
    ("Nierenkolik", "N23"),
]


@pytest.mark.parametrize(("text", "category"), PHRASES)
def test_finds_the_category_in_each_language(coder, text, category):
    assert category in {candidate.code[:3] for candidate in coder.search(text, top_k=5).candidates}


def test_a_candidate_says_what_it_was_found_by(coder):
    best = coder.search("Non-Q wave myocardial infarction").candidates[0]
    assert best.code == "I21.4"
    assert best.term.text == "Non-Q wave myocardial infarction NOS"
    assert best.term.source == "inclusion term"
    assert best.scores.dense > 0.8
    assert best.scores.memory == 0
    assert best.billable


def test_scores_fall_and_confidences_are_probabilities(coder):
    candidates = coder.search("dolor abdominal", top_k=30).candidates
    scores = [candidate.score for candidate in candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= candidate.confidence <= 1 for candidate in candidates)
    assert len({candidate.code for candidate in candidates}) == 30


def test_one_by_one_and_all_at_once_give_the_same(coder):
    texts = [text for text, _ in PHRASES]
    together = coder.search_many(texts)
    for text, found in zip(texts, together, strict=True):
        assert [c.code for c in coder.search(text).candidates] == [c.code for c in found.candidates]


def test_a_text_of_nothing_known_finds_nothing(coder):
    assert coder.search("☃☃☃").candidates == ()


def test_a_header_offers_its_best_leaves(coder):
    leaves = coder.best_leaves("left wrist fracture, closed, first visit", "S52.5")
    assert len(leaves) == 3
    assert all(leaf.startswith("S52.5") and coder.catalog.billable(leaf) for leaf in leaves)
    assert coder.best_leaves("type 2 diabetes", "E11.9") == ("E11.9",)


def test_a_remembered_text_answers_with_the_codes_people_chose_by_frequency(coder):
    pairs = [Reviewed("crisi de mar", "T75.3XXA")] * 3 + [Reviewed("crisi de mar", "R42")]
    assert coder.remember(pairs) == 4
    first, second, *_ = coder.search("Crisi de MAR").candidates
    assert (first.code, second.code) == ("T75.3XXA", "R42")
    assert first.term.source == "team memory"
    assert first.term.count == 3
    assert first.scores.share == 0.75
    assert first.confidence > second.confidence


def test_similar_texts_profit_from_the_memory(coder):
    before = [candidate.code for candidate in coder.search("síndrome del turista pálido agudo").candidates]
    coder.remember([Reviewed("síndrome del turista pálido", "A09")])
    after = [candidate.code for candidate in coder.search("síndrome del turista pálido agudo").candidates]
    assert "A09" not in before[:1]
    assert after[0] == "A09"


def test_forgetting_brings_back_the_first_answer(coder):
    before = coder.search("mal de panxa").candidates
    coder.remember([Reviewed("mal de panxa", "Z00.00")])
    assert coder.search("mal de panxa").candidates[0].code == "Z00.00"
    assert coder.forget() == 1
    assert coder.search("mal de panxa").candidates == before


def test_of_equal_evidence_the_leaf_comes_before_its_header():
    fusion = Fusion()
    same = Scores(dense=0.7)
    assert fusion.score(same, billable=True) > fusion.score(same, billable=False)


def test_confidence_rises_with_the_score_and_with_the_lead():
    fusion = Fusion()
    alone, close = fusion.confidences([0.9, 0.3])[0], fusion.confidences([0.9, 0.89])[0]
    assert alone > close
    assert fusion.confidences([]) == []
