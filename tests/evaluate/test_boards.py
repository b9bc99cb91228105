"""The reference runs that ship, put together and drawn."""

import numpy as np
import polars as pl
import pytest

from core.evaluate.board import Slice, ablations, boards, label, own_runs, reference_runs
from core.evaluate.charts import confidence, languages, leaderboard, learning, mistakes
from core.evaluate.charts.chart import DARK, LIGHT
from core.evaluate.metrics import figure
from core.evaluate.nearness import Nearness, nearness
from core.evaluate.origin import dataset_of
from core.evaluate.runs import Provenance, Run, save_run
from core.evaluate.significance import compare


@pytest.fixture(scope="module")
def found():
    return boards(reference_runs())


@pytest.fixture(scope="module")
def public(found):
    return found[0]


def test_runs_over_the_same_queries_share_a_board_and_ablations_have_none(found):
    assert [board.name for board in found] == ["Public mentions", "CodiEsp mentions dev"]
    for board in found:
        assert len({run.table.height for run in board.runs}) == 1
        assert not any(label(run).startswith(("share", "without")) for run in board.runs)


def test_a_difference_that_may_be_chance_is_said_to_be(public):
    chart = leaderboard.leaderboard(public, "MRR@10", "clinicode", Slice(), LIGHT)
    rows = {row["system"]: row for row in chart.table.iter_rows(named=True)}
    assert rows["clinicode"]["differs"] == "itself"
    assert rows["bm25"]["differs"] == "yes"
    assert rows["reranked"]["differs"] == "no"
    assert rows["bm25"]["ahead of clinicode by"] < -0.5
    assert {trace.name for trace in chart.figure.data} == {
        "compared with",
        "differs (p < 0.05)",
        "difference may be chance",
    }
    assert "reranked" in chart.alt


def test_a_slice_takes_its_language_and_what_was_seen(found):
    public, dev = found
    run = public.run("clinicode")
    assert len(Slice("de").values(run, "R@5")) == (run.table["lang"] == "de").sum()
    memory = dev.run("reranked, memory")
    seen, unseen = Slice(seen=True).values(memory, "Hit@1"), Slice(seen=False).values(memory, "Hit@1")
    assert len(seen) + len(unseen) == memory.table.height
    assert seen.mean() > unseen.mean() + 0.1


def test_a_permutation_test_knows_equal_from_different():
    generator = np.random.default_rng(1)
    first = generator.random(300)
    assert compare(first, first).p == 1
    assert compare(first, first + generator.normal(0, 0.3, 300)).p > 0.01
    ahead = compare(first + 0.1, first)
    assert ahead.significant
    assert ahead.difference == pytest.approx(0.1)


def test_every_chart_says_its_axes_and_has_the_table_behind_it(public):
    run, before = public.run("clinicode"), public.run("hybrid")
    by_set = ablations(reference_runs())
    for palette in (LIGHT, DARK):
        charts = [
            languages.by_language_and_style(run, "R@5", palette),
            languages.gap_to_english(run, "R@5", palette),
            languages.lift(before, run, "Hit@1", palette),
            mistakes.nearness_of_first([run, before], palette),
            mistakes.chapters(run, {}, palette),
            mistakes.by_frequency([run], "R@5", palette),
            learning.curve(by_set, "MRR@10", palette),
            learning.left_out(next(iter(by_set.values())), "MRR@10", palette, "x"),
            confidence.reliability(run, palette),
            confidence.coverage(run, 0.5, palette),
        ]
        for chart in charts:
            assert chart.title
            assert chart.figure.layout.xaxis.title.text
            assert chart.table.height > 1
            assert any(char.isdigit() for char in chart.alt)
            assert chart.figure.layout.font.color == palette.text


def test_languages_without_a_chart_of_their_own_are_in_the_gap(public):
    table = languages.gap_to_english(public.run("clinicode"), "R@5", LIGHT).table
    assert table["language"].to_list() == ["Spanish", "Catalan", "Italian", "Portuguese", "French", "German"]
    values = Slice("de").values(public.run("clinicode"), "R@5").mean()
    english = Slice("en").values(public.run("clinicode"), "R@5").mean()
    row = table.filter(pl.col("language") == "German").row(0, named=True)
    assert row["difference"] == pytest.approx(values - english)
    assert row["low"] < row["difference"] < row["high"]


def test_how_near_a_code_is(catalog):
    assert nearness("J45.40", ["J45.40"], catalog) == Nearness.RIGHT
    assert nearness("J45", ["J45.40"], catalog) == Nearness.ABOVE_OR_BELOW
    assert nearness("J45.41", ["J45.40"], catalog) == Nearness.SIBLING
    assert nearness("J45.20", ["J45.40"], catalog) == Nearness.CATEGORY
    assert nearness("J44.9", ["J45.40"], catalog) == Nearness.BLOCK
    assert nearness("J18.9", ["J45.40"], catalog) == Nearness.CHAPTER
    assert nearness("I10", ["J45.40", "J18"], catalog) == Nearness.ELSEWHERE
    assert nearness("J18.9", ["J45.40", "J18"], catalog) == Nearness.ABOVE_OR_BELOW
    assert nearness(None, ["I10"], catalog) == Nearness.NOTHING
    assert nearness("I10", [], catalog) == Nearness.RETIRED


def test_the_first_code_is_near_as_the_ranks_say(found):
    for board in found:
        for run in board.runs:
            assert ((run.table["nearness"] == "right") == (run.table["rank"] == 1).fill_null(value=False)).all()


def test_a_threshold_splits_the_queries(public):
    run = public.run("clinicode")
    whole, none = confidence.answered(run, 0.0), confidence.answered(run, 1.01)
    assert whole.answered == run.table.height
    assert whole.wrong == round(run.table.height * (1 - figure(run.table["Hit@1"].to_numpy()).value))
    assert none.answered == 0
    middle = confidence.answered(run, 0.5)
    assert middle.wrong / middle.answered < whole.wrong / whole.answered
    assert f"{middle.answered:,}" in middle.sentence()


def test_a_run_s_queries_are_found_again_only_where_they_are_the_same(public, found, catalog):
    data = dataset_of(public.run("bm25"), catalog)
    assert {query.name for query in data.queries} == set(public.run("bm25").table["query"].to_list())
    assert dataset_of(found[1].runs[0], catalog) is None
    pairs = mistakes.confused_codes(
        public.run("clinicode"), {query.name: query for query in data.queries}, catalog, Nearness.SIBLING
    )
    assert all(catalog.parent(row["gold"]) == catalog.parent(row["first code"]) for row in pairs.iter_rows(named=True))


def test_a_user_s_run_joins_its_board_and_a_broken_file_is_named(public, workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    old = public.run("bm25")
    told = {name: getattr(old.provenance, name) for name in Provenance.__slots__}
    save_run(Run(Provenance(**{**told, "command": "clinicode evaluate --dataset mentions"}), old.table))
    (tmp_path / "runs" / "broken.parquet").write_bytes(b"nothing")
    own, problems = own_runs()
    assert len(own) == 1
    assert "broken.parquet" in problems[0]
    joined = boards([*public.runs, *own])
    assert len(joined) == 1
    assert any(label(run).startswith("bm25 · ") for run in joined[0].runs)


def test_reviewing_has_a_curve_of_its_own_and_no_row_among_systems(found):
    from core.evaluate.board import reviewing
    from core.evaluate.charts.chart import LIGHT
    from core.evaluate.charts.learning import reviewed

    runs = reviewing(reference_runs())
    assert [run.provenance.system for run in runs] == [f"reviewed {share}%" for share in (0, 10, 25, 50, 100)]
    assert not any(run.provenance.system.startswith("reviewed") for board in found for run in board.runs)
    chart = reviewed(runs, "MAP@10", LIGHT)
    means = [row["MAP@10"] for row in chart.table.to_dicts() if row["mentions"] == "all mentions"]
    assert means == sorted(means)
    assert chart.alt.endswith(".")
