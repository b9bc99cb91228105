"""All texts are invented."""

import zipfile

import pytest

from core.archives import UNPACKED
from core.errors import ClinicodeError
from core.evaluate.datasets import read_dataset
from core.evaluate.mentions import PUBLIC
from core.evaluate.recognise import recognise

CASE = "Paciente de 61 años con neumonía adquirida en la comunidad. Antecedente de hipertensión arterial."
X = (
    "caso-1\tDIAGNOSTICO\tj18.9\tneumonía adquirida en la comunidad\t24 58\n"
    "caso-1\tPROCEDIMIENTO\tbw03zzz\tradiografía\t1 9\n"
    "caso-1\tDIAGNOSTICO\ti10\n"
    "caso-1\tDIAGNOSTICO\ti10\thipertensión arterial\t75 96\n"
)
D = "caso-1\tj18.9\ncaso-1\ti10\ncaso-2\ti10\n"
DISTEMIST = "\n".join(
    [
        "filename\tmark\tlabel\toff0\toff1\tspan\tcode\tsem_rel",
        "caso-1\tT1\tENFERMEDAD\t3\t9\tasma leve\tJ45.909\tEXACT",
        "caso-1\tT2\tENFERMEDAD\t3\t9\tneumonía\t233604007\tEXACT",
        "caso-1\tT3\tENFERMEDAD\t3\t9\tmigraña con asma\tG43.909+J45.909\tCOMPOSITE",
        "caso-1\tT4\tENFERMEDAD\t3\t9\tcosa rara\tNOMAP\tNOMAP",
        "caso-2\tT1\tENFERMEDAD\t3\t9\tasma leve\tJ45.909\tEXACT",
        "",
    ]
)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def pack(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def codiesp_zip(tmp_path):
    return pack(
        tmp_path / "cases.zip",
        **{
            "final/dev/devX.tsv": X,
            "final/dev/devD.tsv": D,
            "final/dev/text_files/caso-1.txt": CASE,
            "final/test/testX.tsv": X,
            "__MACOSX/final/dev/devX.tsv": "junk",
            "final/readme.md": "hello",
        },
    )


def test_broken_lines_of_a_table_are_named_and_the_others_used(catalog, tmp_path):
    rows = [
        "# ours",
        "text\tcode\talso\tlang",
        "tos seca\tR05.9\t\tes",
        "foo\tZZZ.9",
        "mal de cap\tR51.9\tG44.209|G44.1\tca",
    ]
    path = write(tmp_path / "team.tsv", "\n".join([*rows, "x\t\t\tes", ""]))
    found = recognise(path, catalog)
    assert (found.format, found.kind) == ("table", "mentions")
    assert [problem.line for problem in found.problems] == [4, 6]
    assert "not in ICD-10-CM" in found.problems[0].reason
    assert "No code" in found.problems[1].reason
    assert [(query.text, query.lang) for query in found.dataset.queries] == [("tos seca", "es"), ("mal de cap", "ca")]
    assert found.dataset.queries[1].groups == (frozenset({"R51.9", "G44.209", "G44.1"}),)
    with pytest.raises(ClinicodeError, match=r"team\.tsv, line 4"):
        read_dataset("mentions", path, "", catalog)


def test_the_public_set_is_recognised_without_a_problem(catalog):
    found = recognise(PUBLIC, catalog)
    assert (found.format, found.problems) == ("table", ())
    assert found.dataset.fingerprint == read_dataset("mentions", PUBLIC, "", catalog).fingerprint


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("\tR05.9\tes", "Nothing to look up"),
        ("tos\tR05.9\txx", "Language 'xx'"),
        ("tos\tA00-A09\tes", "block"),
        (f"{'tos ' * 900}\tR05.9\tes", "2,000"),
    ],
)
def test_what_a_system_could_not_be_asked_is_a_problem(catalog, tmp_path, row, says):
    found = recognise(write(tmp_path / "a.tsv", f"text\tcode\tlang\n{row}\n"), catalog)
    assert found.dataset is None
    assert says in found.problems[0].reason


def test_json_lines_are_read_with_their_problems(catalog, tmp_path):
    lines = [
        '{"id": "a", "text": "febre alta", "codes": ["R50.9", "r509"], "lang": "pt", "style": "lay"}',
        '{"id": "b", "text": "senza codice"}',
        "{broken",
        "[" * 5000,
        '{"id": "a", "text": "fever", "codes": ["R50.9"]}',
        '{"text": "headache\u2028all day", "codes": ["R51.9", "G44.209"]}',
    ]
    found = recognise(write(tmp_path / "team.jsonl", "\n".join(lines)), catalog)
    assert (found.format, found.kind) == ("jsonl", "mentions")
    assert [problem.line for problem in found.problems] == [2, 3, 4, 5]
    assert [query.name for query in found.dataset.queries] == ["team-a", "team-6"]
    assert found.dataset.queries[0].tags == (("lang", "pt"), ("style", "lay"))
    assert found.dataset.queries[1].groups == (frozenset({"R51.9", "G44.209"}),)


def test_distemist_rows_with_codes_of_the_book_are_used(catalog, tmp_path):
    found = recognise(write(tmp_path / "linking.tsv", DISTEMIST), catalog)
    assert (found.format, found.kind) == ("distemist", "distemist")
    assert [query.text for query in found.dataset.queries] == ["asma leve", "migraña con asma"]
    assert found.dataset.queries[1].groups == (frozenset({"G43.909"}), frozenset({"J45.909"}))
    assert [(problem.line, "SNOMED CT code" in problem.reason) for problem in found.problems] == [(3, True), (5, False)]
    assert "NOMAP" in found.problems[1].reason


def test_a_map_says_what_snomed_codes_stand_for(catalog, tmp_path):
    path = write(tmp_path / "linking.tsv", DISTEMIST)
    snomed = write(tmp_path / "map.tsv", "snomed\tcode\n233604007\tJ18.9\n233604007\tJ18.8\n1\tnothing\n")
    found = recognise(path, catalog, snomed=snomed)
    assert [problem.line for problem in found.problems] == [5]
    assert found.dataset.queries[1].groups == (frozenset({"J18.9", "J18.8"}),)
    with pytest.raises(ClinicodeError, match="maps nothing"):
        recognise(path, catalog, snomed=write(tmp_path / "empty.tsv", "snomed\tcode\n1\tnothing\n"))


def test_a_codiesp_zip_offers_its_kinds_and_splits(catalog, codiesp_zip):
    found = recognise(codiesp_zip, catalog)
    assert (found.format, found.kinds, found.splits) == ("codiesp", ("codiesp-x", "codiesp-d"), ("dev", "test"))
    assert found.split == "test"
    dev = recognise(codiesp_zip, catalog, kind="codiesp-x", split="dev")
    assert [query.text for query in dev.dataset.queries] == [
        "neumonía adquirida en la comunidad",
        "hipertensión arterial",
    ]
    assert [problem.line for problem in dev.problems] == [3]
    assert "Five columns" in dev.problems[0].reason


def test_codiesp_notes_without_their_text_are_named(catalog, codiesp_zip):
    found = recognise(codiesp_zip, catalog, kind="codiesp-d")
    (note,) = found.dataset.queries
    assert (note.name, note.text, note.codes) == ("caso-1", CASE, {"J18.9", "I10"})
    assert found.dataset.documents
    assert [problem.line for problem in found.problems] == [3]


def test_a_codiesp_folder_is_read_as_it_lies(catalog, tmp_path):
    write(tmp_path / "codiesp" / "devX.tsv", X)
    found = recognise(tmp_path / "codiesp", catalog)
    assert (found.kind, found.splits, len(found.dataset.queries)) == ("codiesp-x", ("dev",), 2)


@pytest.mark.parametrize("name", ["../evil.tsv", "/etc/evil.tsv", "a/../../evil.tsv", "..\\evil.tsv", "C:/evil.tsv"])
def test_a_zip_that_points_outside_is_refused(catalog, tmp_path, name):
    with pytest.raises(ClinicodeError, match="outside its own folder"):
        recognise(pack(tmp_path / "bad.zip", **{name: "text\tcode\ntos\tR05.9\n"}), catalog)
    assert not list(tmp_path.parent.glob("evil*"))


def test_a_zip_that_grows_too_large_is_refused(catalog, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.tsv", "w") as member:
        for _ in range(UNPACKED // 10_000_000 + 1):
            member.write(bytes(10_000_000))
    with pytest.raises(ClinicodeError, match="unpacks to more than"):
        recognise(path, catalog)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", b"PK\x03\x04 no zip", "damaged"),
        ("a.tsv", b"\x00\x01\x02", "none of the formats"),
        ("a.tsv", b"", "none of the formats"),
        ("a.tsv", b"one\ttwo\n1\t2\n", "none of the formats"),
        ("a.jsonl", b"no json\n", "none of the formats"),
    ],
)
def test_what_is_not_known_gets_a_sentence(catalog, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ClinicodeError, match=says):
        recognise(tmp_path / name, catalog)


def test_a_damaged_member_and_several_tables_get_a_sentence(catalog, tmp_path):
    table = "text\tcode\n" + "tos\tR05.9\n" * 50
    path = pack(tmp_path / "one.zip", **{"in/team.tsv": table})
    assert len(recognise(path, catalog).dataset.queries) == 50
    damaged = bytearray(path.read_bytes())
    damaged[45:60] = bytes(15)
    (tmp_path / "damaged.zip").write_bytes(damaged)
    with pytest.raises(ClinicodeError, match="damaged"):
        recognise(tmp_path / "damaged.zip", catalog)
    with pytest.raises(ClinicodeError, match="2 tables"):
        recognise(pack(tmp_path / "two.zip", **{"a.tsv": table, "b.tsv": table}), catalog)
    with pytest.raises(ClinicodeError, match="no table"):
        recognise(pack(tmp_path / "none.zip", **{"a.txt": "x"}), catalog)
