"""The command line: the commands under their names, and how what goes wrong is said."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

import typer
from typer.exceptions import TyperException

from core.commands import backup, book, coding, corpus, measuring, review, training
from core.commands.console import warn
from core.commands.demo import demo
from core.discreet import discreet, told
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def build() -> typer.Typer:
    """The application with all its commands."""
    app = typer.Typer(
        help="Multilingual clinical coding: from text in seven languages to ICD-10-CM codes, offline.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for command in (
        coding.search,
        coding.code,
        coding.remember,
        coding.forget,
        measuring.evaluate,
        measuring.bench,
        demo,
        backup.backup,
        backup.restore,
    ):
        app.command()(command)
    groups: dict[str, tuple[str, Mapping[str, Callable[..., None]]]] = {
        "train": ("Train a model from public tables and written corpora.", training.COMMANDS),
        "synthesize": ("The written corpus: its checks, more of it, listwise groups.", corpus.COMMANDS),
        "catalog": ("Look at the code set.", book.COMMANDS),
        "review": ("Annotation projects: documents in, suggestions, results out.", review.COMMANDS),
    }
    for name, (about, commands) in groups.items():
        group = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)
        for command_name, command in commands.items():
            group.command(command_name)(command)
        app.add_typer(group, name=name)
    return app


def main() -> None:
    """Run, saying what went wrong on one line: exit code 2 for bad input, 1 where something was left out or failed."""
    discreet()
    logging.basicConfig(
        level=os.environ.get("CLINICODE_LOG", "ERROR").upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        outcome = build()(standalone_mode=False)
    except ClinicodeError as error:
        warn(f"clinicode: {error}")
        sys.exit(2)
    except TyperException as error:  # the command line parser's own complaints, or help where no command was given
        said = error.format_message()
        warn(said if said.startswith("Usage:") else f"clinicode: {' '.join(said.split())}")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        warn("clinicode: stopped.")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # its words may quote a note: where it happened is told, and of what kind it is
        warn(f"{told(error)}\nclinicode: something failed that should not; the lines above can be sent with a report.")
        sys.exit(1)
    sys.exit(outcome if isinstance(outcome, int) else 0)
