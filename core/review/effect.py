"""What a project's teaching does to the product, measured in the background: ``python -m core.review.effect``.

A project's measurement is a file ``review/effect-N.json`` under ``CLINICODE_HOME`` and, while it runs, a process of its
own, which holds a lock for as long as it lives: one that died is known from one that works, whoever asks. The file
holds figures and no text.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from core import settings
from core.background import alive, launch, speak_as_told
from core.errors import ClinicodeError
from core.interface import N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from core.review.model import Json

DIED = N_("It stopped before it was done; measure again.")
OPENING = N_("opening the product")
SIGNIFICANT = 0.05
PAUSE = 0.3
PATIENCE = 3.0
"""Seconds that a page waits for a cancelled process to end."""


class State(StrEnum):
    """How far a measurement is."""

    NONE = "not measured"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DIED = "died"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Row:
    """One measure without and with what was taught: means, the 95 % interval of the paired difference, its p-value."""

    measure: str
    before: float
    after: float
    low: float
    high: float
    p: float

    @property
    def difference(self) -> float:
        """How far it rose."""
        return self.after - self.before

    @property
    def significant(self) -> bool:
        """Whether so large a difference would be rare if there were none."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Effect:
    """A measurement: the public mentions ranked without and with a project's pairs.

    `taught` counts the project's decisions that taught something, `remembered` everything else in the team memory,
    which was there both times; of the `queries`, `same` are texts that the project taught itself. `when` is the moment
    whose memory was measured.
    """

    rows: tuple[Row, ...]
    taught: int
    remembered: int
    queries: int
    same: int
    when: datetime
    release: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project's measurement stands: `share` of it done (0 to 1), what is said, and the last result there is."""

    state: State = State.NONE
    share: float = 0.0
    message: str = ""
    effect: Effect | None = None


def standing(project: int) -> Standing:
    """How the measurement of a project stands."""
    working = alive(_path(project, "lock"))  # asked first: what a process that is gone wrote last is there to be read
    try:
        told = json.loads(_path(project).read_text(encoding="utf-8"))
        state, share, message = State(told["state"]), float(told["share"]), str(told["message"])
        effect = _effect_of(told["effect"]) if told["effect"] else None
    except (OSError, ValueError, TypeError, KeyError):
        return Standing(State.RUNNING if working else State.NONE)
    if state is State.RUNNING and not working:
        cancelled = _path(project, "cancelled").exists()
        return Standing(State.CANCELLED if cancelled else State.DIED, 0.0, "" if cancelled else DIED, effect)
    return Standing(state, share, message, effect)


def start(project: int) -> None:
    """Measure in the background; where that is being done already, nothing happens.

    Raises
    ------
    ClinicodeError
        If the process cannot be started.
    """
    try:
        place().mkdir(parents=True, exist_ok=True)
        with _path(project, "lock").open("w") as lock:
            # taken here and inherited: there is no moment at which the work has no one who holds it
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _path(project, "cancelled").unlink(missing_ok=True)
            write(project, Standing(State.RUNNING, 0.0, OPENING, standing(project).effect))
            launch("core.review.effect", ["--project", str(project), "--lock", str(lock.fileno())], lock)
    except BlockingIOError:
        return
    except OSError as error:
        message = _("The measurement cannot be started ({strerror}); make room in {place}.").format(
            strerror=error.strerror, place=place()
        )
        raise ClinicodeError(message) from error


def cancel(project: int) -> None:
    """Stop a measurement that runs; an earlier result stays."""
    if standing(project).state is not State.RUNNING:
        return
    with suppress(OSError):
        _path(project, "cancelled").touch()
    until = time.monotonic() + PATIENCE
    while alive(_path(project, "lock")) and time.monotonic() < until:
        time.sleep(0.05)


def delete(project: int) -> None:
    """Stop measuring and forget what was measured."""
    cancel(project)
    for path in place().glob(f"effect-{project}.*"):
        path.unlink(missing_ok=True)


def place() -> Path:
    """The folder of all measurements."""
    return settings.home() / "review"


def write(project: int, now: Standing) -> None:
    """Replace what is said of a measurement, at once for all who read it."""
    told: Json = {"state": now.state.value, "share": round(now.share, 3), "message": now.message, "effect": None}
    if now.effect is not None:
        told["effect"] = {**asdict(now.effect), "when": now.effect.when.isoformat()}
    partial = _path(project, f"{os.getpid()}.part")
    partial.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    partial.replace(_path(project))


def _effect_of(told: Json) -> Effect:
    rows = tuple(Row(**row) for row in told["rows"])
    when = datetime.fromisoformat(told["when"])
    return Effect(**{**told, "rows": rows, "when": when if when.tzinfo else when.replace(tzinfo=UTC)})


def _path(project: int, ending: str = "json") -> Path:
    return place() / f"effect-{project}.{ending}"


def _watch(project: int) -> None:
    """End this process when its measurement is cancelled or its place is gone."""
    while _path(project).exists() and not _path(project, "cancelled").exists():
        time.sleep(PAUSE)
    os._exit(1)


def _held(project: int, descriptor: int) -> IO[str]:
    """The lock: the one that was handed down, or (started by hand) a new one."""
    if descriptor >= 0:
        return os.fdopen(descriptor, "w")
    place().mkdir(parents=True, exist_ok=True)
    lock = _path(project, "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ClinicodeError(_("This project is being measured already.")) from None
    return lock


def main() -> None:
    """Measure one project, saying in its file how far it is; what goes wrong is said there too."""
    parser = argparse.ArgumentParser(description="Measure what a project taught the product.")
    parser.add_argument("--project", type=int, required=True)
    parser.add_argument("--lock", type=int, default=-1, help="the descriptor of a lock that is held already")
    given = parser.parse_args()
    project = int(given.project)
    with _held(project, given.lock):
        last = standing(project).effect
        if given.lock < 0:
            _path(project, "cancelled").unlink(missing_ok=True)
        write(project, Standing(State.RUNNING, 0.0, OPENING, last))
        threading.Thread(target=_watch, args=(project,), daemon=True).start()

        def tell(share: float, message: str) -> None:
            write(project, Standing(State.RUNNING, share, message, last))

        try:
            from core.review.measure import measure  # noqa: PLC0415  the heavy packages, which a page does without

            write(project, Standing(State.DONE, 1.0, "", measure(project, tell)))
        except ClinicodeError as error:
            write(project, Standing(State.FAILED, 0.0, str(error), last))
        except Exception as error:  # its words may quote a text: only its type is told
            message = _("It failed with an error ({kind}).").format(kind=type(error).__name__)
            write(project, Standing(State.FAILED, 0.0, message, last))


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    speak_as_told()
    main()
