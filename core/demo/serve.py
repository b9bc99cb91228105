"""A throw-away workspace, and the application served from it until somebody ends it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core import settings
from core.demo import MARK, SWITCH
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

PAUSE = 0.3
DATABASE, HOME = "CLINICODE_DATABASE_URL", "CLINICODE_HOME"
PATIENCE = 10.0
"""Seconds that the server has to end by itself."""


@contextmanager
def workspace(*, keep: bool = False) -> Iterator[Path]:
    """A new folder as ``CLINICODE_HOME``, without any other database; it is gone afterwards unless it is kept.

    The search index and the catalog's cache of one's own workspace are used where they are there: building them takes
    longer than everything else.
    """
    shared = settings.home().resolve()
    folder = Path(tempfile.mkdtemp(prefix="clinicode-demo-")).resolve()
    before = {name: os.environ.get(name) for name in (HOME, DATABASE, SWITCH)}
    try:
        (folder / MARK).touch()
        for path in [*shared.glob("catalog-*.parquet"), *filter(Path.is_dir, [shared / "index"])]:
            (folder / path.name).symlink_to(path)
        os.environ[HOME], os.environ[SWITCH] = str(folder), "1"
        os.environ.pop(DATABASE, None)
        yield folder
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        if not keep:
            _remove(folder)


def check_port(port: int) -> None:
    """Refuse a port that somebody else has, before anything is made.

    Raises
    ------
    ClinicodeError
        If it is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            message = f"Port {port} cannot be used ({error.strerror}); choose another with --port."
            raise ClinicodeError(message) from error


def serve(port: int) -> None:
    """Run the application until it is interrupted.

    Raises
    ------
    ClinicodeError
        If the server ends by itself.
    """
    root = settings.ASSETS.parent
    command = [sys.executable, "-m", "streamlit", "run", str(root / "app.py")]
    server = subprocess.Popen(  # noqa: S603  our own application
        [*command, "--server.port", str(port), "--server.headless", "true"], cwd=root
    )
    try:
        while (code := server.poll()) is None:
            time.sleep(PAUSE)  # polars restarts system calls that Ctrl-C interrupts: a plain wait would not end
    except KeyboardInterrupt:
        return
    finally:
        _end(server)
    if code not in (0, -signal.SIGINT, -signal.SIGTERM):
        message = f"The server ended with an error ({code})."
        raise ClinicodeError(message)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ending the process politely (SIGTERM) is as good as Ctrl-C: what it made is removed.

    Ctrl-C is heard too where a shell started the command in the background and told it to ignore that.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _remove(folder: Path) -> None:
    """Take the folder away, with what a measurement in the background may just be writing into it."""
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)  # links in it go, what they name stays
        if not folder.exists():
            return
        time.sleep(0.5)
