"""What reading documents speaks: what was found in a file, what of it cannot be used, and the checks at the door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.codiesp import current_codes
from core.interface import _
from core.language import LANGUAGES
from core.note.context import Status
from core.note.documents import check_note
from core.review.decide import checked_spans
from core.review.model import Incoming, Option, Suggestion
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalog import Catalog
    from core.review.model import Spans

LONGEST_NAME = 300
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps as text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that cannot be used: where (``line 3``, ``a.ann, line 2``) and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file or a folder holds.

    Attributes
    ----------
    format
        A key of :data:`core.review.exchange.reading.FORMATS`.
    documents
        What can be imported, at least one.
    problems
        What cannot be used; the rest was read.

    """

    format: str
    documents: tuple[Incoming, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One annotation as a file gives it; `text` is what the file says stands there (empty: it does not say)."""

    where: str
    spans: Spans
    text: str
    status: Status
    codes: tuple[str, ...]


def storable(text: str) -> str:
    """Characters that no database keeps are replaced one for one: every offset stays where it was."""
    return UNSTORABLE.sub("\ufffd", text)


def incoming(
    where: str, name: str, text: str, lang: str, marks: Iterable[Mark], catalog: Catalog
) -> tuple[Incoming | None, list[Problem]]:
    """A document with the annotations of it that can be used, and what cannot.

    Without a document (its text is empty, has no letters or is too long) the one problem says so.
    """
    note, problems = storable(text), []
    try:
        check_note(note)
    except ClinicodeError as error:
        return None, [Problem(where, str(error))]
    short = lang.strip().lower().split("-")[0].split("_")[0]
    if short and short not in LANGUAGES:
        told = _("Language {language} is not known; it will be detected.")
        problems.append(Problem(where, told.format(language=repr(lang.strip()[:20]))))
        short = ""
    found, wrong = _suggestions(note, marks, catalog)
    called = " ".join("".join(char if char.isprintable() else " " for char in storable(name)).split())
    return Incoming(called[:LONGEST_NAME], note, short, tuple(found)), [*problems, *wrong]


def status_of(word: str) -> Status:
    """A status by its name.

    Raises
    ------
    ClinicodeError
        If there is none of this name.
    """
    try:
        return Status(word.strip().lower())
    except ValueError:
        message = _("Status {word!r} is not known; it is one of {status}.").format(
            word=word[:20], status=", ".join(Status)
        )
        raise ClinicodeError(message) from None


def _suggestions(note: str, marks: Iterable[Mark], catalog: Catalog) -> tuple[list[Suggestion], list[Problem]]:
    found, problems = [], []
    for mark in marks:
        try:
            spans = _spans(mark, note)
        except ClinicodeError as error:
            problems.append(Problem(mark.where, str(error)))
            continue
        codes = []
        for given in mark.codes:
            current = current_codes(given, catalog)
            if current:
                codes.append(min(current, key=len))
            else:
                told = _("Code {code} is not in {release}.")
                problems.append(Problem(mark.where, told.format(code=repr(given.strip()[:20]), release=catalog.label)))
        if codes or not mark.codes:
            chosen = tuple(dict.fromkeys(codes))
            found.append(Suggestion(spans, mark.status, chosen, 1.0, tuple(Option(code, 1.0) for code in chosen)))
    return sorted(found, key=lambda one: one.spans), problems


def _spans(mark: Mark, note: str) -> Spans:
    kept = tuple((start, end) for start, end in mark.spans if start != end)  # CodiEsp has a few that are empty
    try:
        spans = checked_spans(kept, note)
    except ClinicodeError:
        raise ClinicodeError(_("Its offsets are outside the text, hold no words, or overlap.")) from None
    there = {fold(" ".join(note[start:end] for start, end in order)) for order in (kept, spans)}
    if mark.text and fold(mark.text) not in there:
        raise ClinicodeError(_("Its offsets hold other words than the annotation says."))
    return spans
