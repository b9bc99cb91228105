"""`evaluate` and `bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from core.commands.console import JsonOption, open_product, warn
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.evaluate.runs import Run


# The heavy packages are imported by the commands that need them: `clinicode --help` and `catalog show` answer at once.


def evaluate(
    dataset: Annotated[str, typer.Option("--dataset", help="codiesp-x, codiesp-d, mentions or notes")] = "",
    path: Annotated[
        Path | None, typer.Option("--path", help="CodiEsp's folder, the table of mentions, or the annotated notes")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="train, dev or test (CodiEsp)")] = "test",
    system: Annotated[
        str,
        typer.Option(
            "--system", help="clinicode, first-stage, dense, bm25, bm25-stems, tfidf, or a peer: all-MiniLM-L6-v2 ..."
        ),
    ] = "clinicode",
    limit: Annotated[int, typer.Option("--limit", min=0, help="only the first so many")] = 0,
    suite: Annotated[str, typer.Option("--suite", help="reference or ablations: many systems in one table")] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="public tables, for a suite: trains and measures more")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="where runs are kept; CLINICODE_HOME/runs if absent")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a system on a data set, or a suite of systems, with bootstrap 95 % intervals; the runs are kept."""
    if bool(suite) == bool(dataset):
        message = "Give --dataset with its --path, or --suite."
        raise ClinicodeError(message)
    if suite:
        _suite(suite, data, out, as_json=as_json)
        return
    if path is None:
        message = f"Give --path: where {dataset} lies."
        raise ClinicodeError(message)
    if dataset == "notes":
        _notes(path, limit, as_json=as_json)
        return
    run = _one(dataset, path, split, system, limit)
    from core.evaluate.runs import save_run

    file = save_run(run, out)
    _show(run, as_json=as_json)
    if not as_json:
        typer.echo(f"kept in {file}")


def bench() -> None:
    """Measure latency, throughput and memory on this machine, beside named baselines."""
    from core.bench import run_bench

    for line in run_bench(open_product):
        typer.echo(line)


def _one(dataset: str, path: Path, split: str, system: str, limit: int) -> Run:
    from functools import cache

    from core.catalog import load_catalog
    from core.evaluate.datasets import read_dataset
    from core.evaluate.run import measure, measure_documents
    from core.evaluate.systems import open_system

    catalog = load_catalog()
    product = cache(open_product)
    read = read_dataset(dataset, path, split, catalog, limit)
    command = f"clinicode evaluate --dataset {dataset} --path {path}"
    command += f" --split {split}" * (dataset != "mentions") + f" --system {system}" * (system != "clinicode")
    command += f" --limit {limit}" * bool(limit)
    bar = tqdm(desc=dataset, total=len(read.queries), unit="query", disable=None, leave=False)

    def progress(done: int, _: int) -> None:
        bar.update(done - bar.n)

    try:
        if read.documents:
            return measure_documents(product(), read, command, progress)
        return measure(open_system(system, product, lambda: catalog), read, catalog, command, progress)
    finally:
        bar.close()


def _notes(path: Path, limit: int, *, as_json: bool) -> None:
    from dataclasses import asdict

    from core.catalog import load_catalog
    from core.evaluate.notes import judge, read_notes

    notes = read_notes(path, load_catalog())[: limit or None]
    product = open_product()
    with tqdm(desc="notes", total=len(notes), unit="note", disable=None, leave=False) as bar:
        report = judge(notes, product.code, bar.update)
    if as_json:
        said = {name: asdict(one) for name, one in report.figures().items()}
        typer.echo(json.dumps({**said, "languages right": report.languages_right, "spurious": report.spurious}))
        return
    for line in report.lines():
        typer.echo(line)


def _suite(name: str, data: Path | None, out: Path | None, *, as_json: bool) -> None:
    from core.catalog import load_catalog
    from core.evaluate.suite import Workshop, run_suite
    from core.evaluate.table import suite_lines
    from core.language import LanguageDetector
    from core.train.pairs import check_data

    check_data(data)
    shop = Workshop(load_catalog(), LanguageDetector(), data)
    command = f"clinicode evaluate --suite {name}" + " --data DATA" * (data is not None)
    done: list[Run] = []
    for row, runs, why in run_suite(name, shop, out, command):
        done += runs
        warn(f"{row}: {'; '.join(_short(run) for run in runs) or f'not measured: {why}'}")
    if as_json:
        typer.echo(json.dumps([_as_json(run) for run in done], ensure_ascii=False))
        return
    for line in suite_lines(done):
        typer.echo(line)


def _short(run: Run) -> str:
    from core.evaluate.table import mean

    return f"{run.provenance.dataset} MRR@10 {mean(run, 'MRR@10'):.3f}"


def _as_json(run: Run) -> dict[str, object]:
    from dataclasses import asdict

    from core.evaluate.report import rows

    return {**asdict(run.provenance), "rows": [asdict(row) for row in rows(run)]}


def _show(run: Run, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_as_json(run), ensure_ascii=False))
        return
    for line in _lines(run):
        typer.echo(line)


def _lines(run: Run) -> Iterator[str]:
    from core.evaluate.report import rows

    told = run.provenance
    memory = f", {told.remembered} reviewed pairs remembered" if told.remembered else ", nothing remembered"
    yield (f"{told.system} on {told.dataset} {told.split} · {told.release} · encoder {told.encoder or 'none'}{memory}")
    slices = rows(run)
    names = list(slices[0].figures)
    yield f"{'':<24}{'n':>6}" + "".join(f"{name:>22}" for name in names)
    for row in slices:
        cells = (f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in (row.figures[name] for name in names))
        yield f"{row.name:<24}{row.queries:>6}" + "".join(f"{cell:>22}" for cell in cells)
    retired = run.table.filter(run.table["chapter"] == "").height
    if retired:
        yield f"{retired} queries have no gold code that {told.release} still has; they count as missed."
    yield f"{told.seconds:.1f} s"
