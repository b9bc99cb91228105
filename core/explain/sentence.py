"""The one sentence that says why: made of what was computed, in a coder's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interface import N_, _, day, ngettext, number
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
    Source.TITLE: N_("the code's title"),
    Source.INCLUSION: N_("another name of the code in the book"),
    Source.CORPUS: N_("a written example of the code"),
    Source.ABBREVIATION: N_("an entry of the abbreviation list"),
    Source.NATIONAL: N_("a title in an imported national table"),
    Source.MEMORY: N_("a wording that the team coded so"),
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
    source, match = _(SOURCES[term.source]), f"“{term.text}”"
    if fold(text) == fold(term.text):
        said = _("The text is {source}, {match}, word for word").format(source=source, match=match)
    elif by_word and (leading := leading_words(words)):
        quoted = listed([f"“{word.text}”" for word in leading])
        told = _("Found mostly by {words}, through {source}, {match}")
        said = told.format(words=quoted, source=source, match=match)
    else:
        said = _("Found through {source}, {match}").format(source=source, match=match)
    if read_as:
        reading = _("“{short}” was read as “{words}”")
        said += "; " + listed([reading.format(short=one.text, words=one.expansion) for one in read_as])
    if details.contradicts:
        first = details.contradicts[0].sentence.rstrip(".").replace("; ", f" {_('and')} ")
        said += "; " + _("but {sentence}").format(sentence=f"{first[0].lower()}{first[1:]}")
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
        told = ngettext(
            "A wording from your team's reviews ({language}): this code was chosen for it {count} time.",
            "A wording from your team's reviews ({language}): this code was chosen for it {count} times.",
            term.count,
        ).format(language=language, count=number(term.count))
        return f"{told} {_('The last time: {day}.').format(day=day(term.last))}" if term.last else told
    named = {
        Source.TITLE: N_("The code's title"),
        Source.INCLUSION: N_("Another name of the code in the book"),
        Source.CORPUS: N_("A written example of the code"),
        Source.ABBREVIATION: N_("From the abbreviation list"),
        Source.NATIONAL: N_("From an imported national table"),
    }[term.source]
    return f"{_(named)} ({language})."


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {_('and')} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
