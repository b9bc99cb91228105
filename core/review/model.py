"""What reviewing is made of: projects, documents, annotations, one person's work on a document, and events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.note.context import Status

Json: TypeAlias = dict[str, Any]
Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Where an annotation stands: one passage or several, each from its first code point to before its end."""

MACHINE = "machine"
"""The lane of suggestions."""
FINAL = "adjudication"
"""The lane in which differences between reviewers are settled."""


class Decision(StrEnum):
    """What a person said of an annotation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNSURE = "unsure"


class Kind(StrEnum):
    """What happened: to a piece of work in one of its lanes, or to a project."""

    SUGGEST = "suggest"
    BEGIN = "begin"
    REVEAL = "reveal"
    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"
    CORRECT_CODE = "correct code"
    CORRECT_SPAN = "correct span"
    CORRECT_STATUS = "correct status"
    ADD = "add"
    COMMENT = "comment"
    UNDO = "undo"
    FINISH = "finish"
    REOPEN = "reopen"
    CREATE = "create project"
    SETTINGS = "change settings"
    IMPORT = "import"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    WITHDRAW = "withdraw"
    RESTORE = "restore project"
    DELETE = "delete project"


@dataclass(frozen=True, slots=True)
class Option:
    """A code that the machine thinks possible for a passage, and how sure it is (0 to 1)."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the machine said of a passage; it stays beside whatever people make of it.

    `score` is the chance that the passage is a mention at all, `options` its candidate codes, best first, `cue` the
    words of the note that decided its status.
    """

    spans: Spans
    status: Status
    codes: tuple[str, ...]
    score: float
    options: tuple[Option, ...] = ()
    cue: str = ""

    @property
    def confidence(self) -> float:
        """How sure the machine is of its first code."""
        return self.options[0].confidence if self.options else 0.0


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote beside an annotation or a document."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A diagnosis in a document, as it stands in one lane.

    `id` is unique in its document's lane: ``m3`` was suggested, ``h12`` added by a person. `by` and `at` say who
    decided last and when (for an open suggestion the machine).
    """

    id: str
    spans: Spans
    status: Status
    codes: tuple[str, ...]
    decision: Decision
    by: str
    at: datetime
    suggestion: Suggestion | None = None
    comments: tuple[Comment, ...] = ()

    @property
    def start(self) -> int:
        """Where its first passage starts."""
        return self.spans[0][0]

    @property
    def corrected(self) -> bool:
        """Whether a person changed what the machine had suggested."""
        said = self.suggestion
        return said is not None and (said.spans, said.status, said.codes) != (self.spans, self.status, self.codes)

    def text(self, note: str) -> str:
        """Its words in the note."""
        return " ".join(" ".join(note[start:end].split()) for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Work:
    """What one reviewer (or the adjudicator) has made of a document: a lane's state after `version` events.

    `blind` hides suggestions until they are `revealed`. `seconds` is the time spent with the document.
    """

    document: int
    lane: str
    version: int = 0
    annotations: tuple[Annotation, ...] = ()
    blind: bool = False
    revealed: bool = False
    finished: bool = False
    seconds: float = 0.0
    comments: tuple[Comment, ...] = ()

    @property
    def shown(self) -> tuple[Annotation, ...]:
        """The annotations that the reviewer may see, in the order of the text."""
        hidden = self.blind and not self.revealed
        return tuple(
            one
            for one in self.annotations
            if not (hidden and one.suggestion is not None and one.decision is Decision.OPEN)
        )

    @property
    def gold(self) -> tuple[Annotation, ...]:
        """The annotations that were accepted."""
        return tuple(one for one in self.annotations if one.decision is Decision.ACCEPTED)

    def counts(self) -> dict[Decision, int]:
        """How many annotations stand at each decision."""
        return {decision: sum(one.decision is decision for one in self.annotations) for decision in Decision}

    def annotation(self, name: str) -> Annotation:
        """The annotation of this id."""
        return next(one for one in self.annotations if one.id == name)

    def having(self, annotation: Annotation | None, instead_of: str = "") -> Work:
        """The same work with an annotation added, changed, or (None) taken out."""
        name = annotation.id if annotation else instead_of
        kept = [one for one in self.annotations if one.id != name]
        changed = [*kept, annotation] if annotation else kept
        return replace(self, annotations=tuple(sorted(changed, key=lambda one: (one.spans, one.id))))


@dataclass(frozen=True, slots=True)
class Settings:
    """How a project is worked on.

    `reviewers` read each document, blind to one another; `blind` hides suggestions until the reviewer asks for them;
    `approval` lets only adjudicated pairs into the team memory; `least` is the chance of being a mention under which a
    suggestion is not shown at all.
    """

    reviewers: int = 1
    blind: bool = False
    approval: bool = False
    least: float = 0.0
    guideline: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A set of documents that are reviewed together."""

    id: int
    name: str
    settings: Settings
    created: datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document to be added: its name, text, language (empty: to be detected) and what is already annotated in it."""

    name: str
    text: str
    lang: str = ""
    annotations: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A note of a project. `uncertainty` is how unsure the machine is of its suggestions (0 to 1; None: not asked)."""

    id: int
    project: int
    name: str
    text: str
    lang: str
    imported: datetime
    uncertainty: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What made suggestions: fingerprints of the models and of the index's terms, and the catalog's release."""

    model: str
    index: str
    catalog: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. `version` counts the events of a document's lane; a project's own have neither.

    `annotation` names what it was about (empty: the document as a whole); `before` and `after` are what it was and
    became, None where there was nothing.
    """

    id: int
    project: int
    document: int | None
    lane: str
    version: int | None
    actor: str
    at: datetime
    kind: Kind
    annotation: str
    before: Json | None
    after: Json | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something a person wants to do to a piece of work; see :mod:`core.review.decide`."""

    kind: Kind
    annotation: str
    before: Json | None
    after: Json | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one lane of a document is."""

    document: int
    lane: str
    version: int
    finished: bool
    open: int
    accepted: int
    rejected: int
    unsure: int
    seconds: float

    @property
    def decided(self) -> int:
        """Annotations that somebody decided on."""
        return self.accepted + self.rejected + self.unsure


def ordered(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """Annotations in the order of the text."""
    return tuple(sorted(annotations, key=lambda one: (one.spans, one.id)))
