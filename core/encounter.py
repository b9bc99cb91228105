"""The codes of an encounter: a list in its order, changed by a coder and by what the rules offer."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.fhir import Diagnosis, bundle
from core.note.context import Status
from core.spreadsheet import table

if TYPE_CHECKING:
    from datetime import datetime

    from core.catalog import Catalog
    from core.rules import Remedy


@dataclass(frozen=True, slots=True)
class Listed:
    """A code on the list, with the words of the note that it was accepted for (empty where there are none)."""

    code: str
    words: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    status: Status = Status.AFFIRMED


@dataclass(frozen=True, slots=True)
class Encounter:
    """Accepted codes in their order: the first is the first-listed diagnosis."""

    items: tuple[Listed, ...] = ()

    @property
    def codes(self) -> list[str]:
        """The codes in their order."""
        return [one.code for one in self.items]

    @property
    def texts(self) -> dict[str, str]:
        """The words that each code was accepted for, where there are any."""
        return {one.code: one.words for one in self.items if one.words}

    def having(self, item: Listed) -> Encounter:
        """With a code more, at the end; a code that is on the list stays as it is."""
        return self if item.code in self.codes else replace(self, items=(*self.items, item))

    def without(self, code: str) -> Encounter:
        """Without a code."""
        return replace(self, items=tuple(one for one in self.items if one.code != code))

    def moved(self, code: str, by: int) -> Encounter:
        """With a code so many places further down (up: negative), as far as the list goes."""
        items = list(self.items)
        place = self.codes.index(code)
        items.insert(max(0, min(len(items) - 1, place + by)), items.pop(place))
        return replace(self, items=tuple(items))

    def mended(self, remedy: Remedy, codes: tuple[str, ...]) -> Encounter:
        """After a remedy for a finding about `codes`: what comes in takes the words and the place of what goes out."""
        items = list(self.items)
        gone = [at for at, one in enumerate(items) if one.code in remedy.out]
        place = gone[0] if gone else len(items)
        words = items[gone[0]] if gone else Listed("")
        items = [one for one in items if one.code not in remedy.out]
        fresh = [replace(words, code=code) for code in remedy.into if all(one.code != code for one in items)]
        items[place:place] = fresh
        if remedy.first:
            mover = next(one for one in items if one.code == remedy.first)
            items.remove(mover)
            before = [at for at, one in enumerate(items) if one.code in codes]
            items.insert(before[0] if before else 0, mover)
        return replace(self, items=tuple(items))


def as_text(encounter: Encounter, catalog: Catalog) -> str:
    """One line a code, to be pasted elsewhere."""
    return "\n".join(f"{number}. {code} {catalog.title(code)}" for number, code in enumerate(encounter.codes, 1))


def as_csv(encounter: Encounter, catalog: Catalog) -> bytes:
    """A table with a head, one row a code."""
    columns = ("order", "code", "title", "billable", "status", "words", "release")
    rows = (
        (
            number,
            one.code,
            catalog.title(one.code),
            "yes" if catalog.billable(one.code) else "no",
            one.status.value,
            one.words,
            catalog.label,
        )
        for number, one in enumerate(encounter.items, 1)
    )
    return table(columns, rows)


def as_json(encounter: Encounter, catalog: Catalog) -> str:
    """The list with the release, the words, and where in the note they stand (code points)."""
    rows = [
        {
            "code": one.code,
            "title": catalog.title(one.code),
            "billable": catalog.billable(one.code),
            "status": one.status.value,
            "words": one.words,
            "evidence": [list(span) for span in one.spans],
        }
        for one in encounter.items
    ]
    return json.dumps({"release": catalog.label, "codes": rows}, ensure_ascii=False, indent=1)


def as_fhir(encounter: Encounter, catalog: Catalog, at: datetime) -> bytes:
    """A Bundle of Conditions in the order of the list."""
    found = (
        Diagnosis(
            f"encounter/{at.isoformat()}/{one.code}",
            one.code,
            one.words,
            one.spans,
            one.status,
            "note",
            "Clinicode",
            at,
        )
        for one in encounter.items
    )
    return bundle(found, catalog)
