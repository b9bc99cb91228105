"""Reading what a person pastes or uploads, and the checks at the door."""

from __future__ import annotations

import io
import logging
import unicodedata
import zipfile

from core.errors import ClinicodeError

MAX_CHARACTERS = 200_000
"""A note longer than this is refused before any work starts."""
MAX_QUERY = 2_000
MAX_BYTES = 20_000_000
MAX_PAGES = 500

BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], " ")
CONTROL = {**dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " "), 9: "\t", 10: "\n", 13: "\r"}
INVISIBLE = CONTROL | BIDI


def clean(text: str) -> str:
    """Control and direction characters as spaces, one for one: every offset stays where it was."""
    return text.translate(INVISIBLE).replace("\ufffe", " ").replace("\ufeff", " ")


def check_note(text: str) -> str:
    """The note, cleaned, or what is wrong with it.

    Raises
    ------
    ClinicodeError
        If it is empty, has no letters, or is longer than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        message = (
            f"The note has {len(text):,} characters; at most {MAX_CHARACTERS:,} can be read at once. Split it in parts."
        )
        raise ClinicodeError(message)
    cleaned = clean(text)
    if not cleaned.strip():
        raise ClinicodeError("The note is empty; paste its text or open a file.")
    if not any(char.isalpha() for char in cleaned):
        raise ClinicodeError("The note has no letters in it, so there is nothing to code.")
    return cleaned


def check_query(text: str) -> str:
    """A phrase to look up, cleaned and on one line, or what is wrong with it.

    Raises
    ------
    ClinicodeError
        If it is empty or longer than `MAX_QUERY`.
    """
    if len(text) > MAX_QUERY:
        message = (
            f"The phrase has {len(text):,} characters; look up at most {MAX_QUERY:,}, and code a whole note as a note."
        )
        raise ClinicodeError(message)
    line = " ".join(clean(text).split())
    if not line:
        raise ClinicodeError("Nothing to look up: write a diagnosis, a symptom or a code.")
    return line


def read_document(name: str, data: bytes) -> str:
    """The text of a .txt, .pdf or .docx file.

    Raises
    ------
    ClinicodeError
        If the file is empty, too large, damaged, holds no text, or is none of the three.
    """
    if not data:
        message = f"{name} is empty."
        raise ClinicodeError(message)
    if len(data) > MAX_BYTES:
        message = f"{name} has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read."
        raise ClinicodeError(message)
    suffix = name.rsplit(".", 1)[-1].lower()
    if data.startswith(b"%PDF") or suffix == "pdf":
        text = _pdf(name, data)
    elif suffix == "docx":
        text = _docx(name, data)
    else:
        text = decode(name, data)
    if not text.strip():
        message = f"{name} holds no text; a scanned document has to go through text recognition first."
        raise ClinicodeError(message)
    return text


def decode(name: str, data: bytes) -> str:
    """Bytes of a text file as text: UTF-8, UTF-16 with its mark, else Windows-1252.

    Raises
    ------
    ClinicodeError
        If it is not text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(name, data, encoding)
    if b"\x00" in data:
        message = f"{name} is not a text file; open a .txt, .pdf or .docx file."
        raise ClinicodeError(message)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _strict(name, data, "cp1252")
    strange = sum(unicodedata.category(char) == "Cc" and char not in "\t\n\r\f" for char in text)
    if strange > len(text) / 20:
        message = f"{name} is not a text file; open a .txt, .pdf or .docx file."
        raise ClinicodeError(message)
    return text


def _strict(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"{name} is in an encoding that cannot be recognised; save it as UTF-8 and open it again."
        raise ClinicodeError(message) from error


def _pdf(name: str, data: bytes) -> str:
    from pypdf import PdfReader  # noqa: PLC0415  only who opens a PDF pays for it

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the document
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            message = f"{name} is protected by a password; save it without one and open it again."
            raise ClinicodeError(message)
        if len(reader.pages) > MAX_PAGES:
            message = f"{name} has {len(reader.pages)} pages; at most {MAX_PAGES} can be read."
            raise ClinicodeError(message)
        return "\n".join(page.extract_text() for page in reader.pages)
    except ClinicodeError:
        raise
    except Exception as error:
        message = f"{name} cannot be read as a PDF: the file is damaged or of an unknown kind."
        raise ClinicodeError(message) from error


def _docx(name: str, data: bytes) -> str:
    from docx import Document  # noqa: PLC0415  only who opens a Word file pays for it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > 10 * MAX_BYTES:
                message = f"{name} unpacks to more than {10 * MAX_BYTES / 1e6:.0f} MB and was not opened."
                raise ClinicodeError(message)
        document = Document(io.BytesIO(data))
        tables = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *dict.fromkeys(tables)])
    except ClinicodeError:
        raise
    except Exception as error:
        message = f"{name} cannot be read as a Word document (.docx): the file is damaged or of another kind."
        raise ClinicodeError(message) from error
