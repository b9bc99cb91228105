"""Annotations and work as JSON, for the log and the exports, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.note.context import Status
from core.review.model import Annotation, Comment, Decision, Option, Settings, Suggestion, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.review.model import Json, Spans


def spans_of(pairs: Sequence[Sequence[int]]) -> Spans:
    """Passages from their JSON form."""
    return tuple((int(start), int(end)) for start, end in pairs)


def suggestion_json(one: Suggestion) -> Json:
    """What the machine said."""
    return {
        "spans": [list(span) for span in one.spans],
        "status": one.status.value,
        "codes": list(one.codes),
        "score": round(one.score, 4),
        "options": [[option.code, round(option.confidence, 4)] for option in one.options],
        "cue": one.cue,
    }


def suggestion_of(data: Json) -> Suggestion:
    """From what `suggestion_json` gave."""
    return Suggestion(
        spans_of(data["spans"]),
        Status(data["status"]),
        tuple(data["codes"]),
        float(data["score"]),
        tuple(Option(code, float(confidence)) for code, confidence in data["options"]),
        data.get("cue", ""),
    )


def comment_json(one: Comment) -> Json:
    """A comment with who and when."""
    return {"by": one.by, "at": one.at.isoformat(), "text": one.text}


def comment_of(data: Json) -> Comment:
    """From what `comment_json` gave."""
    return Comment(data["by"], instant(data["at"]), data["text"])


def annotation_json(one: Annotation) -> Json:
    """An annotation with what the machine had said of it."""
    return {
        "id": one.id,
        "spans": [list(span) for span in one.spans],
        "status": one.status.value,
        "codes": list(one.codes),
        "decision": one.decision.value,
        "by": one.by,
        "at": one.at.isoformat(),
        "suggestion": suggestion_json(one.suggestion) if one.suggestion else None,
        "comments": [comment_json(comment) for comment in one.comments],
    }


def annotation_of(data: Json) -> Annotation:
    """From what `annotation_json` gave."""
    return Annotation(
        data["id"],
        spans_of(data["spans"]),
        Status(data["status"]),
        tuple(data["codes"]),
        Decision(data["decision"]),
        data["by"],
        instant(data["at"]),
        suggestion_of(data["suggestion"]) if data["suggestion"] else None,
        tuple(comment_of(one) for one in data["comments"]),
    )


def work_json(work: Work) -> Json:
    """A lane's state, less its place."""
    return {
        "annotations": [annotation_json(one) for one in work.annotations],
        "blind": work.blind,
        "revealed": work.revealed,
        "finished": work.finished,
        "seconds": work.seconds,
        "comments": [comment_json(one) for one in work.comments],
    }


def work_of(document: int, lane: str, version: int, data: Json) -> Work:
    """From what `work_json` gave."""
    return Work(
        document,
        lane,
        version,
        tuple(annotation_of(one) for one in data["annotations"]),
        blind=data["blind"],
        revealed=data["revealed"],
        finished=data["finished"],
        seconds=data["seconds"],
        comments=tuple(comment_of(one) for one in data["comments"]),
    )


def settings_of(data: Json) -> Settings:
    """A project's settings; what an older version did not have stands at its default."""
    known = Settings.__slots__
    return Settings(**{name: value for name, value in data.items() if name in known})


def instant(text: str) -> datetime:
    """A moment in UTC from its ISO form; one without a zone is taken to be in UTC."""
    return zoned(datetime.fromisoformat(text))


def zoned(moment: datetime) -> datetime:
    """The moment in UTC: SQLite keeps no zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
