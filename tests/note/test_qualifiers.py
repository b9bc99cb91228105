import pytest

from core.language import LANGUAGES
from core.note.qualifiers import KINDS, QualifierReader, read_cues

SAID = [
    (
        "en",
        "closed fracture of the left wrist, follow-up",
        {"side": "left", "fracture": "closed", "encounter": "subsequent"},
    ),
    ("en", "stage 3 chronic kidney disease", {"stage": "3", "course": "chronic"}),
    ("en", "Type II diabetes", {"type": "2"}),
    ("en", "second-degree burn of right hand", {"degree": "2", "side": "right"}),
    ("es", "asma grave aguda", {"severity": "severe", "course": "acute"}),
    ("es", "quemadura de segundo grado en mano dcha", {"degree": "2", "side": "right"}),
    ("es", "diabetes mellitus tipo II", {"type": "2"}),
    ("ca", "fractura oberta de tíbia esquerra", {"side": "left", "fracture": "open"}),
    ("ca", "gestant de 10 setmanes", {"trimester": "1", "state": "pregnancy"}),
    ("it", "otite media acuta bilaterale", {"course": "acute", "side": "bilateral"}),
    ("it", "frattura non scomposta", {"fracture": "nondisplaced"}),
    ("pt", "dor no joelho esquerdo crônica", {"side": "left", "course": "chronic"}),
    ("pt", "recém-nascido com icterícia", {"age": "newborn"}),
    ("fr", "insuffisance rénale chronique stade IV", {"stage": "4", "course": "chronic"}),
    ("fr", "gonarthrose genou G", {"side": "left"}),
    ("de", "nicht dislozierte Fraktur links", {"fracture": "nondisplaced", "side": "left"}),
    ("de", "schwere akute Pankreatitis", {"severity": "severe", "course": "acute"}),
]


@pytest.fixture(scope="module")
def reader():
    return QualifierReader()


@pytest.mark.parametrize(("lang", "text", "expected"), SAID)
def test_reads_what_the_text_says(reader, lang, text, expected):
    found = reader.read(text, (lang,))
    assert {kind: set(found.get(kind, ())) for kind in expected} == {kind: {value} for kind, value in expected.items()}


@pytest.mark.parametrize(
    ("lang", "text"),
    [("fr", "le genou gonflé"), ("es", "vitamina en déficit"), ("de", "Herzinsuffizienz"), ("en", "headache")],
)
def test_says_nothing_where_the_text_does(reader, lang, text):
    assert not {"side", "encounter", "fracture", "trimester", "stage"} & set(reader.read(text, (lang,)))


def test_a_longer_cue_hides_the_ones_within_it(reader):
    assert reader.read("nondisplaced fracture", ("en",))["fracture"] == {"nondisplaced"}
    assert reader.read("fracture not displaced", ("en",))["fracture"] == {"nondisplaced"}


def test_a_number_belongs_to_the_scale_beside_it_or_to_none(reader):
    assert reader.read("diabetes type 1, 3 ulcers", ("en",)) | {} == {
        **reader.read("diabetes type 1", ("en",)),
        **reader.read("3 ulcers", ("en",)),
    }
    assert reader.read("IV fluids, CN IV palsy", ("en",))["number"] == {"4"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_list_covers_the_kinds_that_decide_between_siblings(lang):
    cues = read_cues(lang)
    kinds = {kind for kind, _, _ in cues}
    assert {"side", "encounter", "course", "severity", "scale", "age", "fracture", "state", "specified"} <= kinds
    assert kinds - {"scale", "ordinal"} <= set(KINDS)
    assert {value for kind, value, _ in cues if kind == "side"} == {"left", "right", "bilateral"}
    assert len(cues) >= 500
    assert all(len(cue.strip(" *")) > 1 for _, _, cue in cues)
