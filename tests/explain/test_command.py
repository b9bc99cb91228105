import json

import pytest

from tests.commands import run
from tests.test_cli import lines


@pytest.fixture(autouse=True)
def nothing_remembered(coder):
    """Build the index before, and leave nothing behind."""
    return


def test_each_of_the_first_ten_codes_is_explained_when_asked():
    text = "HTA mal controlada"
    done = run("search", "--lang", "es", "--explain", "--json", "--top-k", "12", text)
    assert done.returncode == 0, done.stderr
    candidates = json.loads(done.stdout)["candidates"]
    assert ["explanation" in one for one in candidates] == [True] * 10 + [False] * 2
    first = candidates[0]["explanation"]
    assert first["code"] == candidates[0]["code"]
    assert first["rank"] == 1
    assert first["read_as"][0]["expansion"] == "hipertensión arterial"
    assert set(first["qualifiers"]) == {"agrees", "missing", "contradicts"}
    assert {"term_words", "term", "neighbours", "path", "notes", "stages", "why"} <= set(first)
    for word in first["words"]:
        assert text[word["start"] : word["end"]] == word["text"]
    assert sum(word["share"] for word in first["words"]) == pytest.approx(first["similarity"], abs=1e-3)


def test_without_asking_there_is_no_explanation():
    done = run("search", "--json", "--top-k", "1", "tos")
    assert "explanation" not in json.loads(done.stdout)["candidates"][0]


def test_a_batch_is_explained_too(tmp_path):
    queries, answers = tmp_path / "queries.jsonl", tmp_path / "answers.jsonl"
    queries.write_text('{"id": 1, "text": "fracture of the left radius", "lang": "en"}\n{"id": 2, "text": "☃☃"}\n')
    done = run("search", "--explain", "--top-k", "2", "--input", str(queries), "--output", str(answers))
    assert done.returncode == 0, done.stderr
    first, second = lines(answers)
    assert [one["explanation"]["rank"] for one in first["candidates"]] == [1, 2]
    assert second["candidates"] == []


def test_a_person_gets_the_sentence_and_the_shares():
    done = run("search", "--lang", "es", "--explain", "--top-k", "1", "HTA mal controlada")
    assert "“HTA” was read as “hipertensión arterial”." in done.stdout
    assert "text: HTA 0." in done.stdout
    assert "term: " in done.stdout
