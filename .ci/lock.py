"""Locks what the make commands install: exact versions for every platform and Python, each with its files' hashes.

`make lock` runs this; it takes seconds and downloads nothing but descriptions. Written beside it are

- requirements-build.txt: pip, and setuptools, which builds what comes as source
- requirements.txt: what `make run` installs
- requirements-gpu.txt: what PyPI's torch needs besides on Linux, NVIDIA's libraries; torch's CPU build needs none
- requirements-dev.txt: what `make test` adds
- requirements-tools.txt: what locks, audits and lists, in an environment of its own

requirements-cpu.txt, torch's CPU build, is kept by hand. It is a file of its own because pip, of two builds of one
version, takes the one whose hash the index tells.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent / "pyproject.toml"
RUN_EXTRAS = ("hub", "postgres")
"""What `make run` installs besides the plain application; every other extra but `gpu` is for `make test`."""

GPU = re.compile(r"(nvidia-|cuda-|triton\b)")
HEADER = "# Written by make lock from pyproject.toml; not by hand.\n"


def main() -> None:
    """Write all of them."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    others = sorted(set(project["project"]["optional-dependencies"]) - {"gpu", *RUN_EXTRAS})
    run = _compile(PROJECT, RUN_EXTRAS, {})
    _write("requirements.txt", {name: block for name, block in run.items() if not GPU.match(name)})
    _write("requirements-gpu.txt", {name: block for name, block in run.items() if GPU.match(name)})
    test = _compile(PROJECT, (*RUN_EXTRAS, *others), run)
    added = {name: block for name, block in test.items() if name not in run}
    _write("requirements-dev.txt", added, "-r requirements.txt\n")
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build.in"
        build.write_text("\n".join(["pip", *project["build-system"]["requires"]]), encoding="utf-8")
        _write("requirements-build.txt", _compile(build, (), run))
    _write("requirements-tools.txt", _compile(HERE / "tools.in", (), {}))


def _compile(source: Path, extras: tuple[str, ...], fixed: dict[str, str]) -> dict[str, str]:
    """What uv resolves from a file, for every platform: a requirement's lines by its name and marker."""
    options = [option for extra in extras for option in ("--extra", extra)]
    flags = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(fixed.values()))
        file.flush()
        command = [_uv(), "pip", "compile", str(source), *options, *flags, "--constraint", file.name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit("uv could not resolve the requirements; nothing more was written")
    blocks = re.split(r"\n(?=\S)", done.stdout.strip())
    return {block.partition(" \\")[0]: block for block in blocks}


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent))
    return found or sys.exit("uv is not beside this Python: run it with make lock")


def _write(name: str, blocks: dict[str, str], before: str = "") -> None:
    (HERE / name).write_text(HEADER + before + "\n".join(blocks.values()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
