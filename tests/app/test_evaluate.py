"""The evaluation page through Streamlit's own test runner: every section with the runs that ship, and with none."""

import importlib

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluate.runs import Provenance, Run, read_run
from core.settings import ASSETS

ROOT = ASSETS.parent
SECTIONS = [
    "Leaderboard",
    "Languages",
    "Mistakes",
    "Confidence",
    "Training data",
    "Notes",
    "Robustness",
    "Explanations",
    "Speed",
    "Queries",
    "Your own",
    "Report",
]


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A workspace without runs of the user's own."""
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    return tmp_path


def opened(section: str = "Leaderboard") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    app.query_params["section"] = section
    app.switch_page("pages/evaluate.py").run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.subheader, app.warning, app.info, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_with_what_ships(home, section):
    app = opened(section)
    assert "every figure with its interval" in shown(app)
    if section not in ("Queries", "Your own", "Report"):
        assert charts(app) >= 1


def test_the_leaderboard_compares_tests_and_says_how_to_repeat(home):
    app = opened()
    assert "MRR@10 of 13 systems on 895 queries" in shown(app)
    app.selectbox(key="evaluate_measure").set_value("Hit@1").run()
    assert "Hit@1 of 13 systems" in shown(app)
    app.selectbox(key="evaluate_lang").set_value("de").run()
    assert "on 138 queries (in German)" in shown(app)
    assert any("clinicode evaluate --suite reference" in element.value for element in app.get("code"))
    assert "none of these was measured here" in shown(app)


def test_seen_and_unseen_are_told_apart_where_something_was_remembered(home):
    app = opened()
    app.selectbox(key="evaluate_board").set_value("CodiEsp mentions dev").run()
    app.selectbox(key="evaluate_seen").set_value("not in the team memory").run()
    assert not app.exception
    assert "not in the team memory" in shown(app)


def test_the_threshold_says_what_a_coder_would_see(home):
    app = opened("Confidence")
    before = shown(app)
    app.slider(key="evaluate_threshold").set_value(0.9).run()
    assert not app.exception
    assert "would be wrong" in shown(app)
    assert shown(app) != before


def test_queries_are_filtered_and_opened_in_look_up(home):
    app = opened("Queries")
    everything = shown(app)
    assert "895 queries" in everything
    app.selectbox(key="explorer_filter").set_value("the first system missed, another had it").run()
    assert not app.exception
    assert "895 queries" not in shown(app)


def test_what_one_missed_and_another_had_is_found(home):
    from core.catalog import load_catalog
    from core.evaluate.board import boards, reference_runs
    from core.evaluate.datasets import read_dataset
    from core.evaluate.mentions import PUBLIC
    from pages.parts.evaluate.explorer import FILTERS, narrowed, rows

    board = boards(reference_runs())[0]
    systems = ["bm25", "clinicode"]
    view = rows(board, systems, read_dataset("mentions", PUBLIC, "", load_catalog()))
    assert view.height == 895
    assert view["text"].null_count() == 0
    missed = narrowed(view, systems, FILTERS[1])
    assert 0 < missed.height < view.height
    assert all((row["bm25"] or 99) > 5 and row["clinicode"] <= 5 for row in missed.iter_rows(named=True))
    every = narrowed(view, systems, FILTERS[2])
    differ = narrowed(view, systems, FILTERS[3])
    hit_by_both = view.filter((view["clinicode"] <= 5) & (view["bm25"] <= 5)).height
    assert every.height + differ.height + hit_by_both == view.height


def test_without_any_run_the_page_says_what_to_do(home, monkeypatch):
    common = importlib.import_module("pages.parts.evaluate.common")
    monkeypatch.setattr(common, "shipped_runs", list)
    monkeypatch.setattr("core.evaluate.measured.MEASURED", home / "none")
    for section in SECTIONS:
        app = opened(section)
        assert charts(app) == 0
        if section not in ("Your own",):
            assert "There are no runs yet" in shown(app)


def test_a_user_s_run_joins_and_a_broken_one_is_named(home):
    shipped = read_run(ASSETS / "evaluation" / "runs" / "mentions--mentions--bm25.parquet")
    told = {name: getattr(shipped.provenance, name) for name in Provenance.__slots__}
    from core.evaluate.runs import save_run

    save_run(Run(Provenance(**{**told, "command": "clinicode evaluate --dataset mentions"}), shipped.table))
    (home / "runs" / "broken.parquet").write_bytes(b"nothing")
    app = opened()
    assert "MRR@10 of 14 systems" in shown(app)
    assert "broken.parquet" in shown(app)


def test_a_user_s_run_over_whole_notes_has_its_precision_recall_and_f1(home, coder):
    from core.evaluate.datasets import Dataset
    from core.evaluate.gold import GoldQuery
    from core.evaluate.run import measure_documents
    from core.evaluate.runs import save_run

    gold = [
        ("a", "Paciente con hipertensión arterial y diabetes mellitus tipo 2.", ("I10", "E11.9")),
        ("b", "Ingresa por neumonía. Niega asma.", ("J18.9",)),
    ]
    queries = tuple(
        GoldQuery(name, text, tuple(frozenset({code}) for code in codes), "es") for name, text, codes in gold
    )
    save_run(measure_documents(coder, Dataset("codiesp-d", "dev", queries), "clinicode evaluate --dataset codiesp-d"))
    for section in SECTIONS:
        opened(section)
    told = shown(opened("Notes"))
    assert "Codes of 2 whole notes" in told
    assert all(f"{measure} " in told for measure in ("MAP", "precision", "recall", "F1"))
