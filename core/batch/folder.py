"""The folder of a run: a file of answers a part, what failed, and what is needed to go on where it was cut off.

part-000000.jsonl ...    answers in the order of the input; a part is there whole or not at all
failures.jsonl           what was left out: id, line, reason; written when every part is there
.run/                    the plan, the failures of each part, a lock, the rows that workers are at
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.batch.plan import differences, plan_json, read_plan
from core.batch.table import write_table
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.batch.plan import Plan
    from core.batch.source import Part

FAILURES = "failures.jsonl"
SCRATCH = "clinicode-"
"""How temporary folders begin; short, since Ray puts sockets below."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that has no answer, and why; without its text."""

    id: str | int | None
    line: int
    reason: str


class RunFolder:
    """One run's answers on disk; several processes may write parts at once.

    Parameters
    ----------
    path
        The folder.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = path / ".run"

    @property
    def begun(self) -> bool:
        """Whether a run was begun in it."""
        return self._plan.exists()

    @property
    def _plan(self) -> Path:
        return self._own / "plan.json"

    def plan(self) -> Plan:
        """The run that was begun in it.

        Raises
        ------
        ClinicodeError
            If it cannot be read.
        """
        return read_plan(self._plan)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out for as long as this process lives.

        Raises
        ------
        ClinicodeError
            If the folder cannot be made, holds something else, or another run is at work in it.
        """
        if self.path.is_dir() and not self._own.is_dir() and any(self.path.iterdir()):
            message = f"{self.path} holds something other than a run of `clinicode code`; give another --output."
            raise ClinicodeError(message)
        try:
            for folder in (self._own / "failures", self._own / "at"):
                folder.mkdir(parents=True, exist_ok=True)
            lock = (self._own / "lock").open("w")
        except OSError as error:
            message = f"{self.path} cannot be a folder of parts ({error.strerror}); give another --output."
            raise ClinicodeError(message) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                message = f"Another run is writing to {self.path}; wait for it, or give another --output."
                raise ClinicodeError(message) from error
            yield

    def begin(self, plan: Plan) -> None:
        """Begin a run, or go on with the one that is there.

        Raises
        ------
        ClinicodeError
            If the one that is there is another.
        """
        if self.begun and (found := differences(self.plan(), plan)):
            message = (
                f"{self.path} holds a run of {', '.join(found)}; its parts and new ones would not agree. "
                f"Give another --output, or delete the folder to begin anew."
            )
            raise ClinicodeError(message)
        self._write(self._plan, plan_json(plan).encode())

    def answers(self, number: int, kind: str) -> Path:
        """The file of one part."""
        return self.path / f"part-{number:06}.{kind}"

    def missing(self, parts: Sequence[Part], kind: str) -> list[Part]:
        """The parts that are still to be coded."""
        there = {path.name for path in self.path.glob(f"part-*.{kind}")}
        return [part for part in parts if self.answers(part.number, kind).name not in there]

    def keep(self, part: Part, lines: Sequence[str], failures: Sequence[Failure], plan: Plan) -> None:
        """Keep a part: its failures first, so that a part with answers always has them.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        told = "".join(json.dumps(asdict(failure), ensure_ascii=False) + "\n" for failure in failures)
        self._write(self._failures(part.number), told.encode())
        path = self.answers(part.number, plan.format)
        if plan.format == "jsonl":
            self._write(path, "".join(f"{line}\n" for line in lines).encode())
            return
        partial = self._partial(path)
        write_table(lines, partial, whole_ids=plan.whole_ids)
        partial.replace(path)

    def failures(self, part: Part) -> list[Failure]:
        """What was left out of a part that is kept."""
        lines = self._failures(part.number).read_text(encoding="utf-8").splitlines()
        return [Failure(**json.loads(line)) for line in lines]

    def finish(self, parts: Sequence[Part]) -> int:
        """Put the failures of all parts into one file; returns how many there are."""
        told = [self._failures(part.number).read_bytes() for part in parts]
        self._write(self.path / FAILURES, b"".join(told))
        return sum(one.count(b"\n") for one in told)

    def at(self, number: int) -> Path:
        """Where a worker notes which row of a part it is at."""
        return self._own / "at" / f"{number:06}.json"

    def scratch(self) -> Path:
        """A private folder outside for what a run needs for a while; the caller takes it away at the end."""
        made = Path(tempfile.mkdtemp(prefix=SCRATCH))
        (self._own / "scratch").write_text(str(made), encoding="utf-8")
        return made

    def clear(self) -> None:
        """Take away the private folder that a killed run has left."""
        told = self._own / "scratch"
        if told.exists() and (left := Path(told.read_text(encoding="utf-8"))).name.startswith(SCRATCH):
            shutil.rmtree(left, ignore_errors=True)

    def _failures(self, number: int) -> Path:
        return self._own / "failures" / f"{number:06}.jsonl"

    def _partial(self, path: Path) -> Path:
        return self._own / f"{path.name}.{uuid.uuid4().hex[:8]}.part"

    def _write(self, path: Path, data: bytes) -> None:
        """Write beside the final place and move there when complete."""
        partial = self._partial(path)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
