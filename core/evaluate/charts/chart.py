"""What all charts share: the figure with its words and its table, and one visual language, light and dark."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from core.interface import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, the sentence that is its title, what it shows in words, and the table behind it.

    `name` is the file's name of a download, without its ending. The table's columns have English names, as its file
    keeps them; `heads` says what a reader is shown for those that are named after a system. The figure's series come
    to differ in more than colour.
    """

    name: str
    title: str
    alt: str
    figure: go.Figure
    table: pl.DataFrame
    heads: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Tell the series apart."""
        told_apart(self.figure)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a theme: `series` tell systems apart, `scale` is little to much, `grey` what does not count."""

    text: str
    grey: str
    line: str
    background: str
    accent: str
    warn: str
    series: tuple[str, ...]
    scale: tuple[tuple[float, str], ...]


LIGHT = Palette(
    text="#101819",
    grey="#7f8e8e",
    line="#dbe4e4",
    background="#fbfcfc",
    accent="#0b6e69",
    warn="#b3541e",
    series=("#0b6e69", "#b3541e", "#3f5fa8", "#8a4f9e", "#7a7a1f", "#a83a55", "#4a7d94"),
    scale=((0.0, "#eef3f3"), (0.5, "#6fb3ad"), (1.0, "#0b5450")),
)
DARK = Palette(
    text="#e3eaea",
    grey="#6d7d7e",
    line="#2c3a3b",
    background="#12191b",
    accent="#4fb8ae",
    warn="#e8935c",
    series=("#4fb8ae", "#e8935c", "#8fa9e8", "#c79ad6", "#c9c46a", "#e68aa2", "#8cc1d8"),
    scale=((0.0, "#1b2527"), (0.5, "#2f7f78"), (1.0, "#8fe3d9")),
)
SIGNS = ("circle", "diamond", "square", "cross", "triangle-up", "x", "star")
LINES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
HATCHES = ("", "/", "\\", "x", "-", "|", "+", ".")
ROW, LINE = 32, 16
"""Pixels that a row of a horizontal chart takes at least, and a line of its name."""
FOLD = 20
COLUMNS = frozenset(
    {
        *(N_("system"), N_("what it is"), N_("queries"), N_("low"), N_("high"), N_("differs"), N_("value")),
        *(N_("reviewers"), N_("measure"), N_("documents"), N_("why not"), N_("language"), N_("style")),
        *(N_("difference"), N_("clear"), N_("confidence"), N_("mean confidence"), N_("share right")),
        *(N_("queries answered, share"), N_("of those wrong, share"), N_("confidence of the last")),
        *(N_("order"), N_("deleted"), N_("similarity"), N_("written otherwise"), N_("rank correlation")),
        *(N_("same first word"), N_("same first code"), N_("cosine"), N_("share moved")),
        *(N_("data set"), N_("training pairs, %"), N_("mentions"), N_("of CodiEsp train"), N_("pairs")),
        *(N_("left out"), N_("first code is"), N_("share"), N_("gold chapter"), N_("chapter of the first code")),
        *(N_("gold"), N_("its title"), N_("first code"), N_("its own title"), N_("where it stands")),
        *(N_("gold code in CodiEsp train"), N_("run"), N_("notes"), N_("status"), N_("passages"), N_("change")),
        *(N_("R@5 before"), N_("R@5 before low"), N_("R@5 before high")),
        *(N_("R@5 after"), N_("R@5 after low"), N_("R@5 after high"), N_("share low"), N_("share high")),
        *(N_("part"), "stage", N_("batch"), N_("queries_a_second"), N_("unit"), N_("entry terms"), N_("median")),
        *(N_("test"), N_("protocol"), N_("source"), N_("query"), N_("text")),
    }
)
"""The columns of tables that have a name in each language; others are measures and systems."""
HEADS = {"stage": N_("step of the search")}
"""What a column is called whose own name means another thing elsewhere."""
YES, NO = N_("yes"), N_("no")


def blank(palette: Palette, height: int, x: str, y: str) -> go.Figure:
    """An empty figure in our style; `x` and `y` name the axes with their units."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.text, "size": 13},
        hoverlabel={"bgcolor": palette.background, "font": {"color": palette.text}},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": None, "font": {"size": 12}},
        colorway=list(palette.series),
        dragmode=False,
    )
    axes = {
        "gridcolor": palette.line,
        "zerolinecolor": palette.line,
        "linecolor": palette.line,
        "automargin": True,
        "fixedrange": True,
    }
    size = {"size": 12}
    figure.update_xaxes(title={"text": x, "font": size}, **axes)
    figure.update_yaxes(title={"text": y, "font": size}, **axes)
    return figure


def told_apart(figure: go.Figure) -> None:
    """Give each series of a legend a sign, a line or a hatch of its own where it has none: not colour alone."""
    series = [trace for trace in figure.data if trace.name and trace.showlegend is not False]
    for place, trace in enumerate(series if len(series) > 1 else ()):
        if trace.type == "bar":
            trace.marker.pattern = hatch(HATCHES[place % len(HATCHES)])
            continue
        if "markers" in trace.mode and trace.marker.symbol is None:
            trace.marker.symbol = SIGNS[place % len(SIGNS)]
        if "lines" in trace.mode and trace.line.dash is None:
            trace.line.dash = LINES[place % len(LINES)]


def hatch(shape: str | list[str]) -> dict[str, object]:
    """Lines over the colour of a bar, or of each of a series' bars."""
    return {"shape": shape, "fillmode": "overlay", "size": 7, "solidity": 0.2}


def folded(name: str) -> str:
    """A row's name over several lines, so that a narrow screen keeps room for the figure."""
    return "<br>".join(textwrap.wrap(name, FOLD, break_long_words=False))


def row_height(names: Iterable[str]) -> int:
    """Pixels of a row in which each of the folded names has room for its lines."""
    return max(ROW, *(LINE * (name.count("<br>") + 1) for name in names))


def heads(table: pl.DataFrame) -> dict[str, str]:
    """What the columns of a table are called in the reader's language."""
    return {name: _(HEADS.get(name, name)) if name in COLUMNS else name for name in table.columns}


def worded(table: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The table with the words of some columns in the reader's language."""
    words = {value: _(value) for column in columns for value in table[column].drop_nulls().unique() if value}
    return table.with_columns(pl.col(*columns).replace(words))


def interval(
    value: Iterable[float],
    low: Iterable[float],
    high: Iterable[float],
    colour: str | None = None,
    thickness: float = 1.2,
    width: float = 3,
) -> dict[str, object]:
    """Error bars from the bounds of intervals; without a colour they take their marker's."""
    values = list(value)
    bars: dict[str, object] = {
        "type": "data",
        "symmetric": False,
        "array": [top - at for top, at in zip(high, values, strict=True)],
        "arrayminus": [at - bottom for at, bottom in zip(values, low, strict=True)],
        "thickness": thickness,
        "width": width,
    }
    return bars if colour is None else {**bars, "color": colour}
