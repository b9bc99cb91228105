"""Documents come into a project from what people have, with what is annotated in them; what is wrong is said."""

import io
import json
import zipfile

import pytest

from core.archives import zipped
from core.errors import ClinicodeError
from core.note.context import Status
from core.review.exchange.reading import Problem, read_documents, read_folder
from core.review.model import Option
from core.settings import ASSETS

NOTE = "Paciente con dolor 😀 abdominal.\r\nNiega asma y tos."


def annotated(read):
    """What stands in each document: words, status, codes."""
    return [
        [
            (" ".join(one.text[start:end] for start, end in found.spans), found.status, found.codes)
            for found in one.annotations
        ]
        for one in read.documents
    ]


def jsonl(*rows):
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows).encode()


def test_the_public_notes_are_read_with_all_their_mentions(catalog):
    data = (ASSETS / "evaluation" / "notes.jsonl").read_bytes()
    rows = [json.loads(line) for line in data.decode().split("\n") if line.strip()]
    read = read_documents("notes.jsonl", data, catalog)
    assert (read.format, read.problems) == ("jsonl", ())
    assert [(one.name, one.text, one.lang) for one in read.documents] == [
        (row["id"], row["text"], row["lang"]) for row in rows
    ]
    for document, row in zip(read.documents, rows, strict=True):
        found = sorted((*one.spans[0], one.status.value, one.codes) for one in document.annotations)
        given = sorted((m["start"], m["end"], m["status"], tuple(dict.fromkeys(m["codes"]))) for m in row["mentions"])
        assert found == given
    first = read.documents[0].annotations[0]
    assert (first.score, first.options) == (1.0, tuple(Option(code, 1.0) for code in first.codes))


def test_bad_json_lines_are_said_and_the_rest_is_read(catalog):
    start = NOTE.index("abdominal")
    data = jsonl(
        {"id": "a", "text": NOTE, "mentions": [{"start": start, "end": start + 9, "codes": ["r10.9"]}]},
        "{no json",
        {"id": "b"},
        {"id": "c", "text": "123"},
        {"id": "d", "text": "Fiebre.", "lang": "xx"},
        {
            "id": "e",
            "text": "Tos seca y fiebre.",
            "mentions": [
                {"start": 0, "end": 3, "text": "tos", "codes": ["R05.9"]},
                {"start": 0, "end": 99, "codes": ["R05.9"]},
                {"start": 0, "end": 3, "text": "fiebre", "codes": ["R05.9"]},
                {"start": 0, "end": 3, "codes": ["ZZZ.9"]},
                {"start": 0, "end": 3, "status": "maybe"},
                {"start": "0", "end": 3},
                "tos",
                {"spans": [[0, 3], [11, 17]], "start": 0, "end": 17, "codes": ["R05.9", "XX9"], "status": "uncertain"},
                {"start": 11, "end": 17},
            ],
        },
    )
    read = read_documents("upload", data, catalog)
    assert [one.name for one in read.documents] == ["a", "d", "e"]
    assert annotated(read) == [
        [("abdominal", Status.AFFIRMED, ("R10.9",))],
        [],
        [
            ("Tos", Status.AFFIRMED, ("R05.9",)),
            ("Tos fiebre", Status.UNCERTAIN, ("R05.9",)),
            ("fiebre", Status.AFFIRMED, ()),
        ],
    ]
    assert read.documents[1].lang == ""
    places = ["line 2", "line 3", "line 4", "line 5", *(f"line 6, mention {number}" for number in range(2, 9))]
    assert sorted(one.where for one in read.problems) == places
    assert "'ZZZ.9' is not in ICD-10-CM" in next(one.reason for one in read.problems if one.where.endswith("mention 4"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", 'id,lang,text\na,es,"Tos, seca\r\nNiega asma"\nb,es-ES,Neumonía'.encode()),
        ("a.csv", 'name;text;lang\na;"Tos, seca\r\nNiega asma";es\nb;Neumonía;ES'.encode("cp1252")),
        ("a.tsv", '\ufeffID\tText\tLanguage\na\t"Tos, seca\r\nNiega asma"\tes\nb\tNeumonía\tes\n'.encode()),
        ("a.txt", '\nid\tlang\ttext\na\tes\t"Tos, seca\r\nNiega asma"\nb\tes\tNeumonía\n'.encode()),
    ],
)
def test_tables_are_read_whatever_parts_their_columns_and_however_they_are_encoded(catalog, name, data):
    read = read_documents(name, data, catalog)
    assert (read.format, read.problems) == ("table", ())
    assert [(one.name, one.text, one.lang) for one in read.documents] == [
        ("a", "Tos, seca\r\nNiega asma", "es"),
        ("b", "Neumonía", "es"),
    ]


def test_rows_that_are_no_documents_are_said_by_their_line(catalog):
    data = b'text,id\n"Tos, seca",a\nTos, seca,b\n,c\n"one\ntwo",d\n' + b"x" * 200_001 + b",e\n"
    read = read_documents("a.csv", data, catalog)
    assert [one.name for one in read.documents] == ["a", "d"]
    assert [one.where for one in read.problems] == ["line 3", "line 4", "line 7"]
    with pytest.raises(ClinicodeError, match="none of the formats"):
        read_documents("codes.csv", b"code;title\nI10;Hypertension\n", catalog)


def test_a_note_is_one_document(catalog, tmp_path):
    from docx import Document

    word = Document()
    word.add_paragraph("Tos seca.")
    word.save(tmp_path / "note.docx")
    for name, data, text in (
        ("note.txt", NOTE.encode(), NOTE),
        ("note", "Neumonía, text".encode("cp1252"), "Neumonía, text"),
        ("note.docx", (tmp_path / "note.docx").read_bytes(), "Tos seca."),
        ("renamed.zip", (tmp_path / "note.docx").read_bytes(), "Tos seca."),
    ):
        read = read_documents(name, data, catalog)
        assert (read.format, [one.text for one in read.documents]) == ("document", [text])


def test_a_zip_file_of_notes_is_read_and_what_is_no_note_in_it_is_said(catalog, tmp_path):
    files = {
        "in/a.txt": NOTE.encode(),
        "b.txt": b"Tos.",
        "empty.txt": b"",
        "picture.png": b"\x89PNG\x00\x00",
        "more.jsonl": jsonl({"id": "c", "text": "Fiebre."}, "{"),
        "nested.zip": zipped([("x.txt", "x")]),
        "__MACOSX/b.txt": b"junk",
        ".hidden.txt": b"junk",
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(data)
    for read in (read_documents("a.zip", zipped(files.items()), catalog), read_folder(tmp_path, catalog)):
        assert read.format == "documents"
        assert sorted(one.text for one in read.documents) == sorted([NOTE, "Tos.", "Fiebre."])
        assert sorted(one.where for one in read.problems) == [
            "empty.txt", "more.jsonl, line 2", "nested.zip", "picture.png",
        ]  # fmt: skip


def member(name, content=b"Tos.", **info):
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for key, value in info.items():
            setattr(archive.infolist()[0], key, value)
    return into.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (member("../a.txt"), "outside its own folder"),
        (member("/etc/a.txt"), "outside its own folder"),
        (member("C:a.txt"), "outside its own folder"),
        (member("a.txt", bytes(210_000_000)), "unpacks to more than"),
        (member("a.txt", flag_bits=1), "password"),
        (member("a.txt", b"Tos. " * 1000, file_size=5), "damaged"),
        (member("a.txt")[:-30], "damaged"),
        (b"PK\x03\x04 no zip", "damaged"),
        (b"", "is empty"),
        (b" \n", "no text"),
        (b"\x00\x01", "not a text file"),
        (b"{}", "none of the formats"),
        (member("a.png", b"\x00"), "no document"),
    ],
    ids=[
        "outside",
        "absolute",
        "drive",
        "bomb",
        "password",
        "size",
        "cut",
        "no zip",
        "empty",
        "blank",
        "binary",
        "json",
        "picture",
    ],
)
def test_what_is_unsafe_damaged_or_empty_gets_one_sentence(catalog, data, said):
    with pytest.raises(ClinicodeError, match=said):
        read_documents("a.json" if data == b"{}" else "a.zip" if data.startswith(b"PK") else "a.txt", data, catalog)


def test_annotations_without_texts_and_folders_that_are_not_there_are_said(catalog, tmp_path):
    for name in ("devX.tsv", "a.ann"):
        with pytest.raises(ClinicodeError, match="without their texts"):
            read_documents(name, b"a\tDIAGNOSTICO\ti10\tx\t0 1\n", catalog)
    with pytest.raises(ClinicodeError, match="no folder"):
        read_folder(tmp_path / "nowhere", catalog)
    with pytest.raises(ClinicodeError, match="no document"):
        read_folder(tmp_path, catalog)


STANDOFF = f"""T1\tDiagnosis {NOTE.index("dolor")} {NOTE.index("dolor") + 5};{NOTE.index("abdominal")} \
{NOTE.index("abdominal") + 9}\tdolor abdominal
N1\tReference T1 ICD10CM:R10.9\tUnspecified abdominal pain
N2\tReference T1 UMLS:C0000737\tAbdominal Pain
#1\tAnnotatorNotes T1\tsee R10.0 too
A1\tStatus T1 uncertain
A2\tConfidence T1 high
M1\tNegation T2
T2\tDiagnosis {NOTE.index("asma")} {NOTE.index("asma") + 4}\tasma
#2\tAnnotatorNotes T2\tj45909, J45.901
R1\tBefore Arg1:T1 Arg2:T2
T3\tDiagnosis 0 8\tsomething else
T4\tDiagnosis {NOTE.index("tos")} {NOTE.index("tos") + 3}\ttos
A3\tStatus T4 whatever
T5 Diagnosis
T6\tDiagnosis {NOTE.index("tos")} {NOTE.index("tos") + 3}\ttos
N3\tReference T6 ICD10CM:QQQ.1\t
T7\tDiagnosis {NOTE.index("abdominal")} {NOTE.index(".")};{NOTE.index("Niega")} {NOTE.index("asma") + 4}\t\
abdominal Niega asma
"""


def test_standoff_is_read_with_statuses_codes_and_passages_in_parts(catalog, tmp_path):
    files = {"in/a.txt": NOTE.encode(), "in/a.ann": STANDOFF.encode(), "b.txt": b"Tos.", "lone.ann": b""}
    (tmp_path / "in").mkdir()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    for read in (read_documents("a.zip", zipped(files.items()), catalog), read_folder(tmp_path, catalog)):
        assert (read.format, [one.name for one in read.documents]) == ("brat", ["b", "in/a"])
        assert annotated(read)[1] == [
            ("dolor abdominal", Status.UNCERTAIN, ("R10.9",)),
            ("abdominal Niega asma", Status.AFFIRMED, ()),
            ("asma", Status.NEGATED, ("J45.909", "J45.901")),
        ]
        assert sorted(one.where for one in read.problems) == [
            "in/a.ann, line 11", "in/a.ann, line 13", "in/a.ann, line 14", "in/a.ann, line 15", "lone.ann",
        ]  # fmt: skip


def test_pieces_of_a_passage_that_only_the_end_of_a_line_parts_are_one(catalog):
    note = "Dolor\r\n abdominal y\ntos"
    lines = "T1\tD 0 5;8 17\tDolor abdominal\nT2\tD 0 5;20 23\tDolor tos\n"
    read = read_documents("a.zip", zipped([("a.txt", note), ("a.ann", lines)]), catalog)
    assert [one.spans for one in read.documents[0].annotations] == [((0, 5), (20, 23)), ((0, 17),)]


def test_codiesp_is_read_from_a_folder_and_a_zip_file_with_every_split(catalog, tmp_path):
    text = "Presenta dolor en el abdomen y fractura."
    files = {
        "c/train/trainX.tsv": "a\tDIAGNOSTICO\tr10.9\tdolor abdomen\t21 28;9 14\n"
        "a\tPROCEDIMIENTO\tbt41zzz\tdolor\t9 14\na\tDIAGNOSTICO\tr52\tdolor\t9 14\n"
        "a\tDIAGNOSTICO\tr10.84\tdolor\t9 14\na\tDIAGNOSTICO\tq99.x9\tdolor\t9 14\nnobody\tDIAGNOSTICO\tr52\tx\t0 1\n"
        "a\tDIAGNOSTICO\tr52\n",
        "c/train/text_files/a.txt": text,
        "c/dev/devD.tsv": "b\tr52\n",
        "c/dev/text_files/b.txt": text + " b",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    for read in (read_documents("c.zip", zipped(files.items()), catalog), read_folder(tmp_path / "c", catalog)):
        assert (read.format, [(one.name, one.lang) for one in read.documents]) == (
            "codiesp", [("b", "es"), ("a", "es")],
        )  # fmt: skip
        assert annotated(read)[1] == [
            ("dolor", Status.AFFIRMED, ("R52", "R10.84")),
            ("dolor abdomen", Status.AFFIRMED, ("R10.9",)),
        ]
        assert {one.where for one in read.problems} == {
            "devD.tsv", "trainX.tsv, line 3", "trainX.tsv, line 6", "trainX.tsv, line 7",
        }  # fmt: skip


def test_characters_that_no_database_keeps_are_replaced_and_move_nothing(catalog):
    row = {"id": "a\x00b", "text": "x\x00 \ud800 tos", "mentions": [{"start": 5, "end": 8, "text": "tos"}]}
    (one,) = read_documents("a.jsonl", jsonl(row), catalog).documents
    assert (one.name, one.text, len(one.annotations)) == ("a\ufffdb", "x\ufffd \ufffd tos", 1)


def test_a_problem_is_where_and_why():
    assert Problem("line 3", "Why.") == Problem(where="line 3", reason="Why.")
