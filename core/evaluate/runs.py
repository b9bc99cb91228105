"""A run: one system over one data set, query by query, kept as one parquet file with its provenance inside.

No text of a query is kept, only its name: a run of a data set that may not be copied can be shared.
"""

from __future__ import annotations

import io
import json
import platform
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import polars as pl

from core import settings
from core.errors import ClinicodeError
from core.interface import _
from core.partial import beside, read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.evaluate.systems import System

REFERENCE = settings.ASSETS / "evaluation" / "runs"
"""The runs that ship."""
MEASURED = settings.ASSETS / "evaluation" / "measured"
"""Measurements that ship and are no rankings of a data set: robustness, speed, explanations."""
UNMEASURED = "unmeasured.tsv"
"""Beside a suite's runs: the systems that could not be measured, and why."""
KEY = "clinicode"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is needed to repeat a run and to judge it.

    `data`, `encoder` and `reranker` are fingerprints (of the queries with their gold, of the weights), `remembered`
    counts the reviewed pairs that the system had, `seconds` is what answering took, `training` what training its
    encoder took.
    """

    system: str
    about: str
    dataset: str
    split: str
    release: str
    data: str
    encoder: str
    remembered: int
    command: str
    machine: str
    day: str
    seconds: float
    training: float = 0.0
    reranker: str = ""


def provenance(
    system: System, dataset: str, split: str, data: str, *, release: str, command: str, seconds: float
) -> Provenance:
    """Of what was measured just now, on this machine."""
    return Provenance(
        system=system.name,
        about=system.about,
        dataset=dataset,
        split=split,
        release=release,
        data=data,
        encoder=system.encoder,
        reranker=system.reranker,
        remembered=system.remembered,
        command=command,
        machine=machine(),
        day=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 2),
        training=round(system.training, 1),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A run's provenance and its table, one row a query.

    Columns: ``query``, ``lang``, ``style``, ``chapter`` (of the gold), ``frequency`` (of the gold in CodiEsp train;
    null where it is not known), ``seen`` (in the team memory; null where nothing was remembered), ``rank`` and
    ``rank_category`` (of the first right code; null: not among those ranked), ``codes`` (the first ten), ``nearness``
    (of the first; see :class:`core.evaluate.nearness.Nearness`), ``chapter_said`` (its chapter), ``confidence`` (in it;
    null where the system has none), and the value of each measure. Runs over whole notes have ``right``, ``said`` and
    ``gold``, the counts behind precision and recall, as well.
    """

    provenance: Provenance
    table: pl.DataFrame

    @property
    def name(self) -> str:
        """The file's name without its ending: data set and system."""
        parts = (self.provenance.dataset, self.provenance.split.removesuffix(".tsv"), self.provenance.system)
        return "--".join(re.sub(r"[^\w.+]+", "-", part).strip("-").lower() for part in parts)


def save_run(run: Run, folder: Path | None = None, name: str = "") -> Path:
    """Write a run (default: into ``CLINICODE_HOME/runs``, beside earlier ones) and return its file.

    `name` is the file's, without its ending, where it is not to be the run's own.

    Raises
    ------
    ClinicodeError
        If the file cannot be written.
    """
    own = folder is None
    place = settings.home() / "runs" if folder is None else folder
    dated = f"{run.name}--{re.sub(r'[^0-9]', '', run.provenance.day)}" if own else run.name
    path = place / f"{name or dated}.parquet"
    partial = beside(path)
    try:
        place.mkdir(parents=True, exist_ok=True)
        metadata = {KEY: json.dumps(asdict(run.provenance), ensure_ascii=False)}
        into = io.BytesIO()
        run.table.write_parquet(into, metadata=metadata)
        if own:
            # of the same second, or the clock was set back: no run goes over another
            stem = next(one for one in _numbered(name or dated) if not any(place.glob(f"{one}-*.parquet")))
            return write_sealed(into.getvalue(), place, stem)
        partial.write_bytes(into.getvalue())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        message = _("The run cannot be saved in {place} ({strerror}); make room there or set CLINICODE_HOME.").format(
            place=place, strerror=error.strerror
        )
        raise ClinicodeError(message) from error
    return path


def read_run(path: Path) -> Run:
    """Read what `save_run` wrote.

    Raises
    ------
    ClinicodeError
        If the file is no run.
    """
    try:
        data = read_sealed(path)
        metadata = pl.read_parquet_metadata(io.BytesIO(data))
        return Run(Provenance(**json.loads(metadata[KEY])), pl.read_parquet(io.BytesIO(data)))
    except (OSError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        message = _("{path} is no evaluation run that can be read; measure again or delete it.").format(path=path)
        raise ClinicodeError(message) from error


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}.{number}" for number in count(2))


def read_runs(folder: Path = REFERENCE) -> Iterator[Run]:
    """All runs of a folder, in the order of their names."""
    for path in sorted(folder.glob("*.parquet")):
        yield read_run(path)


def machine() -> str:
    """The machine in words: processor, cores, Python."""
    return f"{platform.machine()}, {settings.PROCESSORS} cores, Python {platform.python_version()}"
