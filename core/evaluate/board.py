"""Runs put together as they can be compared: those over the same queries, those of an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core import settings
from core.errors import ClinicodeError
from core.evaluate.runs import REFERENCE, Run, read_run, read_runs
from core.interface import N_, _, ngettext, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

DECIDING = "MRR@10"
"""The measure by which systems are put in order."""
ABLATION, REVIEW = "--suite ablations", "--suite review"
NAMES = {"mentions": N_("Public mentions"), "codiesp-x": N_("CodiEsp mentions"), "codiesp-d": N_("CodiEsp cases")}
AS_IT_COMES = " as it comes"
"""How what a published encoder is ends."""
FULL = "share 100%"
"""The ablations' run that the others are compared with: everything is in it."""


@dataclass(frozen=True, slots=True)
class Board:
    """Runs over the same queries, in the order in which they were built up; `name` is the same in every language."""

    data: str
    name: str
    runs: tuple[Run, ...]

    def run(self, system: str) -> Run:
        """The run of a system, by the name that `label` gives it."""
        return next(run for run in self.runs if label(run) == system)

    @property
    def title(self) -> str:
        """What a reader is told that the data set is."""
        return title_of(self.runs[0]) if self.runs else self.name

    @property
    def best(self) -> Run:
        """The run that is ahead of the others."""
        return max(self.runs, key=lambda run: float(run.table[DECIDING].to_numpy().mean()))


@dataclass(frozen=True, slots=True)
class Slice:
    """Which queries are looked at: those of one language, seen or unseen in the team memory; by default all."""

    lang: str = ""
    seen: bool | None = None

    def values(self, run: Run, measure: str) -> NDArray[np.float64]:
        """A measure's value for each query of the slice, in their order."""
        table = run.table
        if self.lang:
            table = table.filter(pl.col("lang") == self.lang)
        if self.seen is not None:
            table = table.filter(pl.col("seen") == self.seen)
        return np.asarray(table[measure].to_numpy(), np.float64)


def label(run: Run) -> str:
    """What a run is called on a board: its system, and for one of the user's own its day."""
    told = run.provenance
    return told.system if shipped(run) else f"{told.system} · {told.day[:16].replace('T', ' ')}"


def about(run: Run) -> str:
    """What a run's system is, in words; one that is not of ours as it was recorded."""
    told = run.provenance.about
    if told.endswith(AS_IT_COMES):
        return _("{model} as it comes").format(model=told.removesuffix(AS_IT_COMES))
    return _(told) if told else ""


def shipped(run: Run) -> bool:
    """Whether it is one of the reference runs."""
    return "--suite" in run.provenance.command


def boards(runs: Iterable[Run]) -> list[Board]:
    """The rankings by the queries they share, the public mentions first; experiments are left out."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        experiment = ABLATION in run.provenance.command or REVIEW in run.provenance.command
        if not experiment and DECIDING in run.table.columns:
            groups.setdefault(run.provenance.data, []).append(run)
    found = [Board(data, _name(group[0]), tuple(sorted(group, key=_built_up))) for data, group in groups.items()]
    return sorted(found, key=lambda board: (not shipped(board.runs[0]), board.name != NAMES["mentions"], board.name))


def _name(run: Run) -> str:
    told = run.provenance
    name = NAMES.get(told.dataset, told.dataset)
    if shipped(run):
        return f"{name} {told.split}" if told.dataset != "mentions" else name
    return f"{name} · {told.split}, {run.table.height:,} queries"


def title_of(run: Run) -> str:
    """The data set of a run, as a reader is told it."""
    told, count = run.provenance, run.table.height
    name = _(NAMES[told.dataset]) if told.dataset in NAMES else told.dataset
    if shipped(run):
        return f"{name} {told.split}" if told.dataset != "mentions" else name
    queries = ngettext("{count} query", "{count} queries", count).format(count=number(count))
    return f"{name} · {told.split}, {queries}"


def _built_up(run: Run) -> tuple[bool, float]:
    return (not shipped(run), float(run.table[DECIDING].to_numpy().mean()))


def ablations(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The ablation runs of each data set's name."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        if ABLATION in run.provenance.command:
            found.setdefault(_name(run), []).append(run)
    return dict(sorted(found.items(), reverse=True))


def reviewing(runs: Iterable[Run]) -> list[Run]:
    """The runs after more and more of CodiEsp train was reviewed, the least first."""
    return sorted((run for run in runs if REVIEW in run.provenance.command), key=lambda run: run.provenance.remembered)


def reference_runs() -> list[Run]:
    """The runs that ship."""
    return list(read_runs(REFERENCE))


def own_runs() -> tuple[list[Run], list[str]]:
    """The user's runs, newest last, and what is wrong with files that cannot be read."""
    found, problems = [], []
    for path in sorted((settings.home() / "runs").glob("*.parquet"), key=lambda path: path.stat().st_mtime):
        try:
            found.append(read_run(path))
        except ClinicodeError as error:
            problems.append(str(error))
    return found, problems


def languages(runs: Sequence[Run]) -> list[str]:
    """The languages of the queries, in the order in which they come."""
    return [lang for lang in dict.fromkeys(runs[0].table["lang"].to_list()) if lang] if runs else []
