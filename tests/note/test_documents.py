import io
import zipfile

import pytest
from docx import Document
from pypdf import PdfWriter

from core.errors import ClinicodeError
from core.note.documents import MAX_CHARACTERS, check_note, check_query, clean, read_document


def pdf(text: str) -> bytes:
    """A one-page PDF that shows a line of text (none if empty), written by hand."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1") if text else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def docx(*paragraphs: str) -> bytes:
    document, out = Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    table = document.add_table(1, 1)
    table.rows[0].cells[0].text = "HTA"
    document.save(out)
    return out.getvalue()


def test_reads_text_pdf_and_word():
    assert read_document("note.txt", "Pneumònia".encode()) == "Pneumònia"
    assert "Bronquitis aguda" in read_document("note.pdf", pdf("Bronquitis aguda"))
    text = read_document("note.docx", docx("Ictus isquémico", "Disnea"))
    assert text.splitlines() == ["Ictus isquémico", "Disnea", "HTA"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_recognises_encodings(encoding):
    assert read_document("note.txt", "señora con tos, über 38 °C".encode(encoding)) == "señora con tos, über 38 °C"


def encrypted() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"   \n", "holds no text"),
        ("a.txt", b"\x00\x01\x02\xff" * 50, "not a text file"),
        ("a.txt", bytes(range(1, 32)) * 9, "not a text file"),
        ("scan.pdf", pdf(""), "holds no text"),
        ("a.pdf", b"%PDF-1.4 broken", "damaged"),
        ("a.pdf", b"hello", "damaged"),
        ("a.pdf", encrypted(), "password"),
        ("a.docx", b"PK\x03\x04 broken", "damaged"),
        ("a.docx", b"hello", "damaged"),
        ("big.txt", b"x" * 20_000_001, "at most 20 MB"),
    ],
)
def test_what_cannot_be_read_says_why(name, data, says):
    with pytest.raises(ClinicodeError, match=says):
        read_document(name, data)


def test_a_word_file_that_unpacks_to_too_much_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 210_000_000)
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(ClinicodeError, match="unpacks to more"):
        read_document("bomb.docx", out.getvalue())


def test_cleaning_keeps_every_offset():
    text = "to\x00s\u202e seca\u200f\x1b[31m fiebre"
    assert len(clean(text)) == len(text)
    assert "\u202e" not in clean(text)
    assert clean("línea\n\totra") == "línea\n\totra"


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\x01", "123 456", "!!!"])
def test_a_note_without_words_is_refused(text):
    with pytest.raises(ClinicodeError):
        check_note(text)


def test_a_note_that_is_too_long_is_refused_with_both_numbers():
    with pytest.raises(ClinicodeError, match="1,000,000 characters; at most 200,000"):
        check_note("a" * 1_000_000)
    assert len(check_note("a" * MAX_CHARACTERS)) == MAX_CHARACTERS


def test_a_query_becomes_one_line():
    assert check_query(" dolor\n torácico\x07 ") == "dolor torácico"
    with pytest.raises(ClinicodeError, match="code a whole note"):
        check_query("dolor " * 500)
