import re

import numpy as np
import pytest

from core.language import LANGUAGES, function_words
from core.note.context import ContextReader
from core.note.cues import read_rows, tokens
from core.note.segment import Segmenter
from core.note.signs import NOTES, SIGNS, normal, signs, things
from core.note.spans import Span
from core.note.tagger import BEGIN, INSIDE, OUTSIDE, Tagger
from core.text import fold
from core.train.notes import SKIPPED, SLOT, Document, labelled, made_notes, names
from core.train.spans import cover
from core.train.tagger import TaggerRecipe, train_tagger

TEXTS = ["dolor abdominal", "hipertensión arterial", "neumonía", "fractura de cadera derecha"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_frames_are_of_every_kind_and_name_no_unknown_slot(lang):
    kinds = {}
    for kind, text in read_rows(NOTES / f"{lang}.tsv"):
        kinds.setdefault(kind, []).append(text)
        assert set(SLOT.findall(text)) <= {"dx", "drug", "test", "procedure", "anatomy"}
    assert all(len(kinds[kind]) >= 60 for kind in ("frame", "plain", "drug", "test", "procedure", "anatomy"))
    assert not any("{dx}" in text for text in kinds["plain"])


def test_made_notes_say_where_their_diagnoses_are_and_are_repeatable():
    notes = list(made_notes("es", 5, 7, TEXTS))
    assert notes == list(made_notes("es", 5, 7, TEXTS))
    assert notes != list(made_notes("es", 5, 8, TEXTS))
    known = {text.lower() for text in (*TEXTS, *signs("es"))}
    for note in notes:
        assert "{" not in note.text
        for ((start, end),) in note.gold:
            said = note.text[start:end].lower()
            assert said in known or said.rpartition(" ")[0] in known


@pytest.mark.parametrize(
    ("lang", "plain", "sided"),
    [
        (
            "en",
            "renal colic",
            r"(\w+|left sided|right sided) renal colic|renal colic, \w+",
        ),
        ("de", "Pleuraerguss", r"\w+ Pleuraerguss|Pleuraerguss \w+"),
        ("ca", "vessament pleural", r"vessament pleural \w+"),
    ],
)
def test_some_diagnoses_get_a_side_and_it_belongs_to_them(lang, plain, sided):
    said = [note.text[start:end] for note in made_notes(lang, 60, 7, [plain]) for ((start, end),) in note.gold]
    with_one = [one for one in said if re.fullmatch(sided, one, re.IGNORECASE)]
    assert 0.05 < len(with_one) / len(said) < 0.25
    assert any(one.lower() == plain.lower() for one in said)


def test_a_diagnosis_that_says_a_side_gets_no_other():
    notes = made_notes("en", 20, 7, ["left wrist pain"])
    said = {note.text[start:end].lower() for note in notes for ((start, end),) in note.gold}
    assert {one for one in said if "wrist" in one} == {"left wrist pain"}


def test_plain_names_are_short_and_name_something(catalog):
    found = names(catalog, None)
    assert set(found) == {"en"}
    assert len(found["en"]) > 5000
    for name in found["en"]:
        assert len(name.split()) <= 4
        assert not re.search(r"\b(unspecified|other)\b", name, re.IGNORECASE)


def test_the_signs_of_every_language_are_a_table_without_gaps():
    header, *rows = [line.split("\t") for line in SIGNS.read_text(encoding="utf-8").splitlines()]
    assert set(header) == set(LANGUAGES)
    assert len(rows) > 200
    for row in rows:
        assert len(row) == len(header)
        assert all(name.strip() for cell in row for name in cell.split("|")), row
    for lang in LANGUAGES:
        assert len(signs(lang)) == len(set(signs(lang)))


def test_no_sign_is_among_what_is_no_diagnosis():
    names = {fold(name) for lang in LANGUAGES for name in signs(lang)}
    assert not names & things()
    words = {name: fold(name).split() for name in names}
    assert [
        name for name, own in words.items() if any(True for at in range(len(own)) for _ in normal().at(own, at))
    ] == []


def test_elision_before_a_vowel():
    texts = {note.text for note in made_notes("fr", 20, 7, ["asthme"])}
    assert not any(" de asthme" in text for text in texts)


def test_words_are_labelled_and_what_is_denied_is_not_learned_from():
    text = "Presenta dolor abdominal. No fiebre."
    document = Document("a", text, "es", (((9, 24),),), complete=False)
    first, second = labelled(document, Segmenter(), ContextReader())
    assert first.labels == [OUTSIDE, BEGIN, INSIDE]
    assert second.labels[1] == SKIPPED
    complete = Document("a", text, "es", (((9, 24),),))
    assert labelled(complete, Segmenter(), ContextReader())[1].labels[1] == OUTSIDE


def test_cover_is_intersection_over_union():
    assert cover(Span(0, 10, ""), [((0, 10),)]) == 1
    assert cover(Span(0, 10, ""), [((5, 15),)]) == pytest.approx(1 / 3)
    assert cover(Span(0, 10, ""), [((0, 4), (6, 10))]) == pytest.approx(0.8)
    assert cover(Span(0, 10, ""), []) == 0


def test_a_tagger_is_trained_saved_and_read_again(encoder, tmp_path):
    documents = list(made_notes("es", 150, 7, TEXTS))
    network = train_tagger(documents, encoder.ngrams, function_words(), TaggerRecipe(epochs=4, rate=5e-3, sentences=16))
    from core.encode.words import Anchors

    anchors = Anchors.of(encoder.ngrams, ["fractura", "diabetes", "neumonía"])
    tagger = Tagger(network, anchors, encoder.ngrams, function_words())
    tagger.save(tmp_path)
    again = Tagger.load(tmp_path, encoder.ngrams, function_words())
    text = "Paciente con hipertensión arterial en tratamiento."
    words = [tokens(text)]
    sections = [Segmenter().sentences(text, ("es",))[0].section]
    one, other = tagger.probabilities(text, words, sections)[0], again.probabilities(text, words, sections)[0]
    assert np.allclose(one, other, atol=0.01)
    assert one.argmax(axis=1)[2:4].tolist() == [BEGIN, INSIDE]
    assert one.argmax(axis=1)[0] == OUTSIDE
