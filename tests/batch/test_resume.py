import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from core.batch.folder import RunFolder
from core.batch.run import Here, Wanted, run
from core.batch.source import open_source, read_part, read_texts
from core.batch.watch import Watch
from core.batch.worker import DEATHS
from core.errors import ClinicodeError
from core.jsonl import BadLine
from core.retrieve.memory import Reviewed
from tests import commands

ROOT = Path(__file__).resolve().parent.parent.parent
LINES = (
    '{"id": "a", "text": "Polmonite acuta"}',
    "{broken",
    "",
    '{"id": 2, "text": "  "}',
    '{"text": "asma"}',
    '{"id": "é", "text": "Té febre.", "lang": "ca"}',
    '{"id": "x", "text": "cough", "lang": "xx"}',
    '{"id": "b", "text": "fever"}',
)
FAILED = [(None, 2), (2, 4), ("x", 7)]


def quiet(_done, _notes, _failures):
    pass


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "notes.jsonl"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def here(coder):
    return Here(lambda: coder)


class Stopping(Here):
    """Codes a number of parts, then is cut off."""

    def __init__(self, coder, after):
        super().__init__(lambda: coder)
        self.after, self.coded = after, []

    def code(self, folder, parts):
        for number in super().code(folder, parts):
            if len(self.coded) == self.after:
                raise KeyboardInterrupt
            self.coded.append(number)
            yield number


def answers(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("part-*.jsonl")))


def failures(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "failures.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_parts_together_are_the_whole_file(tmp_path, encoding, end):
    path = tmp_path / "notes.jsonl"
    path.write_bytes(end.join(LINES).encode(encoding))
    source = open_source(path, 2)
    read = [item for part in source.parts for _, item in read_part(path, part, source.encoding)]
    assert read == read_texts(path)
    assert [part.notes for part in source.parts] == [2, 2, 2, 1]
    assert source.notes == len(read)


def test_a_run_in_parts_answers_as_one_file_does(notes, here, tmp_path):
    finished = run(Wanted(notes, tmp_path / "out", size=2), here, quiet)
    assert (finished.notes, finished.failed, finished.before) == (7, 3, False)
    assert [(one["id"], one["line"]) for one in failures(tmp_path / "out")] == FAILED
    done = commands.run("code", "--input", str(notes), "--output", str(tmp_path / "out.jsonl"))
    assert done.returncode == 1
    assert answers(tmp_path / "out") == (tmp_path / "out.jsonl").read_text(encoding="utf-8")


def test_a_run_that_was_cut_off_goes_on_where_it_was(notes, coder, tmp_path):
    run(Wanted(notes, tmp_path / "whole", size=1), Here(lambda: coder), quiet)
    first, second = Stopping(coder, 3), Stopping(coder, 99)
    with pytest.raises(KeyboardInterrupt):
        run(Wanted(notes, tmp_path / "out", size=1), first, quiet)
    assert not (tmp_path / "out" / "failures.jsonl").exists()
    told = []
    run(Wanted(notes, tmp_path / "out"), second, lambda done, of, failed: told.append((done, of, len(failed))))
    assert first.coded == [0, 1, 2]
    assert second.coded == [4, 5, 6]
    assert told == [(4, 7, 0), (5, 7, 0), (6, 7, 1), (7, 7, 0)]
    assert answers(tmp_path / "out") == answers(tmp_path / "whole")
    assert failures(tmp_path / "out") == failures(tmp_path / "whole")


def test_a_finished_run_is_known_and_a_part_that_was_deleted_is_made_again(notes, coder, tmp_path):
    wanted = Wanted(notes, tmp_path / "out", size=3)
    run(wanted, Here(lambda: coder), quiet)
    whole, again = answers(tmp_path / "out"), Stopping(coder, 99)
    assert run(wanted, again, quiet).before
    (tmp_path / "out" / "part-000001.jsonl").unlink()
    assert not run(wanted, again, quiet).before
    assert again.coded == [1]
    assert answers(tmp_path / "out") == whole
    assert [(one["id"], one["line"]) for one in failures(tmp_path / "out")] == FAILED


def test_what_would_not_agree_with_the_run_is_refused(notes, coder, here, tmp_path):
    wanted = Wanted(notes, tmp_path / "out", size=4)
    run(wanted, here, quiet)
    before = answers(tmp_path / "out")
    other = tmp_path / "other.jsonl"
    other.write_text(notes.read_text(encoding="utf-8") + '{"text": "tos"}\n', encoding="utf-8")
    for refused, says in (
        (replace(wanted, input=other), "another input"),
        (replace(wanted, size=2), "another --parts"),
        (replace(wanted, format="parquet"), "another --format"),
        (replace(wanted, lang="ca"), "another --lang"),
        (replace(wanted, rerank=False), "another choice of --no-rerank"),
    ):
        with pytest.raises(ClinicodeError, match=says):
            run(refused, here, quiet)
    coder.remember([Reviewed("mal d'alçada", "T70.20XA", "ca")])
    with pytest.raises(ClinicodeError, match="another state of the team memory"):
        run(wanted, here, quiet)
    plan = tmp_path / "out" / ".run" / "plan.json"
    plan.write_text(plan.read_text(encoding="utf-8").replace('"encoder": "', '"encoder": "0'), encoding="utf-8")
    coder.forget()
    with pytest.raises(ClinicodeError, match="another encoder"):
        run(wanted, here, quiet)
    assert answers(tmp_path / "out") == before


def test_a_memory_that_changes_in_mid_run_stops_it(notes, coder, here, tmp_path):
    def remember(done, _notes, _failures):
        if done == 2:
            coder.remember([Reviewed("mal d'alçada", "T70.20XA", "ca")])

    with pytest.raises(ClinicodeError, match="The team memory changed"):
        run(Wanted(notes, tmp_path / "out", size=2), here, remember)
    assert [path.name for path in (tmp_path / "out").glob("part-*")] == ["part-000000.jsonl"]


def test_a_folder_of_something_else_and_one_in_use_are_refused(notes, here, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with pytest.raises(ClinicodeError, match="something other"):
        run(Wanted(notes, tmp_path / "mine"), here, quiet)
    with pytest.raises(ClinicodeError, match="cannot be a folder of parts"):
        run(Wanted(notes, notes), here, quiet)
    with RunFolder(tmp_path / "out").held(), pytest.raises(ClinicodeError, match="Another run is writing"):
        run(Wanted(notes, tmp_path / "out"), here, quiet)


def test_a_note_that_kills_its_process_again_and_again_is_left_out(notes, here, tmp_path):
    out = RunFolder(tmp_path / "out")
    with out.held():
        for _ in range(DEATHS):  # what a killed process leaves: the row that it was at
            Watch(out.at(0)).at(5)
    run(Wanted(notes, tmp_path / "out", size=9), here, quiet)
    assert [one["line"] for one in failures(tmp_path / "out")] == [2, 4, 5, 7]
    assert "died 3 times" in failures(tmp_path / "out")[2]["reason"]
    assert not out.at(0).exists()


@pytest.mark.parametrize("ids", [[1, 2, 3], ["a", "b", "c"]])
def test_parquet_comes_in_and_goes_out(coder, here, tmp_path, ids):
    texts = ["Polmonite acuta", None, "febre"]
    path = tmp_path / "notes.parquet"
    pl.DataFrame({"id": ids, "more": [0, 0, 0], "text": texts, "lang": [None, None, "ca"]}).write_parquet(path)
    assert run(Wanted(path, tmp_path / "out", size=2), here, quiet).failed == 1
    table = pl.read_parquet(tmp_path / "out" / "part-*.parquet")
    assert table["id"].to_list() == [ids[0], ids[2]]
    run(Wanted(path, tmp_path / "lines", size=2, format="jsonl"), here, quiet)
    assert table.to_dicts() == [json.loads(line) for line in answers(tmp_path / "lines").splitlines()]
    assert read_texts(path)[1] == BadLine(2, '"text" is missing')


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.jsonl", b"", "is empty"),
        ("notes.jsonl", b"\n \n", "is empty"),
        ("notes.jsonl", b"\x00\x01", "not a text file"),
        ("notes.jsonl", '{"text": "tos"}'.encode("utf-16"), "UTF-16"),
        ("notes.parquet", b"PAR1", "cannot be read as parquet"),
    ],
)
def test_an_input_that_is_none_is_refused(tmp_path, here, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ClinicodeError, match=says):
        run(Wanted(path, tmp_path / "out"), here, quiet)
    assert not (tmp_path / "out").exists()


def test_parquet_without_texts_is_refused(tmp_path):
    path = tmp_path / "notes.parquet"
    pl.DataFrame({"id": [1], "text": [5]}).write_parquet(path)
    with pytest.raises(ClinicodeError, match="needs the columns"):
        open_source(path, 5)
