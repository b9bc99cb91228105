"""The report is one file that needs nothing else and holds no text of a query."""

import re

from core.evaluate.board import boards, reference_runs
from core.evaluate.mentions import PUBLIC, read_mentions
from core.evaluate.printed import html_report


def test_the_report_holds_every_figure_and_table_and_no_query(catalog, workspace):
    page = html_report(boards(reference_runs()))
    bare = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    for heading in ("Public mentions", "CodiEsp mentions dev", "Training data", "Whole notes", "Robustness", "Speed"):
        assert f"<h2>{heading}</h2>" in bare
    assert bare.count("<figure") == bare.count("<details>") >= 20
    assert "clinicode evaluate --suite reference" in bare
    assert not re.search(r"(?:src|href)=.(?:https?:)?//", bare)
    texts = [query.text for query in read_mentions(PUBLIC, catalog) if len(query.text) > 15]
    assert not any(text in page for text in texts)


def test_the_report_of_nothing_is_a_page_all_the_same(workspace):
    assert "What others have published" in html_report([])
