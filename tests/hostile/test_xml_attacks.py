"""XML with entities, document types and things from elsewhere, in every importer that reads XML."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import markup
from core.archives import zipped
from core.catalog.tables.read import open_bytes, read
from core.errors import ClinicodeError
from core.markup import DEEPEST, declares, parse
from core.note.documents import read_document
from tests.catalog.files import CLAML, TABULAR, workbook

ROOT = Path(__file__).resolve().parent.parent.parent
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
BILLION = f'<!DOCTYPE ClaML [<!ENTITY l0 "ha">{LAUGHS}]>'
KEPT = "what only this machine knows"


@pytest.fixture(scope="module")
def elsewhere():
    """A server that notes what is asked of it: (its address, what was asked)."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!ENTITY stolen 'stolen'>")

        def log_message(self, *_about):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def attacks(address: str, secret: str) -> dict[str, tuple[str, str]]:
    """By name the document type, and what in the text uses it."""
    return {
        "a billion laughs": (BILLION, "&l12;"),
        "quadratic growth": (f'<!DOCTYPE ClaML [<!ENTITY a "{"a" * 100_000}">]>', "&a;" * 10_000),
        "a file of this machine": (f'<!DOCTYPE ClaML [<!ENTITY x SYSTEM "file://{secret}">]>', "&x;"),
        "an address": (f'<!DOCTYPE ClaML [<!ENTITY x SYSTEM "{address}/x">]>', "&x;"),
        "a parameter of an address": (f'<!DOCTYPE ClaML [<!ENTITY % x SYSTEM "{address}/p"> %x;]>', ""),
        "an entity that is not declared": ("", "&x;"),
        "an entity of a type from elsewhere": (f'<!DOCTYPE ClaML SYSTEM "{address}/t.dtd">', "&stolen;"),
        "attributes by default": ('<!DOCTYPE ClaML [<!ATTLIST Class kind CDATA "category">]>', ""),
    }


NAMES = tuple(attacks("", ""))


@pytest.fixture
def attack(request, elsewhere, tmp_path):
    address, asked = elsewhere
    secret = tmp_path / "secret.txt"
    secret.write_text(KEPT)
    asked.clear()
    yield attacks(address, str(secret))[request.param]
    assert asked == []


@pytest.mark.parametrize("attack", NAMES, indirect=True)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_of_codes_declare_nothing_and_fetch_nothing(attack, encoding):
    declared, used = attack
    for text, word in ((CLAML, "Sommerdurchfall"), (TABULAR, "Of summer")):
        head, body = text.split("?>", 1)
        body = body.replace('<!DOCTYPE ClaML SYSTEM "ClaML.dtd">', "").replace(word, word + used)
        data = f"{head.replace('UTF-8', encoding).replace('utf-8', encoding)}?>{declared}{body}".encode(encoding)
        with pytest.raises(ClinicodeError, match="XML") as error:
            read(open_bytes("in.xml", data))
        assert KEPT not in str(error.value)


def test_a_type_from_elsewhere_that_nothing_uses_is_not_fetched(elsewhere):
    address, asked = elsewhere
    asked.clear()
    text = CLAML.replace('SYSTEM "ClaML.dtd"', f'SYSTEM "{address}/ClaML.dtd"')
    assert len(read(open_bytes("in.xml", text.encode())).rows) == 4
    assert asked == []


@pytest.mark.parametrize("attack", NAMES, indirect=True)
@pytest.mark.parametrize("before", ["", "<!-- " + "x" * 20_000 + " -->\n"], ids=["at once", "after 20,000 characters"])
def test_office_files_declare_nothing(attack, before):
    """A declaration behind a long comment was not seen where only the beginning of a part was looked at."""
    declared, used = attack
    if not declared:
        pytest.skip("no declaration")
    part = f'<?xml version="1.0"?>{before}{declared.replace("ClaML", "x", 1)}<x>{used}</x>'.encode()
    word = zipped([("[Content_Types].xml", part), ("word/document.xml", part)])
    with pytest.raises(ClinicodeError, match="declarations that no such file has"):
        read_document("in.docx", word)
    for hidden in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.bin", "xl/sharedStrings.xml"):
        sheets = zipped([("xl/workbook.xml", b"<workbook/>"), (hidden, part)])
        with pytest.raises(ClinicodeError, match="declarations that no such file has"):
            open_bytes("in.xlsx", sheets)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_declaration_is_seen_in_any_encoding_that_parsers_know(encoding):
    text = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert declares(text.encode(encoding), strict=True)
    plain = "<x>a</x>".encode(encoding)
    assert declares(plain, strict=False) is False


@pytest.mark.parametrize("encoding", ["utf-7", "gb2312", "cp037", "hex", "undefined", "shift_jis", "nothing"])
def test_an_encoding_that_is_not_read_is_a_sentence(encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><ClaML/>'.encode()
    with pytest.raises(ClinicodeError, match=r"encoding|no complete XML"):
        open_bytes("in.xml", data)
    assert declares(data, strict=True)


def test_a_real_spreadsheet_has_no_declaration():
    rows = read(open_bytes("in.xlsx", workbook([("code", "title"), ("A00", "Invented"), ("A01", "& <b>")]))).rows
    assert [row.title for row in rows] == ["Invented", "& <b>"]


@pytest.mark.parametrize(
    "text",
    [
        "<ClaML>" * (DEEPEST + 1) + "</ClaML>" * (DEEPEST + 1),
        "<ClaML>" + "<a>" * 100_000,
        "<ClaML>" + "<a/>" * 1000 + "</ClaML>",
    ],
    ids=["too deep", "never closed", "too many"],
)
def test_elements_without_end_are_refused(text, monkeypatch):
    monkeypatch.setattr(markup, "MOST", 1000)
    with pytest.raises(ClinicodeError, match="too many or stand too deep"):
        parse(text.encode())


def test_a_claml_of_modifiers_that_make_thousands_of_codes_is_refused():
    endings = "".join(
        f'<ModifierClass modifier="M{kind}" code="{at}"><Rubric kind="preferred"><Label>x</Label></Rubric>'
        "</ModifierClass>"
        for kind in range(9)
        for at in range(10)
    )
    one = '<Class code="A00" kind="category"><Rubric kind="preferred"><Label>x</Label></Rubric>'
    made = "".join(f'<ModifiedBy code="M{kind}"/>' for kind in range(9))
    with pytest.raises(ClinicodeError, match="Modifiers make"):
        read(open_bytes("in.xml", f"<ClaML>{endings}{one}{made}</Class></ClaML>".encode()))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_tables_with_bytes_changed_are_read_or_refused(data):
    whole = bytearray(data.draw(st.sampled_from([CLAML, TABULAR])).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        reading = read(open_bytes("in.xml", bytes(whole)))
    except ClinicodeError:
        return
    assert reading.rows_in == len(reading.rows) + len(reading.rejected) + reading.left_out
    assert reading.rows


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_after_a_beginning_of_xml_are_read_or_refused(tail):
    for head in (b"<", b"<?xml version='1.0'?>", b"<ClaML>", b"\xff\xfe<\x00", b"<ICD10CM.tabular>"):
        with pytest.raises(ClinicodeError):
            read(open_bytes("in.xml", head + tail))


def test_no_module_parses_xml_but_one():
    parsers = ("fromstring", "iterparse", "expat", "minidom", "xml.sax", "lxml")
    paths = [path for path in ROOT.glob("core/**/*.py") if any(one in path.read_text("utf-8") for one in parsers)]
    assert [path.relative_to(ROOT).as_posix() for path in paths] == ["core/markup.py"]
