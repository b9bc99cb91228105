"""Whatever is given to an importer, every line of it is a row or a named fault, or nothing is imported at all."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.archives import zipped
from core.catalog.tables import store as kept_tables
from core.catalog.tables.bring import Wanted, bring
from core.catalog.tables.read import open_bytes, read
from core.errors import ClinicodeError
from core.evaluate.recognise import recognise
from core.jsonl import BadLine, read_items
from core.note.documents import MAX_CHARACTERS, check_note
from core.review.exchange import archive
from core.review.exchange.found import storable
from core.review.exchange.reading import read_documents, read_folder
from core.review.model import Incoming, Settings
from core.review.people import Person, Role
from core.review.schema import DOCUMENT, EVENT, PROJECT
from core.review.store import ReviewStore

ADA = Person("Ada", Role.ADMIN)
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
words = st.sampled_from(
    ["Tos seca", "asma", "", " ", "123", "=1", "ñ", '"', "a,b", "\x00", "\ud800", "\u2028", "x" * 300]
)
json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), words,
        st.sampled_from([10**400, -1, "I10", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip
mentions = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "start": st.one_of(st.integers(-3, 30), json_values),
            "end": st.one_of(st.integers(-3, 30), json_values),
            "spans": st.one_of(st.lists(st.lists(st.integers(-3, 30), max_size=3), max_size=3), json_values),
            "text": json_values,
            "status": st.one_of(st.sampled_from(["affirmed", "negated"]), json_values),
            "codes": st.one_of(st.just(["I10"]), json_values),
        },
    ),
    max_size=3,
)
notes = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(words, json_values),
        "text": st.one_of(st.just("Paciente con tos y asma."), words, json_values),
        "lang": st.one_of(st.sampled_from(["es", "xx", "pt-BR"]), json_values),
        "mentions": st.one_of(mentions, json_values),
        "codes": st.one_of(st.just(["R05.9"]), json_values),
        "style": json_values,
    },
)
lines = st.one_of(notes.map(json.dumps), json_values.map(json.dumps), words, st.just("{"), st.just("[" * 9999))
names = st.sampled_from(
    ["a.jsonl", "a.csv", "a.tsv", "a.txt", "a.zip", "a.pdf", "a.docx", "a.ann", "a.xml", "devX.tsv", "a"]
)
cells = st.one_of(words, st.sampled_from(["A00", "A00.0", "I10", "Título", "code", "title", "text", "id"]))


def refused(call) -> str:
    """What an importer says; anything but `ClinicodeError` is a fault of its own."""
    try:
        call()
    except ClinicodeError as error:
        return str(error)
    return ""


def usable(text: str) -> bool:
    return not refused(lambda: check_note(text)) and len(text) <= MAX_CHARACTERS


@settings(QUIET, max_examples=100)
@given(
    names, st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
)
def test_any_bytes_are_documents_or_a_sentence(catalog, name, data):
    try:
        read_ = read_documents(name, data, catalog)
    except ClinicodeError as error:
        assert str(error).strip()  # noqa: PT017
        return
    assert read_.documents
    for one in read_.documents:
        assert usable(one.text)
        one.text.encode()
        one.name.encode()


@settings(QUIET, max_examples=132)
@given(st.lists(lines, max_size=5))
def test_every_line_of_json_is_a_document_or_a_named_fault(catalog, given_lines):
    data = "\n".join(['{"id": "first", "text": "Tos seca."}', *given_lines]).encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("utf-8", "replace").encode()
    if b"\x00" in data:
        assert "not a text file" in refused(lambda: read_documents("a.jsonl", data, catalog))
        return
    read_ = read_documents("a.jsonl", data, catalog)
    filled = [number for number, line in enumerate(data.decode().split("\n"), 1) if line.strip()]
    told = {int(one.where.split(",")[0].removeprefix("line ")) for one in read_.problems}
    assert told <= set(filled)
    assert len(read_.documents) + len(told) >= len(filled)
    for one in read_.documents:
        assert usable(one.text)
        for suggestion in one.annotations:
            assert all(0 <= start < end <= len(one.text) for start, end in suggestion.spans)
            assert all(code in catalog for code in suggestion.codes)


@settings(QUIET, max_examples=80)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6), st.sampled_from(",;\t|"), st.booleans())
def test_every_row_of_a_table_of_notes_is_a_document_or_a_named_fault(catalog, rows, delimiter, quoted):
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted else text

    text = "\n".join(["id" + delimiter + "text", *(delimiter.join(map(cell, row)) for row in rows)])
    data = text.encode("utf-8", "replace")
    try:
        read_ = read_documents("a.csv", data, catalog)
    except ClinicodeError:
        return
    told = {one.where.split(",")[0] for one in read_.problems}
    if quoted and not any("\n" in one for row in rows for one in row):
        filled = [row for row in rows if any(row)]
        assert len(read_.documents) + len(told) >= len(filled)


@settings(QUIET, max_examples=100)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_every_row_of_a_table_of_codes_is_a_row_left_out_or_rejected(rows, delimiter):
    lines_ = ["code" + delimiter + "title", f"I10{delimiter}Hipertensión", *(delimiter.join(row) for row in rows)]
    data = "\n".join(lines_).encode("utf-8", "replace")
    try:
        reading = read(open_bytes("a.csv", data))
    except ClinicodeError:
        return
    assert reading.rows_in == len(reading.rows) + len(reading.rejected) + reading.left_out
    assert reading.rows_in >= 1
    assert all(1 <= one.line <= len(data.split(b"\n")) + data.count(b"\r") for one in reading.rejected)
    assert len({row.code for row in reading.rows}) == len(reading.rows)


@settings(QUIET, max_examples=100)
@given(names, st.binary(max_size=300))
def test_any_bytes_are_a_table_of_codes_or_a_sentence(name, data):
    refused(lambda: read(open_bytes(name, data)))


@settings(QUIET, max_examples=66)
@given(st.data())
def test_any_lines_are_gold_or_named_faults(catalog, tmp_path, data):
    form = data.draw(st.sampled_from(["a.jsonl", "a.tsv"]))
    head = ['{"id": 1, "text": "tos", "codes": ["R05.9"]}'] if form.endswith("l") else ["text\tcode", "tos\tR05.9"]
    more = data.draw(st.lists(lines if form.endswith("l") else st.lists(cells, max_size=4).map("\t".join), max_size=5))
    path = tmp_path / form
    path.write_bytes("\n".join([*head, *more]).encode("utf-8", "replace"))
    try:
        found = recognise(path, catalog)
    except ClinicodeError:
        return
    assert found.dataset is not None
    assert all(1 <= one.line <= len(path.read_text(encoding="utf-8").split("\n")) for one in found.problems)
    assert len({one.name for one in found.dataset.queries}) == len(found.dataset.queries)


@settings(QUIET, max_examples=66)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(lines, max_size=4).map(lambda some: "\n".join(some).encode("utf-8", "replace")),
    )
)
def test_a_batch_of_any_lines_is_items_or_bad_lines(tmp_path, data):
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)
    try:
        items = read_items(path)
    except ClinicodeError:
        return
    assert items
    assert all(isinstance(one, BadLine) or isinstance(one.text, str) for one in items)


@settings(QUIET, max_examples=60)
@given(st.dictionaries(names, st.binary(max_size=60), min_size=1, max_size=4))
def test_a_folder_and_a_zip_file_of_the_same_say_the_same(catalog, tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("in")
    for name, content in files.items():
        (folder / name).write_bytes(content)

    def told(call):
        try:
            read_ = call()
        except ClinicodeError:
            return None
        return sorted(one.text for one in read_.documents), sorted(one.where for one in read_.problems)

    assert told(lambda: read_folder(folder, catalog)) == told(
        lambda: read_documents("in.zip", zipped(files.items()), catalog)
    )


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("CLINICODE_HOME", str(tmp_path_factory.mktemp("home")))
    patch.delenv("CLINICODE_DATABASE_URL", raising=False)
    opened = ReviewStore()
    project = opened.create(ADA, "Pilot", Settings())
    opened.import_documents(
        ADA, project, [Incoming("a.txt", "Paciente con tos.", "es"), Incoming("b", "Asma leve.", "")]
    )
    yield opened, project
    opened.engine.dispose()
    patch.undo()


def counts(opened: ReviewStore) -> list[int]:
    with opened.engine.connect() as connection:
        return [
            connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (PROJECT, DOCUMENT, EVENT)
        ]


@settings(QUIET, max_examples=132)
@given(st.data())
def test_an_archive_with_a_value_changed_is_restored_whole_or_not_at_all(reviews, data):
    opened, project = reviews
    files = {
        name: [json.loads(line) for line in text.split("\n") if line]
        for name, text in (
            (archive.DOCUMENTS, unpacked(opened, project)[archive.DOCUMENTS]),
            (archive.EVENTS, unpacked(opened, project)[archive.EVENTS]),
        )
    }
    manifest = json.loads(unpacked(opened, project)[archive.MANIFEST])
    rows = [manifest, *files[archive.DOCUMENTS], *files[archive.EVENTS]]
    row = data.draw(st.sampled_from(rows))
    key = data.draw(st.sampled_from(sorted(row)))
    if isinstance(row[key], dict) and data.draw(st.booleans()):
        row, key = row[key], data.draw(st.sampled_from([*sorted(row[key]), "further"]))
    row[key] = data.draw(json_values)
    packed = zipped(
        [
            (archive.MANIFEST, json.dumps(manifest)),
            *((name, "\n".join(json.dumps(one) for one in some)) for name, some in files.items()),
        ]
    )
    before = counts(opened)
    try:
        made = opened.restore(ADA, packed, teach=data.draw(st.booleans()))
    except ClinicodeError:
        assert counts(opened) == before
        return
    assert counts(opened)[0] == before[0] + 1
    assert opened.project(made.id).name == made.name
    assert all(usable(one.text) for one in opened.texts(made.id))
    assert archive.read(archive.archived(opened, made)).documents  # and it can be taken along again


def unpacked(opened, project) -> dict[str, str]:
    from core.archives import unpacked as files_of

    return {name: content.decode() for name, content in files_of("a", archive.archived(opened, project))}


@settings(QUIET, max_examples=60)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=4))
def test_documents_are_all_imported_or_none(reviews, rows):
    opened, project = reviews
    before = counts(opened)
    given_rows = [Incoming(storable(name), storable(text), "") for name, text in rows]
    try:
        added, twice = opened.import_documents(ADA, project, given_rows)
    except ClinicodeError:
        assert counts(opened) == before
        return
    assert added + len(twice) == len(rows)
    assert counts(opened)[1] == before[1] + added


def test_a_table_that_cannot_be_kept_leaves_the_one_before(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    good = bring(open_bytes("a.csv", b"code,title\nA00,Good\n"), Wanted("cie-10-es", "es", "2025"), lambda: None)
    kept = kept_tables.save(good.table, good.frame)
    listed = sorted(path.name for path in (tmp_path / "tables").iterdir())
    for bad in (b"code,title\nQQQ,x\n", b"\x00", b"code,title\n" + b"A00,\n" * 9, b"PK\x03\x04"):
        with pytest.raises(ClinicodeError):
            bring(open_bytes("a.csv", bad), Wanted("cie-10-es", "es", "2025"), lambda: None)
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == listed
    assert kept_tables.rows(kept)["title"].to_list() == ["Good"]
