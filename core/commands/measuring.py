"""`evaluate` and `bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from core.commands.console import JsonOption, open_product

if TYPE_CHECKING:
    from core.evaluate.run import Report


# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


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
        report = run(Request(dataset, path, split, system, limit), cache(load_catalog), cache(open_product), progress)
    finally:
        bar.close()
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show_report(report)


def bench() -> None:
    """Measure latency, throughput and memory on this machine, beside named baselines."""
    from core.bench import run_bench

    for line in run_bench(open_product):
        typer.echo(line)


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
