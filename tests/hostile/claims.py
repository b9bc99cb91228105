"""What holds of every answer, whatever the text was."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

from core.answers import found_json, note_json
from core.catalog import Catalog
from core.coder import CodedNote, Found
from core.language import LANGUAGES, Language
from core.note.context import Status
from core.note.documents import clean
from core.note.segment import Section, Sentence
from core.retrieve.candidate import Candidate


def language_holds(language: Language) -> None:
    """One of the seven, with a probability, the first of those that are likely."""
    assert language.lang in LANGUAGES
    assert 0 <= language.confidence <= 1
    assert set(language.likely) <= LANGUAGES.keys()
    assert language.likely[0] == language.lang


def sentences_hold(text: str, sentences: Sequence[Sentence]) -> None:
    """In order, apart, inside the text, none without a letter or digit, none with space around it."""
    for one in sentences:
        assert 0 <= one.start < one.end <= len(text)
        assert isinstance(one.section, Section)
        words = text[one.start : one.end]
        assert any(char.isalnum() for char in words)
        assert words == words.strip()
    for one, other in itertools.pairwise(sentences):
        assert one.end <= other.start


def candidates_hold(candidates: Sequence[Candidate], catalog: Catalog) -> None:
    """Each a code of the book with its title, once, with a probability."""
    codes = [one.code for one in candidates]
    assert len(set(codes)) == len(codes)
    for one in candidates:
        assert one.code in catalog
        assert one.title == catalog.title(one.code)
        assert one.billable == catalog.billable(one.code)
        assert 0 <= one.confidence <= 1


def search_holds(found: Found, catalog: Catalog, top_k: int = 10) -> None:
    """At most as many candidates as were asked for, best first, and an answer that can be written."""
    language_holds(found.language)
    candidates_hold(found.candidates, catalog)
    assert len(found.candidates) <= top_k
    scores = [one.score for one in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert json.dumps(found_json(1, found), ensure_ascii=False, allow_nan=False).encode()


def note_holds(text: str, note: CodedNote, catalog: Catalog) -> None:
    """Mentions in order and apart, each at its place in the text as given; codes of the book with places in it."""
    language_holds(note.language)
    as_read = clean(text)
    assert len(as_read) == len(text)
    for mention in note.mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.text == as_read[mention.start : mention.end]
        assert isinstance(mention.status, Status)
        assert mention.candidates
        for reading in (mention, *mention.further):
            assert 0 <= reading.start < reading.end <= len(text)
            candidates_hold(reading.candidates, catalog)
        if mention.verdict.start >= 0:
            assert mention.verdict.cue in as_read[mention.verdict.start : mention.verdict.end]
    for one, other in itertools.pairwise(note.mentions):
        assert one.end <= other.start
    scores = [item.score for item in note.codes]
    assert scores == sorted(scores, reverse=True)
    candidates_hold([item.candidate for item in note.codes], catalog)
    for item in note.codes:
        assert item.evidence
        assert all(0 <= start < end <= len(text) for start, end in item.evidence)
    assert json.dumps(note_json(1, note), ensure_ascii=False, allow_nan=False).encode()
