import io
import zipfile

import pytest

from core.catalog.tables.model import Columns, Form, System
from core.catalog.tables.read import open_bytes, read
from core.errors import ClinicodeError
from tests.catalog import files


def codes(reading):
    return [row.code for row in reading.rows]


def test_datasus_is_known_by_its_columns_and_read_as_latin_1():
    opened = open_bytes("x.csv", files.DATASUS.encode("iso-8859-1"))
    reading = read(opened)
    assert (opened.shape.form, opened.shape.encoding, opened.shape.delimiter) == (Form.DATASUS, "ISO-8859-1", ";")
    assert (opened.shape.system, opened.shape.lang, opened.shape.part) == (System.CID, "pt", "subcategories")
    assert codes(reading) == ["A00.0", "A17.0", "W01.0", "E99.9"]
    assert reading.rows[0].title == 'Diarreia inventada de verão [sic] "A"'
    assert reading.rows[0].line == 2
    assert reading.rows_in == 4


def test_atih_loses_withdrawn_codes_and_padding_and_keeps_extensions():
    reading = read(open_bytes("x.txt", files.ATIH.encode()))
    assert reading.shape.system is System.CIM
    assert codes(reading) == ["A00", "A00.0", "A00.01", "B24.+0"]
    assert reading.rows[1].title == "Diarrhée d’été inventée"
    assert (reading.left_out, reading.rejected) == (1, ())


def test_german_metadata_name_codes_without_dash_and_cross():
    reading = read(open_bytes("icd10gm2025syst_kodes.txt", files.METADATA.encode()))
    assert (reading.shape.form, reading.shape.release) == (Form.METADATA, "2025")
    assert [(row.code, row.title) for row in reading.rows] == [
        ("A00", "Erfundene Durchfälle"),
        ("A00.0", "Erfundener Sommerdurchfall"),
    ]
    assert reading.left_out == 1


def test_german_rubrics_give_inclusions_without_the_codes_set_against_them():
    text = (
        "code\tkind\ttitle_de\tinclusion_de\texclusion_de\tdefinition_de\n"
        "I\tchapter\tErfundenes\t\t\t\n"
        "A00.0\tcategory\tSommerdurchfallB99.-\tAugustdurchfallA01.1; Leiden: am See; Was unter B20.- steht\t\t\n"
    )
    reading = read(open_bytes("x.tsv", text.encode()))
    assert reading.rows[0].title == "Sommerdurchfall"
    assert reading.rows[0].terms == ("Augustdurchfall", "Leiden am See")
    assert reading.left_out == 1


def test_claml_gives_titles_inclusions_and_the_codes_that_modifiers_make():
    reading = read(open_bytes("x.xml", files.CLAML.encode()))
    assert (reading.shape.system, reading.shape.lang, reading.shape.release) == (System.GM, "de", "2025")
    assert [(row.code, row.title) for row in reading.rows] == [
        ("A00", "Erfundene Durchfälle"),
        ("A00.0", "Sommerdurchfall"),
        ("A00.00", "Sommerdurchfall: Ohne Beispiel"),
        ("A00.01", "Sommerdurchfall: Mit Beispiel"),
    ]
    assert reading.rows[1].terms == ("Augustdurchfall",)
    assert reading.left_out == 2


def test_the_order_file_is_read_by_its_columns():
    reading = read(open_bytes("icd10cm-order-2025.txt", files.ORDER.encode()))
    assert (reading.shape.form, reading.shape.system, reading.shape.release) == (Form.ORDER, System.CM, "2025")
    assert codes(reading) == ["A00", "A00.0", "S25.02XA", "S25", "S25.02", "Z3A"]
    assert reading.rows[1].title == "Invented diarrhea of summer"


def test_the_tabular_list_writes_out_seventh_characters():
    reading = read(open_bytes("x.xml", files.TABULAR.encode()))
    assert reading.shape.release == "2031"
    assert codes(reading) == ["A00", "A00.0", "A00.0XXA", "A00.0XXD", "A00.1", "A00.1XXA"]
    assert {row.code: row.title for row in reading.rows}["A00.0XXD"] == "Of summer, later"
    assert reading.book is not None
    assert "other inventions (B99)" in reading.book.row(2, named=True)["notes"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_tables_in_any_delimiter_and_encoding(delimiter, encoding):
    text = "\r\n".join(delimiter.join(f'"{value}"' for value in row) for row in files.SPANISH)
    opened = open_bytes("x.csv", text.encode(encoding))
    assert opened.shape.form is Form.DELIMITED
    assert opened.shape.guess == Columns("Código", "Descripción")
    assert opened.preview()[0] == {"Código": "A00", "Descripción": "Diarrea inventada"}
    assert [(row.code, row.line) for row in read(opened).rows] == [("A00", 2), ("A00.0", 3), ("S52.501A", 4)]


def test_a_table_without_a_line_of_names_gets_numbered_columns():
    opened = open_bytes("x.csv", b"A00,Invented diarrhea\nA00.0,Invented diarrhea of summer\n")
    assert opened.shape.guess == Columns("column 1", "column 2")
    assert codes(read(opened)) == ["A00", "A00.0"]


def test_columns_that_a_person_names_go_before_the_guess():
    text = "id;short;long;synonyms\nA00;Diarr;Invented diarrhea;Of summer|Of winter\nA01;Fev;Invented fever;\n"
    opened = open_bytes("x.csv", text.encode())
    assert read(opened, Columns("id", "short", "synonyms")).rows[0].terms == ("Of summer", "Of winter")
    with pytest.raises(ClinicodeError, match="no column 'nome'; the columns are id, short, long, synonyms"):
        read(opened, Columns("id", "nome"))


def test_a_spreadsheet_is_read_below_what_stands_above_its_table():
    data = files.workbook([("Publicado",), (), *files.SPANISH, ("A01", None)])
    opened = open_bytes("x.xlsx", data)
    reading = read(opened)
    assert opened.shape.form is Form.WORKBOOK
    assert opened.shape.guess == Columns("Código", "Descripción")
    assert codes(reading) == ["A00", "A00.0", "S52.501A"]
    assert [(one.line, one.reason) for one in reading.rejected] == [(7, "A01 has no title")]


def test_rows_that_cannot_be_used_are_named_by_line_and_reason():
    lines = ["code,title", "A00,Good", "A00,Twice", ",No code", "A01", "QQQ,No code", "A02,", "A03,Fine", "A04,Fine"]
    lines += [f"B{number:02d},Fine" for number in range(10)]
    reading = read(open_bytes("x.csv", "\n".join(lines).encode()))
    assert [(one.line, one.reason) for one in reading.rejected] == [
        (3, "A00 was already on line 2"),
        (4, "no code"),
        (5, "1 columns instead of 2"),
        (6, "'QQQ' is no code"),
        (7, "A02 has no title"),
    ]
    assert len(reading.rows) + len(reading.rejected) == reading.rows_in == 18


def test_a_file_cut_short_loses_its_last_row_alone():
    whole = files.DATASUS.encode("utf-8")
    cut = whole[: whole.index("çúcar".encode()) + 1]
    reading = read(open_bytes("x.csv", cut))
    assert codes(reading) == ["A00.0", "A17.0", "W01.0"]
    assert [one.line for one in reading.rejected] == [5]
    assert reading.shape.encoding == "UTF-8"


def test_a_damaged_character_costs_its_row_and_no_other():
    data = b"code,title\n" + b"A00,Caf\xe9\n" + "".join(f"A{n:02d},Açúcar\n" for n in range(1, 9)).encode()
    reading = read(open_bytes("x.csv", data))
    assert reading.shape.encoding == "UTF-8"
    assert [(one.line, one.reason) for one in reading.rejected] == [(2, "the title of A00 is damaged")]
    assert reading.rows[0].title == "Açúcar"


def test_a_known_table_with_another_delimiter_is_read_as_a_plain_one():
    opened = open_bytes("x.csv", files.DATASUS.replace(";", ",").encode("iso-8859-1"))
    assert (opened.shape.form, opened.shape.system) == (Form.DELIMITED, None)
    assert codes(read(opened)) == ["A00.0", "A17.0", "W01.0", "E99.9"]


BOMB = '<?xml version="1.0"?><!DOCTYPE ClaML [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ClaML>&b;</ClaML>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE ClaML [<!ENTITY x SYSTEM "file:///etc/passwd">]><ClaML>&x;</ClaML>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"\x00\x01\x02", "no text"),
        (b"Just a letter.\nWith two lines.\n", "No codes and titles"),
        (b"name,age\nAnn,3\nBen,4\n", "Which columns"),
        (BOMB.encode(), "entities"),
        (BOMB.encode("utf-16"), "entities"),
        (OUTSIDE.encode(), "entities"),
        (files.CLAML.encode()[:900], "no complete XML"),
        (b"<html><body/></html>", "of a kind that is not known"),
        (b"<ClaML>" + b"<a>" * 500 + b"</a>" * 500 + b"</ClaML>", "too deep"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b'code,title\nA00,"open\n' + b"A01,x\n" * 60, "never closed"),
        (("code,title\n" + "".join(f"bad{n},x\n" for n in range(9)) + "A00,x\n").encode(), "Which columns"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(data, said):
    with pytest.raises(ClinicodeError, match=said) as error:
        read(open_bytes("x.csv", data))
    assert str(error.value).startswith("x.csv")


def packed(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr(name, content)
    return stream.getvalue()


def test_spreadsheets_that_unpack_to_too_much_or_declare_entities_are_refused():
    with pytest.raises(ClinicodeError, match="unpacks to far more"):
        open_bytes("x.xlsx", packed("xl/worksheets/sheet1.xml", b" " * 30_000_000))
    with pytest.raises(ClinicodeError, match="declarations"):
        open_bytes("x.xlsx", packed("xl/worksheets/sheet1.xml", BOMB.encode()))
    with pytest.raises(ClinicodeError, match="packed folder"):
        open_bytes("x.zip", packed("a.csv", b"code,title").replace(b"xl/workbook.xml", b"xl/nothing__xml"))
