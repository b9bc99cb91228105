"""Answers of `code` as a parquet table: the keys of an answer line as columns, lists and objects nested."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from core.batch.source import has_whole_ids, is_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CANDIDATE = pl.Struct(
    {
        "code": pl.String,
        "title": pl.String,
        "score": pl.Float64,
        "confidence": pl.Float64,
        "billable": pl.Boolean,
        "source": pl.String,
    }
)
MENTION = pl.Struct(
    {
        "start": pl.Int64,
        "end": pl.Int64,
        "text": pl.String,
        "status": pl.String,
        "candidates": pl.List(CANDIDATE),
    }
)
CODE = pl.Struct(
    {
        "code": pl.String,
        "title": pl.String,
        "score": pl.Float64,
        "suggested": pl.Boolean,
        "evidence": pl.List(pl.List(pl.Int64)),
    }
)


def write_answers(partial: Path, output: Path, source: Path) -> None:
    """Put a finished file of answer lines in the place of the output, as parquet where that is named so."""
    if is_parquet(output):
        with partial.open(encoding="utf-8") as lines:
            write_table(lines, table := partial.with_name(f"{partial.name}.table"), whole_ids=has_whole_ids(source))
        table.replace(partial)
    partial.replace(output)


def write_table(lines: Iterable[str], path: Path, *, whole_ids: bool) -> None:
    """Answer lines as parquet; ids are whole numbers where all of the input's are, else texts."""
    answers = [json.loads(line) for line in lines]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "id": pl.Int64 if whole_ids else pl.String,
        "lang": pl.String,
        "lang_confidence": pl.Float64,
        "mentions": pl.List(MENTION),
        "codes": pl.List(CODE),
    }
    rows = [answer if whole_ids else answer | {"id": str(answer["id"])} for answer in answers]
    pl.DataFrame(rows, schema).write_parquet(path)
