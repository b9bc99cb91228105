"""`review`."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from core.commands.console import open_product, warn
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.review.exchange.found import Read
    from core.review.model import Project
    from core.review.people import Person
    from core.review.store import ReviewStore

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.

FORMATS = ("csv", "jsonl", "codiesp", "brat", "fhir", "audit", "archive")
PROBLEMS = 10
"""Of a file's problems, so many are told one by one."""

ProjectArgument = Annotated[str, typer.Argument(metavar="PROJECT", help="its name, or its number as projects lists it")]
AsOption = Annotated[str, typer.Option("--as", metavar="NAME", help="who does it, for the log (default: you)")]


def projects() -> None:
    """List the projects: number, name, documents, and how far they are."""
    from core.review.store import ReviewStore

    store = ReviewStore()
    found = store.projects()
    if not found:
        warn("There is no project yet; make one with `clinicode review create NAME`.")
    for project in found:
        documents = len(store.documents(project.id))
        lanes = store.progress(project.id)
        finished = sum(lane.finished for lane in lanes)
        typer.echo(
            f"{project.id:>4}  {project.name}  · documents {documents:,} · without suggestions "
            f"{len(store.unsuggested(project.id)):,} · begun {len(lanes):,} · finished {finished:,}"
        )


def create(
    name: Annotated[str, typer.Argument(help="what the project is called")],
    reviewers: Annotated[int, typer.Option("--reviewers", min=1, max=9, help="how many read each document")] = 1,
    blind: Annotated[bool, typer.Option("--blind", help="hide suggestions until a reviewer asks for them")] = False,
    approval: Annotated[bool, typer.Option("--approval", help="teach only what was adjudicated")] = False,
    name_in_log: AsOption = "",
) -> None:
    """Make a project."""
    from core.review.model import Settings
    from core.review.store import ReviewStore

    chosen = Settings(reviewers=reviewers, blind=blind, approval=approval)
    made = ReviewStore().create(_person(name_in_log), name, chosen)
    typer.echo(f"{made.id:>4}  {made.name}")


def import_files(
    project: ProjectArgument,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="files or folders")],
    name_in_log: AsOption = "",
) -> None:
    """Add documents: notes, zip files, JSON lines, tables, BRAT or CodiEsp; what is annotated stands as suggestions."""
    from core.catalog import load_catalog
    from core.review.store import ReviewStore

    store, person, catalog = ReviewStore(), _person(name_in_log), load_catalog()
    chosen = find(store, project)
    read = [(path, _read(path, catalog)) for path in paths]  # all of them before anything is written
    bad = 0
    for path, one in read:
        added, twice = store.import_documents(person, chosen, one.documents)
        there = f", {len(twice):,} were there already" if twice else ""
        warn(f"{path}: {added:,} documents added{there} ({one.format}).")
        for problem in one.problems[:PROBLEMS]:
            warn(f"{path}, {problem.where}: {problem.reason}")
        if len(one.problems) > PROBLEMS:
            warn(f"{path}: {len(one.problems) - PROBLEMS:,} more problems like these.")
        bad += len(one.problems)
    if bad:
        raise typer.Exit(1)


def suggest(project: ProjectArgument) -> None:
    """Let the product read the documents that it has not read yet; stopped, it goes on where it was."""
    from core.review.store import ReviewStore
    from core.review.suggest import suggest as read

    store = ReviewStore()
    chosen = find(store, project)
    waiting = store.unsuggested(chosen.id)
    if not waiting:
        warn("Every document has its suggestions.")
        return
    coder = open_product()
    with tqdm(total=len(waiting), unit="note", disable=None) as bar:
        read(store, coder, waiting, lambda _document: bar.update())
    warn(f"{len(waiting):,} documents read.")


def export(
    project: ProjectArgument,
    out: Annotated[Path, typer.Option("--out", help="the file to write")],
    kind: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "csv",
    reviewer: Annotated[str, typer.Option("--reviewer", help="this one's decisions (default: what is final)")] = "",
) -> None:
    """Write what was decided, the log (audit) or all of the project (archive) to a file."""
    from core.review.store import ReviewStore

    if kind not in FORMATS:
        message = f"There is no format {kind!r}; choose one of {', '.join(FORMATS)}."
        raise ClinicodeError(message)
    if reviewer and kind in ("audit", "archive"):
        message = f"The {kind} is of the whole project; leave --reviewer out."
        raise ClinicodeError(message)
    store = ReviewStore()
    data = _exported(store, find(store, project), kind, reviewer)
    partial = out.with_name(out.name + ".part")
    try:
        partial.write_bytes(data)
        partial.replace(out)
    except OSError as error:
        message = f"{out} cannot be written ({error.strerror})."
        raise ClinicodeError(message) from error
    finally:
        partial.unlink(missing_ok=True)
    warn(f"{out}: {len(data):,} bytes. It holds words of the notes; keep it as you keep them.")


def restore(
    file: Annotated[Path, typer.Argument(help="an archive that export wrote")],
    name: Annotated[str, typer.Option("--name", help="another name for the project")] = "",
    teach: Annotated[bool, typer.Option("--teach", help="put what its decisions taught into the team memory")] = False,
    name_in_log: AsOption = "",
) -> None:
    """Put a project back from its archive."""
    from core.review.store import ReviewStore

    made = ReviewStore().restore(_person(name_in_log), _bytes(file), name, teach=teach)
    typer.echo(f"{made.id:>4}  {made.name}")


def delete(
    project: ProjectArgument,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="take what it taught out of the team memory too")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="confirm that notes, decisions and log go")] = False,
    name_in_log: AsOption = "",
) -> None:
    """Delete a project with its notes and its log."""
    from core.review import effect
    from core.review.store import ReviewStore

    store = ReviewStore()
    chosen = find(store, project)
    if not yes:
        message = f"This deletes “{chosen.name}” with all its notes and its log; say so with --yes."
        raise ClinicodeError(message)
    effect.delete(chosen.id)
    counts = store.delete(_person(name_in_log), chosen, withdraw=withdraw)
    warn(
        f"Deleted: {counts['documents']:,} documents, {counts['events']:,} events; of what it taught "
        f"{counts['taught']:,} were withdrawn and {counts['stay']:,} stay in the team memory."
    )


def find(store: ReviewStore, text: str) -> Project:
    """The project of this name (any case) or number.

    Raises
    ------
    ClinicodeError
        If there is none.
    """
    found = store.projects()
    named = [one for one in found if one.name.casefold() == " ".join(text.split()).casefold()]
    named += [one for one in found if str(one.id) == text.strip()]
    if not named:
        there = ", ".join(f"{one.id} {one.name}" for one in found[-5:])
        message = f"There is no project {text!r}; " + (f"there are: {there}." if there else "there is none at all.")
        raise ClinicodeError(message)
    return named[0]


def _person(name: str) -> Person:
    from core.review.people import local

    try:
        return local(name or getpass.getuser().capitalize())
    except (KeyError, OSError):  # nobody has this user's number a name
        return local("Reviewer")


def _read(path: Path, catalog: Catalog) -> Read:
    from core.review.exchange.reading import read_documents, read_folder

    if path.is_dir():
        return read_folder(path, catalog)
    return read_documents(path.name, _bytes(path), catalog)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise ClinicodeError(message) from error


def _exported(store: ReviewStore, project: Project, kind: str, reviewer: str) -> bytes:
    from core.review.exchange import archive, exporting

    if kind == "archive":
        return archive.archived(store, project)
    if kind == "audit":
        return exporting.log_table(store, project)
    lanes = {lane.lane for lane in store.progress(project.id)}
    if reviewer and reviewer not in lanes:
        message = (
            f"{reviewer} has decided nothing in “{project.name}”; there are: {', '.join(sorted(lanes)) or 'none'}."
        )
        raise ClinicodeError(message)
    from core.catalog import load_catalog

    return exporting.export(store, project, load_catalog(), kind, reviewer)


COMMANDS: dict[str, Callable[..., None]] = {
    "projects": projects,
    "create": create,
    "import": import_files,
    "suggest": suggest,
    "export": export,
    "restore": restore,
    "delete": delete,
}
