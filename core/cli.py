"""The command line. No logic: it reads arguments, calls the package and writes answers."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm
from typer.exceptions import TyperException

from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.answers import Json
    from core.coder import CodedNote, Coder, Found
    from core.evaluate.run import Report
    from core.jsonl import Item

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.
# ruff: noqa: PLC0415

BATCH = 256

app = typer.Typer(
    help="Multilingual clinical coding: from text in seven languages to ICD-10-CM codes, offline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
train = typer.Typer(
    help="Train a model from public tables and written corpora.", no_args_is_help=True, rich_markup_mode=None
)
catalog = typer.Typer(help="Look at the code set.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(train, name="train")
app.add_typer(catalog, name="catalog")

LangOption = Annotated[str, typer.Option("--lang", help="auto, en, es, ca, it, pt, fr or de")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]
InputOption = Annotated[Path | None, typer.Option("--input", help='JSON lines: {"id", "text"[, "lang"]}')]
OutputOption = Annotated[Path | None, typer.Option("--output", help="JSON lines, one answer a line, in the same order")]
TopOption = Annotated[int, typer.Option("--top-k", min=1, max=200, help="how many codes")]


@app.command()
def search(
    text: Annotated[str | None, typer.Argument(help="a diagnosis, symptom or phrase")] = None,
    lang: LangOption = "auto",
    top_k: TopOption = 10,
    no_rerank: Annotated[bool, typer.Option("--no-rerank", help="first stage only (no reranker ships yet)")] = False,
    as_json: JsonOption = False,
    input_path: InputOption = None,
    output_path: OutputOption = None,
) -> None:
    """Rank codes for a phrase, or for a file of phrases."""
    from core.answers import found_json

    del no_rerank  # accepted already, so that scripts written now keep their meaning
    _check_lang(lang)
    if (text is None) == (input_path is None):
        message = "Give a phrase, or --input and --output with files of JSON lines."
        raise ClinicodeError(message)
    if input_path is not None:

        def answer(coder: Coder, items: Sequence[Item]) -> list[Json]:
            found = coder.search_many([item.text for item in items], [item.lang or lang for item in items], top_k)
            return [found_json(item.name, one) for item, one in zip(items, found, strict=True)]

        _batch(input_path, output_path, answer, BATCH)
        return
    coder = _coder()
    found = coder.search(text or "", lang, top_k)
    if as_json:
        typer.echo(json.dumps(found_json(None, found), ensure_ascii=False))
    else:
        _show_found(found, coder.catalog.label)


@app.command()
def code(
    note: Annotated[Path | None, typer.Argument(help="a .txt, .pdf or .docx file")] = None,
    lang: LangOption = "auto",
    as_json: JsonOption = False,
    input_path: InputOption = None,
    output_path: OutputOption = None,
) -> None:
    """Find the diagnoses of a note and rank codes for it, or for a file of notes."""
    from core.answers import note_json
    from core.note.documents import read_document

    _check_lang(lang)
    if (note is None) == (input_path is None):
        message = "Give a note's file, or --input and --output with files of JSON lines."
        raise ClinicodeError(message)
    if input_path is not None:

        def answer(coder: Coder, items: Sequence[Item]) -> list[Json]:
            return [note_json(item.name, coder.code(item.text, item.lang or lang)) for item in items]

        _batch(input_path, output_path, answer, 1)
        return
    path = note or Path()
    if not path.is_file():
        message = f"There is no file {path}."
        raise ClinicodeError(message)
    text = read_document(path.name, path.read_bytes())
    coder = _coder()
    coded = coder.code(text, lang)
    if as_json:
        typer.echo(json.dumps(note_json(None, coded), ensure_ascii=False))
    else:
        _show_note(coded, coder.catalog.label)


@app.command()
def remember(
    file: Annotated[Path, typer.Argument(help="tab-separated, with a first line: text, code[, lang]")],
) -> None:
    """Take reviewed pairs into the team memory."""
    from core.evaluate.mentions import read_table
    from core.retrieve.memory import Reviewed

    coder = _coder()
    pairs, bad = [], 0
    for number, row in read_table(file, ("text", "code")):
        try:
            pairs.append(coder.reviewed(Reviewed(row["text"], row["code"], row.get("lang", ""))))
        except ClinicodeError as error:
            bad += 1
            _warn(f"{file}, line {number}: {error}")
    count = coder.memory.remember(pairs)
    _warn(f"{count} reviewed pairs remembered{f', {bad} lines left out' if bad else ''}.")
    if bad:
        raise typer.Exit(1)


@app.command()
def forget(
    everything: Annotated[bool, typer.Option("--all", help="confirm that the whole team memory goes")] = False,
) -> None:
    """Empty the team memory."""
    from core.retrieve.memory import TeamMemory

    if not everything:
        message = "This empties the whole team memory; say so with --all."
        raise ClinicodeError(message)
    _warn(f"{TeamMemory().forget()} remembered entries forgotten.")


@app.command()
def evaluate(
    dataset: Annotated[str, typer.Option("--dataset", help="codiesp-x, codiesp-d or mentions")],
    path: Annotated[Path, typer.Option("--path", help="CodiEsp's folder, or the table of mentions")],
    split: Annotated[str, typer.Option("--split", help="train, dev or test (CodiEsp)")] = "test",
    system: Annotated[str, typer.Option("--system", help="clinicode, dense, bm25 or tfidf")] = "clinicode",
    limit: Annotated[int, typer.Option("--limit", min=0, help="only the first so many")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure a system on a data set, with bootstrap 95 % intervals."""
    from functools import cache

    from core.catalog import load_catalog
    from core.evaluate.run import Request
    from core.evaluate.run import evaluate as run

    bar = tqdm(desc=dataset, unit="query", disable=None, leave=False)

    def progress(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        report = run(Request(dataset, path, split, system, limit), cache(load_catalog), cache(_coder), progress)
    finally:
        bar.close()
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show_report(report)


@app.command()
def bench() -> None:
    """Measure latency, throughput and memory on this machine, beside named baselines."""
    from core.bench import run_bench

    for line in run_bench(_coder):
        typer.echo(line)


@train.command("encoder")
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
    train_shipped_encoder(out, data, splits, epochs, seed, _warn)


@train.command("language")
def train_language(
    out: Annotated[Path, typer.Option("--out", help="the model's folder")],
    data: Annotated[Path | None, typer.Option("--data", help="public tables, as for the encoder")] = None,
) -> None:
    """Train the language classifier of short clinical texts."""
    from core.train.shipped import train_shipped_language

    train_shipped_language(out, data, _warn)


@catalog.command("show")
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


def _coder() -> Coder:
    """The loaded product, with a progress bar while the index is built at first use."""
    from core.coder import open_coder

    with tqdm(total=100, desc="first use", unit="%", disable=None, leave=False, delay=0.5) as bar:

        def progress(share: float, what: str) -> None:
            bar.set_postfix_str(what)
            bar.update(round(100 * share) - bar.n)

        return open_coder(progress)


def _batch(
    input_path: Path, output_path: Path | None, answer: Callable[[Coder, Sequence[Item]], list[Json]], size: int
) -> None:
    """Answer every usable line of a file; report the others by number and exit with 1 at the end."""
    from core.jsonl import BadLine, read_items

    if output_path is None:
        message = "Give --output, the file to write the answers to."
        raise ClinicodeError(message)
    items = read_items(input_path)
    coder = _coder()
    bad = 0

    def report(line: int | str, reason: object) -> None:
        nonlocal bad
        bad += 1
        tqdm.write(f"{input_path}, {line}: {reason}", file=sys.stderr)

    partial = output_path.with_name(output_path.name + ".part")
    try:
        with partial.open("w", encoding="utf-8") as file, tqdm(total=len(items), unit="text", disable=None) as bar:
            for start in range(0, len(items), size):
                chunk = items[start : start + size]
                usable = []
                for item in chunk:
                    if isinstance(item, BadLine):
                        report(f"line {item.number}", item.reason)
                    else:
                        usable.append(item)
                for line in _answers(coder, usable, answer, report):
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                bar.update(len(chunk))
        partial.replace(output_path)
    except OSError as error:
        message = f"{output_path} cannot be written ({error.strerror})."
        raise ClinicodeError(message) from error
    if bad:
        _warn(f"{len(items) - bad} of {len(items)} lines answered, {bad} left out.")
        raise typer.Exit(1)


def _answers(
    coder: Coder,
    items: Sequence[Item],
    answer: Callable[[Coder, Sequence[Item]], list[Json]],
    report: Callable[[int | str, object], None],
) -> list[Json]:
    """A chunk at once; where one of its texts cannot be used, one by one."""
    try:
        return answer(coder, items) if items else []
    except ClinicodeError as error:
        if len(items) == 1:
            report(f"id {items[0].name}", error)
            return []
        return [line for item in items for line in _answers(coder, [item], answer, report)]


def _check_lang(lang: str) -> None:
    from core.language import LANGUAGES

    if lang != "auto" and lang not in LANGUAGES:
        message = f"Language {lang!r} is not known; choose auto or one of {', '.join(LANGUAGES)}."
        raise ClinicodeError(message)


def _show_found(found: Found, label: str) -> None:
    guess = "" if found.language.sure else " (not sure)"
    typer.echo(f"{found.language.name}{guess} · {label}")
    for candidate in found.candidates:
        kind = "" if candidate.billable else "  [header]"
        typer.echo(f"{candidate.code:<9} {candidate.confidence:>4.0%}  {candidate.title}{kind}")
        if candidate.term.text != candidate.title:
            typer.echo(f"{'':<16}by {candidate.term.source.value}: {candidate.term.text}")


def _show_note(note: CodedNote, label: str) -> None:
    typer.echo(f"{note.language.name} ({note.language.confidence:.0%}) · {label}")
    typer.echo(f"\n{len(note.mentions)} passages that may name a diagnosis")
    for mention in note.mentions:
        best = mention.candidates[0]
        typer.echo(
            f"{mention.start:>6}-{mention.end:<6} {mention.text:<40} "
            f"{best.code:<9} {best.confidence:>4.0%}  {best.title}"
        )
    typer.echo("\nCodes to start from")
    for item in note.codes:
        if item.suggested:
            typer.echo(f"{item.candidate.code:<9} {item.score:>4.0%}  {item.candidate.title}")


def _show_report(report: Report) -> None:
    memory = f", {report.remembered} reviewed pairs remembered" if report.remembered else ", nothing remembered"
    typer.echo(
        f"{report.system} on {report.dataset} {report.split} · {report.release} · "
        f"encoder {report.model or 'none'}{memory}"
    )
    names = list(report.rows[0].figures)
    typer.echo(f"{'':<24}{'n':>6}" + "".join(f"{name:>22}" for name in names))
    for row in report.rows:
        cells = (f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in (row.figures[name] for name in names))
        typer.echo(f"{row.name:<24}{row.queries:>6}" + "".join(f"{cell:>22}" for cell in cells))
    if report.retired:
        typer.echo(
            f"{len(report.retired)} queries have a gold code that {report.release} no longer has; it counts as missed."
        )
    typer.echo(f"{report.seconds:.1f} s")


def _warn(line: str) -> None:
    typer.echo(line, err=True)


def main() -> None:
    """Run, saying what went wrong on one line: exit code 2 for bad input, 1 where something was left out."""
    logging.basicConfig(
        level=os.environ.get("CLINICODE_LOG", "ERROR").upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        outcome = app(standalone_mode=False)
    except ClinicodeError as error:
        _warn(f"clinicode: {error}")
        sys.exit(2)
    except TyperException as error:  # the command line parser's own complaints
        _warn(f"clinicode: {' '.join(str(error).split())}")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        _warn("clinicode: stopped.")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    sys.exit(outcome if isinstance(outcome, int) else 0)
