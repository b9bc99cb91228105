"""`backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.console import warn


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the file to write, such as backup.zip")],
) -> None:
    """Write all that was made in the workspace into one file; others can go on working meanwhile."""
    from core.backup import backup as write

    manifest = write(file)
    warn(f"{file}: {file.stat().st_size:,} bytes; {manifest}. It holds the notes; keep it as you keep them.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a file that backup wrote")],
    replace: Annotated[
        bool, typer.Option("--replace", help="put it in the place of what is there, which is kept aside")
    ] = False,
) -> None:
    """Put a workspace back from a backup: all of it or nothing."""
    from core.restore import restore as put_back

    done = put_back(file, replace=replace)
    warn(f"Restored from {file}, made {done.manifest.created}: {done.manifest}.")
    if done.aside is not None:
        warn(f"What was there before is kept in {done.aside}; delete it when it is not needed any more.")
