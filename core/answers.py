"""The command line's answers as JSON objects: the product's contract with scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.coder import CodedNote, Found
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


def found_json(name: str | int | None, found: Found) -> Json:
    """A `search` answer line; without a name there is no id."""
    return {
        **({} if name is None else {"id": name}),
        "lang": found.language.lang,
        "lang_confidence": round(found.language.confidence, 4),
        "candidates": [candidate_json(candidate) for candidate in found.candidates],
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
