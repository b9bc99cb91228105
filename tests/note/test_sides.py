"""The side at a diagnosis belongs to it, and is none by itself."""

import pytest

from core.note.sides import only_side, with_side, without_side
from core.note.spans import Span


@pytest.mark.parametrize(
    ("lang", "note", "words", "code"),
    [
        ("de", "Gonarthrose beidseits.", "Gonarthrose beidseits", "M17.0"),
        ("de", "Diagnosen: Coxarthrose links. Pleuraerguss bds.", "Coxarthrose links", "M16.12"),
        ("es", "Gonartrosis bilateral. HTA.", "Gonartrosis bilateral", "M17.0"),
        ("ca", "Gonartrosi bilateral. HTA.", "Gonartrosi bilateral", "M17.0"),
        ("it", "Gonartrosi bilaterale. Ipertensione.", "Gonartrosi bilaterale", "M17.0"),
        ("pt", "Gonartrose bilateral. HTA.", "Gonartrose bilateral", "M17.0"),
        ("fr", "Gonarthrose bilatérale. HTA.", "Gonarthrose bilatérale", "M17.0"),
        ("en", "Inguinal hernia, left. Hypertension.", "Inguinal hernia, left", "K40.90"),
        ("en", "Left breast cancer. Hypertension.", "Left breast cancer", "C50.912"),
        ("en", "Bilateral carpal tunnel syndrome.", "Bilateral carpal tunnel syndrome", "G56.03"),
        ("en", "Small left pleural effusion.", "Small left pleural effusion", "J90"),
        ("en", "Left sided sciatica.", "Left sided sciatica", "M54.32"),
        ("de", "Beidseitige Gonarthrose.", "Beidseitige Gonarthrose", "M17.0"),
        ("de", "Mammakarzinom links.", "Mammakarzinom links", "C50.912"),
        ("it", "Frattura del femore destro.", "Frattura del femore destro", "S72.91XA"),
        ("es", "Esguince de tobillo izquierdo.", "Esguince de tobillo izquierdo", "S93.402A"),
    ],
)
def test_a_side_belongs_to_its_diagnosis_and_decides_on_the_code(opened, lang, note, words, code):
    found = {mention.text: mention.candidates[0].code for mention in opened.code(note, lang).mentions}
    assert found[words] == code


@pytest.mark.parametrize(
    ("lang", "note"),
    [
        ("es", "Catarata derecha. Hernia inguinal izquierda."),
        ("it", "Cataratta destra."),
        ("ca", "Cataracta dreta."),
        ("pt", "Catarata direita."),
    ],
)
def test_what_the_book_has_without_a_side_keeps_its_code(opened, lang, note):
    first = opened.code(note, lang).mentions[0]
    assert (first.text, first.candidates[0].code) == (note.split(".")[0], "H26.9")


@pytest.mark.parametrize(
    ("lang", "note"),
    [
        ("de", "Pleuraerguss beidseits."),
        ("es", "Catarata derecha."),
        ("it", "Gonartrosi bilaterale."),
        ("en", "Community-acquired pneumonia, right lower lobe."),
    ],
)
def test_a_side_is_no_diagnosis(opened, lang, note):
    mentions = opened.code(note, lang).mentions
    assert mentions
    assert not any(only_side(Span(one.start, one.end, one.text)) for one in mentions)


def side(text, words, since, until, lang):
    start = text.index(words)
    return with_side(text, Span(start, start + len(words), words), since, until, len(text), lang).text


def test_a_side_of_another_diagnosis_is_not_taken():
    text = "Pneumonia, left hip fracture; asthma right now"
    assert side(text, "Pneumonia", 0, 28, "en") == "Pneumonia"
    assert side(text, "hip fracture", 9, 28, "en") == "left hip fracture"
    assert side(text, "hip fracture", 16, 28, "en") == "hip fracture"
    assert side(text, "asthma", 28, len(text), "en") == "asthma"
    taken = "Gonartrosis izquierda dolorosa"
    assert side(taken, "Gonartrosis", 0, 21, "es") == "Gonartrosis izquierda"
    assert side(taken, "Gonartrosis", 0, 15, "es") == "Gonartrosis"


@pytest.mark.parametrize(
    ("lang", "text", "left"),
    [
        ("es", "Hernia derecha izq", ["Hernia"]),
        ("es", "izquierda", []),
        ("es", "insuficiencia cardiaca derecha grave", ["insuficiencia cardiaca", "grave"]),
        ("en", "asthma", []),
        ("en", "chronic left-sided heart failure", ["chronic", "heart failure"]),
        ("en", "Inguinal hernia, left", ["Inguinal hernia"]),
        ("en", "lefthanded patient", []),
        ("de", "linksseitiger Pleuraerguss", ["Pleuraerguss"]),
    ],
)
def test_the_words_without_the_side(lang, text, left):
    pieces = without_side(Span(5, 5 + len(text), text), lang)
    assert [piece.text for piece in pieces] == left
    assert all(text[piece.start - 5 : piece.end - 5] == piece.text for piece in pieces)
