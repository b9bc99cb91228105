"""What the team taught the product, and what that does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _, language_name, ngettext, number
from core.retrieve.entries import shipped_entries
from core.review.model import FINAL
from core.review.people import Role
from core.review.taught import conflicts, pairs
from core.spreadsheet import table
from core.text import fold
from pages.parts.book import catalog as code_set
from pages.parts.markdown import plain
from pages.parts.review.common import go
from pages.parts.review.taught_effect import show_effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalog import Catalog
    from core.review.model import Project
    from core.review.people import Person
    from core.review.store import ReviewStore
    from core.review.taught import Conflict, Pair

LINKS = 5
"""Documents of a pair that are offered at once."""


@st.cache_resource(show_spinner=False)
def _known() -> frozenset[str]:
    """The folded entry terms that ship: what is none of them is new to the product."""
    terms = [*code_set().terms()["text"], *(term.text for term in shipped_entries())]
    return frozenset(map(fold, terms))


def section(reviews: ReviewStore, me: Person, project: Project) -> None:
    """What was taught as a table, where the team disagrees with itself, and the effect."""
    said = reviews.taught(project.id)
    names = {one.id: one.name for one in reviews.documents(project.id)}
    st.subheader(_("What the team taught"), anchor=False)
    if project.settings.approval:
        st.caption(_("In this project only adjudicated pairs are taught."))
    if not said:
        st.info(
            _("Nothing yet. Every accepted diagnosis teaches its words with their code, once it is adjudicated.")
            if project.settings.approval
            else _("Nothing yet. Every accepted diagnosis teaches its words with their code, at once."),
            icon=":material/school:",
        )
    else:
        _list(reviews, me, project, pairs(said), names)
        _conflicts(conflicts(said), names)
    show_effect(project, [one.at for one in said])


def _list(reviews: ReviewStore, me: Person, project: Project, found: list[Pair], names: dict[int, str]) -> None:
    book = code_set()
    with st.spinner(_("Opening the code book…"), show_time=False):
        known = _known()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            _("Find"),
            key="review_taught_find",
            placeholder=_("a text, a code or a name"),
            icon=":material/search:",
            width=320,
            persist_state="session",
        )
        st.download_button(
            _("Download"),
            lambda: _csv(found, book, known),
            file_name="taught.csv",
            mime="text/csv",
            icon=":material/download:",
            key="review_taught_csv",
            on_click="ignore",
            help=_("All pairs as a table (CSV)."),
        )
    shown = [pair for pair in found if _matches(pair, typed or "", book)]
    new = sum(pair.folded not in known for pair in found)
    count = number(len(shown))
    if len(shown) < len(found):
        count = _("{count} of {total}").format(count=count, total=number(len(found)))
    said = _("Pairs: {count} · decisions behind them: {decisions} · texts the product did not know: {new}")
    st.caption(said.format(count=count, decisions=number(sum(pair.times for pair in shown)), new=number(new)))
    if not shown:
        st.caption(_("None has that text, code or name."))
        return
    choice = st.dataframe(
        [_row(pair, book, known) for pair in shown],
        hide_index=True,
        column_config={
            "text": _("text"),
            "code": _("code"),
            "title": st.column_config.TextColumn(_("title"), width=250),
            "times": _("times"),
            "by": _("by"),
            "languages": _("languages"),
            "latest": st.column_config.DatetimeColumn(_("latest"), format="YYYY-MM-DD"),
            "new": st.column_config.CheckboxColumn(_("new"), help=_("The product had no such term of its own.")),
        },
        key=f"review_taught_{project.id}_{fold(typed or '')}_{len(found)}",  # another list has another selection
        on_select="rerun",
        selection_mode="single-row",
        height=min(36 * (len(shown) + 1) + 2, 420),
    )
    rows = choice.selection.rows
    if not rows:
        st.caption(_("Choose a row to open its document or to withdraw it."))
    elif rows[0] < len(shown):
        _chosen(reviews, me, project, shown[rows[0]], names)


def _chosen(reviews: ReviewStore, me: Person, project: Project, pair: Pair, names: dict[int, str]) -> None:
    def withdraw() -> None:
        try:
            times = reviews.withdraw(me, project, pair.sources[0])
        except ClinicodeError as error:
            st.toast(plain(str(error)), icon=":material/edit:")
        else:
            said = _("Withdrawn ({count}); searches no longer know it.").format(count=number(times))
            st.toast(said, icon=":material/undo:")

    with st.container(border=True):
        st.markdown(f"**{plain(pair.text)}** → **{plain(pair.code)}** · {plain(', '.join(map(_lane, pair.by)))}")
        with st.container(horizontal=True):
            _links(pair.documents, names, f"chosen_{pair.folded}_{pair.code}")
            with st.popover(_("Withdraw"), icon=":material/undo:", disabled=me.role < Role.ADJUDICATOR):
                said = _(
                    "The text is taken out of the team memory as often as this project taught it ({count}). What was "
                    "decided in the notes stays."
                )
                st.markdown(said.format(count=number(pair.times)))
                st.button(_("Withdraw it"), key="review_taught_withdraw", type="primary", on_click=withdraw)


def _conflicts(found: Sequence[Conflict], names: dict[int, str]) -> None:
    if not found:
        return
    book = code_set()
    with st.expander(_("Coded differently: {count}").format(count=number(len(found))), icon=":material/call_split:"):
        st.caption(_("The same text with different codes, between reviewers or over time. Searches weigh all of them."))
        for conflict in found:
            with st.container(border=True):
                st.markdown(f"**{plain(conflict.text)}**")
                for place, side in enumerate(conflict.sides):
                    codes = " + ".join(f"{code} {_title(code, book)}" for code in side.codes)
                    who = ", ".join(map(_lane, side.by))
                    st.markdown(f"{plain(codes)}  \n:small[{plain(f'{side.times} × {who}, {side.latest:%Y-%m-%d}')}]")
                    with st.container(horizontal=True):
                        _links(side.documents, names, f"conflict_{conflict.folded}_{place}")


def _links(documents: Sequence[int], names: dict[int, str], key: str) -> None:
    for document in documents[:LINKS]:
        st.button(
            plain(names.get(document, _("document {id}").format(id=document))),
            key=f"review_taught_open_{key}_{document}",
            icon=":material/description:",
            type="tertiary",
            on_click=go,
            args=("Review",),
            kwargs={"document": document},
        )
    if len(documents) > LINKS:
        more = len(documents) - LINKS
        said = ngettext("and {count} more document", "and {count} more documents", more)
        st.caption(said.format(count=number(more)))


def _row(pair: Pair, book: Catalog, known: frozenset[str]) -> dict[str, object]:
    return {
        "text": pair.text,
        "code": pair.code,
        "title": _title(pair.code, book),
        "times": pair.times,
        "by": ", ".join(map(_lane, pair.by)),
        "languages": ", ".join(map(language_name, pair.langs)),
        "latest": pair.latest,
        "new": pair.folded not in known,
    }


def _csv(found: Sequence[Pair], book: Catalog, known: frozenset[str]) -> bytes:
    rows = [_row(pair, book, known) | {"latest": pair.latest.isoformat(timespec="seconds")} for pair in found]
    return table(list(rows[0]), (list(row.values()) for row in rows))


def _matches(pair: Pair, typed: str, book: Catalog) -> bool:
    needle = fold(typed)
    words = fold(" ".join((pair.text, pair.code, _title(pair.code, book), *pair.by)))
    return needle in words


def _title(code: str, book: Catalog) -> str:
    return book.title(code) if code in book else _("not in this release")


def _lane(name: str) -> str:
    return _("adjudicated") if name == FINAL else name
