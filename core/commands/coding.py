"""`search`, `code`, `remember` and `forget`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.batch import (
    AddressOption,
    EngineOption,
    FormatOption,
    Many,
    PartsOption,
    WorkersOption,
    code_in_parts,
)
from core.commands.console import (
    BATCH,
    InputOption,
    JsonOption,
    LangOption,
    NoRerankOption,
    OutputOption,
    TopOption,
    check_lang,
    open_product,
    run_batch,
    warn,
)
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.answers import Json
    from core.coder import CodedNote, Coder, Found
    from core.explain.explanation import Explanation, Word
    from core.jsonl import Item


# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


EXPLAINED = 10
"""The first codes of an answer, which `--explain` explains."""


def search(
    text: Annotated[str | None, typer.Argument(help="a diagnosis, symptom or phrase")] = None,
    lang: LangOption = "auto",
    top_k: TopOption = 10,
    no_rerank: NoRerankOption = False,
    as_json: JsonOption = False,
    explained: Annotated[
        bool, typer.Option("--explain", help="say why, word by word, for the first ten codes")
    ] = False,
    input_path: InputOption = None,
    output_path: OutputOption = None,
) -> None:
    """Rank codes for a phrase, or for a file of phrases."""
    from core.answers import found_json

    check_lang(lang)
    if (text is None) == (input_path is None):
        message = "Give a phrase, or --input and --output with files of JSON lines."
        raise ClinicodeError(message)

    def reasons(coder: Coder, found: Found) -> dict[str, Explanation]:
        return _explained(coder, found, rerank=not no_rerank) if explained else {}

    if input_path is not None:

        def answer(coder: Coder, items: Sequence[Item]) -> list[Json]:
            texts, langs = [item.text for item in items], [item.lang or lang for item in items]
            found = coder.search_many(texts, langs, top_k, rerank=not no_rerank)
            return [found_json(item.name, one, reasons(coder, one)) for item, one in zip(items, found, strict=True)]

        run_batch(input_path, output_path, answer, BATCH)
        return
    coder = open_product()
    found = coder.search(text or "", lang, top_k, rerank=not no_rerank)
    if as_json:
        typer.echo(json.dumps(found_json(None, found, reasons(coder, found)), ensure_ascii=False))
    else:
        _show_found(found, coder.catalog.label, reasons(coder, found))


def code(
    note: Annotated[Path | None, typer.Argument(help="a .txt, .pdf or .docx file")] = None,
    lang: LangOption = "auto",
    no_rerank: NoRerankOption = False,
    as_json: JsonOption = False,
    input_path: InputOption = None,
    output_path: OutputOption = None,
    parts: PartsOption = None,
    format_: FormatOption = "",
    engine: EngineOption = "plain",
    workers: WorkersOption = None,
    address: AddressOption = "",
) -> None:
    """Find the diagnoses of a note and rank codes for it, or for a file of notes."""
    from core.answers import note_json
    from core.note.documents import read_document

    check_lang(lang)
    many = Many(output_path, parts, format_, engine, workers, address)
    many.check()
    if (note is None) == (input_path is None):
        message = "Give a note's file, or --input and --output with files of JSON lines."
        raise ClinicodeError(message)
    if input_path is not None and many.in_parts:
        code_in_parts(input_path, output_path, lang, many, rerank=not no_rerank)
        return
    if input_path is not None:
        from core.batch.table import write_answers

        def answer(coder: Coder, items: Sequence[Item]) -> list[Json]:
            return [
                note_json(item.name, coder.code(item.text, item.lang or lang, rerank=not no_rerank)) for item in items
            ]

        run_batch(input_path, output_path, answer, 1, write_answers)
        return
    path = note or Path()
    if not path.is_file():
        message = f"There is no file {path}."
        raise ClinicodeError(message)
    text = read_document(path.name, path.read_bytes())
    coder = open_product()
    coded = coder.code(text, lang, rerank=not no_rerank)
    if as_json:
        typer.echo(json.dumps(note_json(None, coded), ensure_ascii=False))
    else:
        _show_note(coded, coder.catalog.label)


def remember(
    file: Annotated[Path, typer.Argument(help="tab-separated, with a first line: text, code[, lang]")],
) -> None:
    """Take reviewed pairs into the team memory."""
    from core.evaluate.mentions import read_table
    from core.retrieve.memory import Reviewed

    coder = open_product()
    pairs, bad = [], 0
    for number, row in read_table(file, ("text", "code")):
        try:
            pairs.append(coder.reviewed(Reviewed(row["text"], row["code"], row.get("lang", ""))))
        except ClinicodeError as error:
            bad += 1
            warn(f"{file}, line {number}: {error}")
    count = coder.memory.remember(pairs)
    warn(f"{count} reviewed pairs remembered{f', {bad} lines left out' if bad else ''}.")
    if bad:
        raise typer.Exit(1)


def forget(
    everything: Annotated[bool, typer.Option("--all", help="confirm that the whole team memory goes")] = False,
) -> None:
    """Empty the team memory."""
    from core.retrieve.memory import TeamMemory

    if not everything:
        message = "This empties the whole team memory; say so with --all."
        raise ClinicodeError(message)
    warn(f"{TeamMemory().forget()} remembered entries forgotten.")


def _explained(coder: Coder, found: Found, *, rerank: bool) -> dict[str, Explanation]:
    from core.explain.explain import explain

    codes = [candidate.code for candidate in found.candidates[:EXPLAINED]]
    return {one.code: one for one in explain(coder, found.text, codes, found.language, rerank=rerank)}


def _show_found(found: Found, label: str, explained: Mapping[str, Explanation]) -> None:
    guess = "" if found.language.sure else " (not sure)"
    typer.echo(f"{found.language.name}{guess} · {label}")
    if found.category and not found.confident:
        typer.echo(f"No confident code; the nearest category is {found.category}.")
    for candidate in found.candidates:
        kind = "" if candidate.billable else "  [header]"
        typer.echo(f"{candidate.code:<9} {candidate.confidence:>4.0%}  {candidate.title}{kind}")
        if explanation := explained.get(candidate.code):
            _show_explanation(explanation)
        elif candidate.term.text != candidate.title:
            typer.echo(f"{'':<16}by {candidate.term.source.value}: {candidate.term.text}")


def _show_explanation(explanation: Explanation) -> None:
    typer.echo(f"{'':<16}{explanation.why}")
    if explanation.by_word:
        typer.echo(f"{'':<16}text: {_shares(explanation.words)}")
        typer.echo(f"{'':<16}term: {_shares(explanation.term_words)}")
    else:
        typer.echo(f"{'':<16}(this encoder cannot be looked into word by word)")


def _shares(words: Sequence[Word]) -> str:
    return "  ".join(f"{word.text} {word.share:.2f}" for word in words)


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
