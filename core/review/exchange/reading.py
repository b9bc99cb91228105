"""Reading documents for a project, whatever they come in: what it is, is seen from the content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.archives import UNPACKED, is_zip
from core.errors import ClinicodeError
from core.evaluate.recognise import CODIESP_TABLE
from core.interface import N_, _
from core.note.documents import decode, read_document
from core.review.exchange import brat, codiesp, jsonlines, tables
from core.review.exchange.archive import EVENTS, MANIFEST
from core.review.exchange.files import inside, unzipped
from core.review.exchange.found import Problem, Read, incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.catalog import Catalog
    from core.review.model import Incoming

__all__ = ["FORMATS", "Problem", "Read", "read_documents", "read_folder"]

FORMATS = {
    "document": N_("one note: .txt, .pdf or .docx"),
    "documents": N_("a zip file (or a folder) of notes"),
    "jsonl": N_('JSON lines (.jsonl): {"id": "a", "text": "..."}, with "lang" and "mentions" where you have them'),
    "table": N_("a table (.csv, .tsv) with the columns id and text, and lang where you have it"),
    "brat": N_("BRAT standoff: a zip file (or a folder) of .txt with .ann files"),
    "codiesp": N_("CodiEsp: a zip file (or a folder) of text_files with its tables"),
}
"""What can be read, in words (to be translated where they are shown)."""


def read_documents(name: str, data: bytes, catalog: Catalog) -> Read:
    """The documents of a file, with what is annotated in them as suggestions that are sure.

    Parameters
    ----------
    name
        What the file is called.
    data
        What it holds.
    catalog
        The code set in which the codes of annotations have to be.

    Raises
    ------
    ClinicodeError
        If it is none of the `FORMATS`, is damaged or too large, or holds no document.
    """
    if len(data) > UNPACKED:
        message = _("{name} has {data:.0f} MB; at most {unpacked:.0f} MB can be read at once.").format(
            name=name, data=len(data) / 1000000.0, unpacked=UNPACKED / 1000000.0
        )
        raise ClinicodeError(message)
    if not is_zip(data):
        return _checked(name, *_single(name, data, catalog))
    files = unzipped(name, data)
    if "word/document.xml" in files:
        word = name if name.lower().endswith(".docx") else f"{name}.docx"
        return _checked(name, *_single(word, data, catalog))
    if MANIFEST in files and EVENTS in files:
        message = _("{name} is the archive of a review project; restore it in the Export section.").format(name=name)
        raise ClinicodeError(message)
    if codiesp.is_codiesp(files):
        return _checked(name, "codiesp", *codiesp.read_zip(data, catalog))
    if brat.is_brat(files):
        return _checked(name, "brat", *brat.read(files, catalog))
    return _checked(name, "documents", *_several(files, files.__getitem__, catalog))


def read_folder(path: Path, catalog: Catalog) -> Read:
    """The documents of a folder on this machine, as `read_documents` gives those of a zip file.

    Raises
    ------
    ClinicodeError
        If there is none, or it holds too much or no document.
    """
    files = {one.relative_to(path).as_posix(): one for one in inside(path)}
    try:
        if codiesp.is_codiesp(files):
            return _checked(str(path), "codiesp", *codiesp.read(path, catalog))
        if brat.is_brat(files):
            paired = {name: one.read_bytes() for name, one in files.items() if one.suffix.lower() in (".txt", ".ann")}
            return _checked(str(path), "brat", *brat.read(paired, catalog))
        return _checked(str(path), "documents", *_several(files, lambda name: files[name].read_bytes(), catalog))
    except OSError as error:
        message = _("A file in {path} cannot be read ({strerror}).").format(path=path, strerror=error.strerror)
        raise ClinicodeError(message) from error


def _single(name: str, data: bytes, catalog: Catalog) -> tuple[str, list[Incoming], list[Problem]]:
    """The format, documents and problems of a file that is no zip file of others."""
    suffix = Path(name).suffix.lower()
    if CODIESP_TABLE.fullmatch(Path(name).name) or suffix == ".ann":
        message = _("{name} has annotations without their texts; put both into one zip file.").format(name=name)
        raise ClinicodeError(message)
    if suffix not in (".pdf", ".docx") and not data.startswith(b"%PDF"):
        text = decode(name, data)
        if suffix in (".jsonl", ".ndjson") or jsonlines.is_jsonl(text):
            return "jsonl", *jsonlines.read(text, catalog)
        if delimiter := tables.delimiter(text, named=suffix in (".csv", ".tsv")):
            return "table", *tables.read(text, delimiter, catalog)
        if suffix in (".csv", ".tsv", ".json", ".xml", ".zip") and text.strip():
            message = _("{name} is in none of the formats that can be read: {formats}.").format(
                name=name, formats="; ".join(FORMATS.values())
            )
            raise ClinicodeError(message)
    document, problems = incoming(name, Path(name).name, read_document(name, data), "", (), catalog)
    return "document", [document] if document is not None else [], problems


def _several(
    names: Iterable[str], content: Callable[[str], bytes], catalog: Catalog
) -> tuple[list[Incoming], list[Problem]]:
    documents: list[Incoming] = []
    problems: list[Problem] = []
    for name in sorted(names):
        data = content(name)
        try:
            if is_zip(data) and not name.lower().endswith(".docx"):
                raise ClinicodeError(_("A zip file in another is not opened."))
            kind, found, wrong = _single(name, data, catalog)
        except ClinicodeError as error:
            problems.append(Problem(name, str(error)))
            continue
        documents += found
        # in a file of many documents a problem has its line, in others the file says it already
        problems += [Problem(f"{name}, {one.where}", one.reason) for one in wrong] if kind != "document" else wrong
    return documents, problems


def _checked(name: str, kind: str, documents: list[Incoming], problems: list[Problem]) -> Read:
    if not documents:
        reason = f" ({problems[0].where}: {problems[0].reason.rstrip('.')})" if problems else ""
        message = _("{name} holds no document that can be read{reason}.").format(name=name, reason=reason)
        raise ClinicodeError(message)
    return Read(kind, tuple(documents), tuple(problems))
