from random import Random

import pytest

from core.evaluate.mentions import PUBLIC, read_mentions
from core.explain.explanation import Word
from core.explain.faithfulness import faithfulness
from core.explain.stability import Change, stability, with_typo, without_accents


def test_the_words_said_to_matter_matter_more_than_words_at_random(coder):
    queries = [one for one in read_mentions(PUBLIC, coder.catalog) if len(one.text.split()) >= 3][:120]
    measured = faithfulness(coder, [one.text for one in queries], [one.lang for one in queries])
    assert measured.queries > 100
    assert measured.largest > 1.4 * measured.random
    assert measured.largest > measured.random + 5 * measured.deviation
    assert measured.smallest < 0.5 * measured.random


def test_a_curve_begins_with_the_whole_text_and_ends_with_one_word(coder):
    text = "chronic obstructive lung disease"
    curves = faithfulness(coder, [text], ["en"], seeds=2).curves
    assert [(one.order, one.seed) for one in curves] == [
        ("largest first", 0),
        ("smallest first", 0),
        ("at random", 0),
        ("at random", 1),
    ]
    assert {len(one.similarities) for one in curves} == {4}
    assert len({round(one.similarities[0], 5) for one in curves}) == 1
    largest, smallest = curves[:2]
    assert largest.area > smallest.area


def test_accents_and_capitals_leave_an_explanation_as_it_is(coder):
    compared = stability(coder, ["neumonía bacteriana grave derecha"], ["es"])
    by_change = {one.change: one for one in compared}
    assert {Change.ACCENTS, Change.CAPITALS, Change.TYPO} == set(by_change)
    for change in (Change.ACCENTS, Change.CAPITALS):
        one = by_change[change]
        assert one.same_word
        assert one.same_code
        assert one.cosine == pytest.approx(1, abs=1e-4)
        assert one.moved == pytest.approx(0, abs=1e-4)


def test_a_text_without_accents_is_not_compared_for_them(coder):
    compared = stability(coder, ["acute appendicitis with abscess"], ["en"])
    assert Change.ACCENTS not in {one.change for one in compared}


def test_a_typo_exchanges_two_letters_of_one_word_only():
    text = "acute appendicitis today"
    spoilt = with_typo(text, Word("appendicitis", 6, 18), Random(1))
    assert spoilt != text
    assert sorted(spoilt) == sorted(text)
    assert (spoilt[:7], spoilt[18:]) == (text[:7], text[18:])


def test_accents_are_dropped_and_nothing_else():
    assert without_accents("Übelkeit, à l'œil") == "Ubelkeit, a l'œil"
