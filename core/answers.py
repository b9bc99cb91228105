"""The command line's answers as JSON objects: the product's contract with scripts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.coder import CodedNote, Found
    from core.explain.explanation import Explanation
    from core.retrieve.candidate import Candidate

Json = dict[str, object]


def candidate_json(candidate: Candidate) -> Json:
    """One ranked code."""
    return {
        "code": candidate.code,
        "title": candidate.title,
        "score": round(candidate.score, 4),
        "confidence": round(candidate.confidence, 4),
        "billable": candidate.billable,
        "source": candidate.term.source.value,
    }


def explanation_json(explanation: Explanation) -> Json:
    """Everything that is known of why a text may have a code; offsets count code points of the text as given."""
    return {name: _plain(value) for name, value in asdict(explanation).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value


def found_json(name: str | int | None, found: Found, explained: Mapping[str, Explanation] | None = None) -> Json:
    """A `search` answer line; without a name there is no id. Codes that have an explanation get it."""
    explained = explained or {}
    return {
        **({} if name is None else {"id": name}),
        "lang": found.language.lang,
        "lang_confidence": round(found.language.confidence, 4),
        "candidates": [
            candidate_json(candidate)
            | ({"explanation": explanation_json(explained[candidate.code])} if candidate.code in explained else {})
            for candidate in found.candidates
        ],
    }


def note_json(name: str | int | None, note: CodedNote) -> Json:
    """A `code` answer line; offsets count code points of the text as given."""
    return {
        **({} if name is None else {"id": name}),
        "lang": note.language.lang,
        "lang_confidence": round(note.language.confidence, 4),
        "mentions": [
            {
                "start": mention.start,
                "end": mention.end,
                "text": mention.text,
                "status": mention.status.value,
                "candidates": [candidate_json(candidate) for candidate in mention.candidates],
            }
            for mention in note.mentions
        ],
        "codes": [
            {
                "code": item.candidate.code,
                "title": item.candidate.title,
                "score": round(item.score, 4),
                "suggested": item.suggested,
                "evidence": [list(span) for span in item.evidence],
            }
            for item in note.codes
        ],
    }
