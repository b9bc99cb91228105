"""What a run is of: its input, its options, and what codes it. A run goes on only where all of it is the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from core import settings
from core.errors import ClinicodeError
from core.fingerprint import of_files

if TYPE_CHECKING:
    from pathlib import Path

    from core.coder import Coder


@dataclass(frozen=True, slots=True)
class Origin:
    """What answers are made by: fingerprints of the models and the entry terms, the state of memory, the releases."""

    encoder: str
    reranker: str
    reader: str
    terms: str
    catalog: str
    memory: str
    release: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: where its input lies, what that is like (see :class:`core.batch.source.Source`), options and origin.

    `size` is the texts of a part, `format` of its file (``jsonl`` or ``parquet``).
    """

    input: str
    digest: str
    encoding: str
    whole_ids: bool
    notes: int
    size: int
    format: str
    lang: str
    rerank: bool
    origin: Origin


DIFFERENT = {
    "digest": "another input",
    "size": "another --parts",
    "format": "another --format",
    "lang": "another --lang",
    "rerank": "another choice of --no-rerank",
    "encoder": "another encoder",
    "reranker": "another reranker",
    "reader": "another note reader",
    "terms": "other entry terms (imported tables)",
    "catalog": "another catalog",
    "memory": "another state of the team memory",
    "release": "another release of Clinicode",
}
"""What a difference of two runs is called."""


def origin_of(coder: Coder) -> Origin:
    """What this coder answers by, now."""
    files = (path for path in sorted(settings.SHIPPED_READER.iterdir()) if path.suffix != ".md")
    return Origin(
        coder.retriever.encoder.fingerprint,
        coder.reranker.fingerprint if coder.reranker is not None else "none",
        of_files(files),
        coder.retriever.book.terms.fingerprint(),
        coder.catalog.label,
        memory_of(coder),
        version("clinicode"),
    )


def memory_of(coder: Coder) -> str:
    """The state of the team memory."""
    entries, choices, last = coder.memory.version()
    return f"{entries} remembered, {choices} choices, last {last or 'never'}"


def differences(one: Plan, other: Plan) -> list[str]:
    """In what two runs differ; where the input lies does not count."""
    first, second = (asdict(plan) | asdict(plan.origin) for plan in (one, other))
    return [said for name, said in DIFFERENT.items() if first[name] != second[name]]


def read_plan(path: Path) -> Plan:
    """A plan that was kept.

    Raises
    ------
    ClinicodeError
        If it cannot be read.
    """
    try:
        return TypeAdapter(Plan).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        message = f"{path} cannot be read, so the run cannot go on; give another --output."
        raise ClinicodeError(message) from error


def plan_json(plan: Plan) -> str:
    """A plan to be kept."""
    return json.dumps(asdict(plan), ensure_ascii=False, indent=2) + "\n"
