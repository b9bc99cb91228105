"""Ray Data as the engine of a run: a pool of actors, each with the product opened once.

What goes through Ray is which part is next and which one is done. A worker reads its part of the input and writes its
part of the output itself, so no text of a note comes into Ray's object store; on a cluster, input and output lie on a
file system that every machine has under the same path.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.batch.folder import RunFolder
from core.batch.plan import origin_of
from core.batch.source import Part
from core.batch.worker import PartCoder
from core.coder import open_coder
from core.errors import ClinicodeError
from core.settings import PROCESSORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.batch.plan import Origin
    from core.coder import Coder

MEMORY = 2 * 2**30
"""Bytes of memory that are set apart for a worker."""
STORE = 100 * 2**20
"""Bytes of Ray's object store on this machine: it holds the numbers of parts."""
BLOCKS = 4096
"""Pieces of work at most that are handed out; beyond, each is several parts."""
STARTS = 3
"""Workers that may die one after the other while they start."""
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


class Worker:
    """An actor: opens the product, then codes the parts that it is given."""

    def __init__(self) -> None:
        self._coder = open_coder()
        self._parts: PartCoder | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Code a batch of parts; gives back their numbers."""
        for values in zip(*batch.values(), strict=True):
            row = dict(zip(batch, values, strict=True))
            folder = RunFolder(Path(str(row.pop("folder"))))
            self._parts = self._parts or PartCoder(folder, self._coder)
            self._parts.code(Part(**{name: int(value) for name, value in row.items()}))
        return {"number": batch["number"]}


class OnRay:
    """Codes parts by workers of Ray, in the order in which they are ready.

    Parameters
    ----------
    open_
        Opens the product; done once before the workers do, so that they find the index built.
    workers
        How many; 0 for as many as processors and memory allow.
    address
        A cluster's; empty for a Ray of this run's own on this machine.

    Raises
    ------
    ClinicodeError
        If Ray is not installed.

    """

    def __init__(self, open_: Callable[[], Coder], workers: int = 0, address: str = "") -> None:
        _set_environment(address)
        if find_spec("ray") is None or find_spec("ray.data") is None:
            raise ClinicodeError("--engine ray needs Ray: install Clinicode with its extra ray (pip install '.[ray]').")
        self._open, self._workers, self._address = open_, workers, address

    def origin(self) -> Origin:
        """What it codes with; the product is let go again."""
        return origin_of(self._open())

    def code(self, folder: RunFolder, parts: Sequence[Part]) -> Iterator[int]:
        """Code parts; a worker that dies is replaced, and its part begun again.

        Raises
        ------
        ClinicodeError
            If Ray cannot be started or reached, or a worker cannot go on.
        """
        scratch = folder.scratch()
        try:
            most = _join(self._address) if self._address else _start(scratch / "ray", self._workers or _most())
            yield from _coded(folder, parts, self._workers or most)
        finally:
            _stop()
            shutil.rmtree(scratch, ignore_errors=True)


def _coded(folder: RunFolder, parts: Sequence[Part], workers: int) -> Iterator[int]:
    from ray.data import ActorPoolStrategy, DataContext, from_items  # noqa: PLC0415  an extra

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    settings = DataContext.get_current()
    settings.enable_progress_bars = False
    settings.print_on_execution_start = False
    settings.max_consecutive_actor_init_deaths = STARTS
    rows = [{**asdict(part), "folder": str(folder.path)} for part in parts]
    coded = from_items(rows, override_num_blocks=min(len(rows), BLOCKS)).map_batches(
        Worker,
        batch_size=1,
        compute=ActorPoolStrategy(size=min(workers, len(rows))),
        num_cpus=1,
        memory=MEMORY,
        runtime_env={"env_vars": THREADS},
    )
    try:
        for row in coded.iter_rows():
            yield int(row["number"])
    except GeneratorExit:
        raise
    except Exception as error:
        raise _said(error) from error


def _set_environment(address: str) -> None:
    """What Ray reads when it is imported: no usage statistics, no chatter, and a password for a Ray of our own."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    if not address:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _start(temporary: Path, workers: int) -> int:
    """A Ray of our own on this machine, without dashboard; returns how many workers it has.

    Ray opens its temporary folder to everybody, hence a private one around it.

    Raises
    ------
    ClinicodeError
        If it cannot be started.
    """
    try:
        _init(
            address="local",
            num_cpus=workers,
            include_dashboard=False,
            object_store_memory=STORE,
            _memory=workers * MEMORY,
            _node_ip_address="127.0.0.1",
            _temp_dir=str(temporary),
        )
    except (OSError, ValueError, RuntimeError) as error:
        message = f"Ray cannot be started ({first_line(error)}); leave --engine away to do without."
        raise ClinicodeError(message) from error
    return workers


def _join(address: str) -> int:
    """Somebody's cluster; returns how many processors it has.

    Raises
    ------
    ClinicodeError
        If it cannot be reached.
    """
    import ray  # noqa: PLC0415  an extra

    try:
        _init(address=address)
    except (OSError, ValueError, RuntimeError) as error:
        message = f"The Ray cluster at {address} cannot be reached ({first_line(error)})."
        raise ClinicodeError(message) from error
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _init(**options: object) -> None:
    import ray  # noqa: PLC0415  an extra

    ray.init(log_to_driver=False, logging_level=logging.CRITICAL, **options)


def _stop() -> None:
    import ray  # noqa: PLC0415  an extra

    ray.shutdown()


def _said(error: Exception) -> Exception:
    """What a worker says of itself, without Ray's account of the way it came."""
    one: BaseException | None = error
    while one is not None:
        if isinstance(one, ClinicodeError):
            return ClinicodeError(str(one))
        one = getattr(one, "cause", None) or one.__cause__
    return ClinicodeError(f"The workers of Ray stopped ({first_line(error)}); run it again to go on.")


def first_line(error: Exception) -> str:
    """The beginning of what an error says."""
    said = str(error).strip().splitlines()
    return said[0][:200] if said else type(error).__name__


def _most() -> int:
    """As many workers as this machine has processors and memory for."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(PROCESSORS, memory // MEMORY))
