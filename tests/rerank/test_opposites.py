"""What a text denies of a diagnosis is not its code."""

import pytest

from core.language import LANGUAGES
from core.note.cues import read_rows
from core.rerank.opposites import GLUED, NOT, OPPOSITES, Opposites, set_last

OPPOSITE = Opposites()


@pytest.mark.parametrize(
    ("lang", "text", "code", "denied"),
    [
        ("en", "non-alcoholic fatty liver disease", "K76.0", "K70.0"),
        ("es", "esteatosis hepática no alcohólica", "K76.0", "K70.0"),
        ("ca", "esteatosi hepàtica no alcohòlica", "K76.0", "K70.0"),
        ("it", "steatosi epatica non alcolica", "K76.0", "K70.0"),
        ("pt", "esteatose hepática não alcoólica", "K76.0", "K70.0"),
        ("fr", "stéatose hépatique non alcoolique", "K76.0", "K70.0"),
        ("de", "nichtalkoholische Fettleber", "K76.0", "K70.0"),
        ("en", "non-rheumatic mitral stenosis", "I34.2", "I05.0"),
        ("en", "non-traumatic subarachnoid hemorrhage", "I60.9", "S06.6XA"),
        ("en", "non-pressure ulcer of heel", "L97.40", "L89.609"),
        ("es", "infarto sin elevación del ST", "I21.4", "I21.3"),
        ("es", "diabetes no insulinodependiente", "E11.9", "E10.9"),
    ],
)
def test_the_code_without_the_quality_comes_first(opened, lang, text, code, denied):
    candidates = opened.search(text, lang, 40).candidates
    assert candidates[0].code == code
    sure = {one.code: one.confidence for one in candidates}
    assert sure.get(denied, 0.0) < 0.01
    assert [one.confidence for one in candidates] == sorted(sure.values(), reverse=True)
    assert [one.score for one in candidates] == sorted((one.score for one in candidates), reverse=True)


def test_what_people_chose_for_the_very_text_keeps_its_place(coder):
    from core.retrieve.memory import Reviewed

    coder.remember([Reviewed("non-alcoholic fatty liver disease", "K70.0", "en")])
    try:
        assert coder.search("non-alcoholic fatty liver disease", "en").candidates[0].code == "K70.0"
    finally:
        coder.forget()


def test_every_quality_is_there_in_every_language_and_in_the_book(catalog):
    rows = {}
    for quality, lang, _words in read_rows(OPPOSITES):
        if quality != GLUED:
            assert (quality, lang) not in rows
            rows[quality, lang] = True
    qualities = {quality for quality, _ in rows}
    assert {(quality, lang) for quality in qualities for lang in LANGUAGES} == set(rows)
    said = [OPPOSITE.read(code.title, ("en",)) for code in catalog]
    assert {quality for one in said for quality in one} == qualities - {NOT}


@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        ("en", "Displaced fracture", {"displaced": True}),
        ("en", "undisplaced fracture", {"displaced": False}),
        ("en", "not displaced", {"displaced": False}),
        ("en", "alcoholic and nonalcoholic", {}),
        ("en", "nontoxic goiter without thyrotoxicosis", {"toxic": False}),
        ("fr", "lymphome non hodgkinien", {"hodgkin": False}),
        ("de", "nicht kleinzelliges Bronchialkarzinom", {"small cell": False}),
        ("es", "depresión grave sin síntomas psicóticos", {}),
        ("de", "manisch mit psychotischen Symptomen", {"psychotic": True}),
        ("es", "dolor torácico", {}),
    ],
)
def test_what_a_text_says_and_denies(lang, text, said):
    assert OPPOSITE.read(text, (lang,)) == said


def test_what_is_denied_from_a_distance_stays(opened):
    assert opened.search("depresión mayor recurrente grave sin síntomas psicóticos", "es").candidates[0].code == "F33.2"


def test_the_others_share_what_the_contradicting_ones_had():
    assert set_last([False, True], [0.6, 0.3]) == ([0, 1], [0.6, 0.003])
    order, sure = set_last([True, True, False, False], [0.9, 0.05, 0.02, 0.01])
    assert order == [2, 3, 0, 1]
    assert sure == pytest.approx([0.2, 0.1, 0.009, 0.0005])
