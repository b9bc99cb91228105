"""Everywhere that a process of Clinicode could leave a text, and whether it has left one there."""

import base64
import gzip
import io
import os
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent.parent
WATCH = Path(__file__).resolve().parent / "watch"


@dataclass(frozen=True)
class Place:
    """A machine of a test's own: the user's folder, the temporary files, the caches, the workspace, the logs."""

    root: Path

    def __post_init__(self):
        for name in ("user", "temporary", "cache"):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        return self.root / "clinicode"

    @property
    def log(self) -> Path:
        return self.root / "said.log"

    @property
    def connections(self) -> Path:
        return self.root.with_name(f"{self.root.name}-connections")

    @property
    def caches(self) -> Path:
        return self.root.with_name(f"{self.root.name}-caches")

    def furnish(self, workspace: Path) -> None:
        """The catalog and the index of another workspace, as they are after the first use."""
        self.home.mkdir(mode=0o700)
        for path in [*workspace.glob("catalog-*.parquet"), workspace / "index"]:
            (self.home / path.name).symlink_to(path)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
        return kept | {
            "HOME": str(self.root / "user"),
            "TMPDIR": str(self.root / "temporary"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "CLINICODE_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join([str(WATCH), str(ROOT)]),
            "WATCH_CONNECTIONS": str(self.connections),
        }

    def holding(self, marker: str) -> list[str]:
        """The files that have a text in them, in whatever form, or in their name; links lead to public data."""
        files = [path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink()]
        files = [path for path in files if (self.home / "index") not in path.parents]
        forms = forms_of(marker)
        found = [path for path in files if _holds(path.name.encode(), forms) or _holds(_read(path), forms)]
        return sorted(str(path.relative_to(self.root)) for path in found)

    def asked(self) -> str:
        """Every address outside this machine that a process asked for."""
        return self.connections.read_text() if self.connections.exists() else ""


def forms_of(marker: str) -> list[bytes]:
    """How an ASCII word can stand in a file: as it is (any case), in UTF-16, in base64 from each of three places."""
    plain = marker.lower()
    forms = [plain.encode(), plain.encode("utf-16-le")]
    for word in {marker, plain, marker.upper()}:
        for encoding in ("utf-8", "utf-16-le"):
            for skipped in range(3):
                whole = base64.b64encode(b"\0" * skipped + word.encode(encoding))
                forms.append(whole[4 if skipped else 0 : -4].lower())
    return forms


def _holds(data: bytes, forms: list[bytes]) -> bool:
    """Whether data have one of the forms in them: as they are, or unpacked where they are an archive or a table."""
    if any(form in data.lower() for form in forms):
        return True
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(_holds(archive.read(name), forms) for name in archive.namelist())
    if data.startswith(b"\x1f\x8b"):
        return _holds(gzip.decompress(data), forms)
    if data.startswith(b"PAR1"):
        table = pl.read_parquet(io.BytesIO(data))
        told = repr(pl.read_parquet_metadata(io.BytesIO(data))) + repr(table.rows())
        return any(form in told.encode().lower() for form in forms)
    if data[:1] == b"\x78" and data[:2] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        return _holds(zlib.decompressobj().decompress(data), forms)
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a file of the moment
        return b""


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
