import csv
from collections import Counter
from pathlib import Path

import pytest

from core.language import LANGUAGES
from core.note.context import FOLDER, ContextReader, Status, read_cues
from core.note.segment import Section, Segmenter, Sentence, section_at
from core.note.spans import Span

SENTENCES = Path(__file__).parent / "context"
READER, SEGMENTER = ContextReader(), Segmenter()


def verdict(text, mention, lang, others=()):
    spans = [Span(text.index(one), text.index(one) + len(one), one) for one in (mention, *others)]
    whole = Sentence(0, len(text), Section.OTHER)  # where the mention is read as a heading
    sentence = section_at(SEGMENTER.sentences(text, (lang,)), spans[0].start) or whole
    return READER.read(text, sentence, spans, lang)[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_statuses_as_a_coder_reads_them(lang):
    """More than a hundred sentences a language, by a writer who did not see the cue lists."""
    asked, right = Counter(), Counter()
    with (SENTENCES / f"{lang}.tsv").open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            asked[row["status"]] += 1
            right[row["status"]] += verdict(row["text"], row["mention"], lang).status.value == row["status"]
    assert asked.total() >= 80
    assert right.total() / asked.total() >= 0.85, dict(right)
    for status in ("negated", "family"):
        assert right[status] / asked[status] >= 0.8, status


@pytest.mark.parametrize(
    ("lang", "text", "mention", "others", "status", "cue"),
    [
        ("es", "No fiebre, tos ni disnea.", "disnea", ("fiebre", "tos"), "negated", "ni"),
        ("es", "No se descarta neumonía.", "neumonía", (), "uncertain", "No se descarta"),
        ("es", "Madre con cáncer de mama.", "cáncer de mama", (), "family", "Madre"),
        ("es", "Neumonía descartada.", "Neumonía", (), "negated", "descartada"),
        ("es", "¿TVP?", "TVP", (), "uncertain", "?"),
        ("en", "No chest pain but severe headache.", "headache", ("chest pain",), "affirmed", ""),
        ("en", "Pulmonary embolism was ruled out.", "Pulmonary embolism", (), "negated", "was ruled out"),
        ("en", "No family history of breast cancer.", "breast cancer", (), "negated", None),
        ("en", "Chest pain, MI ruled out.", "Chest pain", ("MI",), "affirmed", ""),
        ("de", "Kein Fieber, keine Atemnot.", "Atemnot", ("Fieber",), "negated", None),
        ("de", "V. a. Pneumonie.", "Pneumonie", (), "uncertain", None),
        ("ca", "Nega febre.", "febre", (), "negated", "Nega"),
        ("fr", "Pas de fièvre.", "fièvre", (), "negated", None),
        ("it", "Nega dolore toracico.", "dolore toracico", (), "negated", "Nega"),
        ("pt", "Nega febre.", "febre", (), "negated", "Nega"),
        ("en", "R Colles fracture 2004.", "Colles fracture", (), "historical", "2004"),
        ("es", "HTA: no.", "HTA", (), "negated", None),
        ("en", "breast cancer (mother), now well", "breast cancer", (), "family", None),
    ],
)
def test_cues_reach_what_they_speak_of(lang, text, mention, others, status, cue):
    found = verdict(text, mention, lang, others)
    assert found.status.value == status
    if cue is not None:
        assert found.cue.lower() == cue.lower()
    if found.start >= 0:
        assert text[found.start : found.end] == found.cue or text[found.start : found.end].strip(" ,(:") == found.cue


def test_a_family_section_makes_its_diagnoses_family():
    text = "AF: hipertensión arterial.\nAP: asma."
    assert verdict(text, "hipertensión arterial", "es").status is Status.FAMILY
    assert verdict(text, "asma", "es").status is not Status.FAMILY


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_cues_of_every_kind(lang):
    cues = read_cues(FOLDER / f"{lang}.tsv")
    kinds = Counter((cue.meaning.role.value, cue.meaning.status) for cue in cues)
    for status in ("negated", "uncertain", "historical", "family"):
        assert kinds["cue", status] >= 25, status
    assert sum(count for (role, _), count in kinds.items() if role == "end") >= 25
    assert sum(count for (role, _), count in kinds.items() if role == "pseudo") >= 30
