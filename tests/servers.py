"""Servers of the application that tests start."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ready(url: str) -> None:
    """Wait until the server there answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)  # noqa: S310
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


def start(port: int, log: Path) -> subprocess.Popen[bytes]:
    """A server on that port; what it says goes into the log."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    with log.open("a") as file:
        return subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End it, and wait until it has ended."""
    server.terminate()
    server.wait()


@contextmanager
def serving(log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that answers: its address and its process."""
    port = free_port()
    server = start(port, log)
    try:
        ready(f"http://127.0.0.1:{port}")
        yield f"127.0.0.1:{port}", server
    finally:
        stop(server)
