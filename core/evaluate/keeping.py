"""The files of an evaluation that are kept with it."""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import TYPE_CHECKING

from core.evaluate.archive import unpack
from core.evaluate.datasets import CODIESP, table
from core.evaluate.gold import read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.evaluate.gold import Problem


def copied(path: Path, folder: Path) -> Path:
    """A copy of a file or a folder in another folder, under a name that any system takes."""
    target = folder / (re.sub(r"[^\w.+ -]+", "-", path.name).lstrip(".") or "data")
    if path.is_dir():
        shutil.copytree(path, target)
    else:
        folder.mkdir(parents=True)
        shutil.copyfile(path, target)
    return target


def usable(source: Path, kind: str, split: str, problems: Sequence[Problem], folder: Path) -> Path:
    """What can be read without a complaint: the data as they are, or a copy in `folder` whose bad lines are empty.

    Lines keep their numbers and files their names, so that what is read is what was recognised.
    """
    if source.is_file() and (source.suffix.lower() == ".zip" or zipfile.is_zipfile(source)):
        source = unpack(source, folder / "unpacked")
    if not problems:
        return source
    bad = {problem.line for problem in problems}
    broken = table(kind, source, split)
    kept = ["" if number in bad else line for number, line in enumerate(read_lines(broken), 1)]
    target = folder / "usable" / broken.name
    target.parent.mkdir(parents=True)
    target.write_text("\n".join(kept), encoding="utf-8", newline="")
    if kind not in CODIESP:
        return target
    if kind == "codiesp-d":
        shutil.copytree(broken.parent / "text_files", target.parent / "text_files")
    return target.parent
