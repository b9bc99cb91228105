"""The newest measurement of a kind that is no ranking: one of the user's own, else the one that ships."""

from __future__ import annotations

from core import settings
from core.errors import ClinicodeError
from core.evaluate.runs import MEASURED, Run, read_run


def latest(kind: str) -> Run | None:
    """Of ``robustness``, ``bench`` or ``explanations``; None where nothing that can be read is there."""
    own = sorted((settings.home() / "runs").glob(f"{kind}--*.parquet"), key=lambda path: path.stat().st_mtime)
    for path in (*own[::-1], MEASURED / f"{kind}.parquet"):
        try:
            return read_run(path)
        except ClinicodeError:
            continue
    return None
