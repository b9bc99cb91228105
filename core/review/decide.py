"""What a person can do to a piece of work, as changes for the log, and the log folded into a state again.

Every change says what was before and what is after, so that undoing one is another change. Nothing here touches the
store: :meth:`core.review.store.ReviewStore.record` writes a change down.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _, number
from core.note.context import Status
from core.review.codec import annotation_json, annotation_of, comment_json, comment_of
from core.review.model import Annotation, Change, Comment, Decision, Kind, Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.review.model import Event, Spans, Suggestion

LONGEST_COMMENT = 2000
DECISIONS = {Decision.ACCEPTED: Kind.ACCEPT, Decision.REJECTED: Kind.REJECT, Decision.UNSURE: Kind.UNSURE}
UNDONE = frozenset(
    {Kind.ACCEPT, Kind.REJECT, Kind.UNSURE, Kind.CORRECT_CODE, Kind.CORRECT_SPAN, Kind.CORRECT_STATUS, Kind.ADD}
    | {Kind.COMMENT, Kind.FINISH, Kind.REOPEN}
)
"""What can be undone. Suggestions that were seen cannot be unseen."""


def suggested(suggestions: Sequence[Suggestion], by: str, at: datetime) -> tuple[Annotation, ...]:
    """Open annotations for what the machine says, numbered in the order of the text."""
    found = sorted(suggestions, key=lambda one: one.spans)
    return tuple(
        Annotation(f"m{number}", one.spans, one.status, one.codes, Decision.OPEN, by, at, one)
        for number, one in enumerate(found, 1)
    )


def decide(work: Work, name: str, decision: Decision, by: str, at: datetime) -> Change:
    """Accept, reject, or be unsure of an annotation.

    Raises
    ------
    ClinicodeError
        If it is accepted without a code.
    """
    before = _found(work, name)
    if decision is Decision.ACCEPTED and not before.codes:
        raise ClinicodeError(_("Give the annotation a code before you accept it."))
    return _changed(DECISIONS[decision], before, replace(before, decision=decision, by=by, at=at))


def correct_codes(work: Work, name: str, codes: Sequence[str], by: str, at: datetime) -> Change:
    """Other codes for an annotation, which is accepted with them.

    Raises
    ------
    ClinicodeError
        If there is none.
    """
    before = _found(work, name)
    chosen = tuple(dict.fromkeys(codes))
    if not chosen:
        raise ClinicodeError(_("Choose at least one code; reject the annotation if none fits."))
    after = replace(before, codes=chosen, decision=Decision.ACCEPTED, by=by, at=at)
    return _changed(Kind.CORRECT_CODE, before, after)


def correct_spans(work: Work, name: str, spans: Spans, note: str, by: str, at: datetime) -> Change:
    """Other bounds; what was decided of the annotation stays.

    Raises
    ------
    ClinicodeError
        If a passage is empty, outside the note, or overlaps another of the same annotation.
    """
    before = _found(work, name)
    return _changed(Kind.CORRECT_SPAN, before, replace(before, spans=checked_spans(spans, note), by=by, at=at))


def correct_status(work: Work, name: str, status: Status, by: str, at: datetime) -> Change:
    """Another status; what was decided of the annotation stays."""
    before = _found(work, name)
    return _changed(Kind.CORRECT_STATUS, before, replace(before, status=status, by=by, at=at))


def add(
    work: Work, spans: Spans, codes: Sequence[str], note: str, by: str, at: datetime, status: Status = Status.AFFIRMED
) -> Change:
    """A diagnosis that nobody had marked, accepted as it is added.

    Raises
    ------
    ClinicodeError
        If a passage is empty or outside the note, or there is no code.
    """
    if not codes:
        raise ClinicodeError(_("Choose at least one code for the passage."))
    checked = checked_spans(spans, note)
    name = f"h{work.version + 1}"
    after = Annotation(name, checked, status, tuple(dict.fromkeys(codes)), Decision.ACCEPTED, by, at)
    return Change(Kind.ADD, name, None, annotation_json(after))


def comment(work: Work, name: str, text: str, by: str, at: datetime) -> Change:
    """A remark beside an annotation, or (no name) beside the document.

    Raises
    ------
    ClinicodeError
        If it is empty or too long.
    """
    words = text.strip()
    if not words or len(words) > LONGEST_COMMENT:
        message = _("A comment has between 1 and {longest_comment} characters.").format(
            longest_comment=number(LONGEST_COMMENT)
        )
        raise ClinicodeError(message)
    one = Comment(by, at, words)
    if not name:
        return Change(Kind.COMMENT, "", None, comment_json(one))
    before = _found(work, name)
    return _changed(Kind.COMMENT, before, replace(before, comments=(*before.comments, one)))


def finish(work: Work, *, done: bool = True) -> Change:
    """The document is done, or taken up again."""
    kind = Kind.FINISH if done else Kind.REOPEN
    return Change(kind, "", {"finished": work.finished}, {"finished": done})


def reveal() -> Change:
    """Show what the machine suggests, which was hidden."""
    return Change(Kind.REVEAL, "", {"revealed": False}, {"revealed": True})


def undo(events: Sequence[Event]) -> Change:
    """Take back the last change of a lane that still stands.

    Raises
    ------
    ClinicodeError
        If there is none.
    """
    gone: set[int] = set()
    for event in reversed(events):
        if event.kind is Kind.UNDO and event.after is not None:
            gone.add(int(event.after["undone"]))
        elif event.kind in UNDONE and event.version not in gone:
            return Change(Kind.UNDO, event.annotation, event.after, {"undone": event.version, "state": event.before})
    raise ClinicodeError(_("There is nothing left to undo."))


def apply(work: Work, change: Change | Event) -> Work:
    """The state of a lane after a change (its version is the caller's to count)."""
    after = change.after or {}
    kind = change.kind
    if kind is Kind.UNDO:
        return _undone(work, change)
    if kind is Kind.BEGIN:
        found = tuple(annotation_of(one) for one in after["annotations"])
        return replace(work, annotations=found, blind=after["blind"], revealed=False)
    if kind is Kind.REVEAL:
        return replace(work, revealed=True)
    if kind in (Kind.FINISH, Kind.REOPEN):
        return replace(work, finished=bool(after["finished"]))
    if kind is Kind.COMMENT and not change.annotation:
        return replace(work, comments=(*work.comments, comment_of(after)))
    return work.having(annotation_of(after))


def _undone(work: Work, change: Change | Event) -> Work:
    state = (change.after or {})["state"]
    if not change.annotation:
        if state is None:  # a comment on the document
            return replace(work, comments=work.comments[:-1])
        return replace(work, finished=bool(state["finished"]))
    return work.having(annotation_of(state) if state else None, instead_of=change.annotation)


def folded(document: int, lane: str, events: Iterable[Event]) -> Work:
    """A lane's state from its events alone."""
    work = Work(document, lane)
    for event in events:
        seconds = float((event.after or {}).get("seconds", 0.0))
        work = replace(apply(work, event), version=event.version or 0, seconds=work.seconds + seconds)
    return work


def checked_spans(spans: Spans, note: str) -> Spans:
    """Passages in the order of the text, each of them inside it and none over another.

    Raises
    ------
    ClinicodeError
        If one is not.
    """
    found = tuple(sorted(spans))
    inside = all(0 <= start < end <= len(note) and note[start:end].strip() for start, end in found)
    apart = all(end <= start for (_, end), (start, _) in pairwise(found))
    if not found or not inside or not apart:
        raise ClinicodeError(_("Choose words of the note; passages of one annotation may not overlap."))
    return found


def _found(work: Work, name: str) -> Annotation:
    try:
        return work.annotation(name)
    except StopIteration:
        raise ClinicodeError(_("That annotation is not there any more; look at the document again.")) from None


def _changed(kind: Kind, before: Annotation, after: Annotation) -> Change:
    return Change(kind, before.id, annotation_json(before), annotation_json(after))
