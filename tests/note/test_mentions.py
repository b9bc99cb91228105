import pytest

from core.errors import ClinicodeError
from core.language import function_words
from core.note.cues import tokens
from core.note.spans import LONGEST, Span, surroundings, without_overlap, word_spans
from core.settings import ASSETS


def spans_of(text):
    words = tokens(text)
    return [text[words[one.first].start : words[one.last - 1].end] for one in word_spans(text, words, function_words())]


def test_spans_stay_inside_a_clause_and_begin_and_end_with_content():
    texts = spans_of("Dolor de cabeza, fiebre. Tos")
    assert "Dolor de cabeza" in texts
    assert "Dolor de" not in texts
    assert not any("fiebre" in text and "Tos" in text for text in texts)
    assert all(len(text.split()) <= LONGEST for text in texts)


def test_a_span_is_where_it_says():
    assert "àvia té Alzheimer" in spans_of("🙂 Nega febre; l'àvia té Alzheimer")
    assert "TA 120/80" in spans_of("TA 120/80 mmHg")


def test_of_spans_that_overlap_the_best_stays():
    spans = [Span(0, 4, "a"), Span(3, 9, "b"), Span(8, 12, "c"), Span(12, 15, "d"), Span(0, 15, "e")]
    assert without_overlap(spans, [1.0, 1.9, 1.2, 0.5, 0.1]) == [1, 3]
    assert without_overlap(spans, [1.0, 0.9, 1.2, 0.5, 0.1]) == [0, 2, 3]
    assert without_overlap(spans, [1.0, 0.9, 1.2, 0.5, 2.0]) == [4]
    assert without_overlap([], []) == []


def test_surroundings_are_the_words_of_the_sentence_on_either_side_and_between():
    text = "Antes. En el ojo derecho se ve úlcera muy grande corneal central. Después."
    start, end = 7, text.index(" Después")
    first, second = text.index("úlcera"), text.index("corneal")
    assert surroundings(text, start, end, [(first, first + 6)]) == "En el ojo derecho se ve muy grande corneal central."
    pieces = [(first, first + 6), (second, second + 7)]
    assert surroundings(text, start, end, pieces) == "En el ojo derecho se ve muy grande central."
    far = "uno dos tres cuatro cinco seis siete ocho nueve diez once doce tos"
    assert surroundings(far, 0, len(far), [(len(far) - 3, len(far))]).split()[0] == "tres"


@pytest.mark.parametrize("path", sorted((ASSETS / "demo").glob("*.txt")), ids=lambda path: path.stem)
def test_every_demo_note_is_coded(coder, path):
    text = path.read_text(encoding="utf-8")
    coded = coder.code(text)
    assert coded.language.lang == path.name[:2]
    assert len(coded.mentions) >= 5
    end = 0
    for mention in coded.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert mention.start >= end
        end = mention.end
        assert mention.candidates
    assert any(item.suggested for item in coded.codes)
    scores = [item.score for item in coded.codes]
    assert scores == sorted(scores, reverse=True)
    for item in coded.codes:
        assert item.candidate.code in coder.catalog
        assert all(text[start:end].strip() for start, end in item.evidence)


def test_finds_what_a_simple_note_says(coder):
    coded = coder.code("Paciente con neumonía bacteriana y fibrilación auricular. Se trata con amoxicilina.")
    categories = {item.candidate.code[:3] for item in coded.codes if item.suggested}
    assert {"J15", "I48"} <= categories


HOSTILE = [
    "<script>alert(1)</script> pneumonia <b>",
    "\u202eainomuenp\u202c fiebre \u200f",
    "😷🤒 fever 🤒",
    "a" * 5000,
    "fever " * 3000,
    "\n".join(f"{at}. HTA" for at in range(300)),
    "fever\x00\x07\x1b and cough",
    "発熱と咳嗽",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_strange_text_is_coded_with_exact_offsets(coder, text):
    for mention in coder.code(text).mentions:
        assert 0 <= mention.start < mention.end <= len(text)


def test_an_empty_note_is_a_clear_error(coder):
    with pytest.raises(ClinicodeError, match="empty"):
        coder.code(" \n ")
