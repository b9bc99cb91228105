"""The bench gives figures that can be kept, read back, and that fit together."""

import polars as pl
import pytest

from core.bench.bench import bench_queries, run_bench
from core.bench.growth import Copies
from core.bench.kept import as_run
from core.evaluate.runs import read_run, save_run

LIMIT = 4


@pytest.fixture(scope="module")
def run(opened):
    opened.forget()
    steps = list(run_bench(lambda: opened, LIMIT, (1, 4), (200, 400)))
    assert all(step.line for step in steps)
    return as_run(steps, opened, "clinicode bench", bench_queries(opened.catalog), 1.0)


def test_every_stage_of_a_phrase_and_of_a_note_is_measured_for_each(run):
    counts = dict(run.table.filter(pl.col("unit") == "ms").group_by("part", "measure").len().rows_by_key(["part"]))
    assert dict(counts["phrase"]) == {
        "language detection": LIMIT,
        "first stage": LIMIT,
        "second stage": LIMIT,
        "whole search": LIMIT,
    }
    assert dict(counts["note"]) == {
        "language detection": LIMIT,
        "reading": LIMIT,
        "ranking": LIMIT,
        "whole note": LIMIT,
    }


def test_batches_of_each_size_are_measured_with_and_without_the_second_stage(run):
    batches = run.table.filter(pl.col("part") == "batch")
    assert sorted(batches.select("measure", "x").iter_rows()) == [
        ("with reranking", 1.0),
        ("with reranking", 4.0),
        ("without reranking", 1.0),
        ("without reranking", 4.0),
    ]
    assert (batches["value"] > 0).all()


def test_an_index_of_twice_the_terms_is_twice_as_large(run):
    sizes = run.table.filter(pl.col("measure") == "dense, size")["value"].to_list()
    assert sizes[1] == pytest.approx(2 * sizes[0])
    assert run.table.filter(pl.col("measure") == "lexical, size")["value"].is_sorted()


def test_memory_is_read_after_each_step_and_never_falls(run):
    memory = run.table.filter(pl.col("part") == "memory")
    assert memory["measure"].to_list() == ["catalog", "everything open", "searches and notes"]
    assert memory["value"].is_sorted()


def test_the_run_names_the_machine_and_is_read_back_as_it_was(run, tmp_path):
    file = save_run(run, tmp_path, "bench")
    assert file.name == "bench.parquet"
    again = read_run(file)
    assert again.provenance == run.provenance
    assert "cores" in again.provenance.machine
    assert again.table.equals(run.table)


def test_copies_are_the_real_terms_first_and_then_terms_with_one_word_exchanged():
    real = ["acute gastric ulcer", "chronic otitis media", "closed hip fracture"]
    made = Copies(real).first(9)
    assert sorted(made[:3]) == sorted(real)
    for at, copy in enumerate(made[3:]):
        words = made[at % 3].split()
        assert sum(one != other for one, other in zip(words, copy.split(), strict=True)) <= 1
    assert Copies(real).first(5) == made[:5]
