"""Names for what was measured and with what: short digests that change whenever the bytes do."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LENGTH = 16


def of_files(paths: Iterable[Path], further: bytes = b"") -> str:
    """The digest of files in the order given, begun with `further`."""
    digest = hashlib.sha256(further)
    for path in paths:
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:LENGTH]
