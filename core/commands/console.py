"""What the commands share: options, messages, the loaded product, batches of JSON lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.answers import Json
    from core.coder import Coder
    from core.jsonl import Item


# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


BATCH = 256

LangOption = Annotated[str, typer.Option("--lang", help="auto, en, es, ca, it, pt, fr or de")]
NoRerankOption = Annotated[bool, typer.Option("--no-rerank", help="first stage only: quicker, less exact")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]
InputOption = Annotated[Path | None, typer.Option("--input", help='JSON lines: {"id", "text"[, "lang"]}, or .parquet')]
OutputOption = Annotated[Path | None, typer.Option("--output", help="JSON lines, one answer a line, in the same order")]
TopOption = Annotated[int, typer.Option("--top-k", min=1, max=200, help="how many codes")]


def warn(line: str) -> None:
    """Say something on standard error."""
    typer.echo(line, err=True)


def check_lang(lang: str) -> None:
    """Refuse a language that is none of the seven, before anything is loaded."""
    from core.language import LANGUAGES

    if lang != "auto" and lang not in LANGUAGES:
        message = f"Language {lang!r} is not known; choose auto or one of {', '.join(LANGUAGES)}."
        raise ClinicodeError(message)


def open_product() -> Coder:
    """The loaded product, with a progress bar while the index is built at first use."""
    from core.coder import open_coder

    with tqdm(total=100, desc="first use", unit="%", disable=None, leave=False, delay=0.5) as bar:

        def progress(share: float, what: str) -> None:
            bar.set_postfix_str(what)
            bar.update(round(100 * share) - bar.n)

        coder = open_coder(progress)
    if aside := coder.set_aside():
        codes = list(dict.fromkeys(term.code for term in aside))
        warn(
            f"{len(aside)} remembered texts are set aside: {coder.catalog.label} does not have their code. "
            f"{', '.join(codes[:3])}{' and more' if len(codes) > 3 else ''}; remember them with one of this release."
        )
    return coder


def run_batch(
    input_path: Path,
    output_path: Path | None,
    answer: Callable[[Coder, Sequence[Item]], list[Json]],
    size: int,
    keep: Callable[[Path, Path, Path], object] = lambda partial, output, _input: partial.replace(output),
) -> None:
    """Answer every usable line of a file; report the others by number and exit with 1 at the end.

    `keep` puts the finished answer lines in the output's place; it is given their file, the output and the input.
    """
    from core.batch.source import read_texts
    from core.jsonl import BadLine

    if output_path is None:
        message = "Give --output, the file to write the answers to."
        raise ClinicodeError(message)
    items = read_texts(input_path)
    coder = open_product()
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
        keep(partial, output_path, input_path)
    except OSError as error:
        message = f"{output_path} cannot be written ({error.strerror})."
        raise ClinicodeError(message) from error
    finally:
        partial.unlink(missing_ok=True)
    if bad:
        warn(f"{len(items) - bad} of {len(items)} lines answered, {bad} left out.")
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
