"""Each rule with what it reports and what it must not, from the book; and over the whole release."""

import random

import pytest

from core.errors import ClinicodeError
from core.evaluate.notes import PUBLIC_NOTES, read_notes
from core.note.context import Status
from core.rules import Patient, Severity, check
from core.rules.book import rulebook


def reported(catalog, codes, **known):
    return {(one.rule, one.severity): one for one in check(codes, catalog, **known)}


def rules(catalog, codes, **known):
    return {one.rule for one in check(codes, catalog, **known)}


@pytest.mark.parametrize(
    ("codes", "at"),
    [
        (["E10.9", "E11.9"], "E10 E11"),
        (["J45.41", "R06.2"], "J45 R06 R06.2"),
        (["M80.051A", "M81.0"], "M81"),
        (["N20.0", "N13.2"], "N20"),
        (["E03.9", "E89.0"], "E03"),
    ],
)
def test_excludes1_is_a_conflict_whichever_stands_first(catalog, codes, at):
    for listed in (codes, codes[::-1]):
        (found,) = [one for one in check(listed, catalog) if one.rule == "Excludes1"]
        assert found.severity is Severity.ERROR
        assert found.at in at.split()
        assert found.sentence.startswith("Excludes1: ")
        assert {remedy.out for remedy in found.remedies} == {(codes[0],), (codes[1],)}


@pytest.mark.parametrize("codes", [["E11.9", "I10"], ["J18.9", "J44.1"], ["E11.9", "E11.65"], ["I10"], ["E10.9"]])
def test_codes_that_may_stand_together_are_left_alone(catalog, codes):
    assert "Excludes1" not in rules(catalog, codes)


def test_injuries_of_several_places_are_only_looked_at_again(catalog):
    (found,) = [one for one in check(["S01.112A", "S00.12XA"], catalog) if one.rule == "Excludes1"]
    assert found.severity is Severity.WARNING


def test_excludes2_is_worth_knowing_and_a_chapter_s_is_not(catalog):
    (found,) = [one for one in check(["J44.1", "J42"], catalog) if one.rule.startswith("Excludes")]
    assert (found.rule, found.severity) in [("Excludes2", Severity.HINT), ("Excludes1", Severity.ERROR)]
    assert "Excludes2" not in rules(catalog, ["N40.0", "O80"])


def test_what_comes_first_comes_first(catalog):
    found = reported(catalog, ["F02.80", "G30.9"])[("Code first", Severity.WARNING)]
    assert (found.at, found.remedies[0].first) == ("F02", "G30.9")
    assert rules(catalog, ["G30.9", "F02.80"]) == set()


def test_what_is_additional_comes_after(catalog):
    found = reported(catalog, ["N18.30", "I12.9"])
    assert any(one.remedies[0].first == "I12.9" for one in found.values())
    assert rules(catalog, ["I12.9", "N18.30"]) == set()


def test_notes_on_adverse_effects_hold_for_adverse_effects_alone(catalog):
    assert "Code first" in rules(catalog, ["T36.0X5A", "D64.2"]) | rules(catalog, ["T36.0X5A", "D59.0"])
    assert "Code first" not in rules(catalog, ["T36.0X1A", "D59.0"])
    assert "Code first" in rules(catalog, ["D64.2", "T36.0X1A"])


def test_a_manifestation_is_not_listed_first(catalog):
    found = reported(catalog, ["F02.80"], mentioned=["G30.9", "I10"])[("Manifestation", Severity.ERROR)]
    assert [remedy.into for remedy in found.remedies] == [("G30.9",)]
    assert rules(catalog, ["F02.80", "G30.9"]) == {"Code first"}
    assert "Manifestation" not in rules(catalog, ["G30.9", "F02.80"])


def test_the_note_s_other_codes_are_offered_where_the_book_asks_for_them(catalog):
    found = reported(catalog, ["I12.9"], mentioned=["N18.30", "J18.9"])[("Use additional code", Severity.HINT)]
    assert found.codes == ("I12.9", "N18.30")
    assert "Use additional code" not in rules(catalog, ["I12.9", "N18.4"], mentioned=["N18.30"])


def test_a_header_is_not_billable_and_the_text_says_what_is(catalog):
    found = reported(catalog, ["N18.3"], texts={"N18.3": "enfermedad renal crónica"}, langs=["es"])
    assert {remedy.into[0] for remedy in found[("Header", Severity.ERROR)].remedies} == {"N18.30", "N18.31", "N18.32"}
    sided = reported(catalog, ["M17.1"], texts={"M17.1": "gonartrosis izquierda"}, langs=["es"])
    assert sided[("Header", Severity.ERROR)].remedies[0].into == ("M17.12",)
    assert rules(catalog, ["N18.30"]) == set()


def test_a_missing_7th_character_is_offered_with_its_meaning(catalog):
    found = reported(catalog, ["S52.501"])[("Header", Severity.ERROR)]
    assert "7th character" in found.message
    assert found.remedies[0].into == ("S52.501A",)
    assert "initial encounter for closed fracture" in found.remedies[0].label
    assert found.at == "S52"
    placeholder = reported(catalog, ["T68"])[("Header", Severity.ERROR)]
    assert placeholder.remedies[0].into == ("T68.XXXA",)


def test_a_code_once_and_not_beside_its_header(catalog):
    assert rules(catalog, ["I21.4", "I10", "I21.4"]) == {"Listed twice"}
    found = reported(catalog, ["E11", "E11.9"])
    assert found[("Beside its header", Severity.WARNING)].remedies[0].out == ("E11",)


def test_the_side_is_taken_from_the_text_or_asked_for(catalog):
    text = {"M17.10": "gonartrosis derecha"}
    found = reported(catalog, ["M17.10"], texts=text, langs=["es"])[("Side", Severity.WARNING)]
    assert [remedy.into for remedy in found.remedies] == [("M17.11",)]
    asked = reported(catalog, ["M17.10"], texts={"M17.10": "gonartrosis"}, langs=["es"])[("Side", Severity.HINT)]
    assert ("M17.12",) in [remedy.into for remedy in asked.remedies]
    wrong = reported(catalog, ["S52.501A"], texts={"S52.501A": "fracture of left radius"}, langs=["en"])
    assert wrong[("Side", Severity.WARNING)].remedies[0].into == ("S52.502A",)
    assert rules(catalog, ["M17.11"], texts=text | {"M17.11": "gonartrosis derecha"}, langs=["es"]) == set()
    assert rules(catalog, ["M17.10"]) == set()


def test_both_sides_are_one_code_where_there_is_one(catalog):
    found = reported(catalog, ["M17.11", "M17.12"])[("Both sides", Severity.WARNING)]
    assert found.remedies[0].into == ("M17.0",)
    assert "Both sides" not in rules(catalog, ["S52.501A", "S52.502A"])


def test_an_unspecified_code_where_the_text_says_more(catalog):
    text = {"N18.9": "insuficiencia renal crónica estadio 4"}
    found = reported(catalog, ["N18.9"], texts=text, langs=["es"])[("More exact", Severity.HINT)]
    assert found.remedies[0].into == ("N18.4",)
    assert rules(catalog, ["N18.9"], texts={"N18.9": "insuficiencia renal crónica"}, langs=["es"]) == set()


def test_codes_kept_for_women_men_and_ages(catalog):
    assert "Sex" in rules(catalog, ["O80"], patient=Patient("male"))
    assert "Sex" in rules(catalog, ["N40.0"], patient=Patient("female"))
    assert "Sex" in rules(catalog, ["N40.0", "O80"])
    assert "Age" in rules(catalog, ["O80"], patient=Patient("female", 70))
    assert "Age" in rules(catalog, ["P07.30"], patient=Patient(age=40))
    assert rules(catalog, ["O80", "N40.0"][:1], patient=Patient("female", 30)) == set()
    assert rules(catalog, ["I10"], patient=Patient("male", 70)) == set()


def test_an_unknown_code_is_named(catalog):
    with pytest.raises(ClinicodeError, match=r"E11\.99"):
        check(["I10", "E11.99"], catalog)


def test_every_parsed_excludes1_line_is_a_conflict_from_both_sides(catalog):
    book = rulebook(catalog)
    draw = random.Random(7)
    rows = [code.code for code in catalog.everything()]
    lines = [line for line in book.lines if line.kind == "excludes1" and line.parsed]
    for line in draw.sample(lines, 400):
        holders = catalog.leaves(line.at)
        reference = draw.choice(line.references)
        named = [
            code
            for code in rows[reference.low : reference.high]
            if code in catalog and line.meets(catalog.row(code), code)
        ]
        one, other = draw.choice(holders), draw.choice(named)
        if line.meets(catalog.row(one), one):
            continue
        for pair in ([one, other], [other, one]):
            assert "Excludes1" in rules(catalog, pair), (line.at, line.text, pair)


def test_no_code_alone_is_called_wrong(catalog):
    """Every leaf of the release by itself: only manifestations are, which the book never lets stand alone."""
    leaves = [code.code for code in catalog if code.billable]
    for code in random.Random(7).sample(leaves, 4000):
        for found in check([code], catalog):
            assert found.rule == "Manifestation"
            assert "elsewhere" in catalog.title(code)


def test_no_pair_and_no_list_breaks_the_rules(catalog):
    codes = [code.code for code in catalog]
    draw = random.Random(11)
    for size in (2, 2, 2, 3, 5, 12):
        for _ in range(60):
            listed = draw.choices(codes, k=size)
            texts = {code: catalog.title(code) for code in listed}
            for found in check(listed, catalog, texts, mentioned=draw.choices(codes, k=3)):
                assert found.message.endswith(".")
                assert all(code in catalog for remedy in found.remedies for code in (*remedy.out, *remedy.into))


def test_what_annotated_notes_hold_conflicts_only_where_the_book_says_so(catalog):
    """Gold of the public notes is a code a mention, symptoms beside what explains them: Excludes1 finds those alone."""
    errors = []
    for note in read_notes(PUBLIC_NOTES, catalog):
        given = [one for one in note.mentions if one.status in (Status.AFFIRMED, Status.UNCERTAIN)]
        codes = list(
            dict.fromkeys(min(one.codes, key=lambda code: (not catalog.billable(code), code)) for one in given)
        )
        errors += [one for one in check(codes, catalog) if one.severity is Severity.ERROR]
    assert {one.rule for one in errors} == {"Excludes1"}
    symptoms = [one for one in errors if any(code.startswith("R") for code in one.codes)]
    assert len(symptoms) > len(errors) / 2
