"""Nothing that Clinicode exports is computed by a spreadsheet, and what it exported is read back as it was."""

import ast
import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.encounter import Encounter, Listed, as_csv
from core.note.context import Status
from core.review.exchange import audit, tables
from core.review.exchange.reading import read_documents
from core.review.exchange.reviewed import Reviewed
from core.review.model import Annotation, Comment, Decision, Document, Event, Kind, Work
from core.spreadsheet import FORMULA, restored, safe, table

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 4, 1, tzinfo=UTC)
SPLITS = re.compile(r"[;\t\r\n]")
ATTACKS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")',
    "'=1", "''=1", "x;=1", 'x;"=1', "x\n=1", "x\t=1", "\n\n=1", "＝1", "－1", '"=1', "tos;-5", "-", "=", ";=;=",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(ATTACKS),
    st.text(alphabet="a1=+-@;,'\" \t\r\n|＝", max_size=12),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)


def cells(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def computed(data: bytes) -> list[str]:
    """Cells that a spreadsheet would compute: of the file as it is meant, or cut at semicolons, tabs and lines."""
    meant = [cell for row in cells(data) for cell in row]
    cut = [part.lstrip('"') for part in SPLITS.split(data.decode("utf-8-sig"))]
    begun = [cell for cell in cut if cell.startswith(FORMULA) and not cell.startswith(("\r", "\n"))]
    return [cell for cell in meant if cell.startswith(FORMULA)] + begun


def reviewed(note: str, name: str, by: str, comment: str) -> Reviewed:
    one = Annotation(
        "a", ((0, len(note)),), Status.AFFIRMED, ("I10",), Decision.ACCEPTED, by, NOW, None,
        (Comment(by, NOW, comment),),
    )  # fmt: skip
    return Reviewed(Document(1, 1, name, note, "es", NOW, None), Work(1, by, 1, (one,)))


@settings(max_examples=400, deadline=None)
@given(texts)
def test_a_cell_is_never_computed_and_its_text_comes_back(text):
    made = str(safe(text))
    assert not made.startswith(FORMULA)
    assert restored(made) == text
    assert computed(table(["a", "b", "c"], [("x", text, "y"), (text, "x", text)])) == []


@settings(max_examples=150, deadline=None)
@given(texts, texts, texts, texts)
def test_the_table_of_a_project_is_never_computed(note, name, by, comment):
    data = tables.write([reviewed(note, name, by, comment)])
    assert computed(data) == []
    row = dict(zip(*cells(data), strict=True))
    assert (restored(row["document"]), restored(row["by"])) == (name, by)
    assert restored(row["comments"]) == f"{by}: {comment}"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ATTACKS))
def test_the_table_of_a_project_is_read_back_as_it_was(catalog, attack):
    note = f"{attack} tos seca"
    annotated = reviewed(note, "a", "Eva", "")
    said = annotated.annotations[0].text(note)
    (document,) = read_documents("out.csv", tables.write([annotated]), catalog).documents
    assert document.text == said
    foreign = f'id,text\na,"\'{note.replace(chr(34), chr(34) * 2)}"\n'  # another's apostrophe is the note's
    (kept,) = read_documents("in.csv", foreign.encode(), catalog).documents
    assert kept.text == "'" + note.replace("\x00", "\ufffd")


@settings(max_examples=100, deadline=None)
@given(texts, texts, texts)
def test_the_log_is_never_computed(actor, lane, words):
    event = Event(1, 1, 1, lane, 1, actor, NOW, Kind.ACCEPT, "a", None, {"text": words})
    data = audit.as_table([event, replace(event, document=None)], {1: words})
    assert computed(data) == []
    assert restored(cells(data)[1][2]) == actor


@settings(max_examples=60, deadline=None)
@given(texts)
def test_the_list_of_an_encounter_is_never_computed(catalog, words):
    data = as_csv(Encounter((Listed("I10", words, ((0, 3),)),)), catalog)
    assert computed(data) == []
    assert restored(cells(data)[1][5]) == words


@settings(max_examples=60, deadline=None)
@given(texts, texts)
def test_tables_behind_charts_are_never_computed_heads_neither(name, value):
    """A system, a style or a query of one's own data may be called anything."""
    frame = pl.DataFrame({f"_{name}": [value, None], "MRR@10": [-0.5, None]}).rename({f"_{name}": name or "x"})
    data = table(frame.columns, frame.rows())
    assert computed(data.replace(b"-0.5", b"0.5")) == []
    assert cells(data)[1][1] == "-0.5"
    assert restored(cells(data)[1][0]) == value


def test_every_table_is_written_by_the_one_writer():
    """`csv.writer` and polars' `write_csv` know nothing of formulas; files of the product's own assets are excepted."""
    found = set()
    for path in [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter", "write_csv", "write_excel"):
                found.add(path.relative_to(ROOT).as_posix())
    assert found <= {"core/spreadsheet.py", "core/evaluate/suite.py"}
    assert "core/spreadsheet.py" in found


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_known_attack_is_marked(attack):
    assert str(safe(attack)) != attack or not attack.startswith(FORMULA)
    assert restored(str(safe(attack))) == attack
