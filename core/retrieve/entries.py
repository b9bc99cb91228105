"""The entry terms that ship beside the book's own: the written corpus and the abbreviation lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.retrieve.abbreviations import all_abbreviations
from core.retrieve.candidate import EntryTerm, Source
from core.synthesis.corpus import read_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator


def shipped_entries() -> Iterator[EntryTerm]:
    """Every text of the corpus, and every short form that has a code, with what it stands for."""
    for example in read_corpus():
        yield EntryTerm(example.text, example.code, Source.CORPUS, example.lang)
    for reading in all_abbreviations():
        for code in reading.codes:
            yield EntryTerm(reading.short, code, Source.ABBREVIATION, reading.lang)
            yield EntryTerm(reading.expansion, code, Source.ABBREVIATION, reading.lang)
