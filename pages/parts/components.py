"""The two pieces of interface that Streamlit has no widget for: a list of code cards, and a note with its mentions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.note.context import Status
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from core.catalog import Code
    from core.coder import Coder
    from core.note.mentions import Mention
    from core.retrieve.candidate import Candidate

LIKELY, POSSIBLE = 0.6, 0.3
STATUS_WORDS = {
    Status.AFFIRMED: ("present", ":material/check:"),
    Status.UNCERTAIN: ("uncertain", ":material/question_mark:"),
    Status.HISTORICAL: ("past", ":material/history:"),
    Status.FAMILY: ("family", ":material/family_restroom:"),
    Status.NEGATED: ("denied", ":material/block:"),
}
"""What the interface calls each status, and its icon."""


def _read(name: str) -> str:
    return (ASSETS / "interface" / name).read_text(encoding="utf-8")


_CODE_LIST = st.components.v2.component(
    "clinicode_code_list",
    html='<ul class="codes">\n</ul>',
    css=_read("code_list.css"),
    js=_read("code_list.js"),
)
_NOTE_VIEW = st.components.v2.component(
    "clinicode_note_view",
    html='<div class="note" role="document" tabindex="0">\n</div>',
    css=_read("note_view.css"),
    js=_read("note_view.js"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One code as it is shown everywhere; `chance` is None where there is no query to be right about."""

    id: str
    code: str
    title: str
    billable: bool
    chance: float | None
    word: str
    lines: tuple[str, ...]


def word_for(chance: float) -> str:
    """A probability in words."""
    return "likely" if chance >= LIKELY else "possible" if chance >= POSSIBLE else "weak"


def candidate_card(candidate: Candidate, coder: Coder, text: str, lines: Sequence[str] = ()) -> Card:
    """A ranked code: what it was found by, and for a header which billable codes under it fit best."""
    said = list(lines)
    term = candidate.term
    if term.text != candidate.title:
        times = f", chosen {term.count} times" if term.count > 1 else ""
        said.append(f"found by “{term.text}” ({term.source.value}{times})")
    if not candidate.billable:
        leaves = ", ".join(coder.best_leaves(text, candidate.code))
        said.append(f"header, cannot be billed: choose {leaves} or another code under it")
    word = word_for(candidate.confidence)
    return Card(
        candidate.code, candidate.code, candidate.title, candidate.billable, candidate.confidence, word, tuple(said)
    )


def plain_card(code: Code) -> Card:
    """A code of the book, without a query."""
    return Card(code.code, code.code, code.title, code.billable or not code.codable, None, "", ())


def code_list(
    cards: Sequence[Card], *, key: str, label: str, chosen: str | None = None, on_choose: Callable[[str], None]
) -> None:
    """Show codes; `on_choose` gets the id of a card that a person opens."""

    def react() -> None:
        state = st.session_state.get(key)  # gone where the page changed under the click
        picked = state.chosen if state is not None else None
        if picked is not None:
            on_choose(picked)

    data = {"items": [asdict(card) for card in cards], "chosen": chosen, "label": label}
    _CODE_LIST(data=data, key=key, on_chosen_change=react)


def note_view(
    text: str,
    mentions: Sequence[Mention],
    *,
    key: str,
    chosen: int | None,
    shown: Collection[Status] = tuple(Status),
    evidence: Sequence[tuple[int, int]] = (),
    on_choose: Callable[[int], None],
) -> None:
    """Show the text as given, the mentions of some statuses underlined; `on_choose` gets the number of the one opened.

    What decided the chosen mention's status is marked too.
    """

    def react() -> None:
        state = st.session_state.get(key)  # gone where the page changed under the click
        picked = state.chosen if state is not None else None
        if picked is not None:
            on_choose(int(picked))

    pieces = [
        (mention.start, mention.end, number, mention)
        for number, mention in enumerate(mentions)
        if mention.status in shown or number == chosen
    ]
    verdict = mentions[chosen].verdict if chosen is not None else None
    if verdict and verdict.start >= 0 and not any(s < verdict.end and verdict.start < e for s, e, _, _ in pieces):
        pieces.append((verdict.start, verdict.end, -1, mentions[chosen or 0]))
    parts: list[dict[str, object]] = []
    done = 0
    for start, end, number, mention in sorted(pieces, key=lambda piece: piece[0]):
        parts.append({"id": None, "text": text[done:start]})
        if number < 0:
            parts.append({"id": None, "text": text[start:end], "cue": True})
        else:
            best = mention.candidates[0]
            parts.append(
                {
                    "id": number,
                    "text": text[start:end],
                    "status": mention.status.value,
                    "evidence": any(first < end and start < last for first, last in evidence),
                    "hint": f"{STATUS_WORDS[mention.status][0]}: {best.code} {best.title}",
                }
            )
        done = end
    parts.append({"id": None, "text": text[done:]})
    data = {"parts": parts, "chosen": chosen, "label": "The note with the passages found in it"}
    _NOTE_VIEW(data=data, key=key, on_chosen_change=react)
