"""A suite's runs as tables in text: figures with intervals, each language, and who is ahead of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from core.evaluate.metrics import figure
from core.evaluate.significance import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.evaluate.runs import Run

SHOWN = ("MRR@10", "Hit@1", "R@5", "R@10", "MAP@10")
DECIDING = "MRR@10"


def suite_lines(runs: Sequence[Run]) -> Iterator[str]:
    """For each data set: every system's figures, the p-value of no difference to the best, then R@5 by language."""
    for dataset, split in dict.fromkeys((run.provenance.dataset, run.provenance.split) for run in runs):
        chosen = [run for run in runs if (run.provenance.dataset, run.provenance.split) == (dataset, split)]
        yield f"\n{dataset} {split} · {chosen[0].table.height} queries · {chosen[0].provenance.release}"
        yield f"{'':<26}" + "".join(f"{name:>22}" for name in SHOWN) + f"{'p (best differs)':>18}"
        best = max(chosen, key=lambda run: mean(run, DECIDING))
        for run in chosen:
            figures = (figure(run.table[name].to_numpy()) for name in SHOWN)
            cells = "".join(f"{f'{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]':>22}" for one in figures)
            other = "" if run is best else f"{compare(values(best, DECIDING), values(run, DECIDING)).p:.4f}"
            yield f"{run.provenance.system:<26}{cells}{other:>18}"
        langs = [lang for lang in dict.fromkeys(chosen[0].table["lang"].to_list()) if lang]
        if len(langs) > 1:
            yield f"\n{'R@5':<26}" + "".join(f"{lang:>8}" for lang in langs)
            for run in chosen:
                yield f"{run.provenance.system:<26}" + "".join(f"{mean(run, 'R@5', lang):>8.3f}" for lang in langs)
            yield "first in R@5: " + ", ".join(f"{lang} {_leader(chosen, lang)}" for lang in langs)


def repeated(runs: Sequence[Run], shipped: Sequence[Run]) -> Iterator[str]:
    """Each run beside the one that ships, of the same system and queries, and whether the difference is noise."""
    known = {(run.provenance.data, run.provenance.system): run for run in shipped}
    for run in runs:
        told = run.provenance
        other = known.get((told.data, told.system))
        if other is None:
            continue
        found = compare(values(run, DECIDING), values(other, DECIDING))
        same = "the same" if found.difference == 0 else "differs" if found.significant else "within noise"
        yield (
            f"{told.dataset:<12}{told.system:<26}{mean(other, DECIDING):>8.3f} shipped{mean(run, DECIDING):>8.3f} now"
            f"   p {found.p:.3f}  {same}"
        )


def mean(run: Run, measure: str, lang: str = "") -> float:
    """A measure's mean over a run, or over its queries in one language."""
    table = run.table.filter(pl.col("lang") == lang) if lang else run.table
    return float(table[measure].to_numpy().mean())


def values(run: Run, measure: str) -> list[float]:
    """A measure's value for each query, in their order."""
    return [float(value) for value in run.table[measure].to_list()]


def _leader(runs: Sequence[Run], lang: str) -> str:
    return max(runs, key=lambda run: mean(run, "R@5", lang)).provenance.system
