"""Runs a piece of Python in processes that are killed, each at another of its file operations."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLER = """
import os, signal, sys

WATCHED = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"}
seen, deadly = 0, 0

def hook(event, arguments):
    global seen
    writing = event == "open" and isinstance(arguments[1], str) and any(mark in arguments[1] for mark in "wxa+")
    if (event in WATCHED or writing) and deadly:
        seen += 1
        if seen == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
"""


def killed(code: str, at: int, **environment: str) -> subprocess.Popen:
    """A process that runs `code` and dies just before its file operation number `at`."""
    program = KILLER + f"ready = {at}\n" + code
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_at_each(prepare: str, act: str, homes: dict[int, Path]) -> dict[int, bool]:
    """Fork a process for each home, which dies before the file operation of that number; which of them died."""
    program = (
        KILLER
        + prepare
        + f"""
import json
died = []
for number, home in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        os.environ["CLINICODE_HOME"], deadly = home, number
        status = 0
        try:
{chr(10).join("            " + line for line in act.strip().splitlines())}
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            status = 3
        os._exit(status)
    died.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(died))
"""
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps([(number, str(home)) for number, home in homes.items()])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout)
    assert set(codes) <= {0, -9}, done.stderr
    return {number: code == -9 for number, code in zip(homes, codes, strict=True)}
