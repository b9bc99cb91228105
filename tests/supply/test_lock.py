"""The lock holds what pyproject.toml asks for, with hashes, and what is installed is what the lock says."""

import importlib.util
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

FOLDER = ROOT / ".ci"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NAMES = ("build", "cpu", "dev", "gpu", "tools")
FILES = [FOLDER / "requirements.txt", *(FOLDER / f"requirements-{name}.txt" for name in NAMES)]
HASH = r"--hash=sha256:[0-9a-f]{64}"


def module(name: str):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


LOCK, LICENCES = module("lock"), module("licences")
RUN = {one.name: one for one in LICENCES.locked()}
TEST = RUN | {one.name: one for one in LICENCES.locked(FOLDER / "requirements-dev.txt")}


def pinned(requirement: Requirement) -> Version:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return Version(specifier.version)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_requirement_is_one_version_with_its_hashes(path):
    blocks = re.split(r"\n(?=[^ ])", path.read_text(encoding="utf-8").strip())
    wanted = re.compile(rf"[a-z0-9.-]+==[^ ;\n]+( ; [^\\\n]+)?( \\\n    {HASH})+")
    others = [block for block in blocks if not wanted.fullmatch(block.strip())]
    assert [one for one in others if not one.startswith("#") and one != "-r requirements.txt"] == []


@pytest.mark.parametrize(
    ("asked", "lock"),
    [
        ([*PROJECT["dependencies"], *(one for name in LOCK.RUN_EXTRAS for one in EXTRAS[name])], RUN),
        ([one for name in EXTRAS if name != "gpu" for one in EXTRAS[name]], TEST),
    ],
    ids=["run", "test"],
)
def test_what_the_project_asks_for_is_locked_at_a_version_that_it_allows(asked, lock):
    for requirement in map(Requirement, asked):
        name = canonicalize_name(requirement.name)
        assert name in lock, f"{requirement} is not locked: make lock"
        assert requirement.specifier.contains(pinned(lock[name])), f"{requirement}, locked {lock[name]}: make lock"


def test_torch_s_cpu_build_is_the_version_that_is_locked():
    (cpu,) = LICENCES.locked(FOLDER / "requirements-cpu.txt")
    assert pinned(cpu).local == "cpu"
    assert pinned(cpu).public == pinned(RUN["torch"]).public


def test_what_is_installed_is_what_the_lock_says():
    installed = {name: _installed(name) for name in TEST}
    if _installed("faiss-gpu-cu12"):  # which takes faiss-cpu's place by hand
        installed["faiss-cpu"] = pinned(TEST["faiss-cpu"])
    wrong = {name: installed[name] for name, one in TEST.items() if not _is(installed[name], pinned(one))}
    assert wrong == {}, "make venv"


def _installed(name: str) -> Version | None:
    try:
        return Version(version(name))
    except PackageNotFoundError:
        return None


def _is(installed: Version | None, locked: Version) -> bool:
    """torch's CPU build is the same version with a word of its own behind it."""
    return installed is not None and installed.public == locked.public


def test_nothing_that_is_installed_needs_what_is_not_locked():
    known = TEST.keys() | {one.name for one in LICENCES.locked(FOLDER / "requirements-gpu.txt")}
    missing = {name: _needed(name, requirement.extras) - known for name, requirement in TEST.items()}
    assert {name: names for name, names in missing.items() if names} == {}


def _needed(name: str, extras: set[str]) -> set[str]:
    """The packages that a package with these extras needs on this machine."""
    wanted = [Requirement(one) for one in distribution(name).requires or []]
    environments = [{"extra": extra} for extra in extras or {""}]
    return {
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or any(one.marker.evaluate(environment) for environment in environments)
    }
