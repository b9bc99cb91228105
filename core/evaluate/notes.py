"""Annotated notes: how many of their diagnoses are found, with the right status and the right code.

A line of the file is ``{"id", "lang", "text", "mentions": [{"start", "end", "text", "status", "codes"}]}``; offsets
count code points. An annotated passage is found where a mention overlaps it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.errors import ClinicodeError
from core.evaluate.metrics import Figure, figure
from core.interface import _
from core.language import LANGUAGES
from core.note.context import Status
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.coder import CodedNote

PUBLIC_NOTES = ASSETS / "evaluation" / "notes.jsonl"
FIRST = 5
COUNTS = ("languages_right", "notes", "spurious", "characters")


@dataclass(frozen=True, slots=True)
class GoldMention:
    """An annotated passage with its status and the codes that are right for it."""

    start: int
    end: int
    status: Status
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class GoldNote:
    """A note with all that should be found in it."""

    name: str
    lang: str
    text: str
    mentions: tuple[GoldMention, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one annotated passage; `status` and `code` are None where it was not found."""

    lang: str
    gold: Status
    found: bool
    status: bool | None
    code: bool | None


@dataclass(frozen=True, slots=True)
class NotesReport:
    """Outcomes of all annotated passages, and how much was found that nobody annotated."""

    outcomes: list[Outcome]
    languages_right: int
    notes: int
    spurious: int
    characters: int

    def table(self) -> pl.DataFrame:
        """One row an annotated passage, and what was counted over all notes in every row (it compresses to nothing)."""
        counts = {name: getattr(self, name) for name in COUNTS}
        return pl.DataFrame([{**asdict(one), "gold": one.gold.value, **counts} for one in self.outcomes])

    @classmethod
    def of(cls, table: pl.DataFrame) -> NotesReport:
        """From what `table` gave."""
        names = [name for name in table.columns if name not in COUNTS]
        outcomes = [
            Outcome(**{**row, "gold": Status(row["gold"])}) for row in table.select(names).iter_rows(named=True)
        ]
        return cls(outcomes, *(int(table[name][0]) for name in COUNTS))

    def figures(self, lang: str = "", status: Status | None = None) -> dict[str, Figure]:
        """Shares of annotated passages found, and of those found with the right status and a right code."""
        own = [one for one in self.outcomes if (not lang or one.lang == lang) and status in (None, one.gold)]
        found = [one for one in own if one.found]
        return {
            "found": figure([float(one.found) for one in own]),
            "status": figure([float(bool(one.status)) for one in found]),
            f"code in first {FIRST}": figure([float(bool(one.code)) for one in found]),
        }

    def lines(self) -> Iterator[str]:
        """As a table in plain text."""
        slices: list[tuple[str, str, Status | None]] = [
            ("all", "", None),
            *((f"lang {lang}", lang, None) for lang in LANGUAGES),
        ]
        slices += [(f"status {status.value}", "", status) for status in Status]
        names = list(self.figures())
        yield f"{'':<20}{'n':>6}" + "".join(f"{name:>24}" for name in names)
        for name, lang, status in slices:
            count = sum((not lang or one.lang == lang) and status in (None, one.gold) for one in self.outcomes)
            if count:
                figures = self.figures(lang, status).values()
                cells = "".join(f"{f'{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]':>24}" for one in figures)
                yield f"{name:<20}{count:>6}{cells}"
        yield f"language right on {self.languages_right} of {self.notes} notes"
        often = 1000 * self.spurious / max(1, self.characters)
        yield f"{often:.2f} passages a 1,000 characters were found that are not annotated"


def read_notes(path: Path, catalog: Catalog) -> list[GoldNote]:
    """The annotated notes of a file.

    Raises
    ------
    ClinicodeError
        If it is not there, or a line is not a note whose passages and codes exist.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        message = _("{path} cannot be read; give a file of annotated notes, one JSON object a line.").format(path=path)
        raise ClinicodeError(message) from error
    notes = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            mentions = tuple(
                GoldMention(one["start"], one["end"], Status(one["status"]), frozenset(one["codes"]))
                for one in row["mentions"]
            )
            note = GoldNote(row["id"], row["lang"], row["text"], mentions)
        except (ValueError, KeyError, TypeError) as error:
            message = _("{path}, line {number} is not an annotated note ({error}).").format(
                path=path, number=number, error=error
            )
            raise ClinicodeError(message) from error
        wrong = sorted(code for one in mentions for code in one.codes if code not in catalog)
        if wrong or any(not 0 <= one.start < one.end <= len(note.text) for one in mentions):
            message = _("{path}, line {number}: {value} does not exist.").format(
                path=path, number=number, value=", ".join(wrong) or "an offset"
            )
            raise ClinicodeError(message)
        notes.append(note)
    return notes


def judge(notes: Sequence[GoldNote], code: Callable[[str], CodedNote], tick: Callable[[], object]) -> NotesReport:
    """Code every note, its language unsaid, and compare."""
    outcomes, right, spurious, characters = [], 0, 0, 0
    for note in notes:
        coded = code(note.text)
        right += coded.language.lang == note.lang
        characters += len(note.text)
        over = defaultdict(list)
        for mention in coded.mentions:
            hits = [at for at, one in enumerate(note.mentions) if one.start < mention.end and mention.start < one.end]
            spurious += not hits
            for at in hits:
                over[at].append(mention)
        for at, gold in enumerate(note.mentions):
            # of several, the one that shares most with the annotated passage
            best = max(over[at], key=lambda one: min(one.end, gold.end) - max(one.start, gold.start), default=None)
            if best is None:
                outcomes.append(Outcome(note.lang, gold.status, found=False, status=None, code=None))
                continue
            named = {candidate.code for candidate in best.candidates[:FIRST]}
            outcomes.append(Outcome(note.lang, gold.status, True, best.status is gold.status, bool(named & gold.codes)))
        tick()
    return NotesReport(outcomes, right, len(notes), spurious, characters)
