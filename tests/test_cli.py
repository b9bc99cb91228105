import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.commands import run


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(autouse=True)
def nothing_remembered(coder):
    """Build the index before, and leave nothing behind."""
    return


def test_search_answers_with_the_contract_s_keys():
    done = run("search", "--json", "--top-k", "3", "infart agut de miocardi")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert set(answer) == {"lang", "lang_confidence", "candidates"}
    assert answer["lang"] == "ca"
    assert len(answer["candidates"]) == 3
    assert set(answer["candidates"][0]) == {"code", "title", "score", "confidence", "billable", "source"}
    assert answer["candidates"][0]["code"].startswith("I21")


def test_search_shows_a_person_codes_and_the_release():
    done = run("search", "--lang", "en", "acute appendicitis")
    assert "ICD-10-CM April 2026" in done.stdout
    assert "K35" in done.stdout


def test_a_command_runs_in_a_process_of_its_own_after_a_page_was_tested_in_this_one():
    def page(words):
        import streamlit as st

        st.write(words)

    AppTest.from_function(page, args=("a page",), default_timeout=60).run()
    assert run("search", "--json", "tos").returncode == 0


def test_a_batch_goes_on_past_bad_lines_and_says_which(tmp_path):
    queries, answers = tmp_path / "queries.jsonl", tmp_path / "answers.jsonl"
    queries.write_text(
        '{"id": "a", "text": "tos"}\n'
        "{broken\n"
        '{"id": "b"}\n'
        '{"id": "c", "text": "   "}\n'
        '{"id": "d", "text": "fever", "lang": "xx"}\n'
        "\n"
        "[1]\n"
        '{"id": 5, "text": "febre", "lang": "ca"}\n',
        encoding="utf-8",
    )
    done = run("search", "--input", str(queries), "--output", str(answers))
    assert done.returncode == 1
    assert [line["id"] for line in lines(answers)] == ["a", 5]
    assert lines(answers)[1]["lang"] == "ca"
    assert lines(answers)[1]["lang_confidence"] == 1
    for said in (
        "line 2: no valid JSON",
        'line 3: "text" is missing',
        "id c",
        "'xx' is not known",
        "line 7: not a JSON object",
    ):
        assert said in done.stderr
    assert "2 of 7 lines answered, 5 left out." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_good_batch_ends_well(tmp_path):
    queries, answers = tmp_path / "queries.jsonl", tmp_path / "answers.jsonl"
    queries.write_text("\n".join(json.dumps({"id": at, "text": f"dolor {at}"}) for at in range(700)))
    done = run("search", "--input", str(queries), "--output", str(answers), "--no-rerank", "--top-k", "2")
    assert done.returncode == 0, done.stderr
    assert [line["id"] for line in lines(answers)] == list(range(700))
    assert not list(tmp_path.glob("*.part"))


def test_a_note_is_coded_with_offsets_into_the_text_as_given(tmp_path):
    note = tmp_path / "note.txt"
    text = "🙂 Alta: pneumònia bacteriana.\nHTA."
    note.write_text(text, encoding="utf-8")
    done = run("code", "--json", str(note))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert set(answer) == {"lang", "lang_confidence", "mentions", "codes"}
    mention = next(one for one in answer["mentions"] if "pneum" in one["text"])
    assert text[mention["start"] : mention["end"]] == mention["text"]
    assert set(mention) == {"start", "end", "text", "status", "candidates"}
    assert set(answer["codes"][0]) == {"code", "title", "score", "suggested", "evidence"}


def test_notes_are_coded_in_a_batch(tmp_path):
    notes, answers = tmp_path / "notes.jsonl", tmp_path / "answers.jsonl"
    notes.write_text('{"id": 1, "text": "Polmonite acuta"}\n{"id": 2, "text": ""}\n{"id": 3, "text": "asma"}\n')
    done = run("code", "--input", str(notes), "--output", str(answers))
    assert done.returncode == 1
    assert [line["id"] for line in lines(answers)] == [1, 3]
    assert "id 2: The note is empty" in done.stderr


def test_remember_then_search_then_forget(tmp_path):
    table = tmp_path / "reviewed.tsv"
    table.write_text("text\tcode\tlang\nmal d'alçada\tT70.20XA\tca\nmal d'alçada\tt7020xa\tca\nbroken\tZZZ\tca\n")
    done = run("remember", str(table))
    assert done.returncode == 1
    assert "line 4" in done.stderr
    assert "2 reviewed pairs remembered, 1 lines left out." in done.stderr
    best = json.loads(run("search", "--json", "Mal d'alçada").stdout)["candidates"][0]
    assert (best["code"], best["source"]) == ("T70.20XA", "team memory")
    done = run("forget", "--all")
    assert "1 remembered entries forgotten." in done.stderr


def test_catalog_show_prints_place_and_notes():
    done = run("catalog", "show", "e1121")
    assert done.returncode == 0
    assert "E11.21  Type 2 diabetes mellitus with diabetic nephropathy" in done.stdout
    assert "ICD-10-CM April 2026" in done.stdout
    done = run("catalog", "show", "I21")
    assert "Excludes2" in done.stdout
    assert "I21.4" in done.stdout


def test_evaluate_prints_figures_with_intervals():
    table = "assets/evaluation/mentions.tsv"
    done = run("evaluate", "--dataset", "mentions", "--path", table, "--limit", "60", "--system", "bm25")
    assert done.returncode == 0, done.stderr
    assert "MRR@10" in done.stdout
    assert "three characters" in done.stdout


BAD = [
    ((), "Usage"),
    (("search",), "Give a phrase"),
    (("search", " "), "Nothing to look up"),
    (("search", "x" * 3000), "at most 2,000"),
    (("search", "--lang", "klingon", "tos"), "'klingon' is not known"),
    (("search", "--top-k", "0", "tos"), "--top-k"),
    (("search", "--input", "nowhere.jsonl", "--output", "out.jsonl"), "no file nowhere.jsonl"),
    (("search", "--input", "README.md"), "Give --output"),
    (("code",), "Give a note"),
    (("code", "nowhere.txt"), "no file nowhere.txt"),
    (("catalog", "show", "ZZ9"), "is not in ICD-10-CM"),
    (("forget",), "--all"),
    (("remember", "nowhere.tsv"), "no file nowhere.tsv"),
    (("evaluate", "--dataset", "nothing", "--path", "x"), "data set"),
    (("evaluate", "--dataset", "codiesp-x", "--path", "nowhere"), "testX.tsv"),
    (("train", "encoder", "--out", "x", "--data", "nowhere"), "no folder nowhere"),
    (("bogus",), "bogus"),
    (("search", "--bogus"), "--bogus"),
]


@pytest.mark.parametrize(
    ("arguments", "says"), BAD[1:], ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else ""
)
def test_bad_input_is_one_clear_line_and_exit_code_2(arguments, says):
    done = run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("binary.txt", b"\x00\x01" * 500, "not a text file"),
        ("long.txt", b"tos " * 250_000, "at most 200,000"),
        ("scan.pdf", b"%PDF-1.4", "damaged"),
    ],
)
def test_a_file_that_cannot_be_coded_is_one_clear_line(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    done = run("code", str(path))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "says"), [("", "no rows"), ("a\tb\n1\t2\n", "no column text, code"), ("text\tcode\n", "0 reviewed")]
)
def test_a_table_to_remember_that_is_not_one(tmp_path, content, says):
    path = tmp_path / "table.tsv"
    path.write_text(content)
    done = run("remember", str(path))
    assert says in done.stderr


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    for command in ("search", "code", "remember", "forget", "evaluate", "bench", "train", "catalog"):
        assert command in done.stdout


def test_a_missing_encoder_is_one_clear_line():
    done = run("search", "tos", CLINICODE_ENCODER="/nowhere/model")
    assert done.returncode == 2
    assert "CLINICODE_ENCODER" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
