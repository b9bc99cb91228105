"""The command line as a process of its own, forked from one that has imported what it needs: that takes the longest."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["core.cli", "core.coder"])


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``clinicode`` with these arguments, in the environment of the test and what is given besides."""
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder, "out"), Path(folder, "error")]
        process = FORKED.Process(target=_command, args=(arguments, {**os.environ, **environment}, said))
        with pytest.MonkeyPatch.context() as patch:
            # A page under test stays behind as the main module, which the new process would run.
            patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
            process.start()
        process.join()
        out, error = (path.read_text(encoding="utf-8") for path in said)
    return subprocess.CompletedProcess(["clinicode", *arguments], process.exitcode, out, error)


def _command(arguments: tuple[str, ...], environment: Mapping[str, str], said: list[Path]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    for number, path in enumerate(said, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["clinicode", *arguments]
    from core.cli import main

    main()
