"""Names for what was measured and with what: short digests that change whenever the bytes do; and seals of folders."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LENGTH = 16
SUMS = "SHA256SUMS"
"""In a folder that is sealed: its files with their SHA-256, as ``sha256sum`` writes and checks them."""


def of_files(paths: Iterable[Path], further: bytes = b"") -> str:
    """The digest of files in the order given, begun with `further`."""
    digest = hashlib.sha256(further)
    for path in paths:
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:LENGTH]


def of_bytes(data: bytes) -> str:
    """The digest of these bytes."""
    return hashlib.sha256(data).hexdigest()[:LENGTH]


def seal(folder: Path) -> None:
    """Write down what the files of a model's folder are, less those that people read (``.md``)."""
    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix != ".md" and path.name != SUMS]
    (folder / SUMS).write_text("".join(f"{_sum(path)}  {path.name}\n" for path in paths), encoding="utf-8")


def check(folder: Path) -> None:
    """See that the files of a folder are what they were when it was sealed; one that was not has nothing to check.

    Raises
    ------
    ValueError
        If one is damaged, gone or another; it is named.
    """
    if not (folder / SUMS).is_file():
        return
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = folder / name
        if not name or not path.is_file() or _sum(path) != digest:
            message = f"{name or SUMS} is damaged or not the file that {SUMS} names"
            raise ValueError(message)


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
