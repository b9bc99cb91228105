"""A run from its input to the folder with all its parts, by either engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.batch.folder import RunFolder
from core.batch.plan import Plan, origin_of
from core.batch.source import is_parquet, open_source
from core.batch.worker import PartCoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from core.batch.folder import Failure
    from core.batch.plan import Origin
    from core.batch.source import Part
    from core.coder import Coder

SIZE = 100
"""Notes of a part: what a process that dies has to do again at most."""


class Engine(Protocol):
    """What codes the parts of a run."""

    def origin(self) -> Origin:
        """What it codes with."""

    def code(self, folder: RunFolder, parts: Sequence[Part]) -> Iterator[int]:
        """Code parts, giving the number of each that is kept; in any order."""


class Here:
    """Codes parts in this process, one after the other.

    Parameters
    ----------
    open_
        Opens the product.

    """

    def __init__(self, open_: Callable[[], Coder]) -> None:
        self._open = open_
        self._coder: Coder | None = None

    def origin(self) -> Origin:
        """What it codes with; opens the product."""
        self._coder = self._coder or self._open()
        return origin_of(self._coder)

    def code(self, folder: RunFolder, parts: Sequence[Part]) -> Iterator[int]:
        """Code parts in their order."""
        self._coder = self._coder or self._open()
        worker = PartCoder(folder, self._coder)
        for part in parts:
            worker.code(part)
            yield part.number


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; `size` 0 and `format` empty: as the run was begun, else 100 notes, and as the input."""

    input: Path
    output: Path
    size: int = 0
    format: str = ""
    lang: str = "auto"
    rerank: bool = True


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is done: its notes, how many of them have no answer, and whether all of it was there before."""

    notes: int
    failed: int
    before: bool


def run(wanted: Wanted, engine: Engine, tick: Callable[[int, int, Sequence[Failure]], object]) -> Finished:
    """Code what is missing of a run.

    Parameters
    ----------
    wanted
        The run.
    engine
        Codes it.
    tick
        Called at first and after each part with the notes done, those of the whole run, and what failed in the part.

    Raises
    ------
    ClinicodeError
        If the input cannot be used, the folder holds another run, or the work cannot go on.
    """
    folder = RunFolder(wanted.output.resolve())
    begun = folder.plan() if folder.begun else None
    size = wanted.size or (begun.size if begun else SIZE)
    source = open_source(wanted.input.resolve(), size)
    format_ = wanted.format or (begun.format if begun else "parquet" if is_parquet(source.path) else "jsonl")
    about = source.digest, source.encoding, source.whole_ids, source.notes
    with folder.held():
        folder.clear()
        plan = Plan(str(source.path), *about, size, format_, wanted.lang, wanted.rerank, engine.origin())
        folder.begin(plan)
        missing = folder.missing(source.parts, format_)
        done = source.notes - sum(part.notes for part in missing)
        tick(done, source.notes, ())
        for number in engine.code(folder, missing) if missing else ():
            part = source.parts[number]
            done += part.notes
            tick(done, source.notes, folder.failures(part))
        return Finished(source.notes, folder.finish(source.parts), before=not missing)
