"""What the sections share: the runs, the colours, how a chart is shown, the choices that stay."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.evaluate.board import Board, boards, label, own_runs, reference_runs
from core.evaluate.charts.chart import DARK, LIGHT, Palette, heads
from core.evaluate.charts.leaderboard import SWITCH
from core.interface import _
from core.spreadsheet import table
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.evaluate.charts.chart import Chart
    from core.evaluate.runs import Run

CONFIG = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "svg"},
    "responsive": True,
}


@st.cache_resource(show_spinner=False)
def shipped_runs() -> list[Run]:
    """The reference runs: ranks and figures of public sets, no text of anybody's."""
    return reference_runs()


def all_boards() -> list[Board]:
    """The boards of the reference runs, joined by the user's own."""
    own, problems = own_runs()
    for problem in problems:
        st.warning(problem, icon=":material/draft:")
    return boards([*shipped_runs(), *own])


def palette() -> Palette:
    """The colours of the theme that the browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def show(chart: Chart, key: str) -> None:
    """A chart under its title, what it shows in words, and the table behind it with its download."""
    with st.container(border=True, key=f"chart_{key}"):
        st.markdown(f"**{plain(chart.title)}**")
        st.plotly_chart(chart.figure, key=f"figure_{key}", theme=None, config=CONFIG, alt=chart.alt)
        st.caption(plain(chart.alt))
        table_and_download(chart, key)


def table_and_download(chart: Chart, key: str) -> None:
    """The figures behind a chart, folded away, and as a file."""
    with st.expander(_("Table"), icon=":material/table:"):
        named = {**heads(chart.table), **chart.heads}
        st.dataframe(chart.table, hide_index=True, key=f"table_{key}", column_config=named)
        st.download_button(
            _("Download this table (CSV)"),
            table(chart.table.columns, chart.table.rows()),
            f"{chart.name}.csv",
            "text/csv",
            icon=":material/download:",
            key=f"download_{key}",
            on_click="ignore",
        )


def wide_table(label: str, names: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table to be read whole; where a page is too narrow for it, it is scrolled by the keyboard too."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    reached = f'class="wide-table" tabindex="0" role="region" aria-label="{escape(label)}"'
    st.html(f"<div {reached}><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def choose_board(found: list[Board]) -> Board:
    """The data set whose runs are shown."""
    names = [board.name for board in found]
    name = st.selectbox(
        _("Data set"),
        names,
        format_func=lambda one: found[names.index(one)].title,
        key="evaluate_board",
        width=320,
        persist_state="session",
    )
    return found[names.index(name)]


def choose_measure() -> str:
    """The measure that is shown."""
    chosen = st.selectbox(_("Measure"), SWITCH, key="evaluate_measure", width=140, persist_state="session")
    return str(chosen)


def choose_run(board: Board, title: str, key: str, wanted: tuple[str, ...] = ("clinicode", "reranked")) -> Run:
    """One run of a board; at first the one that stands first in `wanted`."""
    names = [label(run) for run in board.runs][::-1]
    first = next((names.index(name) for name in wanted if name in names), 0)
    # the key holds the board: a system that another board lacks is not carried over to it
    return board.run(
        st.selectbox(title, names, index=first, key=f"{key}_{board.data}", width=320, persist_state="session")
    )
