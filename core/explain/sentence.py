"""The one sentence that says why: made of what was computed, in a coder's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.retrieve.candidate import Source
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.explain.explanation import Details, Reading, Word
    from core.retrieve.candidate import EntryTerm

CARRIED = 0.6
"""The words that are named carry at least this part of the similarity, as long as they are no more than `MOST`."""
MOST = 3
SOURCES = {
    Source.TITLE: "the code's title",
    Source.INCLUSION: "another name of the code in the book",
    Source.CORPUS: "a written example of the code",
    Source.ABBREVIATION: "an entry of the abbreviation list",
    Source.MEMORY: "a wording that the team coded so",
}


def why(
    text: str, words: Sequence[Word], term: EntryTerm, read_as: Sequence[Reading], details: Details, *, by_word: bool
) -> str:
    """One sentence: what led to the code, how it was read, and what speaks against it.

    Parameters
    ----------
    text, words
        The text and its words with their shares.
    term
        What it was matched with.
    read_as
        Short forms that were written out for it.
    details
        What text and title say of the details.
    by_word
        Whether the shares mean anything.

    """
    what = f"{SOURCES[term.source]}, “{term.text}”"
    if fold(text) == fold(term.text):
        said = f"The text is {what}, word for word"
    elif by_word and (leading := leading_words(words)):
        quoted = listed([f"“{word.text}”" for word in leading])
        said = f"Found mostly by {quoted}, through {what}"
    else:
        said = f"Found through {what}"
    if read_as:
        said += "; " + listed([f"“{one.text}” was read as “{one.expansion}”" for one in read_as])
    if details.contradicts:
        first = details.contradicts[0].sentence.rstrip(".").replace("; ", " and ")
        said += f"; but {first[0].lower()}{first[1:]}"
    return f"{said}."


def leading_words(words: Sequence[Word]) -> list[Word]:
    """The words with the largest shares, in the order of the text: enough to carry most, and few."""
    ranked = sorted((word for word in words if word.share > 0), key=lambda word: -word.share)
    whole = sum(word.share for word in ranked)
    chosen: list[Word] = []
    for word in ranked[:MOST]:
        if sum(one.share for one in chosen) >= CARRIED * whole:
            break
        chosen.append(word)
    return sorted(chosen, key=lambda word: word.start)


def source_line(term: EntryTerm, language: str) -> str:
    """Where the matched term comes from; of the team memory how often it was chosen and when last."""
    if term.source is Source.MEMORY:
        times = "once" if term.count == 1 else f"{term.count} times"
        last = f", last on {term.last:%d %B %Y}" if term.last else ""
        return f"A wording from your team's reviews ({language}): this code was chosen for it {times}{last}."
    named = {
        Source.TITLE: "The code's title",
        Source.INCLUSION: "Another name of the code in the book",
        Source.CORPUS: "A written example of the code",
        Source.ABBREVIATION: "From the abbreviation list",
    }[term.source]
    return f"{named} ({language})."


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
