"""Real parts for all tests: the real catalog, the shipped models, a workspace of the session's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import new_database

os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
]


@pytest.fixture(scope="session", autouse=True)
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace that is thrown away, with the index built in it once."""
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv("CLINICODE_HOME", str(home))
    patch.delenv("CLINICODE_ENCODER", raising=False)
    patch.delenv("CLINICODE_DATABASE_URL", raising=False)
    yield home
    patch.undo()


@pytest.fixture(scope="session")
def catalog(workspace):
    from core.catalog import load_catalog

    return load_catalog()


@pytest.fixture(scope="session")
def encoder(workspace):
    from core.encode.load import load_encoder

    return load_encoder()


@pytest.fixture(scope="session")
def opened(workspace):
    from core.coder import open_coder

    return open_coder()


@pytest.fixture
def furnished(catalog, workspace, tmp_path) -> Path:
    """A new workspace that has the catalog read already, as any but the very first has."""
    for path in workspace.glob("catalog-*.parquet"):
        os.link(path, tmp_path / path.name)
    return tmp_path


@pytest.fixture
def coder(opened):
    """The product with nothing remembered, before and after the test."""
    opened.forget()
    yield opened
    opened.forget()


@pytest.fixture(scope="session")
def public_data() -> Path:
    if not DATA.is_dir():
        pytest.skip(f"the public data are not at {DATA}")
    return DATA


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, monkeypatch):
    """The address of a new, empty database in the environment."""
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    monkeypatch.delenv("CLINICODE_DATABASE_URL", raising=False)
    if request.param == "sqlite":
        yield "sqlite"
        return
    with new_database("review") as address:
        monkeypatch.setenv("CLINICODE_DATABASE_URL", address)
        yield "postgresql"


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (.ci/run installs it)")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
