"""A marker in a text goes through every command: it stands in the answer and where it was saved, nowhere else."""

import json

import pytest

TEXT = "neumonía bacteriana {} dolör"
SAVED = ["clinicode/workspace.db", "clinicode/workspace.db-shm", "clinicode/workspace.db-wal"]


def lines(*texts):
    return "".join(f"{json.dumps({'id': number, 'text': text})}\n" for number, text in enumerate(texts))


def test_what_is_searched_is_kept_nowhere(commands):
    text = TEXT.format("Zxqvsearch")
    assert commands.run("search", text, "--explain") == 0
    assert "Zxqvsearch" in commands.answered()
    given, out = commands.file("queries.jsonl", lines(text, text.upper())), commands.own / "found.jsonl"
    assert commands.run("search", "--input", given, "--output", out) == 0
    assert commands.place.holding("Zxqvsearch") == []


def test_what_is_coded_is_kept_nowhere(commands):
    note = TEXT.format("Zxqvcode")
    assert commands.run("code", commands.file("note.txt", note)) == 0
    given, out = commands.file("notes.jsonl", lines(note)), commands.own / "coded.jsonl"
    assert commands.run("code", "--input", given, "--output", out) == 0
    assert "Zxqvcode" in out.read_text()
    assert commands.place.holding("Zxqvcode") == []


def test_what_is_remembered_is_in_the_memory_until_it_is_forgotten(commands):
    pairs = commands.file("pairs.tsv", f"text\tcode\n{TEXT.format('Zxqvremember')}\tJ15.9\n")
    assert commands.run("remember", pairs) == 0
    held = commands.place.holding("Zxqvremember")
    assert held
    assert set(held) <= set(SAVED)
    assert commands.run("search", "neumonía") == 0
    assert commands.run("forget", "--all") == 0
    assert commands.place.holding("Zxqvremember") == []


def test_a_run_has_no_text_of_its_data_set(commands):
    table = commands.file("mine.tsv", f"text\tcode\tlang\n{TEXT.format('Zxqvevaluate')}\tJ15.9\tes\nfebre\tR50.9\tca\n")
    assert commands.run("evaluate", "--dataset", "mentions", "--path", table, "--system", "bm25") == 0
    assert list((commands.place.home / "runs").glob("*.parquet"))
    assert commands.place.holding("Zxqvevaluate") == []


def test_a_review_is_in_its_store_until_it_is_deleted(commands):
    assert commands.run("review", "create", "Pilot") == 0
    assert commands.run("review", "import", "Pilot", commands.file("letter.txt", TEXT.format("Zxqvreview"))) == 0
    assert commands.run("review", "suggest", "Pilot") == 0
    held = commands.place.holding("Zxqvreview")
    assert held
    assert set(held) <= set(SAVED)
    for kind in ("archive", "jsonl", "audit"):
        assert commands.run("review", "export", "Pilot", "--format", kind, "--out", commands.own / kind) == 0
    assert set(commands.place.holding("Zxqvreview")) <= set(SAVED)
    assert commands.run("review", "delete", "Pilot", "--withdraw", "--yes") == 0
    assert commands.place.holding("Zxqvreview") == []


@pytest.mark.parametrize(
    ("broken", "how", "error"),
    [
        ("search", "boomloud", "ValueError"),
        ("search", "boomquiet", "LookupError"),
        ("code", "boomloud", "ValueError"),
        ("remember", "boomloud", "ValueError"),
        ("import_documents", "boomloud", "ValueError"),
    ],
)
def test_what_crashes_is_told_without_its_words(commands, broken, how, error):
    text = f"neumonía {how}:{broken} Zxqvcrash"
    before = commands.said()
    if broken == "search":
        code = commands.run("search", text)
    elif broken == "code":
        given = commands.file("crash.jsonl", lines(text))
        code = commands.run("code", "--input", given, "--output", commands.own / "crash.out")
    elif broken == "remember":
        code = commands.run("remember", commands.file("crash.tsv", f"text\tcode\n{text}\tJ15.9\n"))
    else:
        assert commands.run("review", "create", "Crashing") == 0
        code = commands.run("review", "import", "Crashing", commands.file("crash.txt", text))
    told = commands.said().removeprefix(before)
    assert code == 1
    assert f"in broken\n    raise {error}" in told
    assert "Zxqv" not in told
    assert commands.place.holding("Zxqvcrash") == []
    assert list(commands.own.glob("*.part")) == []
