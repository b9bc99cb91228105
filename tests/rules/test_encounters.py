"""What the rules report of encounter lists that a second reader took for right: no error, and nothing unforeseen."""

import json
from collections import Counter

import pytest

from core.evaluate.notes import PUBLIC_NOTES, read_notes
from core.rules import Patient, Severity, check

LISTS = PUBLIC_NOTES.with_name("encounters.jsonl")


@pytest.fixture(scope="module")
def lists():
    return [json.loads(line) for line in LISTS.read_text(encoding="utf-8").splitlines()]


def test_each_public_note_has_a_list_of_billable_codes_with_words_of_its_own(catalog, lists):
    texts = {note.name: note.text for note in read_notes(PUBLIC_NOTES, catalog)}
    assert [one["id"] for one in lists] == list(texts)
    for one in lists:
        codes = [item["code"] for item in one["codes"]]
        assert len(set(codes)) == len(codes)
        assert all(catalog.billable(code) for code in codes)
        assert all(item["words"] and item["words"] in texts[one["id"]] for item in one["codes"])


def test_no_rule_reports_an_error_for_a_list_that_was_read_as_right(catalog, lists):
    said = Counter()
    for one in lists:
        codes = [item["code"] for item in one["codes"]]
        texts = {item["code"]: item["words"] for item in one["codes"]}
        patient = Patient(one["sex"], one["age"])
        said.update(
            (found.severity, found.rule)
            for found in check(codes, catalog, texts, langs=[one["id"][:2]], patient=patient)
        )
    assert said == {
        (Severity.WARNING, "Use additional code"): 2,  # ca-07: Z71.6 before F17.210; fr-04: I65.22 before I10
        (Severity.HINT, "Excludes2"): 26,
        (Severity.HINT, "Side"): 2,
        (Severity.HINT, "More exact"): 1,
    }
