"""What a note says of a diagnosis: that it is there, denied, a relative's, past, or only suspected.

The ConText method (Harkema et al., 2009, "ConText: an algorithm for determining negation, experiencer, and temporal
status from clinical reports"): a cue before or after a mention reaches it unless a terminator stands between; longer
cues overrule shorter ones, pseudo-cues say nothing. The cues are data, one list a language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from core.note.cues import Cue, CueIndex, read_rows, tokens
from core.note.segment import Section, Sentence
from core.note.spans import Span
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.note.cues import Token

FOLDER = ASSETS / "lexicon" / "context"
ASKED = re.compile(r"\s?\)?\s?\?")
ASKED_BEFORE = re.compile(r"[?¿]\s?$")
MINUS = re.compile(
    r"\s?\(\s?[-–−]\s?\)|\s?[-–−](?=\s*(?:[,;.)\n]|$))"
    r"|\s?:\s?(?:(?:no|non|nein|não|nao|nie|mai|nunca|jamais|never|nil|none|keine?s?)(?=\s*(?:[,;.)\n]|$))|neg\w*\b)",
    re.IGNORECASE,
)
YEAR = r"(?:19[3-9]\d|20[0-4]\d)"
DATED = re.compile(
    rf"[\s,(]*(?:(?:in|en|el|im|em|nel|anno|año|any|année|jahr|ca\.?)\s+){{0,2}}(?:\d{{1,2}}[/.-])?{YEAR}\b",
    re.IGNORECASE,
)
DATED_BEFORE = re.compile(
    rf"(?:(?:in|en|el|im|em|nel|l|anno|año|any|année|jahr|ano)\s+){{0,3}}(?:\d{{1,2}}[/.-])?{YEAR}\b[\s,:]",
    re.IGNORECASE,
)
"""A year right after a mention, or at the start of its sentence."""
DENIED_DOUBT = 5
"""Words at most between a denial and the doubt that it denies."""
OF_ONE = 4
"""Words that a cue of one word reaches where it says of one condition that it is past (``previous``)."""
CLOSED = re.compile(r"[()]")


class Status(StrEnum):
    """What the note says of a diagnosis."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    FAMILY = "family"
    HISTORICAL = "historical"
    UNCERTAIN = "uncertain"


class Role(StrEnum):
    """What a cue does."""

    CUE = "cue"
    END = "end"
    PSEUDO = "pseudo"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A cue's part in the method; `status` is empty where it concerns all, `reach` counts words (0: the sentence)."""

    role: Role
    status: str
    forward: bool
    backward: bool
    reach: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue in a sentence: words `first` to before `last`, at `start` to `end` of the text."""

    first: int
    last: int
    start: int
    end: int
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mention's status, and the passage of the note that decided it: a cue or a heading; empty for affirmed ones."""

    status: Status
    cue: str = ""
    start: int = -1
    end: int = -1


class ContextReader:
    """Decides statuses by the cues of one language at a time.

    Parameters
    ----------
    folder
        Where the cue lists are.

    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._cues: dict[str, CueIndex[Meaning]] = {}

    def read(
        self, text: str, sentence: Sentence, mentions: Sequence[Span], lang: str, *, apart: bool = False
    ) -> list[Verdict]:
        """The status of each mention of one sentence.

        Parameters
        ----------
        text, sentence
            The note, and which passage of it is read.
        mentions
            Passages within the sentence, all of them: words of other mentions do not count against a cue's reach.
        lang
            The note's language.
        apart
            Whether each is to be read as if it were the only one.

        """
        words = tokens(text, sentence.start, sentence.end)
        hits = list(self._hits(words, lang))
        inside = [not apart and any(span.start <= token.start < span.end for span in mentions) for token in words]
        return [_verdict(text, sentence, words, hits, inside, span) for span in mentions]

    def trimmed(self, text: str, sentence: Sentence, spans: Sequence[Span], lang: str) -> list[Span]:
        """The passages without the denial, doubt or relative that they begin or end with (``denies fever``)."""
        words = tokens(text, sentence.start, sentence.end)
        hits = [
            hit
            for hit in self._hits(words, lang)
            if hit.meaning.role is Role.CUE and hit.meaning.status != Status.HISTORICAL
        ]
        return [_trimmed(text, words, hits, span) for span in spans]

    def _hits(self, words: Sequence[Token], lang: str) -> Iterator[Hit]:
        """The longest cue at each place; the words of one are not looked at again."""
        if lang not in self._cues:  # read when a note in the language comes
            self._cues[lang] = CueIndex(read_cues(self._folder / f"{lang}.tsv"))
        cues, folded = self._cues[lang], [token.word for token in words]
        at = 0
        while at < len(folded):
            found = list(cues.at(folded, at))
            longest = max((len(cue.words) for cue in found), default=0)
            for cue in found:
                if len(cue.words) == longest:
                    last = at + longest
                    yield Hit(at, last, words[at].start, words[last - 1].end, cue.meaning)
            at += max(1, longest)


def _trimmed(text: str, words: Sequence[Token], hits: Sequence[Hit], span: Span) -> Span:
    start, end = span.start, span.end
    own = [token for token in words if start <= token.start and token.end <= end]
    for hit in hits:
        if hit.meaning.forward and hit.start <= start < hit.end < end:
            start = next((token.start for token in own if token.start >= hit.end), start)
        elif hit.meaning.backward and start < hit.start and hit.end >= end:
            end = max((token.end for token in own if token.end <= hit.start), default=end)
    return Span(start, end, text[start:end]) if start < end else span


def _verdict(
    text: str, sentence: Sentence, words: Sequence[Token], hits: Sequence[Hit], inside: Sequence[bool], span: Span
) -> Verdict:
    first = next((at for at, token in enumerate(words) if token.end > span.start), len(words))
    last = next((at for at in range(len(words) - 1, -1, -1) if words[at].start < span.end), -1) + 1
    reaching: dict[str, list[tuple[int, Hit]]] = {}
    for hit in hits:
        distance = _distance(text, words, hits, inside, hit, first, last)
        if distance is not None:
            reaching.setdefault(hit.meaning.status, []).append((distance, hit))
    family, negated = reaching.get(Status.FAMILY, []), reaching.get(Status.NEGATED, [])
    if family and not (negated and _nearest(negated) <= _nearest(family)):
        return _said(text, Status.FAMILY, family)
    if sentence.section is Section.FAMILY and not negated:
        return Verdict(Status.FAMILY, sentence.heading)
    return _denied_or_doubted(text, sentence, span, reaching, inside) or _past(text, sentence, span, reaching)


def _denied_or_doubted(
    text: str, sentence: Sentence, span: Span, reaching: dict[str, list[tuple[int, Hit]]], inside: Sequence[bool]
) -> Verdict | None:
    negated, uncertain = reaching.get(Status.NEGATED, []), reaching.get(Status.UNCERTAIN, [])
    if mark := MINUS.match(text, span.end, sentence.end):
        return Verdict(Status.NEGATED, mark.group().strip(), mark.start(), mark.end())
    if negated and (not uncertain or _decides(text, inside, negated, uncertain)):
        return _said(text, Status.NEGATED, negated)
    mark = ASKED.match(text, span.end, sentence.end) or ASKED_BEFORE.search(text, sentence.start, span.start)
    if mark:
        return Verdict(Status.UNCERTAIN, mark.group().strip(), mark.start(), mark.end())
    return _said(text, Status.UNCERTAIN, uncertain) if uncertain else None


def _past(text: str, sentence: Sentence, span: Span, reaching: dict[str, list[tuple[int, Hit]]]) -> Verdict:
    if historical := reaching.get(Status.HISTORICAL):
        return _said(text, Status.HISTORICAL, historical)
    if mark := DATED.match(text, span.end, sentence.end) or DATED_BEFORE.match(text, sentence.start, span.start):
        return Verdict(Status.HISTORICAL, mark.group().strip(" ,(:"), mark.start(), mark.end())
    return Verdict(Status.AFFIRMED)


def _decides(
    text: str, inside: Sequence[bool], negated: Sequence[tuple[int, Hit]], uncertain: Sequence[tuple[int, Hit]]
) -> bool:
    """Whether denial overrules doubt.

    What is said afterwards does (``possible X was ruled out``), and what denies the doubt itself (``not compatible
    with X``); else the nearer.
    """
    for _, hit in negated:
        for _, other in uncertain:
            if hit.first > other.first and hit.meaning.backward:
                return True
            near = hit.last <= other.first <= hit.last + DENIED_DOUBT and "," not in text[hit.end : other.start]
            if near and not any(inside[hit.last : other.first]):
                return True
    return _nearest(negated) <= _nearest(uncertain)


def _nearest(reaching: Sequence[tuple[int, Hit]]) -> int:
    return min(distance for distance, _ in reaching)


def _said(text: str, status: Status, reaching: Sequence[tuple[int, Hit]]) -> Verdict:
    _, hit = min(reaching, key=lambda one: (one[0], -(one[1].end - one[1].start)))
    return Verdict(status, text[hit.start : hit.end], hit.start, hit.end)


def _distance(
    text: str,
    words: Sequence[Token],
    hits: Sequence[Hit],
    inside: Sequence[bool],
    hit: Hit,
    first: int,
    last: int,
) -> int | None:
    """Words between a cue and the mention at `first` to `last`, none of other mentions; None where it ends before."""
    meaning = hit.meaning
    if meaning.role is not Role.CUE:
        return None
    if _stands_in(text, words, hit, first, last):
        return 0
    if meaning.forward and hit.first < first:
        between = range(hit.last, first)
    elif meaning.backward and hit.last > last:
        between = range(last, hit.first)
    else:
        return None
    distance = sum(not inside[at] for at in between)
    if meaning.reach and distance > meaning.reach:
        return None
    for other in hits:
        ends = other.meaning.role is Role.END and other.meaning.status in ("", meaning.status)
        if ends and other.first in between and other is not hit:
            return None
    if between and (_leaves_bracket(text, words, between) or _past_of_one(text, words, hit, first)):
        return None
    if hit.first >= last and _stops_at_nearer(between, inside):
        return None
    return distance


def _past_of_one(text: str, words: Sequence[Token], hit: Hit, first: int) -> bool:
    """Whether a comma stands between a mention and a word like ``previous``, which is said of one condition."""
    meaning, single = hit.meaning, hit.last - hit.first == 1
    if not single or meaning.status != Status.HISTORICAL or not 0 < meaning.reach <= OF_ONE:
        return False
    return hit.last <= first < len(words) and "," in text[hit.end : words[first].start]


def _stands_in(text: str, words: Sequence[Token], hit: Hit, first: int, last: int) -> bool:
    """Whether a passage was found with its cue, or a relative stands in brackets after it (``cancer (mother)``)."""
    meaning = hit.meaning
    if (meaning.forward and hit.first == first and hit.last < last) or (
        meaning.backward and hit.last == last and hit.first > first
    ):
        return True
    gap = text[words[last - 1].end : hit.start] if 0 < last == hit.first else ""
    return meaning.status == Status.FAMILY and gap.strip() == "("


def _stops_at_nearer(between: range, inside: Sequence[bool]) -> bool:
    """Whether a cue afterwards speaks of a nearer mention alone: of both only where a word joins them (``X and Y``)."""
    others = [at for at in between if inside[at]]
    return bool(others) and all(inside[at] for at in range(between[0], others[-1] + 1))


def _leaves_bracket(text: str, words: Sequence[Token], between: range) -> bool:
    """Whether a bracket that holds one side is closed or opened between the two, the other side being outside."""
    start = words[between[0] - 1].end if between[0] else words[between[0]].start
    end = words[between[-1] + 1].start if between[-1] + 1 < len(words) else words[between[-1]].end
    depth = 0
    for mark in CLOSED.finditer(text, start, end):
        depth += 1 if mark.group() == "(" else -1
        if depth < 0:
            return True
    return False


@cache
def read_cues(path: Path) -> tuple[Cue[Meaning], ...]:
    """The cues of one list."""
    cues: list[Cue[Meaning]] = []
    for role, status, direction, reach, texts in read_rows(path):
        concerns = "" if status in ("any", "-") else status
        meaning = Meaning(
            Role(role), concerns, direction in ("forward", "both"), direction in ("backward", "both"), int(reach)
        )
        cues += [Cue.of(text, meaning) for text in texts.split("|") if text.strip()]
    denials = {cue.words for cue in cues if cue.meaning.status == Status.NEGATED and cue.meaning.forward}
    return tuple(_denied(cue, denials) for cue in cues)


def _denied(cue: Cue[Meaning], denials: set[tuple[str, ...]]) -> Cue[Meaning]:
    """``no family history of`` denies: a cue for relatives that begins with a denial is one."""
    begins = (cue.words[:size] in denials for size in range(1, len(cue.words)))
    if cue.meaning.role is Role.CUE and cue.meaning.status == Status.FAMILY and any(begins):
        return replace(cue, meaning=replace(cue.meaning, status=Status.NEGATED))
    return cue
