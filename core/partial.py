"""What is written beside its final place and moved there when it is whole, and what a killed process left of that."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from core import fingerprint
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEALED = re.compile(rf"-([0-9a-f]{{{fingerprint.LENGTH}}})$")
STALE = 3600.0
"""Seconds after which nobody is writing into a file or folder any more that has not changed."""


def beside(path: Path) -> Path:
    """Where this process writes what is to be at `path`, on the same disk; what killed processes left there is gone."""
    sweep(path.parent)
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def sweep(folder: Path, pattern: str = "*.part") -> None:
    """Take away files and folders that somebody was writing when he was killed."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_sealed(data: bytes, folder: Path, stem: str) -> Path:
    """Write a parquet file whose name ends with the digest of its bytes, whole or not at all.

    Its readers do not notice a changed byte: they give other content, or bring the process down.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = folder / f"{stem}-{fingerprint.of_bytes(data)}.parquet"
    partial = beside(path)
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def read_sealed(path: Path) -> bytes:
    """Read what `write_sealed` wrote; a file whose name has no digest is taken as it is.

    Raises
    ------
    OSError, ValueError
        If it is not there, or its bytes are not those that were written.
    """
    data, sealed = path.read_bytes(), SEALED.search(path.stem)
    if sealed and fingerprint.of_bytes(data) != sealed[1]:
        message = "its bytes are not those that were written"
        raise ValueError(message)
    return data


def disk_said(error: BaseException) -> str:
    """Why a disk did not take something, from whichever library it came through; empty where it was not the disk."""
    if isinstance(error, OSError):
        return error.strerror or "the disk does not answer"
    words = (os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO))
    return next((word for word in words if word in str(error)), "")


@contextmanager
def model_folder(out: Path) -> Iterator[Path]:
    """A folder to write a model into; its files go into `out`, sealed, when all of them are written.

    They are moved one by one, the seal first: a process that is killed meanwhile leaves a folder that is refused, and
    not one that mixes two models.

    Raises
    ------
    ClinicodeError
        If it cannot be written.
    """
    out = out.expanduser().absolute()
    partial = beside(out)
    try:
        partial.mkdir(parents=True)
        yield partial
        fingerprint.seal(partial)
        out.mkdir(exist_ok=True)
        for path in sorted(partial.iterdir(), key=lambda path: path.name != fingerprint.SUMS):
            path.replace(out / path.name)
    except Exception as error:
        reason = disk_said(error)
        if not reason:
            raise
        message = f"The model cannot be written into {out} ({reason}); make room there or choose another --out."
        raise ClinicodeError(message) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
