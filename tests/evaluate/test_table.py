"""A suite that was run again beside the runs that ship."""

from dataclasses import replace

import polars as pl

from core.evaluate.runs import REFERENCE, read_run
from core.evaluate.table import repeated


def test_a_repeated_run_is_the_same_or_differs():
    shipped = read_run(REFERENCE / "mentions--mentions--clinicode.parquet")
    worse = read_run(REFERENCE / "mentions--mentions--hybrid.parquet")
    pretended = replace(worse, provenance=replace(worse.provenance, system="clinicode"))
    nearly = replace(shipped, table=shipped.table.with_columns(pl.col("MRR@10").shuffle(seed=1)))
    same, differs, noise = (next(iter(repeated([run], [shipped]))) for run in (shipped, pretended, nearly))
    assert same.endswith("the same")
    assert differs.endswith("differs")
    assert noise.endswith(("within noise", "the same"))
    assert list(repeated([shipped], [worse])) == []
