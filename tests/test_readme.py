"""Every figure in the README comes out of the measurements that ship: tables, and what the sentences say."""

import re

import polars as pl
import pytest

from core.evaluate.flips import summary
from core.evaluate.metrics import figure
from core.evaluate.notes import NotesReport
from core.evaluate.runs import MEASURED, REFERENCE, read_run, read_runs
from core.evaluate.table import mean
from core.note.context import Status
from core.settings import SHIPPED_READER
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


SENTENCES = " ".join(README.split())


def said(pattern: str) -> list[float]:
    """The numbers that the README gives where it says this (``#``: a number)."""
    found = re.search(re.escape(pattern).replace(r"\#", r"(\d*\.?\d+)").replace("\\ ", " "), SENTENCES)
    assert found, pattern
    return [float(number) for number in found.groups()]


def test_what_adds_what():
    def share(name: str) -> float:
        return mean(RUNS["mentions", f"share {name}"], "MRR@10")

    def without(name: str, measure: str = "MRR@10", lang: str = "", dataset: str = "mentions") -> float:
        return mean(RUNS[dataset, f"without {name}"], measure, lang)

    shares = said("MRR@10 is #, #, #, # and #. Without")
    assert shares == pytest.approx([share(one) for one in ("1%", "3%", "10%", "30%", "100%")], abs=0.00051)
    corpus, codiesp = said("the written corpus it is #, without CodiEsp train #")
    assert corpus == pytest.approx(without("corpus"), abs=0.00051)
    assert codiesp == pytest.approx(without("codiesp"), abs=0.00051)
    before, after = said("(CodiEsp dev: # → #)")
    assert before == pytest.approx(mean(RUNS["codiesp-x", "share 100%"], "MRR@10"), abs=0.00051)
    assert after == pytest.approx(without("codiesp", dataset="codiesp-x"), abs=0.00051)
    for name, lang in (("German", "de"), ("French", "fr"), ("Italian", "it"), ("Catalan", "ca")):
        before, after = said(f"{name} # → #")
        assert before == pytest.approx(mean(RUNS["mentions", "share 100%"], "R@5", lang), abs=0.00051)
        assert after == pytest.approx(without(lang, "R@5", lang), abs=0.00051)


def test_whole_notes():
    report = NotesReport.of(read_run(MEASURED / "notes.parquet").table)
    overall = report.figures()
    found, least, status, denied, family, past, uncertain, code, often = said(
        "passages # % are found (# % or more in each language), of those the status is right on # % (denied # %, a "
        "relative's # %, past # %, uncertain # %) and a right code is among the first five on # %; # passages a"
    )
    assert found == round(100 * overall["found"].value)
    langs = {one.lang for one in report.outcomes}
    assert least == min(round(100 * report.figures(lang)["found"].value) for lang in langs)
    assert status == round(100 * overall["status"].value)
    of = {kind: round(100 * report.figures("", kind)["status"].value) for kind in Status}
    assert [denied, family, past] == [of[Status.NEGATED], of[Status.FAMILY], of[Status.HISTORICAL]]
    assert uncertain == pytest.approx(of[Status.UNCERTAIN], abs=1)
    assert code == round(100 * overall["code in first 5"].value)
    assert often == round(1000 * report.spurious / report.characters)
    assert f"of {len(report.outcomes):,} annotated" in SENTENCES
    assert f"{report.notes} invented notes" in SENTENCES


def test_whole_cases_are_as_the_reader_s_card_says():
    card = " ".join((SHIPPED_READER / "README.md").read_text(encoding="utf-8").split())
    average, f1 = re.search(r"MAP (\.\d+), micro-F1 of the short list (\.\d+)", SENTENCES).groups()
    assert average in card
    assert f1 in card


def test_robustness():
    told = {one.perturbation: one for one in summary(read_run(MEASURED / "robustness.parquet"))}
    by_words = {one.about: one for one in told.values()}
    accents, before, one_each, two_each, ocr, typo, distracted, other_side, denied = said(
        "R@5 stays #, with a typo in every longer word it falls from # to #, with two to #, with misread letters to #; "
        "one typo anywhere changes # % of the first codes, a harmless sentence after the phrase # %. Where the answer "
        "must change it does: the other side gives another code every time (the counterpart in # %), so does a "
        "quality that is denied where the book's title says it (`non-alcoholic`), and a negated diagnosis leaves a "
        "note's list in # %"
    )
    exact = {
        accents: by_words["accents dropped"].r5_after,
        before: by_words["one typo in every longer word"].r5_before,
        one_each: by_words["one typo in every longer word"].r5_after,
        two_each: by_words["two typos in every longer word"].r5_after,
        ocr: by_words["misread letters (OCR)"].r5_after,
    }
    for shown, measured in exact.items():
        assert shown == pytest.approx(measured.value, abs=0.00051)
    assert typo == round(100 * by_words["one typo in the text"].flips.value)
    assert distracted == round(100 * by_words["a harmless sentence after the phrase"].flips.value)
    assert by_words["the other side"].flips.value == 1
    assert told["quality"].flips.value == 1
    assert other_side == round(100 * by_words["the other side"].right.value)
    assert denied == round(100 * by_words["a negation in front, in a note"].flips.value)


def test_explanations():
    table = read_run(MEASURED / "explanations.parquet").table
    area = dict(table.filter(pl.col("measure") == "area").group_by("name").agg(pl.col("value").mean()).iter_rows())
    times, largest, chance, queries = said(
        "# times as much as taking words at random (area over the curve # against #, # public"
    )
    assert largest == pytest.approx(area["largest first"], abs=0.00051)
    assert chance == pytest.approx(area["at random"], abs=0.00051)
    assert times == round(area["largest first"] / area["at random"], 1)
    assert queries == table.filter(pl.col("measure") == "area")["query"].n_unique()
    typo = table.filter((pl.col("measure") == "same first word") & pl.col("name").str.contains("typo"))
    assert said("leaves the first word first in # %") == [round(100 * typo["value"].mean())]


def test_speed():
    table = read_run(MEASURED / "bench.parquet").table

    def of(part: str, measure: str, x: float | None = None) -> pl.Series:
        own = table.filter((pl.col("part") == part) & (pl.col("measure") == measure))
        return (own if x is None else own.filter(pl.col("x") == x))["value"]

    phrase, size, rerank, bare, note, longest, build, opening, peak = said(
        "a phrase by itself takes # ms with reranking, batches of 1,0# run at # queries a second (# without "
        "reranking), a note of 3,000 characters takes # s (longest # s); the index is built in # s, after that opening "
        "everything takes # s; peak memory # GB"
    )
    assert phrase == round(of("phrase", "whole search").median())
    assert size == 24
    assert rerank == round(of("batch", "with reranking", 1024).item())
    assert bare == round(of("batch", "without reranking", 1024).item())
    whole = of("note", "whole note")
    assert note == pytest.approx(whole.median() / 1000, abs=0.051)
    assert longest == pytest.approx(whole.max() / 1000, abs=0.051)
    assert build == round(of("open", "index build").item())
    assert opening == round(of("open", "everything").item())
    assert peak == round(of("memory", "searches and notes").item() / 1000, 1)
    size, query = said("entry terms the vectors take # GB and one query # ms")
    assert size == round(of("growth", "dense, size", 1_000_000).item() / 1000, 1)
    assert query == round(of("growth", "dense, one query", 1_000_000).median())


def test_published_figures_are_as_their_file_gives_them():
    published = (REFERENCE.parent / "published.tsv").read_text(encoding="utf-8")
    part = SENTENCES[SENTENCES.index("Others have published") : SENTENCES.index("Speed on two CPU cores")]
    for value in re.findall(r"(?<!\d)\.\d{3}", part):
        assert f"\t{value}\t" in published
