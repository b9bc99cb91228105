"""The side that follows a diagnosis belongs to it, and is none by itself."""

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
    ],
)
def test_the_side_that_follows_belongs_to_the_diagnosis(opened, lang, note, words, code):
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


def test_a_side_before_the_next_noun_is_not_taken():
    text = "Pneumonia, left hip fracture; asthma right now"
    assert with_side(text, Span(0, 9, "Pneumonia"), 28, len(text), "en").text == "Pneumonia"
    assert with_side(text, Span(30, 36, "asthma"), len(text), len(text), "en").text == "asthma"
    taken = "Gonartrosis izquierda dolorosa"
    assert with_side(taken, Span(0, 11, "Gonartrosis"), 21, 30, "es").text == "Gonartrosis izquierda"
    assert with_side(taken, Span(0, 11, "Gonartrosis"), 15, 30, "es").text == "Gonartrosis"


def test_the_words_without_the_side():
    assert without_side(Span(0, 18, "Hernia derecha izq"), "es") == Span(0, 14, "Hernia derecha")
    assert without_side(Span(5, 14, "izquierda"), "es") is None
    assert without_side(Span(0, 6, "asthma"), "en") is None
