"""`train`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from core.commands.console import warn

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


def train_encoder(
    out: Annotated[Path, typer.Option("--out", help="the model's folder")],
    data: Annotated[
        Path | None, typer.Option("--data", help="public tables: terms, parallel, national, codiesp")
    ] = None,
    codiesp: Annotated[
        str, typer.Option("--codiesp", help="splits to train on, comma-separated; empty for none")
    ] = "train,dev",
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="instead of the recipe's")] = None,
    seed: Annotated[int, typer.Option("--seed", help="fixes everything random")] = 7,
) -> None:
    """Train the bi-encoder, on a CPU in minutes, and write it with its model card."""
    from core.train.shipped import train_shipped_encoder

    splits = tuple(part.strip() for part in codiesp.split(",") if part.strip())
    train_shipped_encoder(out, data, splits, epochs, seed, warn)


def train_language(
    out: Annotated[Path, typer.Option("--out", help="the model's folder")],
    data: Annotated[Path | None, typer.Option("--data", help="public tables, as for the encoder")] = None,
) -> None:
    """Train the language classifier of short clinical texts."""
    from core.train.shipped import train_shipped_language

    train_shipped_language(out, data, warn)


def train_reranker(
    out: Annotated[Path, typer.Option("--out", help="the model's folder")],
    data: Annotated[Path, typer.Option("--data", help="public tables, as for the encoder")],
    seed: Annotated[int, typer.Option("--seed", help="fixes everything random")] = 7,
) -> None:
    """Train the reranker on cross-fitted candidates, and write it with its model card."""
    from core.train.shipped_reranker import train_shipped_reranker

    train_shipped_reranker(out, data, seed, warn)


def train_reader(
    out: Annotated[Path, typer.Option("--out", help="the model's folder")],
    data: Annotated[Path, typer.Option("--data", help="public tables, as for the encoder")],
    seed: Annotated[int, typer.Option("--seed", help="fixes everything random")] = 7,
) -> None:
    """Train the note reader, after the reranker, and write it with its model card."""
    from core.train.reader import train_reader as train

    train(out, data, seed, warn)


def train_tagger(
    out: Annotated[Path, typer.Option("--out", help="the reader's folder")],
    data: Annotated[Path, typer.Option("--data", help="public tables, as for the encoder")],
    seed: Annotated[int, typer.Option("--seed", help="fixes everything random")] = 7,
) -> None:
    """Train the note reader's tagger alone, in minutes; its trees and its ranking stay as they ship."""
    from core.train.reader import train_reader_tagger

    train_reader_tagger(out, data, seed, warn)


COMMANDS: dict[str, Callable[..., None]] = {
    "encoder": train_encoder,
    "reranker": train_reranker,
    "reader": train_reader,
    "tagger": train_tagger,
    "language": train_language,
}
