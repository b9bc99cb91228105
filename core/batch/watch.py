"""Which note of a part a process is at, in a file that outlives the process: a note that kills it is known by that."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Watch:
    """How often processes have died over each row of a part.

    Parameters
    ----------
    path
        The file; it is there while a process is at work, or after one has died.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.deaths: Counter[int] = Counter()
        try:
            left = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # a process that died while it wrote has not reached the row
            return
        self.deaths.update({int(row): count for row, count in left["deaths"].items()})
        if left["at"] is not None:
            self.deaths[left["at"]] += 1

    def at(self, row: int | None) -> None:
        """Say which row is begun, or None where the work stops in good order."""
        self._path.write_text(json.dumps({"at": row, "deaths": self.deaths}), encoding="utf-8")

    def done(self) -> None:
        """Take the file away."""
        self._path.unlink(missing_ok=True)
