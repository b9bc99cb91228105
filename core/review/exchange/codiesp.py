"""CodiEsp (CLEF eHealth 2020) in and out: cases as text files, and tables of codes (D) and of codes with evidence (X).

The tables are read by :mod:`core.evaluate.codiesp`, which also reads what is written here.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from core.archives import zipped
from core.errors import ClinicodeError
from core.evaluate.archive import unpack
from core.evaluate.codiesp import parse_annotations, text_files
from core.evaluate.recognise import CODIESP_TABLE
from core.interface import _
from core.note.context import Status
from core.note.documents import decode
from core.review.exchange.found import Mark, Problem, incoming
from core.review.exchange.reviewed import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.catalog import Catalog
    from core.review.exchange.reviewed import Reviewed
    from core.review.model import Incoming, Spans

SPLIT = "review"
"""What the tables that are written are called by: ``reviewX.tsv``, ``reviewD.tsv``."""
TAKEN = frozenset({Status.AFFIRMED, Status.UNCERTAIN})
"""What CodiEsp codes: what the patient has or may have now."""


def is_codiesp(names: Iterable[str]) -> bool:
    """Whether paths are those of CodiEsp: a table of a split beside ``text_files``."""
    parts = [Path(name).parts for name in names]
    tables = any(CODIESP_TABLE.fullmatch(one[-1]) for one in parts)
    return tables and any(len(one) > 1 and one[-2] == "text_files" and one[-1].endswith(".txt") for one in parts)


def read_zip(data: bytes, catalog: Catalog) -> tuple[list[Incoming], list[Problem]]:
    """The cases of every split in a zip file.

    Raises
    ------
    ClinicodeError
        If it cannot be unpacked or a table is no text.
    """
    with TemporaryDirectory(prefix="clinicode-") as folder:
        packed = Path(folder) / "codiesp.zip"
        packed.write_bytes(data)
        return read(unpack(packed, Path(folder) / "unpacked"), catalog)


def read(folder: Path, catalog: Catalog) -> tuple[list[Incoming], list[Problem]]:
    """The cases of every split in a folder, what X tables mark in them as annotations.

    Raises
    ------
    ClinicodeError
        If there is no split with its texts, or a table is no text.
    """
    found = (CODIESP_TABLE.fullmatch(path.name) for path in [*folder.glob("*.tsv"), *folder.glob("*/*.tsv")])
    tables = {(match["split"], match["task"]) for match in found if match}
    marks: dict[Path, list[Mark]] = {}
    problems: list[Problem] = []
    for split in sorted({split for split, _kind in tables}):
        paths = {path.stem: path for path in text_files(folder, split)}
        for path in paths.values():
            marks.setdefault(path, [])
        if (split, "X") not in tables:
            reason = _("It does not say where in the text a code stands; the documents are read without annotations.")
            problems.append(Problem(f"{split}D.tsv", reason))
            continue
        own, wrong = _marks(folder, split, paths)
        problems += wrong
        for path, several in own.items():
            marks[path] += several
    documents = []
    for path, own_marks in sorted(marks.items()):
        try:
            text = decode(path.name, path.read_bytes())
        except ClinicodeError as error:
            problems.append(Problem(path.name, str(error)))
            continue
        document, wrong = incoming(path.name, path.stem, text, "es", own_marks, catalog)
        problems += wrong
        if document is not None:
            documents.append(document)
    return documents, problems


def write(found: Sequence[Reviewed]) -> bytes:
    """The accepted diagnoses as a zip file of CodiEsp; what is denied, past or a relative's is not in it."""
    names = stems(one.document for one in found)
    evidence: list[str] = []
    codes: list[str] = []
    for one in found:
        name = names[one.document.id]
        coded: set[str] = set()
        for annotation in one.annotations:
            if annotation.status in TAKEN:
                where = ";".join(f"{start} {end}" for start, end in annotation.spans)
                text = annotation.text(one.document.text)
                evidence += [f"{name}\tDIAGNOSTICO\t{code.lower()}\t{text}\t{where}\n" for code in annotation.codes]
                coded.update(annotation.codes)
        codes += [f"{name}\t{code.lower()}\n" for code in sorted(coded)]
    tables = [(f"{SPLIT}D.tsv", "".join(codes)), (f"{SPLIT}X.tsv", "".join(evidence))]
    return zipped([*tables, *((f"text_files/{names[one.document.id]}.txt", one.document.text) for one in found)])


def _marks(folder: Path, split: str, paths: dict[str, Path]) -> tuple[dict[Path, list[Mark]], list[Problem]]:
    rows, wrong = parse_annotations(folder, split)
    place, file = _("{file}, line {number}"), f"{split}X.tsv"
    problems = [Problem(place.format(file=file, number=one.line), one.reason) for one in wrong]
    passages: dict[tuple[str, Spans, str], list[tuple[int, str]]] = defaultdict(list)
    for number, row in rows:
        if row.document in paths:
            passages[row.document, row.offsets, row.text].append((number, row.code))
        else:
            reason = _("There is no text of its document among the text files.")
            problems.append(Problem(place.format(file=file, number=number), reason))
    marks: dict[Path, list[Mark]] = defaultdict(list)
    for (document, spans, text), coded in passages.items():
        where = place.format(file=file, number=coded[0][0])
        codes = tuple(code for _line, code in coded)
        marks[paths[document]].append(Mark(where, spans, text, Status.AFFIRMED, codes))
    return marks, problems
