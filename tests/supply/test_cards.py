"""Every shipped model and every folder of shipped data says in a card what it is for, and what it is not."""

import re

import pytest

from core.train import card, reader_card, reranker_card
from tests.conftest import ROOT

ASSETS = ROOT / "assets"
NO_DATA = {"interface", "models", "prompts"}
MODELS = sorted(path.name for path in (ASSETS / "models").iterdir() if path.is_dir())
DATA = sorted(path.name for path in ASSETS.iterdir() if path.is_dir() and path.name not in NO_DATA)
OF_BOTH = ("Intended use", "Out of scope", "Languages", "Limits", "Ethical considerations", "Licence")
OF_MODELS = (*OF_BOTH, "Data", "Measured")
OF_DATA = (*OF_BOTH, "Why it was made", "Who wrote it and how", "Text characteristics", "How it was checked")


def sections(text: str) -> dict[str, str]:
    """What stands under each heading of the second level."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return {heading: body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize(
    ("folder", "headings"),
    [*((f"models/{name}", OF_MODELS) for name in MODELS), *((name, OF_DATA) for name in DATA)],
)
def test_a_card_says_all_that_it_should(folder, headings):
    said = sections((ASSETS / folder / "README.md").read_text(encoding="utf-8"))
    assert [name for name in headings if len(said.get(name, "").split()) < 4] == []


@pytest.mark.parametrize("name", MODELS)
def test_a_model_s_card_names_licence_and_languages_at_its_head(name):
    head = (ASSETS / "models" / name / "README.md").read_text(encoding="utf-8").split("---")[1]
    assert "license: mit" in head
    assert "language: [en, es, ca, it, pt, fr, de]" in head


@pytest.mark.parametrize(
    ("name", "template"), [("encoder", card.CARD), ("reader", reader_card.CARD), ("reranker", reranker_card.CARD)]
)
def test_training_again_writes_the_same_card(name, template):
    shipped = sections((ASSETS / "models" / name / "README.md").read_text(encoding="utf-8"))
    written = sections(template)
    assert list(shipped) == list(written)
    fixed = {heading: body for heading, body in written.items() if "{" not in body}
    assert len(fixed) >= len(OF_BOTH)
    assert {heading: shipped[heading] for heading in fixed} == fixed


def test_where_a_card_leads_there_is_something():
    for path in ASSETS.rglob("README.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path}: {target}"


def test_the_evaluation_set_is_as_large_as_its_card_says():
    said = (ASSETS / "evaluation" / "README.md").read_text(encoding="utf-8")
    lines = (ASSETS / "evaluation" / "mentions.tsv").read_text(encoding="utf-8").splitlines()
    langs = [line.split("\t", 1)[0] for line in lines if not line.startswith("#")][1:]
    counted = re.findall(r"\b([a-z]{2}) (\d+)", said.partition("phrases with their codes (")[2].partition(")")[0])
    assert {lang: int(count) for lang, count in counted} == {lang: langs.count(lang) for lang in set(langs)}
    assert f"{len(langs)} clinical phrases" in said
    notes = (ASSETS / "evaluation" / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    assert f"{len(notes)} notes" in said
