"""One phrase or one note at a time: what each stage takes of the time that a person waits."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from core.bench.figures import (
    DETECTION,
    FIRST,
    NOTE,
    PHRASE,
    RANKING,
    READING,
    SECOND,
    Figure,
    Step,
    percentile,
    timed,
)
from core.note.documents import check_note, check_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.coder import Coder


def phrases(coder: Coder, texts: Sequence[str]) -> Step:
    """Milliseconds of each stage for each phrase by itself, and of the whole search measured apart."""
    figures: list[Figure] = []
    for at, text in enumerate(texts):
        for measure, seconds in _phrase(coder, check_query(text)):
            figures.append(Figure("phrase", measure, 1000 * seconds, "ms", at))
    median, late = (percentile(figures, PHRASE, share) for share in (50, 95))
    return Step(f"search, one by one: median {median:.1f} ms, 95th percentile {late:.1f} ms", tuple(figures))


def notes(coder: Coder, texts: Sequence[str]) -> Step:
    """Milliseconds of reading and of ranking for each note, and of the whole measured apart."""
    figures: list[Figure] = []
    for at, text in enumerate(texts):
        for measure, seconds in _note(coder, check_note(text)):
            figures.append(Figure("note", measure, 1000 * seconds, "ms", at))
    median, longest = (percentile(figures, NOTE, share) / 1000 for share in (50, 100))
    length = max(map(len, texts))
    return Step(f"a note of {length:,} characters: median {median:.2f} s, longest {longest:.2f} s", tuple(figures))


def _phrase(coder: Coder, text: str) -> list[tuple[str, float]]:
    memory = coder.retriever.memory()
    started = perf_counter()
    langs = [coder.detector.detect(text).likely]
    detected = perf_counter()
    found = coder.retriever.gather([text], memory, langs)
    coder.retriever.ranked(found[0], coder.retriever.fusion)
    first = perf_counter()
    taken = [(DETECTION, detected - started), (FIRST, first - detected)]
    if coder.reranker is not None:
        taken.append((SECOND, timed(lambda: coder.reranker and coder.reranker.order([text], langs, found, memory))))
    return [*taken, (PHRASE, timed(lambda: coder.search(text)))]


def _note(coder: Coder, text: str) -> list[tuple[str, float]]:
    started = perf_counter()
    language = coder.detector.detect(text)
    detected = perf_counter()
    mentions = coder.reader.read(text, language, coder.reranker or coder.retriever)
    read = perf_counter()
    coder.rank(mentions, len(text))
    ranked = perf_counter()
    taken = [(DETECTION, detected - started), (READING, read - detected), (RANKING, ranked - read)]
    return [*taken, (NOTE, timed(lambda: coder.code(text)))]
