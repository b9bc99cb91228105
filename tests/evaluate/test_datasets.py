from collections import Counter

import pytest

from core.encode.load import Rules
from core.errors import ClinicodeError
from core.evaluate import codiesp
from core.evaluate.datasets import read_dataset
from core.evaluate.mentions import read_mentions, read_table
from core.evaluate.report import rows
from core.evaluate.run import measure, measure_documents
from core.evaluate.runs import read_run, read_runs, save_run
from core.evaluate.suite import SUITES, Entry, Workshop, run_suite
from core.evaluate.systems import Peer, clinicode, open_system, peer
from core.evaluate.table import mean, suite_lines
from core.retrieve.memory import Reviewed
from core.settings import ASSETS

PUBLIC = ASSETS / "evaluation" / "mentions.tsv"


def test_the_public_set_covers_languages_and_styles(catalog):
    queries = read_mentions(PUBLIC, catalog)
    langs = Counter(query.lang for query in queries)
    assert set(langs) == {"en", "es", "ca", "it", "pt", "fr", "de"}
    assert min(langs.values()) >= 120
    assert len({(query.lang, query.text.lower()) for query in queries}) == len(queries)


def test_codes_of_2018_are_mapped_or_reported(catalog):
    assert codiesp.current_codes("i21.4", catalog) == {"I21.4"}
    assert {"S25.02", "S25.02XA"} <= codiesp.current_codes("s25.02x", catalog)
    assert codiesp.current_codes("y99.99", catalog) == frozenset()


@pytest.mark.data
def test_reads_codiesp_dev(catalog, public_data):
    mentions = codiesp.read_mentions(public_data / "codiesp", "dev", catalog)
    assert len(mentions) == 1946
    assert all(query.groups for query in mentions)
    assert any(len(group) > 1 for query in mentions for group in query.groups)
    documents = codiesp.read_documents(public_data / "codiesp", "dev", catalog)
    assert len(documents) == 250
    assert all(query.groups for query in documents)


def test_a_folder_without_the_split_is_a_clear_error(catalog, tmp_path):
    with pytest.raises(ClinicodeError, match=r"testX\.tsv"):
        codiesp.read_mentions(tmp_path, "test", catalog)


def test_a_broken_row_is_named_by_its_line(catalog, tmp_path):
    (tmp_path / "devX.tsv").write_text("doc\tDIAGNOSTICO\ti10\tHTA\t1 4\ndoc\tDIAGNOSTICO\n")
    with pytest.raises(ClinicodeError, match="line 2"):
        codiesp.read_mentions(tmp_path, "dev", catalog)


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "no rows"), ("# only a comment\n", "no rows"), ("text\tstyle\na\tb\n", "no column code")],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path, content, says):
    path = tmp_path / "table.tsv"
    path.write_text(content)
    with pytest.raises(ClinicodeError, match=says):
        read_table(path, ("text", "code"))


def test_a_gold_code_that_does_not_exist_is_named_with_its_line(catalog, tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("text\tcode\ntos\tR05.9\nfoo\tZZZ.9\n")
    with pytest.raises(ClinicodeError, match="line 3"):
        read_mentions(path, catalog)


def test_a_run_is_sliced_and_says_what_it_was_measured_with(coder, tmp_path):
    dataset = read_dataset("mentions", PUBLIC, "", coder.catalog, limit=140)
    run = measure(clinicode(coder), dataset, coder.catalog, "clinicode evaluate")
    slices = {row.name: row for row in rows(run)}
    assert next(iter(slices)) == "all"
    assert {"lang en", "style lay", "chapter 9", "all, three characters"} <= set(slices)
    assert slices["all"].queries == 140
    assert run.provenance.release == "ICD-10-CM April 2026"
    assert run.provenance.encoder == coder.retriever.encoder.fingerprint
    everything = slices["all"].figures["MRR@10"]
    assert 0.3 < everything.low < everything.value < everything.high < 1
    assert slices["all, three characters"].figures["Hit@1"].value > slices["all"].figures["Hit@1"].value
    again = read_run(save_run(run, tmp_path))
    assert again.provenance == run.provenance
    assert again.table.equals(run.table)


def test_a_run_keeps_no_text_of_a_query(coder, tmp_path):
    dataset = read_dataset("mentions", PUBLIC, "", coder.catalog, limit=40)
    content = save_run(measure(clinicode(coder), dataset, coder.catalog, ""), tmp_path)
    kept = str(read_run(content).table.to_dicts()) + str(read_run(content).provenance)
    assert not [query.text for query in dataset.queries if len(query.text) > 4 and query.text in kept]


def test_what_was_remembered_is_told_apart(coder, catalog):
    dataset = read_dataset("mentions", PUBLIC, "", catalog, limit=30)
    coder.remember([Reviewed(dataset.queries[0].text, min(dataset.queries[0].codes))])
    slices = {row.name: row for row in rows(measure(clinicode(coder), dataset, catalog, ""))}
    assert (slices["seen in the memory"].queries, slices["not seen"].queries) == (1, 29)
    assert slices["seen in the memory"].figures["Hit@1"].value == 1


def test_a_damaged_run_is_a_clear_error(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(ClinicodeError, match=r"x\.parquet"):
        list(read_runs(tmp_path))


@pytest.mark.parametrize("name", ["bm25", "bm25-stems"])
def test_baselines_run_without_the_encoder(catalog, name):
    def never():
        pytest.fail("a baseline must not load the product")

    dataset = read_dataset("mentions", PUBLIC, "", catalog, limit=40)
    run = measure(open_system(name, never, lambda: catalog), dataset, catalog, "")
    assert run.provenance.encoder == ""
    assert mean(run, "R@10") > 0.2


def test_unknown_names_are_clear_errors(coder):
    with pytest.raises(ClinicodeError, match="data set"):
        read_dataset("nothing", PUBLIC, "", coder.catalog)
    with pytest.raises(ClinicodeError, match="no system"):
        open_system("nothing", lambda: coder, lambda: coder.catalog)
    with pytest.raises(ClinicodeError, match="no suite"):
        list(run_suite("nothing", Workshop(coder.catalog, coder.detector, None), None, ""))


def test_a_row_whose_model_cannot_be_loaded_says_so_and_shows_no_number(coder, tmp_path, monkeypatch):
    rows_ = [Entry("e5", lambda shop: peer(Peer("e5", "nobody/nothing", "", Rules()), shop.catalog))]
    rows_.append(Entry("bm25", lambda shop: open_system("bm25", lambda: coder, lambda: shop.catalog)))
    monkeypatch.setitem(SUITES, "reference", lambda: iter(rows_))
    shop = Workshop(coder.catalog, coder.detector, None)
    outcomes = list(run_suite("reference", shop, tmp_path, "clinicode evaluate --suite reference"))
    assert [(name, len(runs)) for name, runs, _ in outcomes] == [("e5", 0), ("bm25", 1)]
    assert "nobody/nothing cannot be loaded" in outcomes[0][2]
    assert "e5" in (tmp_path / "unmeasured.tsv").read_text(encoding="utf-8")
    assert [run.provenance.system for run in read_runs(tmp_path)] == ["bm25"]
    table = "\n".join(suite_lines(outcomes[1][1]))
    assert "bm25" in table
    assert "first in R@5" in table


@pytest.mark.data
def test_documents_are_scored_with_and_without_the_short_list(coder, public_data):
    dataset = read_dataset("codiesp-d", public_data / "codiesp", "dev", coder.catalog, limit=3)
    (row,) = rows(measure_documents(coder, dataset, "clinicode evaluate"))
    assert set(row.figures) == {"MAP", "precision", "recall", "F1"}
