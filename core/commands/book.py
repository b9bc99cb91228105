"""`catalog`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.console import warn
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from core.catalog.tables.model import Columns
    from core.catalog.tables.store import Imported

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.

SHOWN = 20
"""Rejected rows named on the screen."""
CodeSetName = Annotated[str, typer.Argument(metavar="NAME", help="icd-10-cm, or one that `catalog tables` lists")]


def show_code(code_name: Annotated[str, typer.Argument(metavar="CODE", help="such as I21.4, i214 or I20-I25")]) -> None:
    """Print a code: its place, notes and children, and its titles in imported tables."""
    from core.catalog import load_catalog
    from core.catalog.tables.titles import local_titles

    book = load_catalog()
    found = book.find(code_name)
    kind = "billable" if found.billable else f"{found.level}, not billable"
    typer.echo(f"{found.code}  {found.title}\n{kind} · {book.label}")
    titles = local_titles()
    for one in titles.of(found.code):
        typer.echo(f"{one.lang}: {one.title} ({one.source})")
    for one in titles.elsewhere(found.code):
        typer.echo(f"means something else in {one.source}: {one.title}")
    if path := book.ancestors(found.code):
        typer.echo("in: " + " › ".join(f"{above.code} {above.title}" for above in path))
    terms = (("Also called", found.inclusion_terms),) if found.inclusion_terms else ()
    for name, lines in (*terms, *found.notes.printed()):
        typer.echo(f"\n{name}")
        typer.echo("\n".join(f"  {line}" for line in lines))
    if found.children:
        typer.echo("\nUnder it")
        typer.echo("\n".join(f"  {child}  {book.title(child)}" for child in found.children))


def import_table(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a release of ICD-10-CM or a national ICD-10 table")],
    system: Annotated[str, typer.Option(help="icd-10-cm, cie-10-es, cid-10, cim-10, icd-10-gm or icd-10")] = "",
    lang: Annotated[str, typer.Option(help="the language of its titles, where the file does not say it")] = "",
    release: Annotated[str, typer.Option(help="such as 2025, where the file does not say it")] = "",
    columns: Annotated[str, typer.Option(help="of a plain table: code=NAME,title=NAME[,terms=NAME]")] = "",
    *,
    check: Annotated[bool, typer.Option("--check", help="read and compare, keep nothing")] = False,
) -> None:
    """Import a table of codes; one of the same name is replaced. The format is told from the content."""
    from core.catalog.tables.bring import Wanted, bring, keep
    from core.catalog.tables.read import open_file
    from core.encode.load import load_encoder

    opened = open_file(file)
    shape = opened.shape
    layout = " · ".join(filter(None, (shape.form.value, shape.encoding, _said(shape.delimiter))))
    mapping = _columns(columns) if columns else None
    if shape.form.plain and mapping is None and shape.guess is not None:
        guess = shape.guess
        layout += f" · code in {guess.code!r}, title in {guess.title!r}"
        layout += f", further names in {guess.terms!r}" if guess.terms else ""
    typer.echo(layout)
    compared = bring(opened, Wanted(system, lang, release, mapping), load_encoder)
    for one in compared.reading.rejected[:SHOWN]:
        warn(f"{file.name}, line {one.line}: {one.reason}")
    if len(compared.reading.rejected) > SHOWN:
        warn(f"{file.name}: {len(compared.reading.rejected) - SHOWN:,} more rows are rejected")
    table = compared.table if check else keep(compared)
    typer.echo(f"{'Would be imported' if check else 'Imported'} as {table.name}: {table.label}, {table.lang}")
    typer.echo(_counts(table))
    if table.rejected:
        raise typer.Exit(1)


def list_tables(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="list the codes of this one that mean something else")
    ] = "",
) -> None:
    """List the code set in use and the imported tables."""
    from core.catalog.tables import sets, store
    from core.catalog.tables.model import Standing

    known = store.tables()
    if not name:
        typer.echo(f"in use: {sets.chosen()}")
        for table in known:
            typer.echo(f"\n{table.name}  {table.label}, {table.lang} ({table.file}, {table.day})\n{_counts(table)}")
        return
    found = next((table for table in known if table.name == name), None)
    if found is None:
        message = f"No table {name!r} is imported; imported: {', '.join(table.name for table in known) or 'none is'}."
        raise ClinicodeError(message)
    typer.echo(f"{found.name}  {found.label}, {found.lang} ({found.file}, {found.day})\n{_counts(found)}")
    if found.differs:
        installed = sets.open_set(sets.INSTALLED)
        typer.echo(f"\nCodes that mean something else in {found.against}")
        for code, title, standing in store.rows(found).select("code", "title", "standing").iter_rows():
            if standing == Standing.DIFFERS and code in installed:
                typer.echo(f"  {code}  {title} | there: {installed.title(code)}")


def remove_table(name: Annotated[str, typer.Argument(metavar="NAME", help="as `catalog tables` lists it")]) -> None:
    """Remove an imported table."""
    from core.catalog.tables import sets

    table = sets.remove(name)
    typer.echo(f"Removed {table.name} ({table.label}).")


def use_set(name: CodeSetName) -> None:
    """Choose the code set to code with."""
    import os

    from core.catalog.tables import sets

    sets.use(name)
    typer.echo(f"In use: {name} ({sets.open_set(name).label}).")
    if os.environ.get("CLINICODE_CODE_SET", name) != name:
        warn(f"CLINICODE_CODE_SET is set to {sets.chosen()} and goes before this choice.")


def compare_sets(
    old: CodeSetName,
    new: Annotated[str, typer.Argument(metavar="NEW", help="default: the installed one")] = "icd-10-cm",
) -> None:
    """List what changed from one release to another: added, removed and retitled codes."""
    from core.catalog.tables import sets
    from core.catalog.tables.compare import compare

    before, after = sets.open_set(old), sets.open_set(new)
    changes = compare(before, after)
    typer.echo(
        f"{changes.old} → {changes.new}: {len(changes.added):,} codes added, {len(changes.removed):,} removed, "
        f"{len(changes.retitled):,} retitled, {len(changes.became_headers):,} no longer billable"
    )
    for code in changes.added:
        typer.echo(f"+ {code}  {after.title(code)}")
    for code in changes.removed:
        typer.echo(f"- {code}  {before.title(code)}")
    for one in changes.retitled:
        typer.echo(f"~ {one.code}  {one.before} → {one.after}")


def _said(delimiter: str) -> str:
    from core.catalog.tables.text import DELIMITERS

    return DELIMITERS.get(delimiter, delimiter)


def _columns(text: str) -> Columns:
    """``code=A,title=B[,terms=C]`` as columns."""
    from core.catalog.tables.model import Columns

    named = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    known = {name.strip().lower(): column.strip() for name, column in named.items()}
    if not known.keys() <= {"code", "title", "terms"} or not {"code", "title"} <= known.keys():
        message = f"Columns {text!r} cannot be read; write code=NAME,title=NAME or code=NAME,title=NAME,terms=NAME."
        raise ClinicodeError(message)
    return Columns(known["code"], known["title"], known.get("terms", ""))


def _counts(table: Imported) -> str:
    """What became of a table's rows."""
    left = f", {table.left_out:,} headings or withdrawn codes left out" if table.left_out else ""
    rows = f"rows in {table.rows_in:,}, rejected {table.rejected:,}{left}"
    differs = "" if table.system.clinical else f", mean something else there {table.differs:,}"
    return f"{rows}; matched in {table.against} {table.same:,}{differs}, only in this table {table.only:,}"


COMMANDS: dict[str, Callable[..., None]] = {
    "show": show_code,
    "import": import_table,
    "tables": list_tables,
    "remove": remove_table,
    "use": use_set,
    "compare": compare_sets,
}
