"""Evaluations in the background: each is a folder under ``CLINICODE_HOME/evaluations`` and a process of its own.

The process holds a lock on its folder for as long as it lives, so that one which died is known from one which works,
whoever asks. It goes on when the page is closed and when the server stops.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from core import settings
from core.background import alive, launch
from core.errors import ClinicodeError
from core.evaluate.keeping import copied, usable
from core.evaluate.recognise import recognise
from core.interface import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalog import Catalog

ORDER, PROGRESS, LOCK, CANCELLED = "job.json", "progress.json", "lock", "cancelled"
DIED = N_("It stopped before it was done.")
FAILED = N_("It failed with an error ({kind}).")
PATIENCE = 3.0
"""Seconds that a page waits for a cancelled process to end."""


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured.

    `name` is the data set's as given, `path` where what is run lies, `snomed` the map's path (DisTEMIST), `queries` and
    `skipped` how many queries there are (before `limit`) and how many lines could not be used.
    """

    name: str
    format: str
    kind: str
    split: str
    path: str
    systems: tuple[str, ...]
    limit: int
    when: str
    queries: int
    skipped: int
    snomed: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: its state, the system at work with queries done of all, the runs made (names of files).

    `message` is said in English or in the language of whoever ordered it; of `FAILED`, `error` is the kind.
    """

    state: State = State.WAITING
    system: str = ""
    done: int = 0
    all: int = 0
    message: str = ""
    pid: int = 0
    runs: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """An evaluation in the background, as it stood when it was asked for."""

    folder: Path
    order: Order
    progress: Progress

    @property
    def id(self) -> str:
        """Later jobs have greater ones."""
        return self.folder.name

    @property
    def state(self) -> State:
        """How far it is."""
        return self.progress.state

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def share(self) -> float:
        """What is done of all its systems, 0 to 1."""
        if self.state is State.DONE:
            return 1.0
        current = self.progress.done / self.progress.all if self.progress.all else 0.0
        complete = len(self.progress.runs)
        return min(1.0, (complete + current) / max(1, len(self.order.systems)))

    @property
    def runs(self) -> tuple[Path, ...]:
        """The files of its runs that are still there."""
        places = (settings.home() / "runs" / Path(name).name for name in self.progress.runs)
        return tuple(path for path in places if path.is_file())


def place() -> Path:
    """The folder of all jobs."""
    return settings.home() / "evaluations"


def start(
    path: Path,
    systems: Sequence[str],
    catalog: Catalog,
    *,
    kind: str = "",
    split: str = "",
    limit: int = 0,
    snomed: Path | None = None,
    copy: bool = True,
) -> Job:
    """Measure systems on a data set in the background.

    Parameters
    ----------
    path, catalog, kind, split, snomed
        What :func:`core.evaluate.recognise.recognise` takes. Lines that cannot be used are left out.
    systems
        Names for :func:`core.evaluate.systems.open_system`; whole notes are coded by ``clinicode`` only.
    limit
        Only the first so many queries (0: all).
    copy
        Keep the files with the job; without, they are read where they are.

    Raises
    ------
    ClinicodeError
        If the data set cannot be used, no system is named, or the job's folder cannot be written.
    """
    recognised = recognise(path, catalog, kind, split, snomed)
    if recognised.dataset is None:
        message = _("{name} has no row that can be used.").format(name=path.name)
        raise ClinicodeError(message)
    if not systems:
        raise ClinicodeError(_("Choose at least one system to measure."))
    if recognised.dataset.documents and tuple(systems) != ("clinicode",):
        raise ClinicodeError(_("Whole notes are coded by clinicode only; choose that system alone."))
    now = datetime.now(UTC)
    folder = place() / f"{now:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}"
    try:
        folder.mkdir(parents=True)
        source = copied(path, folder / "data") if copy else path.resolve()
        mapped = copied(snomed, folder / "map") if snomed and copy else snomed.resolve() if snomed else None
        prepared = usable(source, recognised.kind, recognised.split, recognised.problems, folder)
        order = Order(
            name=path.name,
            format=recognised.format,
            kind=recognised.kind,
            split=recognised.split,
            path=str(prepared),
            systems=tuple(dict.fromkeys(systems)),
            limit=limit,
            when=now.isoformat(timespec="seconds"),
            queries=len(recognised.dataset.queries),
            skipped=len(recognised.problems),
            snomed=str(mapped or ""),
        )
        _launch(folder, order)
    except (OSError, ClinicodeError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, ClinicodeError):
            raise
        message = _("The evaluation cannot be started ({strerror}); make room in {place}.").format(
            strerror=error.strerror, place=place()
        )
        raise ClinicodeError(message) from error
    return read_job(folder)


def jobs() -> list[Job]:
    """All jobs, newest first."""
    found = []
    for folder in sorted(place().glob("*/"), reverse=True):
        with suppress(ClinicodeError):  # one being deleted, or no job at all
            found.append(read_job(folder))
    return found


def read_job(folder: Path) -> Job:
    """The job of a folder; one whose process is gone before it was done has failed.

    Raises
    ------
    ClinicodeError
        If the folder holds no job.
    """
    working = alive(folder / LOCK)  # asked first: what a process that is gone wrote last is there to be read
    try:
        given = json.loads((folder / ORDER).read_text(encoding="utf-8"))
        order = Order(**{**given, "systems": tuple(given["systems"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = _("{name} is no evaluation.").format(name=folder.name)
        raise ClinicodeError(message) from error
    try:
        told = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        progress = Progress(**{**told, "state": State(told["state"]), "runs": tuple(told["runs"])})
    except (OSError, ValueError, TypeError, KeyError):
        progress = Progress()
    if progress.state in (State.WAITING, State.RUNNING):
        if (folder / CANCELLED).exists():
            progress = replace(progress, state=State.CANCELLED, message="")
        elif not working:
            progress = replace(progress, state=State.FAILED, message=DIED)
    return Job(folder, order, progress)


def cancel(job: Job) -> None:
    """Stop a job that waits or runs; runs of systems that were done stay.

    Its process sees the mark and ends by itself: a number of a process may mean another one in another container.
    """
    with suppress(ClinicodeError, OSError):  # someone else may have deleted it
        if not read_job(job.folder).active:
            return
        (job.folder / CANCELLED).touch()
        until = time.monotonic() + PATIENCE
        while alive(job.folder / LOCK) and time.monotonic() < until:
            time.sleep(0.05)


def delete(job: Job) -> None:
    """Delete a job with its data and its runs, stopping it first."""
    cancel(job)
    with suppress(ClinicodeError):
        job = read_job(job.folder)
    for path in job.runs:
        path.unlink(missing_ok=True)
    shutil.rmtree(job.folder, ignore_errors=True)


def write_progress(folder: Path, progress: Progress) -> None:
    """Replace what is said about a job, at once for all who read it."""
    partial = folder / f"{PROGRESS}.part"
    partial.write_text(json.dumps(asdict(progress), ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / PROGRESS)


def _launch(folder: Path, order: Order) -> None:
    with (folder / LOCK).open("w") as lock:
        # taken here and inherited: there is no moment at which the job has no one who holds it
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        write_progress(folder, Progress())
        (folder / ORDER).write_text(json.dumps(asdict(order), ensure_ascii=False), encoding="utf-8")
        launch("core.evaluate.worker", [str(folder)], lock)
