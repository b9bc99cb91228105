"""`synthesize`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.commands.console import open_product, warn

# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


def check_corpus(
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="LANG/CHAPTER.tsv files; the shipped ones if absent")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="public tables: leakage from CodiEsp is checked too")
    ] = None,
    meaning: Annotated[
        bool, typer.Option("--meaning", help="list examples whose code ranks low, to be read again")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="print what is to be read again, not only errors")] = False,
) -> None:
    """Check the written corpus: rules, duplicates, leakage, language, meaning, coverage."""
    from core.synthesis.corpus import CORPORA
    from core.synthesis.report import check_everything, coverage_lines

    report = check_everything(corpora or CORPORA, data, open_product if meaning else None)
    for finding in report.findings:
        if finding.level == "error" or everything or (meaning and finding.kind == "meaning"):
            typer.echo(
                f"{finding.level}: {finding.kind}: {finding.file}, line {finding.line}: {finding.text}: {finding.what}"
            )
    for line in coverage_lines(report):
        typer.echo(line)
    if report.errors:
        warn(f"{report.errors} errors; mend them and check again.")
        raise typer.Exit(1)


def write_examples(
    out: Annotated[Path, typer.Option("--out", help="answers, corpus files and refused examples go here")],
    codes: Annotated[str, typer.Option("--codes", help="codes, comma-separated, or a file with one a line")],
    lang: Annotated[str, typer.Option("--lang", help="language codes, comma-separated")],
    count: Annotated[int, typer.Option("--count", min=1, max=30, help="examples of each code")] = 6,
    base_url: Annotated[str | None, typer.Option("--base-url", help="instead of CLINICODE_LLM_URL")] = None,
    model: Annotated[str | None, typer.Option("--model", help="instead of CLINICODE_LLM_MODEL")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=32, help="requests at a time")] = 4,
    price_in: Annotated[float, typer.Option("--price-in", help="of a million tokens sent")] = 0.0,
    price_out: Annotated[float, typer.Option("--price-out", help="of a million tokens answered")] = 0.0,
    data: Annotated[Path | None, typer.Option("--data", help="public tables, to keep CodiEsp texts out")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask before sending")] = False,
) -> None:
    """Write examples with any OpenAI-compatible language model; resumes where it was stopped."""
    from core.catalog import load_catalog
    from core.synthesis.client import Endpoint
    from core.synthesis.factory import estimate, gate, write
    from core.synthesis.prompt import fill
    from core.synthesis.report import texts_to_keep_out

    endpoint = Endpoint.from_settings(base_url, model)
    book = load_catalog("icd-10-cm")
    named = Path(codes).read_text(encoding="utf-8").split() if Path(codes).is_file() else codes.split(",")
    prompts = [fill(book, code, one.strip(), count) for one in lang.split(",") for code in named if code.strip()]
    plan = estimate(prompts, count, out, price_in, price_out, workers)
    warn(
        f"{plan.requests} of {len(prompts)} requests to {endpoint.model}: about {plan.tokens_in:,} tokens out and "
        f"{plan.tokens_out:,} back, cost {plan.cost:.2f}, {plan.seconds / 60:.0f} minutes. "
        "Code titles are sent, no notes."
    )
    if plan.requests and not yes:
        typer.confirm("Send them?", abort=True, err=True)
    with tqdm(total=plan.requests, unit="answer", disable=None) as bar:

        def progress(done: int) -> None:
            bar.update(done - bar.n)

        asked, failed = write(prompts, endpoint, out, workers, progress)
    for name, reason in failed:
        warn(f"{name}: {reason}")
    kept, refused = gate(out, book, texts_to_keep_out(book, data))
    warn(f"{asked} answers; {kept} examples kept, {refused} refused (see {out / 'refused.tsv'}).")
    if failed:
        raise typer.Exit(1)


def write_groups(
    out: Annotated[Path, typer.Option("--out", help="JSON lines, one group a line")],
    size: Annotated[int, typer.Option("--size", min=2, max=60, help="negatives in a group")] = 15,
    limit: Annotated[int, typer.Option("--limit", min=0, help="how many groups; 0: one for every example")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="fixes every choice")] = 7,
) -> None:
    """Make listwise groups with hard negatives by kind from corpus and catalog."""
    from collections import Counter
    from dataclasses import asdict

    from core.synthesis.corpus import read_corpus
    from core.synthesis.groups import make_groups

    examples = list(read_corpus())
    kinds: Counter[str] = Counter()
    count = 0
    retriever = open_product().retriever.without_memory()
    with out.open("w", encoding="utf-8") as file:
        groups = make_groups(examples, retriever, size, seed, limit)
        for group in tqdm(groups, total=limit or len(examples), unit="group", disable=None):
            file.write(json.dumps(asdict(group), ensure_ascii=False) + "\n")
            kinds.update(negative.kind.value for negative in group.negatives)
            count += 1
    typer.echo(f"{count:,} groups written to {out}")
    for kind, number in kinds.most_common():
        typer.echo(f"{kind:<24}{number:>9,}")


COMMANDS: dict[str, Callable[..., None]] = {"check": check_corpus, "write": write_examples, "groups": write_groups}
