"""Files of texts, JSON lines or parquet, cut into parts that can be read by themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.errors import ClinicodeError
from core.fingerprint import LENGTH, of_files
from core.interface import _
from core.jsonl import BadLine, Item, read_item, read_items

if TYPE_CHECKING:
    from pathlib import Path

PARQUET = ".parquet"
UTF_8, WINDOWS = "utf-8-sig", "cp1252"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an input that is coded and kept together.

    `first` is the number of its first row, `notes` says how many rows are not blank; `offset` and `length` are bytes
    of JSON lines, rows of parquet.
    """

    number: int
    first: int
    notes: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Source:
    """An input: its digest, its encoding (empty for parquet), whether its ids are whole numbers, and its parts."""

    path: Path
    digest: str
    encoding: str
    whole_ids: bool
    parts: tuple[Part, ...]

    @property
    def notes(self) -> int:
        """Rows that are not blank."""
        return sum(part.notes for part in self.parts)


def is_parquet(path: Path) -> bool:
    """Whether a file is parquet by its name."""
    return path.suffix.lower() == PARQUET


def read_texts(path: Path) -> list[Item | BadLine]:
    """All texts of a file at once; a row of parquet that has none is a bad line.

    Raises
    ------
    ClinicodeError
        If the file is absent, empty, or neither JSON lines nor parquet with the columns id, text[, lang].
    """
    if not is_parquet(path):
        return read_items(path)
    rows = _rows(path)
    return [item for part in _cut_rows(path, rows, rows) for _, item in read_rows(path, part)]


def open_source(path: Path, size: int) -> Source:
    """Cut a file into parts of `size` texts.

    Raises
    ------
    ClinicodeError
        If the file is absent, empty, or neither JSON lines nor parquet with the columns id, text[, lang].
    """
    if is_parquet(path):
        rows = _rows(path)
        return Source(path, of_files([path]), "", has_whole_ids(path), _cut_rows(path, rows, size))
    if not path.is_file():
        message = f"There is no file {path}."
        raise ClinicodeError(message)
    return _cut_lines(path, size)


def read_part(path: Path, part: Part, encoding: str) -> list[tuple[int, Item | BadLine]]:
    """The texts of one part, each with the number of its row.

    Raises
    ------
    ClinicodeError
        If the file is in no known encoding.
    """
    return read_lines(path, part, encoding) if encoding else read_rows(path, part)


def read_lines(path: Path, part: Part, encoding: str) -> list[tuple[int, Item | BadLine]]:
    """The texts of one part of JSON lines."""
    with path.open("rb") as file:
        file.seek(part.offset)
        data = file.read(part.length)
    try:
        lines = data.decode(encoding).split("\n")
    except UnicodeDecodeError as error:
        message = f"{path} is in an encoding that cannot be recognised; save it as UTF-8."
        raise ClinicodeError(message) from error
    return [(number, read_item(number, line)) for number, line in enumerate(lines, part.first) if line.strip()]


def read_rows(path: Path, part: Part) -> list[tuple[int, Item | BadLine]]:
    """The texts of one part of parquet; a row without an id has its number as one."""
    frame = pl.scan_parquet(path).slice(part.offset, part.length)
    names = [name for name in ("id", "text", "lang") if name in frame.collect_schema()]
    rows = frame.select(names).collect().to_dicts()
    return [(number, _item(number, row)) for number, row in enumerate(rows, part.first)]


def has_whole_ids(path: Path) -> bool:
    """Whether the ids of an input are whole numbers: those of parquet may be, JSON lines may mix them with texts."""
    return is_parquet(path) and pl.read_parquet_schema(path).get("id", pl.Int64()).is_integer()


def _item(number: int, row: dict[str, str | int | None]) -> Item | BadLine:
    text, lang, name = row["text"], row.get("lang"), row.get("id")
    if not isinstance(text, str):
        return BadLine(number, _('"text" is missing'))
    return Item(number if name is None else name, text, lang if isinstance(lang, str) else None)


def _rows(path: Path) -> int:
    """How many rows a parquet file has, its columns checked."""
    if not path.is_file():
        message = f"There is no file {path}."
        raise ClinicodeError(message)
    try:
        schema = pl.read_parquet_schema(path)
        rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"{path} cannot be read as parquet; write it again."
        raise ClinicodeError(message) from error
    for name, wanted in (("text", True), ("lang", False), ("id", False)):
        kind = schema.get(name)
        if kind is None and not wanted:
            continue
        if kind is None or not (kind == pl.String or (name == "id" and kind.is_integer())):
            message = f"{path} needs the columns id (text or whole number), text and, if you like, lang (texts)."
            raise ClinicodeError(message)
    if not rows:
        message = f"{path} is empty; it needs a row a text."
        raise ClinicodeError(message)
    return rows


def _cut_rows(path: Path, rows: int, size: int) -> tuple[Part, ...]:
    starts = enumerate(range(0, rows, size))
    return tuple(Part(at, start + 1, min(size, rows - start), start, min(size, rows - start)) for at, start in starts)


def _cut_lines(path: Path, size: int) -> Source:
    """One pass over the file, which need not fit into memory: digest, encoding, and where the parts begin."""
    digest, encoding = hashlib.sha256(), UTF_8
    parts: list[Part] = []
    first, notes, begin, end, number = 1, 0, 0, 0, 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            _check_line(path, number, line)
            digest.update(line)
            if encoding == UTF_8 and not _is_utf_8(line):
                encoding = WINDOWS
            notes += bool(line.strip())
            end += len(line)
            if notes == size:
                parts.append(Part(len(parts), first, notes, begin, end - begin))
                first, notes, begin = number + 1, 0, end
    if notes:
        parts.append(Part(len(parts), first, notes, begin, end - begin))
    if not parts:
        message = f'{path} is empty; it needs a line of JSON a text: {{"id": 1, "text": "..."}}.'
        raise ClinicodeError(message)
    return Source(path, digest.hexdigest()[:LENGTH], encoding, whole_ids=False, parts=tuple(parts))


def _check_line(path: Path, number: int, line: bytes) -> None:
    if number == 1 and line.startswith(UTF_16):
        message = f"{path} is in UTF-16, which cannot be read in parts; save it as UTF-8."
        raise ClinicodeError(message)
    if b"\x00" in line:
        message = f"{path} is not a text file; give JSON lines, or parquet under a name that ends in {PARQUET}."
        raise ClinicodeError(message)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
