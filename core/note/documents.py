"""Reading what a person pastes or uploads, and the checks at the door."""

from __future__ import annotations

import io
import logging
import time
import unicodedata
from typing import TYPE_CHECKING

from core.archives import is_zip, office
from core.errors import ClinicodeError
from core.interface import _, number

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from pypdf import PdfReader

MAX_CHARACTERS = 200_000
"""A note longer than this is refused before any work starts."""
MAX_QUERY = 2_000
MAX_BYTES = 20_000_000
MAX_PAGES = 500
MAX_TOKENS = 500_000
"""Of a PDF's page: operators and operands that show text."""
MAX_FORMS = 1_000
"""Drawings that a PDF's page may show, drawings in drawings counted."""
PATIENCE = 60.0
"""Seconds that the pages of a PDF have."""

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHOWN = {f"{WORD}t": "", f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
"""What a paragraph of a Word file shows; a `t` shows its text."""
UNREAD = {
    f"{WORD}moveFrom",
    f"{WORD}pPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
"""In which stands what was moved elsewhere, how a paragraph is set, and the same again for older programs."""

BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], " ")
CONTROL = {**dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " "), 9: "\t", 10: "\n", 13: "\r"}
HALVES = dict.fromkeys(range(0xD800, 0xE000), " ")
"""Halves of a character, which no file, database or terminal takes."""
INVISIBLE = CONTROL | BIDI | HALVES


def clean(text: str) -> str:
    """Control and direction characters and halves of one as spaces, one for one: every offset stays where it was."""
    return text.translate(INVISIBLE).replace("\ufffe", " ").replace("\ufeff", " ")


def check_note(text: str) -> str:
    """The note, cleaned, or what is wrong with it.

    Raises
    ------
    ClinicodeError
        If it is empty, has no letters, or is longer than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        message = _(
            "The note has {text} characters; at most {max_characters} can be read at once. Split it in parts."
        ).format(text=number(len(text)), max_characters=number(MAX_CHARACTERS))
        raise ClinicodeError(message)
    cleaned = clean(text)
    if not cleaned.strip():
        raise ClinicodeError(_("The note is empty; paste its text or open a file."))
    if not any(char.isalpha() for char in cleaned):
        raise ClinicodeError(_("The note has no letters in it, so there is nothing to code."))
    return cleaned


def check_query(text: str) -> str:
    """A phrase to look up, cleaned and on one line, or what is wrong with it.

    Raises
    ------
    ClinicodeError
        If it is empty or longer than `MAX_QUERY`.
    """
    if len(text) > MAX_QUERY:
        message = _(
            "The phrase has {text} characters; look up at most {max_query}, and code a whole note as a note."
        ).format(text=number(len(text)), max_query=number(MAX_QUERY))
        raise ClinicodeError(message)
    line = " ".join(clean(text).split())
    if not line:
        raise ClinicodeError(_("Nothing to look up: write a diagnosis, a symptom or a code."))
    return line


def read_document(name: str, data: bytes) -> str:
    """The text of a .txt, .pdf or .docx file.

    Raises
    ------
    ClinicodeError
        If the file is empty, too large, damaged, holds no text, or is none of the three.
    """
    if not data:
        message = _("{name} is empty.").format(name=name)
        raise ClinicodeError(message)
    if len(data) > MAX_BYTES:
        message = _("{name} has {data:.0f} MB; at most {max_bytes:.0f} MB can be read.").format(
            name=name, data=len(data) / 1000000.0, max_bytes=MAX_BYTES / 1000000.0
        )
        raise ClinicodeError(message)
    suffix = name.rsplit(".", 1)[-1].lower()
    if data.startswith(b"%PDF") or suffix == "pdf":
        text = _pdf(name, data)
    elif suffix == "docx":
        text = _docx(name, data)
    else:
        text = decode(name, data)
    if not text.strip():
        message = _("{name} holds no text; a scanned document has to go through text recognition first.").format(
            name=name
        )
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
        message = _("{name} is not a text file; open a .txt, .pdf or .docx file.").format(name=name)
        raise ClinicodeError(message)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _strict(name, data, "cp1252")
    strange = sum(unicodedata.category(char) == "Cc" and char not in "\t\n\r\f" for char in text)
    if strange > len(text) / 20:
        message = _("{name} is not a text file; open a .txt, .pdf or .docx file.").format(name=name)
        raise ClinicodeError(message)
    return text


def _strict(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        message = _("{name} is in an encoding that cannot be recognised; save it as UTF-8 and open it again.").format(
            name=name
        )
        raise ClinicodeError(message) from error


def _pdf(name: str, data: bytes) -> str:
    from pypdf import PdfReader, apply_configuration  # noqa: PLC0415  only who opens a PDF pays for it
    from pypdf.errors import DependencyError, LimitReachedError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the document
    try:
        with apply_configuration(
            stream_parsing_work_maximum_count=MAX_TOKENS, xform_maximum_invocations_per_extraction=MAX_FORMS
        ):
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                message = _("{name} is protected by a password; save it without one and open it again.").format(
                    name=name
                )
                raise ClinicodeError(message)
            if len(reader.pages) > MAX_PAGES:
                message = _("{name} has {pages} pages; at most {max_pages} can be read.").format(
                    name=name, pages=len(reader.pages), max_pages=MAX_PAGES
                )
                raise ClinicodeError(message)
            return _text_of(name, reader)
    except ClinicodeError:
        raise
    except DependencyError as error:
        message = _("{name} is encrypted; print it into a new PDF and open that.").format(name=name)
        raise ClinicodeError(message) from error
    except LimitReachedError as error:
        raise ClinicodeError(_too_much(name)) from error
    except Exception as error:
        message = _("{name} cannot be read as a PDF: the file is damaged or of an unknown kind.").format(name=name)
        raise ClinicodeError(message) from error


def _text_of(name: str, reader: PdfReader) -> str:
    """The text of all pages, given up where it becomes more than a note: pages may share what they show."""
    until, texts, length = time.monotonic() + PATIENCE, [], 0
    for page in reader.pages:
        texts.append(page.extract_text())
        length += len(texts[-1])
        if length > MAX_CHARACTERS or time.monotonic() > until:
            raise ClinicodeError(_too_much(name))
    return "\n".join(texts)


def _too_much(name: str) -> str:
    told = _("{name} holds more than a note of {most} characters; print the note alone into a new PDF.")
    return told.format(name=name, most=number(MAX_CHARACTERS))


def _docx(name: str, data: bytes) -> str:
    from docx import Document  # noqa: PLC0415  only who opens a Word file pays for it

    try:
        if not is_zip(data):
            raise ValueError
        body = Document(io.BytesIO(office(name, data))).element.body
        return "\n".join(_words(paragraph) for paragraph in body.iter(f"{WORD}p") if _read(paragraph))
    except ClinicodeError:
        raise
    except Exception as error:
        message = _("{name} cannot be read as a Word document (.docx): the file is damaged or of another kind.").format(
            name=name
        )
        raise ClinicodeError(message) from error


def _read(element: BaseOxmlElement) -> bool:
    """Whether an element of a Word file says something that its reader sees, once."""
    return all(above.tag not in UNREAD for above in element.iterancestors())


def _words(paragraph: BaseOxmlElement) -> str:
    """The text of a paragraph: its own, not that of paragraphs in it (text boxes)."""
    parts = []
    for element in paragraph.iter(*SHOWN):
        if next(element.iterancestors(f"{WORD}p")) is paragraph and _read(element):
            parts.append(SHOWN[element.tag] or element.text or "")
    return "".join(parts)
