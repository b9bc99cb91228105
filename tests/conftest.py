"""Real parts for all tests: the real catalog, the shipped models, a workspace of the session's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"


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
