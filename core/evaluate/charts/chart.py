"""What all charts share: the figure with its words and its table, and one visual language, light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, the sentence that is its title, what it shows in words, and the table behind it.

    `name` is the file's name of a download, without its ending.
    """

    name: str
    title: str
    alt: str
    figure: go.Figure
    table: pl.DataFrame


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
    text="#1b2628",
    grey="#9aa8a8",
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
ROW = 26
"""Pixels that a row of a horizontal chart takes."""


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
