"""A diagnosis that was found in two pieces is one passage, and two diagnoses side by side stay two."""

import pytest

from core.note.cut import is_one, touching
from core.note.spans import Span, whole_word


@pytest.mark.parametrize(
    ("lang", "note", "words", "code"),
    [
        ("en", "Bilateral knee osteoarthritis.", "Bilateral knee osteoarthritis", "M17.0"),
        ("en", "Bilateral leg edema.", "Bilateral leg edema", "R60.0"),
        ("en", "Right distal radius fracture.", "Right distal radius fracture", "S52.501A"),
        ("en", "Post-traumatic stress disorder.", "Post-traumatic stress disorder", "F43.10"),
        ("pt", "Fratura do fémur esquerdo.", "Fratura do fémur esquerdo", "S72.92XA"),
        ("es", "Presenta tos persistente.", "tos persistente", "R05.3"),
        ("de", "Nicht-kleinzelliges Bronchialkarzinom.", "Nicht-kleinzelliges Bronchialkarzinom", "C34.90"),
    ],
)
def test_a_diagnosis_is_one_passage(opened, lang, note, words, code):
    found = {mention.text: mention.candidates[0].code for mention in opened.code(note, lang).mentions}
    assert found == {words: code}


@pytest.mark.parametrize(
    ("lang", "note", "words"),
    [
        ("es", "AP: HTA DM2 EPOC dislipemia.", ["HTA", "DM2", "EPOC", "dislipemia"]),
        ("es", "HTA DM2 asma.", ["HTA", "DM2", "asma"]),
        ("es", "TEP bilateral. IAM inferior.", ["TEP bilateral", "IAM inferior"]),
        ("fr", "ATCD: HTA DNID BPCO.", ["HTA", "DNID", "BPCO"]),
    ],
)
def test_a_row_of_short_forms_is_a_list(opened, lang, note, words):
    assert [mention.text for mention in opened.code(note, lang).mentions] == words


@pytest.mark.parametrize(
    ("text", "one", "two", "whole"),
    [
        ("fractura de la cadera", "fractura", "cadera", "fractura de la cadera"),
        ("left knee osteoarthritis", "left knee", "osteoarthritis", "left knee osteoarthritis"),
        ("tos, fiebre", "tos", "fiebre", None),
        ("tos y fiebre", "tos", "fiebre", None),
        ("tos\nfiebre", "tos", "fiebre", None),
        ("tos/fiebre", "tos", "fiebre", None),
        ("dolor en el cuello de la vejiga", "dolor", "vejiga", None),
    ],
)
def test_only_links_may_stand_between_the_pieces(text, one, two, whole):
    spans = [Span(text.index(words), text.index(words) + len(words), words) for words in (one, two)]
    found = touching(text, *spans)
    assert (found and found.text) == whole


def found(coder, text):
    return coder.search(text, "en").candidates


@pytest.mark.parametrize(
    ("one", "two", "whole", "said"),
    [
        ("Bilateral knee", "osteoarthritis", "Bilateral knee osteoarthritis", True),
        ("hypertension", "obesity", "hypertension obesity", False),
        ("fever", "cough", "fever cough", False),
    ],
)
def test_a_third_diagnosis_is_as_sure_as_the_pieces(opened, one, two, whole, said):
    assert is_one(found(opened, whole), [found(opened, one), found(opened, two)]) is said


def test_a_word_is_whole_with_what_stands_before_its_hyphen():
    text = "Ex-fumador, -asma; post-IAM 12-lead"
    whole = {
        words: whole_word(text, Span(text.index(words), text.index(words) + len(words), words), 0).text
        for words in ("fumador", "asma", "IAM", "lead")
    }
    assert whole == {"fumador": "Ex-fumador", "asma": "asma", "IAM": "post-IAM", "lead": "lead"}
    assert whole_word(text, Span(3, 10, "fumador"), 3).text == "fumador"
