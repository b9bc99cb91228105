from collections import Counter

import pytest

from core.errors import ClinicodeError
from core.evaluate import codiesp
from core.evaluate.mentions import read_mentions, read_table
from core.evaluate.run import Request, evaluate
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


def test_an_evaluation_reports_slices_and_what_it_was_measured_with(coder):
    report = evaluate(Request("mentions", PUBLIC, limit=140), lambda: coder.catalog, lambda: coder)
    names = [row.name for row in report.rows]
    assert names[0] == "all"
    assert {"lang en", "style lay", "all, three characters"} <= set(names)
    assert report.rows[0].queries == 140
    assert report.release == "ICD-10-CM April 2026"
    assert report.model == coder.retriever.encoder.fingerprint
    everything = report.rows[0].figures["MRR@10"]
    assert 0.3 < everything.low < everything.value < everything.high < 1


def test_baselines_run_without_the_encoder(catalog):
    def never():
        pytest.fail("a baseline must not load the product")

    report = evaluate(Request("mentions", PUBLIC, system="bm25", limit=40), lambda: catalog, never)
    assert report.model == ""
    assert report.rows[0].figures["R@10"].value > 0.2


@pytest.mark.parametrize(
    ("dataset", "system", "says"), [("nothing", "clinicode", "data set"), ("mentions", "nothing", "no system")]
)
def test_unknown_names_are_clear_errors(coder, dataset, system, says):
    with pytest.raises(ClinicodeError, match=says):
        evaluate(Request(dataset, PUBLIC, system=system), lambda: coder.catalog, lambda: coder)


@pytest.mark.data
def test_documents_are_scored_with_and_without_the_short_list(coder, public_data):
    request = Request("codiesp-d", public_data / "codiesp", "dev", limit=3)
    (row,) = evaluate(request, lambda: coder.catalog, lambda: coder).rows
    assert set(row.figures) == {"MAP", "precision", "recall", "F1"}
    assert row.queries == 3
