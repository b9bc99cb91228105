"""Twenty thousand hostile texts: none crashes or hangs the product, and every answer's offsets are right.

A run reads one slice of them, which changes when the code of `core` does and is the same for the same code;
``CLINICODE_FUZZ_SLICE`` names another (0 to 255), or ``all``.
"""

import json
import os
import subprocess
import sys

import pytest

from core import settings
from core.fingerprint import of_files
from tests.hostile.inputs import COUNT, LONGEST, SLICES, made

ROOT = settings.ASSETS.parent


def chosen() -> list[int]:
    asked = os.environ.get("CLINICODE_FUZZ_SLICE", "")
    if asked == "all":
        return list(range(SLICES))
    return [int(asked or of_files(sorted((ROOT / "core").rglob("*.py"))), 10 if asked else 16) % SLICES]


@pytest.mark.parametrize("part", chosen())
def test_no_text_crashes_or_hangs_the_product(opened, part):
    command = [sys.executable, "-m", "tests.hostile.reader", str(part)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    begun = [line["begun"] for line in lines if "begun" in line]
    ended = [line for line in lines if "number" in line]
    if done.returncode:
        last = repr(begun[-1]) if begun else "none"
        pytest.fail(f"input {last} took too long or ended the process:\n{done.stderr[-4000:]}")
    faults = [f"input {line['number']}:\n{line['fault']}" for line in ended if line["fault"]]
    assert not faults, f"{len(faults)} faults, the first:\n{faults[0]}"
    assert len(ended) == COUNT // SLICES
    assert sum(line["refused"] for line in ended) < len(ended) / 3


def test_inputs_are_the_same_each_time_and_as_long_as_a_note_may_be():
    first = [made(number) for number in range(200)]
    assert [made(number) for number in range(200)] == first
    assert len(set(first)) > 195
    assert len(made(LONGEST)) > 199_000
