"""Accepted annotations leave in the formats of the field, and come back the same where the format can hold them."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from core import spreadsheet
from core.evaluate import codiesp as gold
from core.evaluate.archive import unpack
from core.note.context import Status
from core.review import decide
from core.review.exchange import audit, brat, codiesp, fhir, jsonlines, tables
from core.review.exchange.exporting import EXPORTS, export, log_lines, log_table
from core.review.exchange.files import unzipped
from core.review.exchange.reading import read_documents
from core.review.exchange.reviewed import Reviewed, reviewed, stems
from core.review.final import final_work
from core.review.model import (
    FINAL,
    MACHINE,
    Annotation,
    Comment,
    Decision,
    Document,
    Incoming,
    Kind,
    Option,
    Suggestion,
    Work,
)

NOW = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
NOTE = "Dolor 😀 en el\r\nabdomen. Niega asma.\nMadre con diabetes; tos."


def at(*words):
    return tuple((NOTE.index(word), NOTE.index(word) + len(word)) for word in words)


def annotation(name, spans, status, *codes, decision=Decision.ACCEPTED, said=None, comments=()):
    return Annotation(name, spans, status, codes, decision, "Ben", NOW, said, comments)


ANNOTATIONS = (
    annotation(
        "h1", at("Dolor", "abdomen"), Status.UNCERTAIN, "R10.9", "R52", comments=(Comment("Eva", NOW, "I10\nor\tnot"),)
    ),
    annotation("m1", at("Niega asma"), Status.NEGATED, "J45.909"),
    annotation("m2", at("diabetes"), Status.FAMILY, "E11.9"),
    annotation(
        "m3", at("tos"), Status.AFFIRMED, "R05.9",
        said=Suggestion(at("tos"), Status.AFFIRMED, ("R05.1",), 0.9, (Option("R05.1", 0.75),)),
    ),
    annotation("m4", at("en el\r\nabdomen"), Status.HISTORICAL, "R10.9"),
    annotation("m5", at("Madre"), Status.AFFIRMED, "I10", decision=Decision.REJECTED),
)  # fmt: skip


def one(name="caso 1.txt", note=NOTE, annotations=ANNOTATIONS, number=1):
    return Reviewed(Document(number, 1, name, note, "es", NOW), Work(number, "Ben", 3, annotations, finished=True))


def kept(found, statuses=frozenset(Status)):
    """What of accepted annotations a format should give back."""
    return sorted((ann.spans, ann.status, ann.codes) for ann in found.annotations if ann.status in statuses)


def back(data, catalog):
    read = read_documents("export", data, catalog)
    assert read.problems == ()
    return [
        (doc.name, doc.text, sorted((a.spans, a.status, a.codes) for a in doc.annotations)) for doc in read.documents
    ]


def test_json_lines_give_the_same_annotations_back(catalog):
    found = one(name="=caso/1")
    data = jsonlines.write([found])
    assert back(data, catalog) == [("=caso/1", NOTE, kept(found))]
    mention = json.loads(data)["mentions"][0]
    assert (mention["by"], mention["at"], mention["text"]) == ("Ben", NOW.isoformat(), "Dolor abdomen")


def test_standoff_gives_the_same_annotations_back(catalog):
    found, twin = one(name="caso/1"), one(name="caso_1.TXT", note="Nada.", annotations=(), number=2)
    data = brat.write([found, twin], catalog)
    assert back(data, catalog) == [("caso_1", NOTE, kept(found)), ("caso_1-2", "Nada.", [])]
    lines = unzipped("a", data)["caso_1.ann"].decode().split("\n")
    assert "N1\tReference T1 ICD10CM:R10.9\tUnspecified abdominal pain" in lines
    assert "#1\tAnnotatorNotes T1\tEva: I10 or not" in lines
    assert any(line.startswith("T2\tDiagnosis 8 13;15 22\ten el abdomen") for line in lines)


def test_codiesp_has_what_the_patient_has_or_may_have_and_the_products_readers_take_it(catalog, tmp_path):
    found = one()
    data = codiesp.write([found])
    (tmp_path / "a.zip").write_bytes(data)
    folder = unpack(tmp_path / "a.zip", tmp_path / "out")
    assert gold.read_annotations(folder, "review") == [
        gold.Annotation("caso 1", "r10.9", "Dolor abdomen", at("Dolor", "abdomen")),
        gold.Annotation("caso 1", "r52", "Dolor abdomen", at("Dolor", "abdomen")),
        gold.Annotation("caso 1", "r05.9", "tos", at("tos")),
    ]
    (document,) = gold.read_documents(folder, "review", catalog)
    assert (document.name, document.codes) == ("caso 1", {"R10.9", "R52", "R05.9"})
    assert [(query.text, query.codes) for query in gold.read_mentions(folder, "review", catalog)] == [
        ("Dolor abdomen", {"R10.9", "R52"}),
        ("tos", {"R05.9"}),
    ]
    (given,) = back(data, catalog)
    assert given[:2] == ("caso 1", NOTE)
    assert [(spans, codes) for spans, _, codes in given[2]] == [
        (spans, codes) for spans, _, codes in kept(found, codiesp.TAKEN)
    ]


def test_a_table_has_a_row_an_annotation_and_no_cell_that_a_spreadsheet_computes(catalog):
    formula = "=HYPERLINK(1) @SUM +1"
    comment = Comment("Eva", NOW, "so")
    bad = (
        Annotation("h1", ((0, 13),), Status.AFFIRMED, ("I10",), Decision.ACCEPTED, "@ben", NOW, None, (comment,)),
        Annotation("h2", ((14, 18), (19, 21)), Status.AFFIRMED, ("I10",), Decision.ACCEPTED, "-ben", NOW),
    )
    data = tables.write([one(), one("+1", formula, bad, 2)])
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["text"] for row in rows] == [
        "Dolor abdomen", "en el abdomen", "Niega asma", "diabetes", "tos", "'=HYPERLINK(1)", "'@SUM +1",
    ]  # fmt: skip
    assert [(row["document"], row["by"]) for row in rows[-2:]] == [("'+1", "'@ben"), ("'+1", "'-ben")]
    assert (rows[0]["codes"], rows[0]["passages"], rows[0]["comments"]) == (
        "R10.9; R52",
        "0 5;15 22",
        "Eva: I10\nor\tnot",
    )
    assert (rows[4]["confidence"], rows[4]["corrected"], rows[3]["corrected"]) == ("0.7500", "yes", "no")
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    assert not any(cell.startswith(spreadsheet.FORMULA) for cell in cells)


def test_fhir_conditions_say_status_code_words_and_who(catalog):
    from fhir.resources.R4B.bundle import Bundle

    data = fhir.write([one()], catalog)
    bundle = Bundle.model_validate_json(data)
    assert bundle.type == "collection"
    found = [
        (
            entry.resource.code.coding[0].code,
            entry.resource.verificationStatus.coding[0].code,
            entry.resource.clinicalStatus.coding[0].code if entry.resource.clinicalStatus else None,
        )
        for entry in bundle.entry
    ]
    assert found == [
        ("R10.9", "provisional", "active"),
        ("R52", "provisional", "active"),
        ("R10.9", "confirmed", "inactive"),
        ("J45.909", "refuted", None),
        ("R05.9", "confirmed", "active"),
    ]
    first = bundle.entry[0].resource
    coding = first.code.coding[0]
    assert (coding.system, coding.version, coding.display) == (
        "http://hl7.org/fhir/sid/icd-10-cm", catalog.label, "Unspecified abdominal pain",
    )  # fmt: skip
    assert (first.code.text, first.subject.identifier.value) == ("Dolor abdomen", "caso 1.txt")
    assert (first.recorder.display, first.recordedDate) == ("Ben", NOW)
    assert [note.text for note in first.note] == ["“Dolor abdomen” at 0–5, 15–22", "I10\nor\tnot"]
    names = [entry.fullUrl for entry in bundle.entry]
    assert len(set(names)) == len(names)
    assert all(f"urn:uuid:{entry.resource.id}" == entry.fullUrl for entry in bundle.entry)
    assert fhir.write([one()], catalog) == data
    assert Bundle.model_validate_json(fhir.write([], catalog)).entry is None


def test_names_of_files_are_safe_everywhere_and_different():
    names = ["a.txt", "A", "../../etc/passwd", "a:b*?", ".", "x" * 300, "é" * 300, "=1\t\n", "a-2"]
    found = stems(Document(number, 1, name, "x", "", NOW) for number, name in enumerate(names))
    assert len({stem.casefold() for stem in found.values()}) == len(names)
    assert all(set(stem).isdisjoint('/\\:*?"<>|\t\n') and not stem.startswith(".") for stem in found.values())
    assert all(0 < len(stem.encode()) <= 190 for stem in found.values())
    assert found[0] == "a"


def test_what_is_final_is_the_adjudication_or_else_the_only_finished_lane():
    def lane(name, *, finished=True):
        return Work(1, name, finished=finished)

    assert final_work([]) is None
    assert final_work([lane("Ben", finished=False)]) is None
    assert final_work([lane("Ben"), lane("Eva", finished=False)]).lane == "Ben"
    assert final_work([lane("Ben"), lane("Eva")]) is None
    assert final_work([lane("Ben"), lane("Eva"), lane(FINAL, finished=False)]) is None
    assert final_work([lane("Ben"), lane("Eva"), lane(FINAL)]).lane == FINAL
    assert final_work([lane(MACHINE)]) is None
    assert final_work([lane("Ben")], reviewers=2) is None
    assert final_work([lane("Ben"), lane("Eva"), lane(FINAL)], reviewers=2).lane == FINAL


def record(store, person, project, document, change):
    work = store.work(document, person.name, project.settings)
    return store.record(person, project, document, work, change(work))


def test_a_project_exports_what_is_final_or_what_one_reviewer_made_of_it(store, project, document, ben, admin, catalog):
    record(store, ben, project, document, lambda work: decide.decide(work, "m1", Decision.ACCEPTED, "Ben", NOW))
    record(store, admin, project, document, lambda work: decide.decide(work, "m2", Decision.ACCEPTED, "Ada", NOW))
    assert reviewed(store, project) == []
    assert [[a.id for a in one.annotations] for one in reviewed(store, project, "Ada")] == [["m2"]]
    record(store, ben, project, document, decide.finish)
    assert [[a.id for a in one.annotations] for one in reviewed(store, project)] == [["m1"]]
    assert reviewed(store, project, "Nobody") == []
    for one in EXPORTS:
        assert b"I10" in b"".join(contents(export(store, project, catalog, one.key))).upper(), one.key
        assert b"E11.9" not in b"".join(contents(export(store, project, catalog, one.key))).upper(), one.key


def contents(data):
    return unzipped("a", data).values() if data.startswith(b"PK") else [data]


def test_the_log_comes_as_a_table_and_as_lines_with_names_and_changes(store, project, document, ben):
    record(store, ben, project, document, lambda work: decide.decide(work, "m1", Decision.ACCEPTED, "Ben", NOW))
    events = store.events(project.id)
    lines = [json.loads(line) for line in log_lines(store, project).decode().split("\n") if line]
    rows = list(csv.DictReader(io.StringIO(log_table(store, project).decode("utf-8-sig"), newline="")))
    assert len(lines) == len(rows) == len(events)
    assert tuple(rows[0]) == tuple(lines[0]) == audit.COLUMNS
    last = lines[-1]
    assert (last["id"], last["at"], last["actor"], last["kind"], last["document"]) == (
        events[-1].id, events[-1].at.isoformat(), "Ben", Kind.ACCEPT.value, "a.txt",
    )  # fmt: skip
    assert last["at"].endswith("+00:00")
    assert (last["lane"], last["version"], last["annotation"]) == ("Ben", 2, "m1")
    assert (last["before"]["decision"], last["after"]["decision"]) == ("open", "accepted")
    assert json.loads(rows[-1]["after"]) == last["after"]
    assert (rows[0]["before"], lines[0]["before"], rows[0]["document"]) == ("", None, "")


@pytest.mark.data
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_codiesp_comes_out_as_it_went_in(store, admin, catalog, public_data, tmp_path):
    from core.review.exchange.reading import read_folder

    folder = public_data / "codiesp" / "dev"
    read = read_folder(folder, catalog)
    assert (read.format, len(read.documents)) == ("codiesp", 250)
    assert not [one for one in read.problems if "is not in ICD" not in one.reason]
    project = store.create(admin, "CodiEsp dev")
    store.import_documents(admin, project, read.documents)
    found = []
    for document in store.texts(project.id):
        work = store.work(document, "Ada", project.settings)
        for name in [one.id for one in work.annotations]:
            work = decide.apply(work, decide.decide(work, name, Decision.ACCEPTED, "Ada", NOW))
        found.append(Reviewed(document, work))
    (tmp_path / "a.zip").write_bytes(codiesp.write(found))
    out = unpack(tmp_path / "a.zip", tmp_path / "out")

    def rows(where, split):
        found = set()
        for row in gold.read_annotations(where, split):
            spans = tuple(sorted(span for span in row.offsets if span[0] < span[1]))
            current = gold.current_codes(row.code, catalog)
            if current:  # a placeholder form comes back as its header
                found.add((row.document, min(current, key=len), spans))
        return found

    assert len(rows(folder, "dev")) > 3300
    assert rows(out, "review") == rows(folder, "dev")

    def codes(where, split):
        queries = gold.read_documents(where, split, catalog)
        return {one.name: {min(group, key=len) for group in one.groups if group} for one in queries}

    assert codes(out, "review") == codes(folder, "dev")
    texts = {path.name: path.read_bytes() for path in gold.text_files(folder, "dev")}
    assert {path.name: path.read_bytes() for path in gold.text_files(out, "review")} == texts
    first = Incoming("x", "Tos.")
    assert store.import_documents(admin, project, [first, *read.documents]) == (1, [one.name for one in read.documents])
