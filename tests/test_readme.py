"""Every figure in the README's tables comes out of the reference runs that ship."""

import re

import pytest

from core.evaluate.metrics import figure
from core.evaluate.runs import REFERENCE, read_runs
from core.evaluate.table import mean
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<name>[^|]+) `(?P<system>[^`|]+)` \| (?P<cells>.+) \|$", re.MULTILINE)


def tables():
    """Each table's columns and rows, with the data set that its first heading names."""
    for block in re.split(r"\n\s*\n", README):
        lines = block.strip().splitlines()
        if not lines or not lines[0].startswith("| ") or "`" not in block:
            continue
        heading, *columns = (cell.strip() for cell in lines[0].strip("| ").split(" | "))
        dataset = "codiesp-x" if "CodiEsp" in heading else "mentions"
        for found in ROW.finditer(block):
            yield dataset, found["system"], dict(zip(columns, found["cells"].split(" | "), strict=True))


RUNS = {(run.provenance.dataset, run.provenance.system): run for run in read_runs()}
ROWS = list(tables())


def test_there_are_tables_and_runs():
    assert len(ROWS) >= 15
    assert REFERENCE.is_dir()


@pytest.mark.parametrize(("dataset", "system", "cells"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_a_row_is_what_its_run_says(dataset, system, cells):
    run = RUNS[dataset, system]
    for column, cell in cells.items():
        shown = re.findall(r"\d\.\d+", cell)
        if len(column) == 2 and column.islower():
            expected = [mean(run, "R@5", column)]
        elif "[" in cell:
            one = figure(run.table[column].to_numpy())
            expected = [one.value, one.low, one.high]
        else:
            expected = [mean(run, column)]
        assert [float(value) for value in shown] == pytest.approx(expected, abs=0.00051), column
