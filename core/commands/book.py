"""`catalog`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


def show_code(code_name: Annotated[str, typer.Argument(metavar="CODE", help="such as I21.4, i214 or I20-I25")]) -> None:
    """Print a code: its place, notes and children."""
    from core.catalog import load_catalog

    book = load_catalog()
    found = book.find(code_name)
    kind = "billable" if found.billable else f"{found.level}, not billable"
    typer.echo(f"{found.code}  {found.title}\n{kind} · {book.label}")
    if path := book.ancestors(found.code):
        typer.echo("in: " + " › ".join(f"{above.code} {above.title}" for above in path))
    terms = (("Also called", found.inclusion_terms),) if found.inclusion_terms else ()
    for name, lines in (*terms, *found.notes.printed()):
        typer.echo(f"\n{name}")
        typer.echo("\n".join(f"  {line}" for line in lines))
    if found.children:
        typer.echo("\nUnder it")
        typer.echo("\n".join(f"  {child}  {book.title(child)}" for child in found.children))


COMMANDS: dict[str, Callable[..., None]] = {"show": show_code}
