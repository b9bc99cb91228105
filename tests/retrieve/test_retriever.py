from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.retrieve.candidate import EntryTerm, Scores, Source
from core.retrieve.fusion import Fusion
from core.retrieve.memory import Reviewed
from core.retrieve.remembered import HALF_LIFE, MemoryIndex

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
    assert "A09" not in before
    assert "A09" in after[:3]


def test_a_short_form_brings_up_the_codes_of_each_reading(coder):
    codes = [candidate.code for candidate in coder.search("IC", "es", top_k=10).candidates]
    assert "I50.9" in codes
    assert "Z96.21" in codes


def test_a_short_form_is_read_in_its_language(coder):
    for lang, category in (("en", "M05-M06"), ("fr", "I35")):
        best = coder.search("RA serré" if lang == "fr" else "RA, seropositive", lang, top_k=3).candidates
        assert any(candidate.code[:3] in category for candidate in best)


def test_a_remembered_code_that_the_release_does_not_have_is_set_aside(coder):
    coder.memory.remember([Reviewed("absceso raro", "A99.999"), Reviewed("absceso raro", "L02.91")])
    assert [term.code for term in coder.set_aside()] == ["A99.999"]
    best = coder.search("absceso raro").candidates[0]
    assert best.code == "L02.91"
    assert best.scores.agreement == 1


def test_what_was_chosen_long_ago_counts_less(encoder):
    now = datetime.now(UTC)
    old = EntryTerm("mal de panxa", "R10.9", Source.MEMORY, "ca", 3, now - timedelta(days=6 * HALF_LIFE))
    new = EntryTerm("mal de panxa", "K30", Source.MEMORY, "ca", 1, now)
    recall = MemoryIndex([old, new], encoder).recall(["Mal de panxa"], encoder.encode(["Mal de panxa"]), 5)[0]
    assert recall.equal["K30"].agreement > 0.9
    assert recall.equal["R10.9"].votes < 0.1


def test_people_who_disagree_and_a_single_voice_weigh_less():
    fusion = Fusion(dissent=0.2, doubt=0.2)
    agreed = Scores(0.5, memory=0.9, agreement=1.0, votes=5)
    assert fusion.team(agreed) > fusion.team(replace(agreed, agreement=0.3))
    assert fusion.team(agreed) > fusion.team(replace(agreed, votes=1))


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


def test_many_at_once_score_as_one_by_one():
    fusion = Fusion(dissent=0.2, doubt=0.1, lexical=0.05)
    each = [Scores(0.7, 0.9, 0.2), Scores(0.8, memory=0.9, share=0.5, agreement=0.5, votes=2.0), Scores(0.1)]
    together = Scores(*np.asarray([astuple(one) for one in each]).T)
    billable = np.asarray([True, False, True])
    alone = [fusion.score(one, bool(leaf)) for one, leaf in zip(each, billable, strict=True)]
    assert np.allclose(fusion.scored(together, billable), alone)


def test_confidence_rises_with_the_score_and_with_the_lead():
    fusion = Fusion()
    alone, close = fusion.confidences([0.9, 0.3])[0], fusion.confidences([0.9, 0.89])[0]
    assert alone > close
    assert fusion.confidences([]) == []
