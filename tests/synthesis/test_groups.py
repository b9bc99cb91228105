import itertools

import pytest

from core.synthesis.corpus import Example
from core.synthesis.groups import Kind, kind_of, make_groups

KINDS = [
    ("Pain in right knee", "Pain in left knee", Kind.SIDE),
    ("Displaced fracture, initial encounter for closed fracture", "Displaced fracture, sequela", Kind.ENCOUNTER),
    ("Chronic kidney disease, stage 3a", "Chronic kidney disease, stage 4 (severe)", Kind.SEVERITY),
    ("Mild preeclampsia, first trimester", "Mild preeclampsia, third trimester", Kind.AGE),
    ("Pneumonia due to Klebsiella", "Pneumonia due to Pseudomonas", Kind.SITE),
    ("Diabetes due to underlying condition", "Drug induced diabetes", Kind.AETIOLOGY),
    ("Pain, unspecified", "Pain", Kind.PARENT),
    ("Fever", "Headache", Kind.SIBLING),
]


@pytest.mark.parametrize(("right", "wrong", "kind"), KINDS)
def test_the_kind_follows_from_the_words_that_differ(right, wrong, kind):
    assert kind_of(right, wrong) is kind


EXAMPLES = [
    Example("dolor rodilla derecha", "M25.561", "es", "specific", (), "es/13.tsv", 1),
    Example("IRC estadio 3a", "N18.31", "es", "abbrev", (), "es/14.tsv", 2),
    Example("fractura muñeca izq. 1ª visita", "S62.102A", "es", "specific", (), "es/19.tsv", 3),
]


def test_groups_hold_hard_negatives_of_several_kinds_and_never_the_right_code(coder):
    groups = list(make_groups(EXAMPLES, coder.retriever))
    assert [group.code for group in groups] == ["M25.561", "N18.31", "S62.102A"]
    for group in groups:
        codes = [negative.code for negative in group.negatives]
        assert len(codes) == len(set(codes)) == 15
        assert group.code not in codes
        assert all(code in coder.catalog for code in codes)
    knee = {negative.code: negative.kind for negative in groups[0].negatives}
    assert knee["M25.562"] is Kind.SIDE
    wrist = {negative.kind for negative in groups[2].negatives}
    assert {Kind.SIDE, Kind.ENCOUNTER, Kind.PARENT} <= wrist


def test_the_same_seed_gives_the_same_groups(coder):
    once, again = (list(make_groups(EXAMPLES, coder.retriever, seed=3)) for _ in range(2))
    assert once == again
    assert len(list(itertools.islice(make_groups(EXAMPLES, coder.retriever, limit=2), 5))) == 2
