import numpy as np
import pytest

from core.evaluate.gold import GoldQuery
from core.evaluate.metrics import credit, figure, micro, per_query
from core.evaluate.significance import compare


def query(name, *groups):
    return GoldQuery(name, name, tuple(frozenset(group) for group in groups))


def test_measures_on_a_ranking_known_by_hand():
    queries = [query("a", {"I21.4"}), query("b", {"J15.9"}, {"R05.9"}), query("c", set())]
    rankings = [["I10", "I21.4"], ["J15.9", "X", "R05.9"], ["I10"]]
    values = per_query(queries, rankings)
    assert values["Hit@1"] == [0, 1, 0]
    assert values["MRR@10"] == [0.5, 1, 0]
    assert values["MAP@10"] == pytest.approx([0.5, (1 + 2 / 3) / 2, 0])
    assert values["R@3"] == [1, 1, 0]


def test_a_thing_to_find_is_found_once_under_any_of_its_codes():
    groups = [frozenset({"S25.02", "S25.02XA", "S25.02XD"})]
    assert credit(["S25.02XA", "I10", "S25.02"], groups) == ["gold-0", "I10"]


def test_three_characters_compare_categories():
    values = per_query([query("a", {"I21.4"})], [["I10", "I21.9", "I21.3"]], characters=3)
    assert values["MRR@10"] == [0.5]


def test_an_empty_ranking_counts_as_missed():
    assert per_query([query("a", {"I10"})], [[]])["MRR@10"] == [0.0]


def test_the_interval_holds_the_mean():
    one = figure([0.0, 1.0] * 50)
    assert one.value == 0.5
    assert 0.38 < one.low < 0.5 < one.high < 0.62
    assert figure([1.0, 1.0]).low == 1.0


def test_micro_counts_over_all_documents():
    figures = micro(np.asarray([[1, 2, 2], [0, 0, 1]], float))
    assert figures["precision"].value == 0.5
    assert figures["recall"].value == pytest.approx(1 / 3)
    assert figures["F1"].value == pytest.approx(0.4)
    assert figures["F1"].low <= 0.4 <= figures["F1"].high


def test_a_difference_on_every_query_is_significant_and_none_is_not():
    ahead = compare([1.0] * 40, [0.0] * 40)
    assert (ahead.difference, ahead.p < 0.001) == (1.0, True)
    noise = np.random.default_rng(1).integers(0, 2, (2, 200))
    assert compare(noise[0], noise[1]).p > 0.05
    assert compare([0.5], [0.5]).p == 1.0
    with pytest.raises(ValueError, match="paired"):
        compare([1.0], [1.0, 0.0])
