"""Zip files that strangers packed, given to everything that opens one: project imports, data sets, archives, Office."""

import io
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import archives
from core.archives import FILES, UNPACKED, is_zip, office, unpacked, zipped
from core.errors import ClinicodeError
from core.evaluate.archive import unpack
from core.note.documents import read_document
from core.review.exchange import archive
from core.review.exchange.reading import read_documents

TEXT = b"text\tcode\ntos\tR05.9\n"
NOTE = b"Paciente con tos seca."


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as made:
        for name, content in files:
            made.writestr(name, content)
    return into.getvalue()


def with_info(name: str = "a.tsv", content: bytes = TEXT, **fields: object) -> bytes:
    """An archive of one file whose entry in the directory says something else of it."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
        for field, value in fields.items():
            setattr(made.infolist()[0], field, value)
    return into.getvalue()


def renamed(old: str, new: str) -> bytes:
    """An archive of a file whose name is written over, here and in the directory."""
    assert len(old.encode()) == len(new.encode())
    return packed((old, TEXT)).replace(old.encode(), new.encode())


def twice(name: str) -> bytes:
    return packed((name, TEXT), (f"{name[:-1]}x", b"other")).replace(f"{name[:-1]}x".encode(), name.encode())


def overlapping(count: int) -> bytes:
    """Entries that all are the same packed bytes (David Fifield, "A better zip bomb", 2019)."""
    data = packed(("a0000.tsv", bytes(1_000_000)))
    end = data.rindex(b"PK\x05\x06")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    entry = data[start:end]
    entries = entry * count
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    return data[:start] + entries + tail


def distinct_overlapping(count: int) -> bytes:
    """The same with names of their own: local headers one after the other, each of which packs all that follow."""
    kernel = zlib.compress(bytes(1_000_000), 9)[2:-4]
    headers = [
        struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(kernel), 1_000_000, 9, 0) + b"a%04d.tsv" % at
        for at in range(count)
    ]
    body, places = b"", []
    for header in headers:
        places.append(len(body))
        body += header
    body += kernel
    directory = b"".join(
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(body) - place - 39, 1_000_000, 9, 0, 0,
            0, 0, 0, place,
        )
        + b"a%04d.tsv" % at
        for at, place in enumerate(places)
    )  # fmt: skip
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + tail


def link() -> bytes:
    info = zipfile.ZipInfo("a.tsv")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as made:
        made.writestr(info, "/etc/passwd")
    return into.getvalue()


def many(count: int) -> bytes:
    """An archive whose directory has so many entries, of no bytes each; much quicker than to pack them."""
    one = packed(("a0000000.tsv", b""), method=zipfile.ZIP_STORED)
    end = one.rindex(b"PK\x05\x06")
    start = int.from_bytes(one[end + 16 : end + 20], "little")
    entry = one[start:end]
    entries = b"".join(entry.replace(b"a0000000", b"a%07d" % at) for at in range(count))
    return (
        one[:start]
        + entries
        + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count % 65536, count % 65536, len(entries), start, 0)
    )


HOSTILE = {
    "more files than allowed": (lambda: many(FILES + 1), "more than 20,000 files"),
    "a directory without end": (lambda: many(150_000), "more than 20,000 files"),
    "more bytes than allowed": (lambda: packed(*((f"{at}.tsv", bytes(21_000_000)) for at in range(10))), "unpacks to"),
    "a thousand times its size": (lambda: packed(("a.tsv", bytes(20_000_000))), "unpacks to far more"),
    "one entry over and over": (lambda: overlapping(200), "two files of the name"),
    "entries in one another": (lambda: distinct_overlapping(100), "lie in one another"),
    "a smaller size than it has": (lambda: with_info(content=TEXT * 100, file_size=5), "damaged"),
    "a larger size than it has": (lambda: with_info(file_size=500), "damaged"),
    "another checksum": (lambda: with_info(CRC=1), "damaged"),
    "a parent's folder": (lambda: packed(("../../a.tsv", TEXT)), "outside its own folder"),
    "a parent's folder, halfway": (lambda: packed(("a/../../b.tsv", TEXT)), "outside its own folder"),
    "a parent's folder of Windows": (lambda: packed(("..\\a.tsv", TEXT)), "outside its own folder"),
    "the root": (lambda: packed(("/etc/a.tsv", TEXT)), "outside its own folder"),
    "a network's root": (lambda: packed(("\\\\host\\a.tsv", TEXT)), "outside its own folder"),
    "a drive": (lambda: packed(("C:\\a.tsv", TEXT)), "outside its own folder"),
    "a link": (link, "links to files elsewhere"),
    "a name with a NUL": (lambda: renamed("a.tsv_evil", "a.tsv\x00evil"), "characters that no name has"),
    "a name that moves the cursor": (lambda: renamed("a_[2J.tsv", "a\x1b[2J.tsv"), "characters that no name has"),
    "no name": (lambda: renamed("a", "\x00"), "characters that no name has"),
    "a path without end": (lambda: packed(("a/" * 2000 + "b.tsv", TEXT)), "too long"),
    "a name without end": (lambda: packed(("a" * 5000 + ".tsv", TEXT)), "too long"),
    "two files of one name": (lambda: twice("ab.tsv"), "two files of the name ab.tsv"),
    "a password": (lambda: with_info(flag_bits=1), "password"),
    "a packing that unpacks at once": (lambda: packed(("a.tsv", TEXT), method=zipfile.ZIP_BZIP2), "cannot be read"),
    "a packing without end": (lambda: packed(("a.tsv", TEXT), method=zipfile.ZIP_LZMA), "cannot be read"),
    "the end cut off": (lambda: packed(("a.tsv", TEXT))[:-10], "damaged"),
    "the middle cut out": (lambda: packed(("a.tsv", TEXT * 9))[:40] + packed(("a.tsv", TEXT * 9))[60:], "damaged"),
    "nothing but a beginning": (lambda: b"PK\x03\x04", "damaged"),
}
MADE: dict[str, bytes] = {}


def made(case: str) -> bytes:
    return MADE.setdefault(case, HOSTILE[case][0]())


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused_in_one_sentence_wherever_it_is_opened(case, catalog, tmp_path):
    data, said = made(case), HOSTILE[case][1]
    path = tmp_path / "in.zip"
    path.write_bytes(data)
    for opening in (
        lambda: read_documents("in.zip", data, catalog),
        lambda: unpack(path, tmp_path / "out"),
        lambda: archive.read(data) if case != "more bytes than allowed" else list(unpacked("a", data)),
        lambda: office("in.xlsx", data),
        lambda: read_document("in.docx", data),
    ):
        with pytest.raises(ClinicodeError, match=said) as error:
            opening()
        assert str(error.value).count(". ") == 0
        assert str(error.value).endswith(".")
    assert [one.name for one in tmp_path.iterdir() if one.name != "out"] == ["in.zip"]
    assert not (tmp_path / "out").exists() or not any(one.is_file() for one in (tmp_path / "out").rglob("*"))


def test_what_lies_about_its_size_is_not_unpacked_further_than_it_says():
    """`zipfile` itself unpacks all of it before it looks: 100 MB of a file that says that it has ten bytes."""
    data = with_info(content=bytes(100_000_000), file_size=10, CRC=zlib.crc32(bytes(10)))
    tracemalloc.start()
    try:
        assert dict(unpacked("a.zip", data)) == {"a.tsv": bytes(10)}
        assert len(office("a.docx", data)) < 1000
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        assert len(zipfile.ZipFile(io.BytesIO(data)).read("a.tsv")) == 10
        assert tracemalloc.get_traced_memory()[1] > 90_000_000  # what is kept from happening
    finally:
        tracemalloc.stop()


def test_a_zip_file_in_a_zip_file_stays_closed_and_is_named(catalog):
    inner = packed(("b.txt", NOTE))
    for _ in range(20):
        inner = packed(("inner.zip", inner), method=zipfile.ZIP_STORED)
    read = read_documents("in.zip", packed(("a.txt", NOTE), ("deep/inner.zip", inner)), catalog)
    assert [one.name for one in read.documents] == ["a.txt"]
    assert [(one.where, one.reason) for one in read.problems] == [
        ("deep/inner.zip", "A zip file in another is not opened.")
    ]


def test_a_quine_of_archives_and_a_zip_called_something_else_stay_closed(catalog):
    inner = packed(("b.txt", NOTE))
    read = read_documents("in.zip", packed(("a.txt", NOTE), ("b.txt", inner), ("c.pdf", inner)), catalog)
    assert [one.name for one in read.documents] == ["a.txt"]
    assert [one.where for one in read.problems] == ["b.txt", "c.pdf"]


def test_what_is_not_hostile_is_read_whole():
    files = {"a.txt": NOTE, "b/c.tsv": TEXT, "b/ünï.txt": b"", "zeros": bytes(4_000_000)}
    assert dict(unpacked("a", zipped(files.items()))) == files
    assert dict(unpacked("a", zipped(files.items(), packed=False))) == files
    assert dict(unpacked("a", zipped(files.items()), wanted=lambda path: path == "a.txt")) == {"a.txt": NOTE}
    assert is_zip(zipped([]))
    assert list(unpacked("a", zipped([]))) == []
    assert (FILES, UNPACKED, archives.RATIO, archives.DEEPEST) == (20_000, 200_000_000, 300, 30)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_an_archive_with_bytes_changed_is_read_right_or_refused(data):
    """Whatever is changed, there is no other exception, and no content but one that the checksum speaks for."""
    whole = bytearray(zipped([("a.txt", NOTE * 3), ("b/c.tsv", TEXT)], packed=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    try:
        found = dict(unpacked("in.zip", bytes(whole[:cut])))
    except ClinicodeError:
        return
    assert set(found.values()) <= {NOTE * 3, TEXT, b""}


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=30), st.binary(max_size=50), max_size=5))
def test_any_names_are_kept_or_refused_and_nothing_is_written_outside(files):
    files = {name: content for name, content in files.items() if not name.startswith("\x00")}  # nothing is left of it
    data = packed(*files.items())
    try:
        found = dict(unpacked("in.zip", data))
    except ClinicodeError:
        return
    assert len(found) == len([name for name in files if not name.split("\x00")[0].endswith("/")])
    assert not any(".." in name.replace("\\", "/").split("/") or name.startswith(("/", "\\")) for name in found)
