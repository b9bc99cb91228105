import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.batch.run import Here, Wanted, run

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-c", "from core.cli import main; main()", "code"]
PHRASES = ("Pneumonia.", "Dolor torácico", "infart agut", "Polmonite", "Asma bronquial", "Fièvre", "Husten", "tosse")


def workers(driver: int) -> list[int]:
    """The processes that code for a run of Ray, which Ray names after what they do."""
    named: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            named[int(folder.name)] = int(parent), (folder / "cmdline").read_text()
        except OSError:
            continue
    raylets = {one for one, (parent, _) in named.items() if parent == driver}
    return [one for one, (parent, name) in named.items() if parent in raylets and "MapWorker(MapBatches" in name]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.jsonl"))}


@pytest.fixture
def notes(tmp_path):
    lines = [json.dumps({"id": at, "text": f"{PHRASES[at % len(PHRASES)]} {at}"}) for at in range(40)]
    lines[3] = "{broken"
    lines[30] = '{"id": "blank", "text": " "}'
    path = tmp_path / "notes.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def plain(notes, coder, tmp_path):
    """What the plain engine makes of the notes."""
    run(Wanted(notes, tmp_path / "plain", size=2), Here(lambda: coder), lambda *_: None)
    return parts(tmp_path / "plain")


def test_ray_answers_as_the_plain_engine_does_though_a_worker_is_killed(notes, plain, tmp_path):
    pytest.importorskip("ray.data")
    out = tmp_path / "out"
    process = start("--input", notes, "--output", out, "--parts", 2, "--engine", "ray", "--workers", 2)
    wait_for(out / "part-000000.jsonl", process)
    scratch = Path((out / ".run" / "scratch").read_text(encoding="utf-8"))
    assert scratch.stat().st_mode & 0o777 == 0o700
    killed = workers(process.pid)[0]
    os.kill(killed, signal.SIGKILL)
    said = process.communicate(timeout=600)[1]
    assert process.returncode == 1, said
    assert parts(out) == plain
    assert "line 4: no valid JSON" in said
    assert "38 of 40 notes answered, 2 left out" in said
    assert "Traceback" not in said
    assert not scratch.exists()


def test_a_run_of_ray_that_was_killed_goes_on_by_either_engine(notes, plain, coder, tmp_path):
    pytest.importorskip("ray.data")
    out = tmp_path / "out"
    process = start("--input", notes, "--output", out, "--parts", 2, "--engine", "ray", "--workers", 1)
    wait_for(out / "part-000000.jsonl", process)
    left = workers(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{one}").exists() for one in left) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{one}").exists() for one in left)
    there = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert 0 < len(there) < len(plain) - 1
    scratch = Path((out / ".run" / "scratch").read_text(encoding="utf-8"))
    assert scratch.exists()
    run(Wanted(notes, out), Here(lambda: coder), lambda *_: None)
    assert not scratch.exists()
    assert all((out / name).stat().st_mtime_ns == when for name, when in there.items())
    assert parts(out) == plain


def test_without_ray_its_engine_says_how_to_get_it(notes, tmp_path):
    without = "import sys; sys.modules['ray'] = None; from core.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "code", "--input", notes, "--output", tmp_path / "out", "--engine", "ray"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert "extra ray" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--engine", "spark"), "no engine 'spark'"),
        (("--parts", "5", "--format", "csv"), "no format 'csv'"),
        (("--format", "parquet"), "--format is for a folder of parts"),
        (("--workers", "2"), "for --engine ray"),
        (("--engine", "ray", "--output", "out.jsonl"), "not a file"),
        (("--parts", "5"), "Give --output"),
    ],
)
def test_options_that_do_not_go_together_are_refused(notes, arguments, says):
    from typer.testing import CliRunner

    from core.cli import build

    done = CliRunner().invoke(build(), ["code", "--input", str(notes), *arguments])
    assert says in str(done.exception)
