import pytest

from core.errors import ClinicodeError
from core.language import LANGUAGES
from core.retrieve.abbreviations import Expander, all_abbreviations, read_abbreviations


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_list_is_long_enough_and_its_codes_exist(catalog, lang):
    readings = read_abbreviations(lang)
    assert len({reading.short for reading in readings}) >= 220
    assert len(readings) >= 250
    assert len({(reading.short, reading.expansion.lower()) for reading in readings}) == len(readings)
    assert all(code in catalog for reading in readings for code in reading.codes)
    assert sum(bool(reading.codes) for reading in readings) >= 150


@pytest.mark.parametrize(
    ("lang", "short", "code"),
    [
        ("es", "HTA", "I10"),
        ("ca", "MPOC", "J44.9"),
        ("de", "KHK", "I25"),
        ("it", "BPCO", "J44.9"),
        ("fr", "BPCO", "J44.9"),
    ],
)
def test_the_usual_ones_are_there(lang, short, code):
    codes = [one for reading in read_abbreviations(lang) if reading.short == short for one in reading.codes]
    assert any(one.startswith(code) for one in codes)


def test_an_ambiguous_short_form_keeps_each_reading():
    short_forms = [reading.short for reading in read_abbreviations("es")]
    assert len(short_forms) > len(set(short_forms))


def test_a_broken_list_names_its_line(tmp_path):
    (tmp_path / "xx.tsv").write_text("short\texpansion\tcodes\nHTA\n")
    with pytest.raises(ClinicodeError, match="line 2"):
        read_abbreviations("xx", tmp_path)
    with pytest.raises(ClinicodeError, match="no abbreviation list"):
        read_abbreviations("yy", tmp_path)


@pytest.fixture(scope="module")
def expander():
    return Expander(all_abbreviations())


def test_a_short_form_is_written_out_in_its_place(expander):
    assert "sospecha de infarto agudo de miocardio inferior" in expander.expand("sospecha de IAM inferior", ["es"])
    assert expander.expand("dolor torácico opresivo", ["es"]) == []


def test_each_reading_of_an_ambiguous_form_is_given_the_usual_one_first(expander):
    found = expander.expand("IC", ["es"])
    assert found[0] == "insuficiencia cardiaca"
    assert "implante coclear" in found


def test_a_function_word_is_no_short_form(expander):
    assert expander.expand("pain as before", ["en"]) == []


def test_another_language_reads_the_same_letters_otherwise(expander):
    assert expander.expand("HTA", ["fr"]) == ["hypertension arterielle"]
    assert expander.expand("HTA", ["es"]) == ["hipertension arterial"]
