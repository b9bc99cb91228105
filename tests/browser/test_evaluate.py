"""The evaluation page in a real Chromium: every section fits, charts have words, a user's own data set is measured."""

import pytest

from tests.browser.wide import in_one_window, settled, wide

pytestmark = pytest.mark.browser
DRAWN = (
    "Leaderboard",
    "Languages",
    "Mistakes",
    "Confidence",
    "Training data",
    "Notes",
    "Robustness",
    "Explanations",
    "Speed",
)
OWN = "text\tcode\tlang\nneumonía bacteriana\tJ15.9\tes\nfebre\tR50.9\tca\nnada\tZZZ\tes\n"


def opened(page, address, section):
    page.goto(f"{address}/evaluate?section={section.replace(' ', '+')}")
    page.get_by_role("heading", name="Evaluate").wait_for()


@pytest.mark.parametrize("section", DRAWN)
def test_a_section_draws_its_charts_and_fits(page, address, section):
    opened(page, address, section)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    assert not wide(page)


@in_one_window
def test_a_measure_is_switched_and_the_table_opened(page, address):
    opened(page, address, "Leaderboard")
    page.get_by_text("MRR@10 of 13 systems on 895 queries").wait_for()
    page.get_by_role("combobox", name="Measure").click()
    page.get_by_role("option", name="Hit@1").click()
    page.get_by_text("Hit@1 of 13 systems on 895 queries").wait_for()
    settled(page)
    page.get_by_text("Table", exact=True).first.click()
    page.get_by_test_id("stDataFrame").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this table (CSV)").first.press("Enter")  # the table above it may grow
    assert download.value.path().read_text(encoding="utf-8-sig").startswith("system,what it is,queries,Hit@1")


@in_one_window
def test_one_s_own_table_is_measured_in_the_background_and_joins(page, address):
    opened(page, address, "Your own")
    table = {"name": "mine.tsv", "mimeType": "text/tab-separated-values", "buffer": OWN.encode()}
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_text("1 line cannot be used").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    job = page.locator("[class*=st-key-own_job_]").first
    job.get_by_text("done", exact=True).wait_for(timeout=120_000)
    page.reload()
    job.get_by_text("mine.tsv").wait_for()
    page.get_by_text("Leaderboard", exact=True).click()
    page.get_by_label("Data set").click()
    page.get_by_role("option", name="mine.tsv").first.click()
    page.get_by_text("on 2 queries").first.wait_for()
    assert "neumon" not in page.url


@in_one_window
def test_the_report_is_made(page, address):
    opened(page, address, "Report")
    page.get_by_role("button", name="Make the report").click()
    page.get_by_role("button", name="Download the report").wait_for()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "<figure" in text
    assert "MRR@10 of 13 systems" in text or "MRR@10 of 14 systems" in text
    assert "community-acquired pneumonia" not in text


@in_one_window
def test_a_query_is_opened_in_look_up_with_its_explanation(page, address):
    opened(page, address, "Queries")
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    page.wait_for_timeout(2000)  # the table is a canvas: nothing in the document says that its rows are drawn
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 36 + 18)
    page.get_by_role("button", name="Open in Look up").click()
    page.get_by_text("Why this code").wait_for()
    assert (
        page.get_by_label("Diagnosis, symptom or code").input_value()
        == "community-acquired pneumonia, right lower lobe"
    )
    assert "pneumonia" not in page.url
