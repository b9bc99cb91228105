"""Zip files that strangers packed: read into memory within limits, trusted in nothing that they say of themselves.

Spreadsheets and Word files are zip files too. What is refused, each with a sentence of its own: more than `FILES`
files or more bytes than the caller allows, a file that is `RATIO` times its packed size, files that share their packed
bytes, names outside the archive's own folder, links, two files of one name, more than `DEEPEST` folders, passwords,
and what is cut short or damaged. A zip file in a zip file stays one: nothing here opens it.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _, number
from core.markup import declares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FILES = 20_000
UNPACKED = 200_000_000
"""Bytes of all files together, unless the caller allows others."""
RATIO, SMALL = 300, 5_000_000
"""How many times its packed size a file may be; smaller ones may be more."""
DEEPEST, LONGEST = 30, 1_000
"""Folders in one another, and characters of a path."""
CHUNK = 2**18
"""Bytes unpacked at once: a file that says that it is small is not unpacked further than that."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""When files of a zip file were written: the same content gives the same bytes."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others unpack without end at once, whatever is asked for, and no program uses them unasked."""
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError, OverflowError,
)  # fmt: skip
HEADER, ENTRY = 30, 350
"""Bytes before each packed file, without its name; of its entry in the directory on the average, with a long one."""
END, END_64 = b"PK\x05\x06", b"PK\x06\x07"
MARKUP = (".xml", ".rels", ".vml")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f]")


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a zip file does."""
    return data.startswith((b"PK\x03\x04", END))


def unpacked(
    name: str, data: bytes, most: int = UNPACKED, wanted: Callable[[str], bool] = lambda _path: True
) -> Iterator[tuple[str, bytes]]:
    """The files of a zip file, by their paths in it; those that are not `wanted` are checked and not unpacked.

    Raises
    ------
    ClinicodeError
        If it is one of those that this module refuses, or unpacks to more than `most` bytes.
    """
    if len(data) > most:
        raise ClinicodeError(_too_large(name, most))
    _check_directory(name, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
            _check(name, infos, most)
            for info in infos:
                if wanted(info.filename):
                    yield info.filename, _content(archive, info)
    except DAMAGE as error:
        message = _("{name} is a damaged zip file or of a kind that cannot be read; pack it again.").format(name=name)
        raise ClinicodeError(message) from error


def zipped(files: Iterable[tuple[str, str | bytes]], *, packed: bool = True) -> bytes:
    """A zip file of files by their paths; the same files give the same bytes."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(info, content)
    return into.getvalue()


def office(name: str, data: bytes, most: int = UNPACKED) -> bytes:
    """A Word file or spreadsheet packed anew, without compression: what a library reads of it is what was checked.

    Raises
    ------
    ClinicodeError
        If it is a zip file that is refused, or one of its parts is no XML or declares anything.
    """
    return zipped(_parts(name, data, most), packed=False)


def _parts(name: str, data: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    for path, content in unpacked(name, data, most):
        if declares(content, strict=path.lower().endswith(MARKUP)):
            message = _(
                "{name} holds XML declarations that no such file has; save it again, or its text alone."
            ).format(name=name)
            raise ClinicodeError(message)
        yield path, content


def _check_directory(name: str, data: bytes) -> None:
    """Refuse a directory that is far longer than one of `FILES` files before it is read."""
    at = data.rfind(END)
    size = int.from_bytes(data[at + 12 : at + 16], "little") if at >= 0 else 0
    if size > FILES * ENTRY:
        raise ClinicodeError(_too_many(name))
    if at >= 20 and data[at - 20 : at].startswith(END_64):
        message = _("{name} is packed for very large archives (zip64), which is not read; pack fewer files.").format(
            name=name
        )
        raise ClinicodeError(message)


def _check(name: str, infos: list[zipfile.ZipInfo], most: int) -> None:
    if len(infos) > FILES:
        raise ClinicodeError(_too_many(name))
    seen: set[str] = set()
    for info in infos:
        _check_path(name, info)
        if info.flag_bits & 1:
            message = _("{name} is protected by a password; pack it again without one.").format(name=name)
            raise ClinicodeError(message)
        if info.filename in seen:
            message = _("{name} holds two files of the name {filename}; pack each under its own.").format(
                name=name, filename=info.filename[:80]
            )
            raise ClinicodeError(message)
        seen.add(info.filename)
        if info.compress_type not in METHODS:
            raise NotImplementedError
    if sum(info.file_size for info in infos) > most:
        raise ClinicodeError(_too_large(name, most))
    if any(info.file_size > max(SMALL, RATIO * info.compress_size) for info in infos):
        message = _("{name} unpacks to far more than its size, as no document does; save or pack it again.").format(
            name=name
        )
        raise ClinicodeError(message)
    places = sorted((info.header_offset, info.header_offset + HEADER + info.compress_size) for info in infos)
    if any(end > start for (_, end), (start, _) in pairwise(places)):
        message = _("{name} holds files that lie in one another, as no program packs them; pack it again.").format(
            name=name
        )
        raise ClinicodeError(message)


def _check_path(name: str, info: zipfile.ZipInfo) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in info.filename:
        message = _("{name} names files outside its own folder; it is not unpacked.").format(name=name)
        raise ClinicodeError(message)
    if stat.S_ISLNK(info.external_attr >> 16):
        message = _("{name} holds links to files elsewhere; pack the files themselves.").format(name=name)
        raise ClinicodeError(message)
    long = len(path.parts) > DEEPEST or len(info.filename) > LONGEST
    if long or not path.parts or UNPRINTABLE.search(info.orig_filename):
        message = _(
            "{name} holds a file whose path is too long or has characters that no name has; pack it again."
        ).format(name=name)
        raise ClinicodeError(message)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file, in pieces: read at once, `zipfile` unpacks all that is packed, however short the file says it is."""
    with archive.open(info) as stream:
        content = b"".join(iter(lambda: stream.read(CHUNK), b""))
    if len(content) != info.file_size:
        raise EOFError
    return content


def _too_large(name: str, most: int) -> str:
    return _("{name} unpacks to more than {size} MB; split it in parts.").format(name=name, size=number(most / 1e6, 0))


def _too_many(name: str) -> str:
    return _("{name} holds more than {most} files; pack fewer of them.").format(name=name, most=number(FILES))
