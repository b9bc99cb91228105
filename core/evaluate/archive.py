"""Data sets that come as a zip file: what belongs to one is unpacked, nothing else, and nothing outside its folder."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from core.archives import UNPACKED, unpacked
from core.errors import ClinicodeError
from core.interface import _

WANTED = re.compile(r"(?:\w+[XD]\.tsv|text_files/[^/]+\.txt|[^/]+\.(?:tsv|jsonl))", re.ASCII)


def unpack(path: Path, folder: Path) -> Path:
    """Unpack tables, JSON lines and case texts into `folder`; returns the one file or the folder that holds the data.

    Raises
    ------
    ClinicodeError
        If the file is one of those that :mod:`core.archives` refuses, or holds no data set.
    """
    try:
        if path.stat().st_size > UNPACKED:
            message = _("{name} has more than {unpacked:.0f} MB; pack only one data set.").format(
                name=path.name, unpacked=UNPACKED / 1000000.0
            )
            raise ClinicodeError(message)
        for name, content in unpacked(path.name, path.read_bytes(), wanted=_wanted):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        message = _("{name} cannot be unpacked ({strerror}); give its files shorter names or make room.").format(
            name=path.name, strerror=error.strerror
        )
        raise ClinicodeError(message) from error
    return _root(path.name, folder)


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
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
        message = _("{name} holds {tables} tables ({value}); upload one of them.").format(
            name=name, tables=len(tables), value=", ".join(path.name for path in tables[:4])
        )
    else:
        message = _("{name} holds no table (.tsv), no JSON lines (.jsonl) and no CodiEsp folder.").format(name=name)
    raise ClinicodeError(message)
