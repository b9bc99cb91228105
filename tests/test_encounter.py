"""The encounter list keeps its order, takes remedies, and leaves as text, CSV, JSON and FHIR."""

import csv
import io
import json
from datetime import UTC, datetime

from fhir.resources.R4B.bundle import Bundle

from core.encounter import Encounter, Listed, as_csv, as_fhir, as_json, as_text
from core.note.context import Status
from core.rules import check

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def of(*codes):
    return Encounter(tuple(Listed(code, f"words of {code}", ((0, 5),)) for code in codes))


def mend(encounter, catalog, rule, number=0):
    (found,) = [one for one in check(encounter.codes, catalog, encounter.texts) if one.rule == rule]
    return encounter.mended(found.remedies[number], found.codes)


def test_codes_are_listed_once_and_moved_as_far_as_the_list_goes():
    now = of("I10", "E11.9", "J18.9").having(Listed("I10"))
    assert now.codes == ["I10", "E11.9", "J18.9"]
    assert now.moved("J18.9", -1).codes == ["I10", "J18.9", "E11.9"]
    assert now.moved("I10", -1) == now
    assert now.moved("I10", 9).codes == ["E11.9", "J18.9", "I10"]
    assert now.without("E11.9").codes == ["I10", "J18.9"]


def test_remedies_settle_what_they_are_for(catalog):
    assert mend(of("I10", "E10.9", "E11.9"), catalog, "Excludes1", 1).codes == ["I10", "E11.9"]
    assert mend(of("F02.80", "I10", "G30.9"), catalog, "Code first").codes == ["G30.9", "F02.80", "I10"]
    both = mend(of("M17.11", "I10", "M17.12"), catalog, "Both sides")
    assert both.codes == ["M17.0", "I10"]
    assert both.items[0].words == "words of M17.11"
    header = mend(of("I10", "T68"), catalog, "Header")
    assert header.codes == ["I10", "T68.XXXA"]
    assert header.items[1].words == "words of T68"
    for codes in (both.codes, header.codes):
        assert check(codes, catalog) == []


def test_every_remedy_of_many_lists_leaves_codes_that_exist(catalog):
    import random

    codes = [code.code for code in catalog]
    draw = random.Random(5)
    for _ in range(150):
        now = of(*dict.fromkeys(draw.choices(codes, k=4)))
        for found in check(now.codes, catalog, {code: catalog.title(code) for code in now.codes}):
            for remedy in found.remedies:
                after = now.mended(remedy, found.codes)
                assert after.items
                assert len(set(after.codes)) == len(after.codes)
                assert found not in check(after.codes, catalog)


def test_the_list_leaves_in_every_form(catalog):
    now = of("I21.4", "E11.9").having(Listed("Z80.0", '=HYPERLINK("x")', ((3, 9),), Status.FAMILY))
    assert as_text(now, catalog).splitlines()[0] == f"1. I21.4 {catalog.title('I21.4')}"
    rows = list(csv.DictReader(io.StringIO(as_csv(now, catalog).decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == now.codes
    assert rows[2]["words"].startswith("'=")
    told = json.loads(as_json(now, catalog))
    assert told["release"] == catalog.label
    assert told["codes"][0]["evidence"] == [[0, 5]]
    bundle = Bundle.model_validate_json(as_fhir(now, catalog, NOW))
    coded = [entry.resource.code.coding[0] for entry in bundle.entry]
    assert [one.code for one in coded] == ["I21.4", "E11.9"]  # a relative's is no condition of the patient
    assert coded[0].version == catalog.label
