import shutil

import pytest

from core.errors import ClinicodeError
from core.fingerprint import SUMS
from core.note.context import Status
from core.note.coordination import readings
from core.note.history import family_history, lasts, personal_history
from core.note.reader import SETTINGS, open_reader
from core.note.spans import Span
from core.retrieve.memory import Reviewed
from core.settings import SHIPPED_READER


def found(coder, text, lang=None):
    return {mention.text: mention for mention in coder.code(text, lang).mentions}


def status_of(mentions, words):
    return next((one.status for text, one in mentions.items() if words in text), None)


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        (
            "es",
            "AP: HTA.\nAF: madre con cáncer de mama.\nAcude por disnea. Niega dolor torácico. Probable neumonía.",
            {"HTA": "affirmed", "cáncer de mama": "family", "disnea": "affirmed", "dolor torácico": "negated"}
            | {"neumonía": "uncertain"},
        ),
        (
            "en",
            "PMH: hypertension, asthma.\nPresents with chest pain. Denies fever. ?pneumonia. Mother had breast cancer.",
            {"hypertension": "affirmed", "chest pain": "affirmed", "fever": "negated", "pneumonia": "uncertain"}
            | {"breast cancer": "family"},
        ),
        (
            "de",
            "Vorerkrankungen: Arterielle Hypertonie.\nKeine Thoraxschmerzen. V. a. Pneumonie. Akute Bronchitis.",
            {
                "Hypertonie": "affirmed",
                "Thoraxschmerzen": "negated",
                "Pneumonie": "uncertain",
                "Bronchitis": "affirmed",
            },
        ),
        (
            "ca",
            "Antecedents: hipertensió arterial.\nNega dolor toràcic. Possible pneumònia.",
            {"hipertensió": "affirmed", "pneumònia": "uncertain", "dolor toràcic": "negated"},
        ),
        (
            "fr",
            "Antécédents : hypertension artérielle.\nPas de fièvre. Pneumopathie probable. Douleur thoracique.",
            {"hypertension": "affirmed", "Pneumopathie": "uncertain", "Douleur thoracique": "affirmed"},
        ),
        (
            "it",
            "APR: ipertensione arteriosa.\nNega dolore toracico. Sospetta polmonite.",
            {"ipertensione": "affirmed", "polmonite": "uncertain", "dolore toracico": "negated"},
        ),
        (
            "pt",
            "AP: hipertensão arterial.\nNega dor torácica. Provável pneumonia.",
            {"hipertensão": "affirmed", "dor torácica": "negated", "pneumonia": "uncertain"},
        ),
    ],
)
def test_a_short_note_in_every_language(coder, lang, text, expected):
    mentions = found(coder, text, lang)
    read = {words: status_of(mentions, words) for words in expected}
    assert {words: status.value if status else None for words, status in read.items()} == expected


def test_what_is_denied_or_a_relatives_is_not_suggested(coder):
    coded = coder.code("Presents with acute appendicitis. No pneumonia. Mother had breast cancer.", "en")
    listed = {item.candidate.code[:3] for item in coded.codes}
    assert "K35" in listed
    assert not {"J18", "C50"} & listed
    assert "Z80" in listed
    assert not any(item.suggested for item in coded.codes if item.candidate.code.startswith("Z80"))


def test_drugs_tests_and_anatomy_are_not_diagnoses(coder):
    text = "Enalapril 10 mg cada 24 h. TC craneal. Abdomen blando y depresible. Paracetamol 1 g."
    assert [mention.text for mention in coder.code(text, "es").mentions] == []


def test_a_list_of_medication_names_no_diagnoses_but_those_it_is_for(coder):
    text = "Medicació habitual:\n- Salbutamol a demanda\n- Tamsulosina 0,4 mg/24 h\n\nMALALTIA ACTUAL\nTos i febre."
    assert [mention.text for mention in coder.code(text, "ca").mentions] == ["Tos", "febre"]


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("fractura de tibia y peroné", ["fractura de tibia", "fractura de peroné"]),
        ("insuficiencia renal y cardíaca", ["insuficiencia renal", "insuficiencia cardíaca"]),
        ("fracture of tibia and fibula", ["fracture of tibia", "fracture of fibula"]),
        ("HTA y DM2", []),
        ("dolor torácico", []),
    ],
)
def test_coordination_is_read_as_two(text, queries):
    assert [one.query for one in readings(Span(7, 7 + len(text), text))] == queries
    for one in readings(Span(7, 7 + len(text), text)):
        assert text[one.span.start - 7 : one.span.end - 7] == one.span.text


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Afebrile, anicteric, acyanotic. Abdomen soft, non-tender, non-distended. Pupils equal and reactive."),
        ("es", "Afebril, eupneico, normohidratado y normocoloreado. Abdomen blando y depresible. Buen estado general."),
        ("ca", "Afebril, eupneic, normohidratat. Abdomen tou, depressible, indolor. Pupil·les isocòriques."),
        ("it", "Apiretico, eupnoico, anitterico. Addome trattabile, depressibile. Pupille isocoriche."),
        ("pt", "Afebril, eupneico, normocorado. Abdome flácido, depressível, indolor. Pupilas isocóricas."),
        ("fr", "Apyrétique, eupnéique, anictérique. Abdomen souple, dépressible. Pupilles isocores et réactives."),
        ("de", "Afebril, eupnoisch, anikterisch. Abdomen weich, eindrückbar. Pupillen isokor und lichtreagibel."),
    ],
)
def test_a_normal_examination_has_no_diagnosis(coder, lang, text):
    assert [mention.text for mention in coder.code(text, lang).mentions] == []


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("pt", "Nega febre.", "febre"),
        ("de", "Kein Fieber, kein Husten.", "Husten"),
        ("es", "Neumonía descartada.", "Neumonía"),
        ("fr", "Pas de fièvre ni de toux.", "fièvre"),
        ("it", "Non febbre, non tosse.", "tosse"),
        ("ca", "No febre ni tos.", "febre"),
        ("en", "No fever, cough or rash.", "rash"),
    ],
)
def test_a_common_sign_is_seen_to_be_denied_in_the_shortest_note(coder, lang, text, words):
    coded = coder.code(text, lang)
    assert words in {mention.text for mention in coded.mentions}
    assert {mention.status for mention in coded.mentions} == {Status.NEGATED}
    assert not coded.codes


def test_what_the_team_coded_before_is_found_again(coder):
    """Even words that no model would take for a diagnosis, and within a longer passage."""
    text = "Refiere zumbido verde de noche. Fractura abierta de cadera derecha tras caída."
    coder.remember([Reviewed("zumbido verde", "G47.8", "es"), Reviewed("cadera derecha", "M25.551", "es")])
    coded = coder.code(text, "es")
    codes = {item.candidate.code: item for item in coded.codes}
    for words, code in (("zumbido verde", "G47.8"), ("cadera derecha", "M25.551")):
        assert (text.index(words), text.index(words) + len(words)) in codes[code].evidence
    readings = [other for mention in coded.mentions for other in mention.further]
    assert all(text[one.start : one.end] == one.text for one in readings)


def test_a_remembered_text_is_known_whatever_small_words_stand_in_it(coder):
    pairs = [("dolor en la rodilla", "M25.569", "es"), ("diabetes with ketoacidosis", "E11.10", "en")]
    coder.remember([Reviewed(*pair) for pair in (*pairs, ("mal de tête", "R51.9", "fr"))])
    memory = coder.retriever.memory()
    assert memory.knows(["dolor", "de", "rodilla"])
    assert not memory.knows(["rodilla", "dolor"])
    assert not memory.knows(["en", "la"])
    assert not memory.knows(["tete"])
    assert not memory.knows(["diabetes", "without", "ketoacidosis"])
    assert not memory.scattered(["diabetes", "without", "ketoacidosis"], "en")


def test_a_remembered_text_is_found_with_other_words_between_and_inflected(coder):
    coder.remember([Reviewed("kidney lesion", "N28.9", "en"), Reviewed("renal cyst", "N28.1", "en")])
    memory = coder.retriever.memory()
    found = memory.scattered(["several", "lesions", "of", "the", "left", "kidney"], "en")
    assert [(one.first, one.last, one.text) for one in found] == [(1, 6, "kidney lesion")]
    far = ["kidney", *["word"] * 12, "lesion"]
    assert not memory.scattered(far, "en")
    coded = coder.code("Ultrasound shows lesions of the left kidney.", "en")
    assert "N28.9" in {item.candidate.code for item in coded.codes}


def test_a_finding_and_where_it_is_are_read_together(coder):
    coded = coder.code("TC: masa de gran tamaño en riñón derecho.", "es")
    queries = [other.query for mention in coded.mentions for other in mention.further]
    for mention in coded.mentions:
        for other in mention.further:
            assert other.start == mention.start
            assert other.status is mention.status
    assert all(len(query.split()) >= 2 for query in queries)


@pytest.mark.parametrize("passage", [".", " ", "—"])
def test_a_passage_without_a_word_is_refused(coder, passage):
    text = "Previous pneumonia, — . "
    coded = coder.code(text, "en")
    start = text.rindex(passage)
    with pytest.raises(ClinicodeError):
        coder.with_passage(text, coded, (start, start + len(passage)))


def test_what_is_past_names_the_code_for_having_had_it(coder):
    coded = coder.code("Antecedents: tuberculosi pulmonar als 25 anys, tractada. Ara consulta per cefalea.", "ca")
    past = {item.candidate.code: item.past for item in coded.codes}
    assert past["A15.0"] == "Z86.11"
    assert all(not item.past for item in coded.codes if item.candidate.code.startswith(("R51", "Z")))


def test_history_has_codes_and_what_lasts_is_still_there(catalog):
    assert [lasts(code) for code in ("I10", "E11.9", "J18.9")] == [True, True, False]
    assert personal_history("C50.911").startswith("Z85")
    assert family_history("C18.9") == "Z80.0"
    for code in ("C50.911", "I63.9", "J18.9", "F32.9", "K35.80", "S72.001A"):
        for other in (personal_history(code), family_history(code)):
            assert other == "" or catalog.billable(other)


def test_a_person_adds_a_passage_and_changes_its_bounds(coder):
    text = "Paciente con tos. Xerostomía de meses de evolución."
    coded = coder.code(text, "es")
    start = text.index("Xerostomía")
    again = coder.with_passage(text, coded, (start, start + len("Xerostomía")))
    mention = next(one for one in again.mentions if one.start == start)
    assert mention.text == "Xerostomía"
    assert mention.candidates
    number = again.mentions.index(mention)
    wider = coder.with_passage(text, again, (start, start + len("Xerostomía de meses")), number)
    assert [one.text for one in wider.mentions if one.start == start] == ["Xerostomía de meses"]
    ends = [0, *(one.end for one in wider.mentions)]
    assert all(end <= one.start for end, one in zip(ends, wider.mentions, strict=False))
    with pytest.raises(ClinicodeError, match="passage"):
        coder.with_passage(text, coded, (5, 5))


def test_the_cue_is_said(coder):
    mentions = found(coder, "Niega dolor torácico. No presenta disnea.", "es")
    verdicts = [one.verdict for one in mentions.values() if one.status is Status.NEGATED]
    assert verdicts
    assert all(verdict.cue for verdict in verdicts)


@pytest.mark.parametrize("name", ["spans.txt", "ranking.txt", "tagger.json", "tagger.safetensors", SETTINGS])
def test_a_damaged_reader_is_a_clear_error(coder, tmp_path, name):
    shutil.copytree(SHIPPED_READER, tmp_path / "reader", ignore=shutil.ignore_patterns(SUMS))
    (tmp_path / "reader" / name).write_text("{")
    with pytest.raises(ClinicodeError, match="note reader"):
        open_reader(tmp_path / "reader", coder.retriever)
