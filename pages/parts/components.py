"""The two pieces of interface that Streamlit has no widget for: a list of code cards, and a note with its mentions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.catalog.tables.titles import local_titles
from core.interface import N_, _, ngettext, number
from core.note.context import Status
from core.retrieve.candidate import Source
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from core.catalog import Code
    from core.coder import Coder
    from core.note.mentions import Mention
    from core.retrieve.candidate import Candidate

LIKELY, POSSIBLE = 0.6, 0.3
STATUS_WORDS = {
    Status.AFFIRMED: (N_("present"), ":material/check:"),
    Status.UNCERTAIN: (N_("uncertain"), ":material/question_mark:"),
    Status.HISTORICAL: (N_("past"), ":material/history:"),
    Status.FAMILY: (N_("family"), ":material/family_restroom:"),
    Status.NEGATED: (N_("denied"), ":material/block:"),
}
"""What the interface calls each status (to be translated where it is shown), and its icon."""
SOURCE_WORDS = {
    Source.TITLE: N_("title"),
    Source.INCLUSION: N_("inclusion term"),
    Source.CORPUS: N_("written corpus"),
    Source.ABBREVIATION: N_("abbreviation list"),
    Source.NATIONAL: N_("national table"),
    Source.MEMORY: N_("team memory"),
}
"""What it calls the places that entry terms come from."""


def interface(name: str) -> str:
    """A script or style of the interface."""
    return (ASSETS / "interface" / name).read_text(encoding="utf-8")


_CODE_LIST = st.components.v2.component(
    "clinicode_code_list",
    html='<ul class="codes">\n</ul>',
    css=interface("code_list.css"),
    js=interface("code_list.js"),
)
_NOTE_VIEW = st.components.v2.component(
    "clinicode_note_view",
    html='<div class="note" role="document" tabindex="0">\n</div>',
    css=interface("note_view.css"),
    js=interface("note_view.js"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One code as it is shown everywhere; `chance` is None where there is no query to be right about.

    `digit` is the key that chooses it, where there is one.
    """

    id: str
    code: str
    title: str
    billable: bool
    chance: float | None
    word: str
    lines: tuple[str, ...]
    digit: str = ""


def word_for(chance: float) -> str:
    """A probability in words."""
    return _("likely") if chance >= LIKELY else _("possible") if chance >= POSSIBLE else _("weak")


def candidate_card(candidate: Candidate, coder: Coder, text: str, lang: str, lines: Sequence[str] = ()) -> Card:
    """A ranked code: what it was found by, and for a header which billable codes under it fit best.

    Its title is in the reader's language, the book's own under it, where an imported table has one.
    """
    local = next(iter(local_titles().of(candidate.code, lang)), None)
    title = local.title if local else candidate.title
    said = [*([candidate.title] if local else []), *lines]
    term = candidate.term
    if term.text not in (candidate.title, title):
        source = _(SOURCE_WORDS[term.source])
        if term.count > 1:
            times = ngettext("chosen {count} time", "chosen {count} times", term.count)
            source = f"{source}, {times.format(count=number(term.count))}"
        said.append(_("found by “{text}” ({source})").format(text=term.text, source=source))
    if not candidate.billable:
        leaves = ", ".join(coder.best_leaves(text, candidate.code))
        told = _("header, cannot be billed: choose {codes} or another code under it")
        said.append(told.format(codes=leaves))
    word = word_for(candidate.confidence)
    return Card(candidate.code, candidate.code, title, candidate.billable, candidate.confidence, word, tuple(said))


def plain_card(code: Code) -> Card:
    """A code of the book, without a query."""
    return Card(code.code, code.code, code.title, code.billable or not code.codable, None, "", ())


def code_list(
    cards: Sequence[Card],
    *,
    key: str,
    label: str,
    chosen: str | Sequence[str] | None = None,
    on_choose: Callable[[str], None],
) -> None:
    """Show codes; `on_choose` gets the id of a card that a person opens, by a click or by its digit."""

    def react() -> None:
        state = st.session_state.get(key)  # gone where the page changed under the click
        picked = state.chosen if state is not None else None
        if picked is not None:
            on_choose(picked)

    data = {"items": [asdict(card) for card in cards], "chosen": chosen, "label": label, "header": _("header")}
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
    for start, end, which, mention in sorted(pieces, key=lambda piece: piece[0]):
        parts.append({"id": None, "text": text[done:start]})
        if which < 0:
            parts.append({"id": None, "text": text[start:end], "cue": True})
        else:
            best = mention.candidates[0]
            parts.append(
                {
                    "id": which,
                    "text": text[start:end],
                    "status": mention.status.value,
                    "evidence": any(first < end and start < last for first, last in evidence),
                    "said": _(STATUS_WORDS[mention.status][0]),
                    "hint": f"{_(STATUS_WORDS[mention.status][0])}: {best.code} {best.title}",
                }
            )
        done = end
    parts.append({"id": None, "text": text[done:]})
    _NOTE_VIEW(
        data={"parts": parts, "chosen": chosen, "label": _("The note with the passages found in it")},
        key=key,
        on_chosen_change=react,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a note that is under review: plain (no `ids`), or marked for the first of its `ids`.

    `first` and `last` say whether the marked passage begins and ends here, `decision` what was said of it; `said` is
    that and the status in words.
    """

    text: str
    ids: tuple[str, ...] = ()
    status: str = ""
    decision: str = ""
    said: str = ""
    hint: str = ""
    first: bool = False
    last: bool = False


def review_note(
    parts: Sequence[Part],
    *,
    key: str,
    chosen: str,
    on_choose: Callable[[str], None],
    on_select: Callable[[int, int], None],
) -> None:
    """Show a note in which passages can be opened and words selected; `on_select` gets their place in code points."""

    def react() -> None:
        state = st.session_state.get(key)
        if state is not None and state.chosen is not None:
            on_choose(str(state.chosen))

    def take() -> None:
        state = st.session_state.get(key)
        if state is not None and state.selected is not None:
            on_select(int(state.selected["start"]), int(state.selected["end"]))

    shown = [{"id": part.ids[0] if part.ids else None, **asdict(part)} for part in parts]
    _NOTE_VIEW(
        data={"parts": shown, "chosen": chosen, "label": _("The note with its annotations"), "selectable": True},
        key=key,
        on_chosen_change=react,
        on_selected_change=take,
    )
