"""BRAT standoff in and out: each text with an ``.ann`` file of passages (T), statuses (A, M), codes (N) and notes (#).

A code stands in a normalisation (``N1 Reference T1 ICD10CM:I10 title``) or, where there is none, in a note that holds
nothing else (``#1 AnnotatorNotes T1 I10``). The format: https://brat.nlplab.org/standoff.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.archives import zipped
from core.errors import ClinicodeError
from core.interface import _
from core.note.context import Status
from core.note.documents import decode
from core.review.exchange.found import Mark, Problem, incoming, status_of
from core.review.exchange.reviewed import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.catalog import Catalog
    from core.review.exchange.reviewed import Reviewed
    from core.review.model import Incoming, Spans

STATUS_NAMES = frozenset({"status", "assertion"})
"""Attributes whose value is a status; other attributes are one by their name."""
FLAGS = {
    "negated": Status.NEGATED,
    "negation": Status.NEGATED,
    "uncertain": Status.UNCERTAIN,
    "uncertainty": Status.UNCERTAIN,
    "speculation": Status.UNCERTAIN,
    "possible": Status.UNCERTAIN,
    "historical": Status.HISTORICAL,
    "history": Status.HISTORICAL,
    "family": Status.FAMILY,
}
OF_ICD = re.compile(r"(?:ICD|CIE)[^:]*:(?P<code>.+)", re.IGNORECASE)
CODE = re.compile(r"[A-Z]\d[\dA-Z](?:\.?[\dA-Z]{1,4})?", re.IGNORECASE)
NEXT_LINE = re.compile(r"\s*[\r\n]\s*")
CONFIGURATION = (
    "[entities]\nDiagnosis\n\n[relations]\n\n[events]\n\n[attributes]\n"
    f"Status\tArg:Diagnosis, Value:{'|'.join(status.value for status in Status)}\n"
)


@dataclass(slots=True)
class _Passage:
    line: int
    spans: Spans
    text: str
    status: Status = Status.AFFIRMED
    references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def is_brat(names: Iterable[str]) -> bool:
    """Whether there is standoff among paths."""
    return any(name.lower().endswith(".ann") for name in names)


def read(files: Mapping[str, bytes], catalog: Catalog) -> tuple[list[Incoming], list[Problem]]:
    """The texts among files, with what the ``.ann`` file beside each marks in it."""
    stem = {name: str(PurePosixPath(name).with_suffix("")) for name in files}
    texts = {stem[name]: name for name in files if name.lower().endswith(".txt")}
    standoff = {stem[name]: name for name in files if name.lower().endswith(".ann")}
    lone = [name for called, name in standoff.items() if called not in texts]
    problems = [Problem(name, _("There is no text (.txt) beside it.")) for name in lone]
    documents = []
    for called, name in sorted(texts.items()):
        try:
            note, lines = decode(name, files[name]), ""
            if called in standoff:
                lines = decode(standoff[called], files[standoff[called]])
        except ClinicodeError as error:
            problems.append(Problem(name, str(error)))
            continue
        marks, wrong = _marks(standoff.get(called, ""), lines, note)
        document, more = incoming(name, called, note, "", marks, catalog)
        problems += [*wrong, *more]
        if document is not None:
            documents.append(document)
    return documents, problems


def write(found: Sequence[Reviewed], catalog: Catalog) -> bytes:
    """The accepted annotations as a zip file of standoff; `read` gives the same ones."""
    names = stems(one.document for one in found)
    files = [("annotation.conf", CONFIGURATION)]
    for one in found:
        name = names[one.document.id]
        files += [(f"{name}.txt", one.document.text), (f"{name}.ann", _standoff(one, catalog))]
    return zipped(files)


def _standoff(one: Reviewed, catalog: Catalog) -> str:
    note, lines, references, notes = one.document.text, [], 0, 0
    for number, annotation in enumerate(one.annotations, 1):
        pieces = [piece for span in annotation.spans for piece in _in_lines(span, note)]
        where = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(_one_line(note[start:end]) for start, end in pieces)
        lines.append(f"T{number}\tDiagnosis {where}\t{words}")
        lines.append(f"A{number}\tStatus T{number} {annotation.status.value}")
        for code in annotation.codes:
            references += 1
            title = catalog.title(code) if code in catalog else ""
            lines.append(f"N{references}\tReference T{number} ICD10CM:{code}\t{title}")
        for comment in annotation.comments:
            notes += 1
            lines.append(f"#{notes}\tAnnotatorNotes T{number}\t{_one_line(f'{comment.by}: {comment.text}')}")
    return "".join(f"{line}\n" for line in lines)


def _in_lines(span: tuple[int, int], note: str) -> list[tuple[int, int]]:
    """A passage in pieces that no end of a line is in: BRAT has none that go on in the next."""
    start, end = span
    pieces = re.finditer(r"[^\r\n]+", note[start:end])
    return [(start + one.start(), start + one.end()) for one in pieces if one[0].strip()]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _marks(name: str, lines: str, note: str) -> tuple[list[Mark], list[Problem]]:
    passages: dict[str, _Passage] = {}
    problems: list[Problem] = []
    ordered = sorted(enumerate(lines.split("\n"), 1), key=lambda one: not one[1].startswith("T"))  # what is named first
    for number, line in ordered:
        columns = line.rstrip("\r").split("\t")
        try:
            if columns[0][:1] == "T":
                passages[columns[0]] = _Passage(number, _spans(columns, note), " ".join(columns[2:]))
            elif columns[0][:1] in ("A", "M", "N", "#"):
                _say(passages, columns)
        except (ClinicodeError, ValueError, IndexError) as error:
            reason = str(error) if isinstance(error, ClinicodeError) else _("It is not a line of BRAT standoff.")
            problems.append(Problem(_("{file}, line {number}").format(file=name, number=number), reason))
    place = _("{file}, line {number}")
    marks = [
        Mark(
            place.format(file=name, number=one.line),
            one.spans,
            one.text,
            one.status,
            tuple(one.references) or _codes(one.notes),
        )
        for one in passages.values()
    ]
    return marks, problems


def _say(passages: dict[str, _Passage], columns: list[str]) -> None:
    """What a line says of a passage."""
    kind, of, *further = columns[1].split()
    passage = passages.get(of)
    if passage is None:  # of a relation or an event
        return
    mark = columns[0][0]
    if mark == "N":
        if match := OF_ICD.fullmatch(further[0]):
            passage.references.append(match["code"])
    elif mark == "#":
        passage.notes.append(" ".join(columns[2:]))
    elif kind.lower() in STATUS_NAMES:
        try:
            word = further[0]
            passage.status = FLAGS.get(word.lower()) or status_of(word)
        except ClinicodeError:
            del passages[of]  # better no annotation than one of the wrong status
            raise
    elif kind.lower() in FLAGS and [word.lower() for word in further] not in (["no"], ["false"]):
        passage.status = FLAGS[kind.lower()]


def _spans(columns: list[str], note: str) -> Spans:
    _kind, offsets = columns[1].split(" ", 1)
    spans: list[tuple[int, int]] = []
    for piece in offsets.split(";"):
        start, end = (int(number) for number in piece.split())
        if spans and NEXT_LINE.fullmatch(note[spans[-1][1] : start]):  # one passage, parted by the end of a line
            start = spans.pop()[0]
        spans.append((start, end))
    return tuple(spans)


def _codes(notes: Iterable[str]) -> tuple[str, ...]:
    """The codes of notes that hold nothing but codes."""
    found: list[str] = []
    for note in notes:
        words = re.split(r"[\s,;|]+", note.strip())
        if all(CODE.fullmatch(word) for word in words):
            found += words
    return tuple(found)
