"""`code` over many notes: into a folder of parts, by either engine."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from core.commands.console import open_product, warn
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.batch.folder import Failure

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


ENGINES = ("plain", "ray")
FORMATS = ("jsonl", "parquet")

PartsOption = Annotated[
    int | None,
    typer.Option("--parts", min=1, help="notes a part: --output is a folder of parts, and a run cut off goes on"),
]
FormatOption = Annotated[str, typer.Option("--format", help="of the parts: jsonl or parquet; default: as --input")]
EngineOption = Annotated[str, typer.Option("--engine", help="plain (this process) or ray (many, in parts)")]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, help="of Ray; default: as many as there is room for")
]
AddressOption = Annotated[str, typer.Option("--address", help="of a Ray cluster; default: this machine alone")]


@dataclass(frozen=True, slots=True)
class Many:
    """How many notes are to be coded."""

    output: Path | None
    parts: int | None
    format: str
    engine: str
    workers: int | None
    address: str

    @property
    def in_parts(self) -> bool:
        """Whether into a folder of parts; a folder that is there already is one."""
        return self.engine == "ray" or self.parts is not None or (self.output is not None and self.output.is_dir())

    def check(self) -> None:
        """Refuse what does not go together, before anything is loaded.

        Raises
        ------
        ClinicodeError
            If a name is unknown, or an option is without the one it belongs to.
        """
        if self.engine not in ENGINES:
            message = f"There is no engine {self.engine!r}; choose {' or '.join(ENGINES)}."
            raise ClinicodeError(message)
        if self.format and self.format not in FORMATS:
            message = f"There is no format {self.format!r}; choose {' or '.join(FORMATS)}."
            raise ClinicodeError(message)
        if self.format and not self.in_parts:
            raise ClinicodeError(
                "--format is for a folder of parts: give --parts, or name --output .jsonl or .parquet."
            )
        if self.engine != "ray" and (self.workers or self.address):
            raise ClinicodeError("--workers and --address are for --engine ray.")


def code_in_parts(input_path: Path, output_path: Path | None, lang: str, many: Many, *, rerank: bool) -> None:
    """Code every usable note of a file into a folder; report the others and exit with 1 at the end."""
    from core.batch.cluster import OnRay
    from core.batch.folder import FAILURES
    from core.batch.run import Here, Wanted, run

    if output_path is None or output_path.suffix in {".jsonl", ".json", ".parquet"}:
        message = "Give --output, the folder to write parts to" + (" (not a file)." if output_path else ".")
        raise ClinicodeError(message)
    engine = OnRay(open_product, many.workers or 0, many.address) if many.engine == "ray" else Here(open_product)
    wanted = Wanted(input_path, output_path, many.parts or 0, many.format, lang, rerank)
    # Ray tells on standard output that a worker died
    with redirect_stdout(sys.stderr), tqdm(unit="note", disable=None, smoothing=0) as bar:

        def tick(done: int, notes: int, failures: Sequence[Failure]) -> None:
            if bar.total is None:
                bar.reset(notes)
                bar.initial = bar.n = done
            bar.update(done - bar.n)
            for failure in failures:
                name = f", id {failure.id}" if failure.id is not None else ""
                tqdm.write(f"{input_path}, line {failure.line}{name}: {failure.reason}", file=sys.stderr)

        finished = run(wanted, engine, tick)
    if finished.before:
        warn(f"The run in {output_path} was finished before.")
    if finished.failed:
        answered = finished.notes - finished.failed
        warn(f"{answered} of {finished.notes} notes answered, {finished.failed} left out: {output_path / FAILURES}")
        raise typer.Exit(1)
