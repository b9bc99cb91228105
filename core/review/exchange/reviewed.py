"""What exports are made of: documents, each with the piece of work whose accepted annotations stand for it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.review.final import final_work
from core.review.model import ordered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.review.model import Annotation, Document, Project, Work
    from core.review.store import ReviewStore

LONGEST_STEM = 180
"""Bytes of a file's name that every file system takes."""
NOT_IN_NAMES = re.compile(r"[^\w .,()+\-]")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A document with its text, and one lane of it."""

    document: Document
    work: Work

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The accepted annotations in the order of the text."""
        return ordered(self.work.gold)


def reviewed(store: ReviewStore, project: Project, reviewer: str = "") -> list[Reviewed]:
    """The documents of a project that have a result, or (`reviewer`) that this one has begun, as they stand now."""
    lanes: dict[int, list[Work]] = defaultdict(list)
    for work in store.all_work(project.id):
        lanes[work.document].append(work)
    found = []
    for document in store.texts(project.id):
        if reviewer:
            chosen = next((work for work in lanes[document.id] if work.lane == reviewer), None)
        else:
            chosen = final_work(lanes[document.id], project.settings.reviewers)
        if chosen is not None:
            found.append(Reviewed(document, chosen))
    return found


def stem(name: str) -> str:
    """A name that a file can have everywhere, without its ending."""
    bare = re.sub(r"\.txt$", "", name, flags=re.IGNORECASE)
    short = NOT_IN_NAMES.sub("_", bare).encode()[:LONGEST_STEM].decode(errors="ignore")
    return short.strip(". ") or "document"


def stems(documents: Iterable[Document]) -> dict[int, str]:
    """For each document the `stem` of a file that no other document has."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for document in documents:
        base = name = stem(document.name)
        number = 2
        while name.casefold() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        found[document.id] = name
    return found
