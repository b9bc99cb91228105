"""Query by query: what was asked, what is right, and where each system put it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from core.evaluate.board import Board, label
from core.evaluate.charts.chart import heads, worded
from core.evaluate.nearness import MEANING, Nearness
from core.evaluate.origin import dataset_of
from core.interface import N_, _, language_name, ngettext, number
from core.language import LANGUAGES
from core.spreadsheet import table
from pages.parts.book import catalog
from pages.parts.evaluate.common import choose_board

if TYPE_CHECKING:
    from core.evaluate.datasets import Dataset

MOST = 3
FIRST = N_("first code of {system}")
MISSED = 5
"""A system has missed a query where no right code is among its first so many."""
FILTERS = (
    N_("all queries"),
    N_("the first system missed, another had it"),
    N_("every system missed"),
    N_("the systems differ"),
)


def section(found: list[Board]) -> None:
    """The table of queries with filters, one query opened below it, the whole view as a file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = choose_board(found)
        names = [label(run) for run in board.runs][::-1]
        usual = [name for name in ("clinicode", "reranked, memory", "hybrid", "bm25") if name in names][:MOST]
        chosen = st.multiselect(
            _("Systems side by side"),
            names,
            default=usual or names[:2],
            key=f"explorer_systems_{board.data}",
            max_selections=4,
            width=420,
            persist_state="session",
        )
        which = st.selectbox(
            _("Show"), FILTERS, format_func=_, key="explorer_filter", width=320, persist_state="session"
        )
    if not chosen:
        st.info(_("Choose at least one system."), icon=":material/table_rows:")
        return
    data = origin(board)
    view = rows(board, chosen, data)
    view = narrowed(view, chosen, which)
    count = ngettext("{count} query", "{count} queries", view.height).format(count=number(view.height))
    told = _(
        "{queries}. A number is the place of the first right code; “–”: it is not among the first {depth}. Choose a "
        "row to open it."
    )
    st.caption(told.format(queries=count, depth=50))
    picked = st.dataframe(
        view,
        hide_index=True,
        key=f"explorer_table_{board.data}_{which}",
        on_select="rerun",
        selection_mode="single-row",
        height=380,
        placeholder="–",
        column_config={**heads(view), FIRST.format(system=chosen[0]): _(FIRST).format(system=chosen[0])},
        column_order=[name for name in view.columns if name != "query" or data is None],
    )
    st.download_button(
        _("Download this view as CSV"),
        lambda: table(view.columns, view.rows()),
        "queries.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    at = picked["selection"]["rows"]
    if at and at[0] < view.height:
        opened(board, chosen, data, view["query"][at[0]])


def origin(board: Board) -> Dataset | None:
    """The queries' texts, where they are on this machine."""
    data = dataset_of(board.runs[0], catalog())
    if data is None:
        folder = st.text_input(
            _("The texts of this data set do not ship; the folder where you have it"),
            key="explorer_folder",
            placeholder="…/codiesp",
            persist_state="session",
        )
        data = dataset_of(board.runs[0], catalog(), Path(folder).expanduser()) if folder.strip() else None
        if folder.strip() and data is None:
            st.warning(
                _("This folder does not hold the same queries that the runs were measured on."),
                icon=":material/folder:",
            )
    return data


def rows(board: Board, systems: list[str], data: Dataset | None) -> pl.DataFrame:
    """One row a query: text and gold where they are known, then each system's place of the first right code."""
    first = board.run(systems[0]).table
    view = first.select(
        "query", pl.col("lang").replace({lang: language_name(lang) for lang in LANGUAGES}).alias("language"), "style"
    )
    view = worded(view, "style") if any(view["style"].to_list()) else view.drop("style")
    if data is not None:
        texts = pl.DataFrame(
            {
                "query": [one.name for one in data.queries],
                "text": [one.text for one in data.queries],
                "gold": [", ".join(sorted(one.codes, key=lambda code: (len(code), code))[:4]) for one in data.queries],
            }
        )
        view = texts.join(view, on="query", how="right").select("text", "gold", pl.exclude("text", "gold"))
    for system in systems:
        own = board.run(system).table.select("query", pl.col("rank").alias(system))
        view = view.join(own, on="query", how="left")
    said = first.select("query", pl.col("codes").list.first().alias(FIRST.format(system=systems[0])))
    return view.join(said, on="query", how="left")


def narrowed(view: pl.DataFrame, systems: list[str], which: str) -> pl.DataFrame:
    """The queries that a filter lets through."""
    hits = [pl.col(system).fill_null(10**6) <= MISSED for system in systems]
    if which == FILTERS[1]:
        return view.filter(~hits[0] & pl.any_horizontal(hits[1:])) if len(hits) > 1 else view.clear()
    if which == FILTERS[2]:
        return view.filter(~pl.any_horizontal(hits))
    if which == FILTERS[3]:
        return view.filter(pl.any_horizontal(hits) & ~pl.all_horizontal(hits))
    return view


def opened(board: Board, systems: list[str], data: Dataset | None, name: str) -> None:
    """One query: the first codes of each system side by side, and the way to its explanation."""
    query = next((one for one in data.queries if one.name == name), None) if data is not None else None
    with st.container(border=True):
        st.markdown(f"**{_('One query')}**")
        if query is not None:
            st.text(query.text)
            for group in query.groups:
                codes = "; ".join(f"{code} {titled(code)}" for code in sorted(group)[:6])
                st.text(_("Right: {codes}").format(codes=codes))
        for column, system in zip(st.columns(len(systems)), systems, strict=True):
            row = board.run(system).table.filter(pl.col("query") == name).row(0, named=True)
            with column:
                st.caption(system)
                right = query.codes if query is not None else frozenset()
                lines = [
                    f"{place}. {code} {titled(code)}{'  ✓' if code in right else ''}"
                    for place, code in enumerate(row["codes"][:5], 1)
                ]
                st.text("\n".join(lines) or _("nothing found"))
                if row.get("nearness"):
                    st.caption(_("first: {nearness}").format(nearness=_(MEANING[Nearness(row["nearness"])])))
        if query is not None and st.button(_("Open in Look up, with its explanation"), icon=":material/search:"):
            st.session_state["lookup_text"] = query.text
            st.session_state["lookup_code"] = None
            st.switch_page("pages/look_up.py")


def titled(code: str) -> str:
    """A code's title; a run of another release may name codes that this one does not have."""
    return catalog().title(code) if code in catalog() else ""
