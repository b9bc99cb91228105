"""Where things live, read from the environment each time so that a test or a user can change it."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from core.errors import ClinicodeError

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SHIPPED_ENCODER = ASSETS / "models" / "encoder"
SHIPPED_RERANKER = ASSETS / "models" / "reranker"
SHIPPED_READER = ASSETS / "models" / "reader"
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""How many this process may use."""


def home() -> Path:
    """The folder of what a user creates (`CLINICODE_HOME`; default: the platform's user-data folder), made if absent.

    It is made for its owner alone.

    Raises
    ------
    ClinicodeError
        If the folder cannot be created or is not a folder.
    """
    folder = Path(os.environ.get("CLINICODE_HOME") or user_data_path("clinicode", appauthor=False)).expanduser()
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        from core.interface import _  # noqa: PLC0415  it asks here where its translations are

        told = _("Cannot use {folder} as Clinicode's folder ({strerror}); set {variable} to a writable one.")
        message = told.format(folder=folder, strerror=error.strerror, variable="CLINICODE_HOME")
        raise ClinicodeError(message) from error
    return folder


def measured_reranker() -> Path:
    """Where `clinicode train reranker` keeps the model that never saw CodiEsp dev, for measuring on dev."""
    return home() / "models" / "reranker-without-dev"


def encoder_name() -> str:
    """The encoder to load: `CLINICODE_ENCODER` (a hub id or a local folder), else the one that ships."""
    return os.environ.get("CLINICODE_ENCODER") or str(SHIPPED_ENCODER)
