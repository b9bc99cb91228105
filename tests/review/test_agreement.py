"""Agreement as it can be worked out by hand, and as scikit-learn and krippendorff work it out."""

import random

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from core.evaluate.metrics import draws
from core.note.context import Status
from core.review.agreement import UNKNOWN, UNMARKED, agreement
from core.review.coefficients import ALONE, NOTHING, ONE_VALUE, alpha, kappa, ratio
from core.review.compare import Differs, aligned, codes_of, differences, overlap
from core.review.model import FINAL, Decision
from tests.review.second import lane, marked

CHAPTERS = {"I10": "9", "I15": "9", "E11": "4", "E10": "4", "J45": "10", "R05": "18"}


def measured(*work):
    return agreement(work, CHAPTERS.__getitem__)


def small():
    """Two documents. Ann and Ben both mark four passages, one of them with other bounds; two are marked by one only.

    Of the four: codes equal in two, categories in three, status in three.
    """
    return [
        lane(
            1,
            "Ann",
            marked((0, 10), "I10"),
            marked((20, 30), "E11.9"),
            marked((40, 50), "J45.909", status=Status.NEGATED),
        ),
        lane(
            1,
            "Ben",
            marked((0, 10), "I10"),
            marked((22, 30), "E11.65"),
            marked((60, 70), "R05.9"),
        ),
        lane(2, "Ann", marked((0, 5), "I10"), marked((10, 15), "E10.9", "I10")),
        lane(2, "Ben", marked((0, 5), "I15.9", status=Status.HISTORICAL), marked((10, 15), "I10", "E10.9")),
    ]


def test_annotations_of_the_same_bounds_are_paired_before_those_that_overlap_more():
    wide, exact, left = marked((0, 30), "I10"), marked((5, 10), "E11.9"), marked((0, 4), "R05.9")
    other = marked((5, 10), "J45.909")
    assert aligned([[wide, exact], [other]]) == [(wide, None), (exact, other)]
    most = marked((3, 9), "I10")
    assert (wide, most) in aligned([[wide], [left, most, other]])
    assert overlap(((0, 4), (10, 20)), ((2, 12),)) == 4


def test_of_annotations_of_the_same_bounds_those_with_the_same_code_are_paired():
    first = [marked((0, 9), "E11.9"), marked((0, 9), "I10")]
    second = [marked((0, 9), "I10"), marked((0, 9), "E11.9")]
    assert [codes_of(one) == codes_of(other) for one, other in aligned([first, second])] == [True, True]


def test_each_annotation_is_used_once():
    long = marked((0, 30), "I10")
    halves = [marked((0, 10), "I10"), marked((10, 30), "I10")]
    assert aligned([[long], halves]) == [(None, halves[0]), (long, halves[1])]


def test_of_three_reviewers_each_stands_once_in_a_passage():
    one, two = marked((0, 10), "I10"), marked((12, 20), "I10")
    bridge, other = marked((5, 15), "I10"), marked((0, 10), "I10")
    found = aligned([[one, two], [bridge], [other]])
    assert found == [(one, bridge, other), (two, None, None)]


def test_in_what_reviewers_differ():
    base = marked((0, 10), "I10", "E11.9")
    assert differences((base, marked((0, 10), "E11.9", "I10"))) == ()
    assert differences((base, None)) == (Differs.MARKED,)
    assert differences((base, marked((0, 9), "I10", status=Status.NEGATED))) == (
        Differs.SPANS, Differs.CODES, Differs.STATUS,
    )  # fmt: skip
    assert differences((base, marked((0, 10), "I10", "E11.9", decision=Decision.UNSURE))) == (Differs.UNSURE,)


def test_the_figures_are_those_worked_out_by_hand():
    found = measured(*small())
    (pair,) = found.pairs
    assert (found.documents, found.reviewers, pair.first, pair.second) == (2, ("Ann", "Ben"), "Ann", "Ben")
    scores = pair.scores
    assert scores == found.overall
    assert (scores.documents, scores.both, scores.alone) == (2, 4, 2)
    assert scores.exact.value == pytest.approx(2 * 3 / 10)
    assert scores.overlapping.value == pytest.approx(2 * 4 / 10)
    assert scores.codes.value == pytest.approx(2 / 4)
    assert scores.categories.value == pytest.approx(3 / 4)
    assert scores.status.value == pytest.approx(3 / 4)
    # codes: 2 of 4 equal; by chance I10 2/4 * 1/4, E10.9 + I10 1/4 * 1/4, so 3/16; (8/16 - 3/16) / (13/16)
    assert pair.codes.value == pytest.approx(5 / 13)
    # status: 3 of 4 equal; by chance affirmed 4/4 * 3/4
    assert pair.status.value == pytest.approx(0.0)


def test_kappa_is_scikit_learns_and_alpha_is_krippendorffs():
    found = measured(*small())
    first = ["I10", "E11.9", "I10", "E10.9 + I10"]
    second = ["I10", "E11.65", "I15.9", "E10.9 + I10"]
    assert found.pairs[0].codes.value == pytest.approx(cohen_kappa_score(first, second))
    short = [" + ".join(part[:3] for part in one.split(" + ")) for one in first]
    assert found.pairs[0].categories.value == pytest.approx(
        cohen_kappa_score(short, ["I10", "E11", "I15", "E10 + I10"])
    )
    # numbers for codes: I10 1, E11.9 2, E10.9+I10 3, E11.65 4, I15.9 5, J45.909 6, R05.9 7, not marked 0
    both = [[1, 2, 1, 3], [1, 4, 5, 3]]
    assert found.alphas.codes.value == pytest.approx(krippendorff.alpha(both, level_of_measurement="nominal"))
    every = [[1, 2, 6, 0, 1, 3], [1, 4, 0, 7, 5, 3]]
    assert found.alphas.marked.value == pytest.approx(krippendorff.alpha(every, level_of_measurement="nominal"))
    assert UNMARKED not in {holder.first for one in found.confusions for holder in one.holders}


def test_a_reviewer_who_did_not_read_a_document_says_nothing_of_it():
    work = [
        lane(1, "Ann", marked((0, 5), "I10"), marked((8, 9), "E11.9")),
        lane(1, "Ben", marked((0, 5), "I10")),
        lane(1, "Eva", marked((0, 5), "I15.9"), marked((8, 9), "E11.9")),
        lane(2, "Ann", marked((0, 5), "R05.9")),
        lane(2, "Eva", marked((0, 4), "R05.9")),
    ]
    found = measured(*work)
    nan = np.nan
    data = [[1, 2, 3], [1, 0, nan], [4, 2, 3]]
    assert found.alphas.marked.value == pytest.approx(krippendorff.alpha(data, level_of_measurement="nominal"))
    data[1][1] = nan
    assert found.alphas.codes.value == pytest.approx(krippendorff.alpha(data, level_of_measurement="nominal"))
    assert [(pair.first, pair.second, pair.scores.documents) for pair in found.pairs] == [
        ("Ann", "Ben", 1), ("Ann", "Eva", 2), ("Ben", "Eva", 1),
    ]  # fmt: skip
    # over the three pairs: marks 2+1, 2+1 | 2+2, 1+1 | 1+2; in common 1, 2 + 1, 1
    assert found.overall.overlapping.value == pytest.approx(2 * 5 / (3 + 6 + 3))
    assert found.overall.exact.value == pytest.approx(2 * 4 / 12)


def test_on_random_vectors_kappa_and_alpha_agree_with_the_libraries_and_so_do_their_intervals():
    draw = random.Random(11)
    documents = sorted(draw.randrange(12) for _ in range(80))
    first = [draw.choice("abcd") for _ in documents]
    second = [one if draw.random() < 0.6 else draw.choice("abcd") for one in first]
    third = [one if draw.random() < 0.5 else None for one in second]
    found = kappa(first, second, documents)
    assert found.value == pytest.approx(cohen_kappa_score(first, second))
    rows = list(zip(first, second, third, strict=True))
    number = {"a": 0, "b": 1, "c": 2, "d": 3, None: np.nan}
    data = [[number[value] for value in row] for row in zip(*rows, strict=True)]
    over = alpha(rows, documents)
    assert over.value == pytest.approx(krippendorff.alpha(data, level_of_measurement="nominal"))
    there = sorted(set(documents))
    members = {at: [place for place, one in enumerate(documents) if one == name] for at, name in enumerate(there)}
    sampled = [[place for at in sample for place in members[at]] for sample in draws(len(there)).tolist()]
    kappas = [cohen_kappa_score([first[at] for at in one], [second[at] for at in one]) for one in sampled]
    assert (found.figure.low, found.figure.high) == pytest.approx(tuple(np.percentile(kappas, [2.5, 97.5])))
    table = np.asarray(data)
    alphas = [krippendorff.alpha(table[:, one], level_of_measurement="nominal") for one in sampled[:1000]]
    assert (over.figure.low, over.figure.high) == pytest.approx(tuple(np.percentile(alphas, [2.5, 97.5])))


def test_identical_lanes_agree_fully():
    own = (marked((0, 5), "I10"), marked((9, 12), "E11.9", status=Status.NEGATED))
    found = measured(lane(1, "Ann", *own), lane(1, "Ben", *own))
    (pair,) = found.pairs
    for one in (pair.codes, pair.categories, pair.status, found.alphas.codes, found.alphas.marked, pair.scores.exact):
        assert one.value == 1.0
        assert (one.figure.low, one.figure.high) == (1.0, 1.0)
    assert found.confusions == ()


def test_with_one_value_only_there_is_no_kappa_and_the_reason_is_said():
    found = measured(lane(1, "Ann", marked((0, 5), "I10")), lane(1, "Ben", marked((0, 5), "I10")))
    (pair,) = found.pairs
    assert pair.scores.codes.value == 1.0
    for one in (pair.codes, pair.status, found.alphas.codes, found.alphas.marked):
        assert (one.figure, one.reason) == (None, ONE_VALUE)


def test_with_no_passage_in_common_shares_and_kappa_are_undefined():
    found = measured(lane(1, "Ann", marked((0, 5), "I10")), lane(1, "Ben", marked((7, 9), "I10")))
    (pair,) = found.pairs
    assert pair.scores.overlapping.value == 0.0
    for one in (pair.scores.codes, pair.codes, found.alphas.codes):
        assert (one.value, one.reason) == (None, ALONE)
    # I10 and "not marked", each of them once a passage: all of two pairs disagree, by chance 2 of 3 would
    assert found.alphas.marked.value == pytest.approx(1 - 1 / (2 / 3))


def test_two_who_marked_nothing_have_no_figures():
    found = measured(lane(1, "Ann"), lane(1, "Ben", marked((0, 5), "I10", decision=Decision.REJECTED)))
    assert found.overall.overlapping.reason == "neither marked anything"
    assert found.categories == ()
    assert ratio([], []).reason == NOTHING


def test_only_finished_lanes_of_two_reviewers_count_and_not_the_adjudication():
    one, open_lane = lane(1, "Ann", marked((0, 5), "I10")), lane(1, "Ben", marked((0, 5), "I10"), finished=False)
    assert measured() is None
    assert measured(one) is None
    assert measured(one, open_lane) is None
    assert measured(one, lane(1, FINAL, marked((0, 5), "I10")), lane(2, "Ben", marked((0, 5), "I10"))) is None


def test_groups_stand_with_the_worst_first():
    found = measured(*small())
    assert [group.name for group in found.by_document] == ["1", "2"]
    named = {group.name: group.scores for group in found.categories}
    assert set(named) == {"I10", "I15", "E10", "E11", "J45", "R05"}
    assert (named["I10"].both, named["I10"].codes.value) == (3, pytest.approx(2 / 3))
    assert (named["E11"].both, named["E11"].codes.value, named["E11"].categories.value) == (1, 0.0, 1.0)
    assert (named["R05"].both, named["R05"].alone, named["R05"].codes.value) == (0, 1, None)
    assert [group.name for group in found.categories][:2] == ["E11", "I15"]
    assert [group.name for group in found.categories][-2:] == ["J45", "R05"]
    chapters = {group.name: group.scores for group in found.chapters}
    assert chapters["9"].both == 3
    assert chapters["4"].both == 2
    statuses = {group.name: group.scores for group in found.statuses}
    assert (statuses["historical"].both, statuses["historical"].status.value) == (1, 0.0)
    assert statuses["negated"].alone == 1


def test_codes_that_the_book_does_not_have_stand_together():
    found = measured(lane(1, "Ann", marked((0, 5), "ZZZ")), lane(1, "Ben", marked((0, 5), "ZZZ")))
    assert [group.name for group in found.chapters] == [UNKNOWN]


def test_codes_taken_for_one_another_are_counted_with_who_had_which():
    def two(name, first, second):
        return [
            lane(1, name[0], marked((0, 5), first), marked((9, 12), second)),
            lane(1, name[1], marked((0, 5), second), marked((9, 12), second)),
            lane(2, name[0], marked((0, 5), second)),
            lane(2, name[1], marked((0, 5), first)),
        ]

    (confusion,) = measured(*two(("Ann", "Ben"), "E11.9", "E10.9")).confusions
    assert (confusion.first, confusion.second, confusion.times) == ("E10.9", "E11.9", 2)
    assert [(one.first, one.second, one.times) for one in confusion.holders] == [("Ann", "Ben", 1), ("Ben", "Ann", 1)]


def test_chapters_come_from_the_book(catalog):
    found = agreement(small(), catalog.chapter)
    assert {group.name for group in found.chapters} == {"4", "9", "10", "18"}
