"""Robustness: what becomes of the answers when the queries are perturbed (:mod:`core.evaluate.perturb`).

An answer *flips* when its first code is another. Under a harmless change no answer should; under a change of meaning it
must. A change of meaning is counted where the first code depends on what changes:

- side: its title names one side (``left`` or ``right``);
- number: its title names one number of a scale (``type 2``, ``stage 3``, ``second degree``), not a choice of two;
- negation: the phrase, as a note of one sentence, is read as one mention with a code. Lay phrases are left out: many
  are sentences with a verb, which no ``no`` or ``sin`` in front negates.

In a note, an answer has flipped when the first code of the note without the change is no longer among the note's codes.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from core.evaluate.datasets import Dataset
from core.evaluate.mentions import PUBLIC
from core.evaluate.perturb import PERTURBATIONS, Perturbation, deny, generator
from core.evaluate.runs import Run, provenance
from core.evaluate.systems import clinicode
from core.rerank.opposites import opposites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.coder import CodedNote, Coder, Found
    from core.evaluate.gold import GoldQuery

SEED = 7
CHUNK = 128
FIRST = 5
SIDE = re.compile(r"\b(?:left|right)\b", re.IGNORECASE)
SCALE = re.compile(
    r"\b(?:type|stage|grade|degree|class)\s+(?:[1-5]|iv|v|i{1,3})[abc]?\b|\b(?:first|second|third|fourth)\s(?=degree|trimester)",
    re.IGNORECASE,
)
ALONG = re.compile(r"\b(?:non-)?dominant\s|\s\([^)]*\)", re.IGNORECASE)
"""What a title says along with its side or number: the dominant side, ``stage 2 (mild)``."""
NAMED = {"side": SIDE, "number": SCALE}
"""What a title has to name once for its code to depend on the change."""
SCHEMA = {
    "query": pl.String,
    "lang": pl.String,
    "perturbation": pl.String,
    "must_flip": pl.Boolean,
    "hit5_before": pl.Boolean,
    "hit5_after": pl.Boolean,
    "top_before": pl.String,
    "top_after": pl.String,
    "flipped": pl.Boolean,
    "right_after": pl.Boolean,
}
Answer: TypeAlias = "tuple[list[str], str]"
"""Codes, best first, and the title of the first."""
Row: TypeAlias = "tuple[str, str, str, bool, bool, bool, str, str, bool, bool]"


def measure_robustness(
    coder: Coder,
    queries: Sequence[GoldQuery],
    command: str,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Run:
    """Search for every query before and after every perturbation that applies to it.

    The language is detected each time, as in the product. The table has a row a query and perturbation: ``query``,
    ``lang``, ``perturbation``, ``must_flip``, ``hit5_before`` and ``hit5_after`` (a right code of the unchanged text
    among the first five), ``top_before`` and ``top_after`` (first codes), ``flipped`` and ``right_after``: whether the
    answer after is right. That is, where nothing should flip, the first code is a gold code; for a side or a number,
    the title is the same but for that; for what is denied, the code is gone.

    Parameters
    ----------
    coder, queries
        What is measured, on what.
    command
        The command line that repeats it.
    progress
        Called with perturbations done and perturbations in all, the unchanged texts counted as one.

    """
    started = time.perf_counter()
    before = _search(coder, [query.text for query in queries])
    notes = [_in_note(coder, query.text) for query in queries]
    progress(1, len(PERTURBATIONS) + 1)
    rows: list[Row] = []
    for done, perturbation in enumerate(PERTURBATIONS, 2):
        rows += (
            _noted(coder, queries, notes, perturbation)
            if perturbation.note
            else _searched(coder, queries, before, perturbation)
        )
        progress(done, len(PERTURBATIONS) + 1)
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    told = provenance(
        clinicode(coder),
        "robustness",
        PUBLIC.name,
        Dataset("robustness", PUBLIC.name, tuple(queries)).fingerprint,
        release=coder.catalog.label,
        command=command,
        seconds=time.perf_counter() - started,
    )
    return Run(told, table)


def _search(coder: Coder, texts: Sequence[str]) -> list[Answer]:
    found: list[Found] = []
    for start in range(0, len(texts), CHUNK):
        found += coder.search_many(texts[start : start + CHUNK])
    return [
        ([candidate.code for candidate in one.candidates], one.candidates[0].title if one.candidates else "")
        for one in found
    ]


def _in_note(coder: Coder, text: str) -> CodedNote:
    return coder.code(text if text.endswith(".") else f"{text}.")


def _changes(queries: Sequence[GoldQuery], perturbation: Perturbation) -> Iterator[tuple[int, str]]:
    """Numbers of the queries that the perturbation applies to, and their texts after it."""
    for number, query in enumerate(queries):
        changed = perturbation.apply(query.text, query.lang, generator(SEED, query.name, perturbation.name))
        if changed:
            yield number, changed


def _searched(
    coder: Coder, queries: Sequence[GoldQuery], before: Sequence[Answer], perturbation: Perturbation
) -> Iterator[Row]:
    pattern = NAMED.get(perturbation.name)
    changes = [
        (number, text)
        for number, text in _changes(queries, perturbation)
        if before[number][0] and depends(perturbation, before[number][1], queries[number])
    ]
    answers = _search(coder, [text for _, text in changes])
    for (number, _), after in zip(changes, answers, strict=True):
        was, now = before[number], after
        top = now[0][0] if now[0] else ""
        right = top != was[0][0] if perturbation.must_flip else top in queries[number].codes
        if pattern is not None:
            right = top != was[0][0] and but_for(was[1], pattern) == but_for(now[1], pattern)
        yield _row(queries[number], perturbation, (was[0], now[0]), flipped=top != was[0][0], right=right)


def depends(perturbation: Perturbation, title: str, query: GoldQuery) -> bool:
    """Whether a code's title is one that the change can make wrong; any is, where it is not about what a title says."""
    if pattern := NAMED.get(perturbation.name):
        return names_one(title, pattern)
    return perturbation.apply is not deny or says_a_quality(title, query)


def names_one(title: str, pattern: re.Pattern[str]) -> bool:
    """Whether a code's title names one side or number: one that another would make wrong (not ``type I or II``)."""
    found = list(pattern.finditer(title))
    return len(found) == 1 and not re.match(
        r"\s*(?:,|or\b|and\b)\s*(?:[1-5]|i|v)", title[found[0].end() :], re.IGNORECASE
    )


def says_a_quality(title: str, query: GoldQuery) -> bool:
    """Whether a code's title says a quality that the query says: one that a denial makes wrong."""
    said, own = opposites().read(query.text, (query.lang,)), opposites().read(title, ("en",))
    return any(said[quality] and own.get(quality) for quality in said)


def but_for(title: str, pattern: re.Pattern[str]) -> str:
    """A title without its side or number and what goes along with it."""
    return ALONG.sub("", pattern.sub("#", title)).lower()


def _noted(
    coder: Coder, queries: Sequence[GoldQuery], notes: Sequence[CodedNote], perturbation: Perturbation
) -> Iterator[Row]:
    for number, text in _changes(queries, perturbation):
        query, note = queries[number], notes[number]
        negates = perturbation.must_flip
        if not note.codes or (negates and (len(note.mentions) != 1 or ("style", "lay") in query.tags)):
            continue
        was, now = ([item.candidate.code for item in one.codes] for one in (note, _in_note(coder, text)))
        flipped = was[0] not in now
        right = flipped if negates else bool(now) and now[0] in query.codes
        yield _row(query, perturbation, (was, now), flipped=flipped, right=right)


def _row(
    query: GoldQuery, perturbation: Perturbation, codes: tuple[list[str], list[str]], *, flipped: bool, right: bool
) -> Row:
    was, now = codes
    hits = [not query.codes.isdisjoint(one[:FIRST]) for one in codes]
    top = now[0] if now else ""
    told = (query.name, query.lang, perturbation.name, perturbation.must_flip)
    return (*told, hits[0], hits[1], was[0], top, flipped, right)
