"""Data sets that come as a zip file: what belongs to one is unpacked, nothing else, and nothing outside its folder."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from core.errors import ClinicodeError

MAX_BYTES = 200_000_000
"""Unpacked."""
MAX_FILES = 20_000
WANTED = re.compile(r"(?:\w+[XD]\.tsv|text_files/[^/]+\.txt|[^/]+\.(?:tsv|jsonl))", re.ASCII)


def unpack(path: Path, folder: Path) -> Path:
    """Unpack tables, JSON lines and case texts into `folder`; returns the one file or the folder that holds the data.

    Raises
    ------
    ClinicodeError
        If the file is damaged, protected or too large, or names files outside its own folder.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in _members(archive, path.name):
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        message = f"{path.name} is a damaged zip file or of a kind that cannot be read; pack it again."
        raise ClinicodeError(message) from error
    except OSError as error:
        message = f"{path.name} cannot be unpacked ({error.strerror}); give its files shorter names or make room."
        raise ClinicodeError(message) from error
    return _root(path.name, folder)


def _members(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in info.filename:
            message = f"{name} names files outside its own folder; it is not unpacked."
            raise ClinicodeError(message)
        if info.flag_bits & 1:
            message = f"{name} is protected by a password; pack it again without one."
            raise ClinicodeError(message)
    if len(infos) > MAX_FILES or sum(info.file_size for info in infos) > MAX_BYTES:
        message = f"{name} holds more than {MAX_BYTES / 1e6:.0f} MB or {MAX_FILES:,} files; pack only one data set."
        raise ClinicodeError(message)
    return [info for info in infos if _wanted(PurePosixPath(info.filename))]


def _wanted(path: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and bool(WANTED.fullmatch(path.name) or WANTED.fullmatch("/".join(path.parts[-2:])))


def _root(name: str, folder: Path) -> Path:
    tables = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".tsv", ".jsonl"})
    codiesp = [path for path in tables if re.fullmatch(r"(\w+)[XD]\.tsv", path.name)]
    if codiesp:
        top = codiesp[0].parent
        return top.parent if len({path.parent for path in codiesp}) > 1 and top != folder else top
    if len(tables) == 1:
        return tables[0]
    if tables:
        message = (
            f"{name} holds {len(tables)} tables ({', '.join(path.name for path in tables[:4])}); upload one of them."
        )
    else:
        message = f"{name} holds no table (.tsv), no JSON lines (.jsonl) and no CodiEsp folder."
    raise ClinicodeError(message)
