"""SECURITY.md's table of promises names tests that exist."""

import re

from tests.conftest import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_test_that_a_promise_names_exists_and_has_tests():
    table = PAGE.partition("## What holds, and what shows it")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!promise|---)([^|]+) \| ([^|]+) \|([^|]*)\|", table, re.MULTILINE)
    assert len(rows) > 15
    for promise, told, figure in rows:
        assert figure.strip(), f"{promise}: what was measured last is missing"
        files = re.findall(r"`(tests/[^`]+)`", told)
        assert files, f"{promise}: no test is named"
        for file in files:
            assert "\ndef test_" in (ROOT / file).read_text(encoding="utf-8"), f"{promise}: {file}"


def test_where_the_page_leads_there_is_something():
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / target).exists(), target
