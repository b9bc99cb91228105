"""The queries behind a run, where they are on this machine: a run itself keeps no text."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.datasets import read_dataset
from core.evaluate.mentions import PUBLIC

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.evaluate.datasets import Dataset
    from core.evaluate.runs import Run


def dataset_of(run: Run, catalog: Catalog, folder: Path | None = None) -> Dataset | None:
    """The data set of a run, None where it is not found or is no longer the same.

    Parameters
    ----------
    run, catalog
        The run; the code set that its gold is read with.
    folder
        Where to look first: a folder with CodiEsp, or a data set's file.

    """
    told = run.provenance
    words = dict(zip(parts := shlex.split(told.command), parts[1:], strict=False))
    places = [folder, PUBLIC if told.dataset == "mentions" else None]
    places.append(Path(words["--path"]) if "--path" in words else None)
    for place in places:
        if place is None or not place.exists():
            continue
        try:
            found = read_dataset(told.dataset, place, told.split, catalog, int(words.get("--limit", 0)))
        except ClinicodeError:
            continue
        if found.fingerprint == told.data:
            return found
    return None
