import json

import pytest

from core.evaluate.notes import PUBLIC_NOTES
from core.note.segment import Section, Segmenter

SEGMENTER = Segmenter()


def sentences(text, lang):
    return [(one.section.value, text[one.start : one.end]) for one in SEGMENTER.sentences(text, (lang,))]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Vista por el Dr. García, p. ej. con 2,5 mg"),
        ("de", "Z. B. am 3. Tag, Z. n. Infarkt"),
        ("en", "Seen by Dr. Smith, s/p CABG, 1.5 mg"),
        ("fr", "Vu par le Dr. Martin"),
    ],
)
def test_abbreviations_dates_and_numbers_do_not_split(lang, text):
    assert [said for _, said in sentences(text, lang)] == [text]


def test_sentences_and_lists_split():
    text = "Fiebre alta. Tos seca.\n1. Neumonía\n2. HTA\n- DM2"
    assert [said for _, said in sentences(text, "es")] == ["Fiebre alta.", "Tos seca.", "Neumonía", "HTA", "DM2"]


def test_headings_give_sections_and_are_in_no_sentence():
    text = (
        "ANTECEDENTES PERSONALES\nHTA. DM2.\nAF: madre con DM.\nExploración física: afebril.\nJUICIO CLÍNICO:\nNeumonía"
    )
    assert sentences(text, "es") == [
        ("personal", "HTA."),
        ("personal", "DM2."),
        ("family", "madre con DM."),
        ("examination", "afebril."),
        ("assessment", "Neumonía"),
    ]


def test_a_family_heading_on_a_line_ends_with_the_line():
    text = "Familienanamnese: Vater Herzinfarkt.\nAktuell Dyspnoe."
    assert [section for section, _ in sentences(text, "de")] == ["family", "other"]


def test_joined_headings_are_what_their_first_part_is():
    assert sentences("Impression / Plan\nSepsis", "en") == [("assessment", "Sepsis")]


def test_offsets_are_exact_in_every_public_note():
    for line in PUBLIC_NOTES.read_text(encoding="utf-8").splitlines():
        note = json.loads(line)
        found = SEGMENTER.sentences(note["text"], (note["lang"],))
        assert found
        ends = [0, *(one.end for one in found)]
        assert all(end <= one.start < one.end for end, one in zip(ends, found, strict=False))
        assert any(one.section is not Section.OTHER for one in found) or len(note["text"]) > 0


@pytest.mark.parametrize("text", ["", "   \n ", ":::", "...", "\n\n- \n*"])
def test_nothing_gives_no_sentence(text):
    assert SEGMENTER.sentences(text, ("en",)) == []
