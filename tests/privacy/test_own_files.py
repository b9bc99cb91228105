"""Other users of the machine cannot read what a workspace holds, and a crash leaves no copy of the memory."""

import subprocess
from pathlib import Path

import pytest

from tests.privacy.places import ROOT, Place, python

COMMAND = "import os, sys; os.umask(0o022); from core.cli import main; main()"


def run(place, *arguments):
    subprocess.run(python("-c", COMMAND, *arguments), cwd=ROOT, env=place.environment, check=True, capture_output=True)


def modes(place) -> dict[str, str]:
    found = [place.home, *place.home.rglob("*")]
    return {str(path.relative_to(place.root)): f"{path.stat().st_mode & 0o777:o}" for path in found}


def test_a_new_workspace_is_its_owner_s_alone(tmp_path):
    place = Place(tmp_path / "machine")
    run(place, "review", "create", "Pilot")
    found = modes(place)
    assert found.pop("clinicode") == "700"
    assert "clinicode/workspace.db" in found
    assert set(found.values()) == {"600"}


def test_files_are_their_owner_s_alone_in_a_folder_that_others_can_open(tmp_path):
    place = Place(tmp_path / "machine")
    place.home.mkdir(mode=0o755)
    run(place, "review", "create", "Pilot")
    assert modes(place)["clinicode/workspace.db"] == "600"


@pytest.mark.browser
def test_what_the_pages_make_is_its_owner_s_alone(visitor, server):
    visitor.open("review")
    made = [path for path in server.place.home.iterdir() if not path.is_symlink()]
    assert made
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.browser
@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="limits of a process are read from /proc")
def test_a_crash_of_the_server_leaves_no_core_file(visitor, server):
    visitor.open("")
    limits = Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4] == "1"
