"""Work in a process of its own, which holds a lock for as long as it lives: one that died is known from one at work."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

from core import settings
from core.interface import ENGLISH, speak, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPOKEN = "CLINICODE_SPOKEN"
"""In the environment of such a process: the language of whoever started it."""


def launch(module: str, arguments: Sequence[str], lock: IO[str]) -> None:
    """Run one of our modules in the background; it inherits `lock`, which the caller holds, and goes on without us.

    Raises
    ------
    OSError
        If the process cannot be started.
    """
    paths = os.pathsep.join([str(settings.ASSETS.parent), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    process = subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=(lock.fileno(),),
        env=os.environ | {"CLINICODE_HOME": str(settings.home().resolve()), "PYTHONPATH": paths, SPOKEN: spoken()},
    )
    threading.Thread(target=process.wait, daemon=True).start()


def speak_as_told() -> None:
    """From now on say everything in the language of whoever started this process."""
    speak(lambda: os.environ.get(SPOKEN, ENGLISH))


def alive(lock: Path) -> bool:
    """Whether a process holds the lock."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
