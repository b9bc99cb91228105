"""The charts of speed and of explanations say in words and in a table what their figures show."""

import polars as pl
import pytest

from core.bench.figures import Figure, Step
from core.bench.kept import as_run
from core.evaluate.charts import explanations, speed
from core.evaluate.charts.chart import DARK, LIGHT
from core.evaluate.explanations import long_enough, measure_explanations, summary
from core.evaluate.mentions import PUBLIC, read_mentions
from core.evaluate.runs import read_run, save_run


@pytest.fixture(scope="module")
def bench(opened):
    phrase = [Figure("phrase", "first stage", value, "ms", at) for at, value in enumerate((10, 20, 30))]
    phrase += [Figure("phrase", "whole search", value, "ms", at) for at, value in enumerate((30, 40, 2000))]
    note = [Figure("note", "whole note", value, "ms", at) for at, value in enumerate((900, 1500, 1600))]
    rates = [Figure("batch", "with reranking", rate, "queries/s", size) for size, rate in ((1, 30), (64, 120))]
    rates += [Figure("batch", "without reranking", rate, "queries/s", size) for size, rate in ((1, 60), (64, 600))]
    rates += [Figure("baseline", "bm25", 5000, "queries/s", 200), Figure("baseline", "bm25, build", 2, "s")]
    grown = [Figure("open", "entry terms", 157_000, "terms")]
    for size, slow in ((10_000, 2), (1_000_000, 150)):
        grown += [Figure("growth", "dense, one query", value, "ms", size) for value in (slow, slow, 9 * slow)]
        grown += [
            Figure("growth", "dense, build", slow, "s", size),
            Figure("growth", "dense, size", size / 977, "MB", size),
        ]
    return as_run([Step("", (*phrase, *note, *rates, *grown))], opened, "", [""], 1.0)


@pytest.fixture(scope="module")
def explained(opened):
    opened.forget()
    queries = long_enough(read_mentions(PUBLIC, opened.catalog), 8)
    return measure_explanations(opened, queries, "clinicode evaluate --explanations")


def complete(chart):
    """What every chart has to have."""
    assert chart.title
    assert chart.alt.endswith(".")
    assert chart.table.height
    assert chart.figure.layout.xaxis.title.text
    return chart


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_stages_give_medians_and_tails(bench, palette):
    chart = complete(speed.stages(bench, palette))
    whole = chart.table.row(by_predicate=pl.col("stage") == "whole search", named=True)
    assert whole["p50"] == 40
    assert whole["n"] == 3
    assert "answered in 40 ms" in chart.title
    assert "1.5 s" in chart.title
    assert chart.figure.layout.xaxis.type == "log"


def test_throughput_names_its_best_batch_and_the_baselines(bench):
    chart = complete(speed.throughput(bench, LIGHT))
    assert "with reranking 30 queries a second one by one, at most 120 in batches of 64" in chart.alt
    assert "bm25 5000" in chart.alt
    assert "build" not in chart.alt
    assert {trace.name for trace in chart.figure.data} == {"with reranking", "without reranking", "baseline bm25"}


def test_growth_shows_medians_and_where_the_shipped_book_stands(bench):
    chart = complete(speed.growth(bench, LIGHT))
    assert list(chart.figure.data[0].y) == [2, 150]
    assert "2 ms with 10,000 terms, 150 ms with 1,000,000" in chart.alt
    assert "built in 150 s and takes 1,024 MB" in chart.alt
    assert chart.figure.layout.annotations[0].text == "as shipped: 157,000"


def test_deletion_curves_fall_from_the_same_height_to_nothing(explained):
    chart = complete(explanations.deletion(explained, LIGHT))
    table = chart.table
    starts = table.filter(pl.col("deleted") == 0)["similarity"].to_list()
    assert starts == pytest.approx([starts[0]] * 3)
    assert table.filter(pl.col("deleted") == 1)["similarity"].to_list() == [0, 0, 0]
    half = dict(table.filter(pl.col("deleted") == 0.5).select("order", "similarity").iter_rows())
    assert half["largest first"] < half["at random"] < half["smallest first"]
    assert "8 mentions" in chart.title


def test_stability_shows_each_way_of_writing_with_how_many_it_was_tried_on(explained):
    chart = complete(explanations.stability(explained, LIGHT))
    assert "all in capitals" in chart.table["written otherwise"].to_list()
    tried = explained.table.filter(pl.col("name") == "all in capitals")["query"].n_unique()
    assert f"all in capitals ({tried} mentions)" in chart.alt


def test_an_explanations_run_is_kept_and_summed_up(explained, tmp_path):
    again = read_run(save_run(explained, tmp_path, "explanations"))
    assert again.provenance.dataset == "explanations"
    assert again.table.equals(explained.table)
    assert summary(again)[0].startswith("deleted largest first: AOPC 0.")


def test_no_text_of_a_query_is_in_the_run(explained):
    assert explained.table["query"].str.starts_with("mentions-").all()
