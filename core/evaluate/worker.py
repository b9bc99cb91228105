"""The process of one evaluation in the background: ``python -m core.evaluate.worker FOLDER``."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.background import speak_as_told
from core.catalog import load_catalog
from core.errors import ClinicodeError
from core.evaluate.datasets import command_line, read_dataset
from core.evaluate.jobs import CANCELLED, FAILED, State, jobs, place, read_job, write_progress
from core.interface import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.evaluate.jobs import Job, Progress

AT_ONCE = 2
"""Jobs that run at the same time; the others wait their turn."""
PAUSE = 0.3


def work(folder: Path) -> None:
    """Wait for a turn, then measure every system of a job; what goes wrong is said in its progress."""
    job = read_job(folder)
    progress = replace(job.progress, pid=os.getpid())
    if not job.active:
        return
    write_progress(folder, progress)
    turn = wait_for_turn(job)
    if turn is None:
        return

    def tell(said: Progress) -> None:
        nonlocal progress
        progress = said
        write_progress(folder, said)

    with turn:
        try:
            _measure_all(job, replace(progress, state=State.RUNNING, message=N_("opening the data")), tell)
        except ClinicodeError as error:
            tell(replace(progress, state=State.FAILED, message=str(error)))
        except Exception as error:  # its words may quote a note: only its type is told
            tell(replace(progress, state=State.FAILED, message=FAILED, error=type(error).__name__))


def wait_for_turn(job: Job) -> IO[str] | None:
    """A place among the jobs at work, held until it is closed; None where the job was cancelled meanwhile.

    Places are locks, so those of a process that dies are free at once. Older jobs go first.
    """
    while True:
        waiting = [one.id for one in jobs() if one.state is State.WAITING]
        if job.id not in waiting:
            return None
        if job.id == min(waiting):
            for number in range(AT_ONCE):
                slot = (place() / f"place-{number}.lock").open("w")
                with suppress(BlockingIOError):
                    fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return slot
                slot.close()
        time.sleep(PAUSE)


def watch(folder: Path) -> None:
    """End this process when its job is cancelled or deleted."""
    while folder.is_dir() and not (folder / CANCELLED).exists():
        time.sleep(PAUSE)
    os._exit(1)


def _measure_all(job: Job, progress: Progress, tell: Callable[[Progress], None]) -> None:
    tell(progress)
    # a job that waits its turn does without the heavy packages
    from core.coder import open_coder  # noqa: PLC0415
    from core.evaluate.run import measure, measure_documents  # noqa: PLC0415
    from core.evaluate.runs import save_run  # noqa: PLC0415
    from core.evaluate.systems import open_system  # noqa: PLC0415

    order, catalog, product = job.order, load_catalog(), cache(open_coder)
    path, snomed = Path(order.path), Path(order.snomed) if order.snomed else None
    dataset = read_dataset(order.kind, path, order.split, catalog, order.limit, snomed)
    for name in order.systems:
        progress = replace(progress, system=name, done=0, all=len(dataset.queries), message=N_("opening the system"))
        tell(progress)
        command = command_line(order.kind, path, order.split, name, order.limit, snomed)

        def step(done: int, of: int) -> None:
            tell(replace(progress, done=done, all=of, message=""))  # noqa: B023  called before the next system

        if dataset.documents:
            run = measure_documents(product(), dataset, command, step)
        else:
            run = measure(open_system(name, product, lambda: catalog), dataset, catalog, command, step)
        progress = replace(progress, done=0, runs=(*progress.runs, save_run(run).name))
        tell(progress)
    tell(replace(progress, state=State.DONE, message=""))


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    speak_as_told()
    threading.Thread(target=watch, args=(Path(sys.argv[1]),), daemon=True).start()
    work(Path(sys.argv[1]))
