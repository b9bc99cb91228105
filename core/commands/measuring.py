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
    what: Annotated[str, typer.Argument(help="report: one HTML file of all that was measured")] = "",
    dataset: Annotated[str, typer.Option("--dataset", help="codiesp-x, codiesp-d, distemist, mentions or notes")] = "",
    path: Annotated[
        Path | None,
        typer.Option("--path", help="CodiEsp's folder, a table or JSON lines of mentions, annotated notes"),
    ] = None,
    split: Annotated[str, typer.Option("--split", help="train, dev or test (CodiEsp)")] = "test",
    system: Annotated[
        str,
        typer.Option(
            "--system", help="clinicode, first-stage, dense, bm25, bm25-stems, tfidf, or a peer: all-MiniLM-L6-v2 ..."
        ),
    ] = "clinicode",
    snomed: Annotated[
        Path | None, typer.Option("--map", help="for DisTEMIST: a table with the columns snomed and code")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="only the first so many")] = 0,
    suite: Annotated[
        str, typer.Option("--suite", help="reference, ablations or review: many systems in one table")
    ] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="public tables, for a suite: trains and measures more")
    ] = None,
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="the public mentions, before and after typos, negations, another side ..."),
    ] = False,
    explanations: Annotated[
        bool, typer.Option("--explanations", help="the words said to matter: deleted, and the text written otherwise")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="where runs are kept; CLINICODE_HOME/runs if absent. Of the report: its file"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a system on a data set, or a suite of systems, with bootstrap 95 % intervals; the runs are kept."""
    if what:
        _report(what, out)
        return
    if bool(suite) + bool(dataset) + robustness + explanations != 1:
        message = "Give --dataset with its --path, or --suite, or --robustness, or --explanations."
        raise ClinicodeError(message)
    if explanations:
        _explanations(limit, out, as_json=as_json)
        return
    if robustness:
        _robustness(limit, out, as_json=as_json)
        return
    if suite:
        _suite(suite, data, out, as_json=as_json)
        return
    if path is None:
        message = f"Give --path: where {dataset} lies."
        raise ClinicodeError(message)
    if dataset == "notes":
        _notes(path, limit, out, as_json=as_json)
        return
    run = _one(dataset, path, split, system, limit, snomed)
    from core.evaluate.runs import save_run

    file = save_run(run, out)
    _show(run, as_json=as_json)
    if not as_json:
        typer.echo(f"kept in {file}")


def bench(
    growth: Annotated[
        bool, typer.Option("--growth", help="also indexes of up to a million entry terms: minutes, 4 GB of memory")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="a folder to keep every figure in, bench.parquet")] = None,
) -> None:
    """Measure latency, throughput and memory on this machine, beside named baselines."""
    import time
    from functools import cache

    from core.bench.bench import bench_queries, run_bench
    from core.bench.growth import SIZES
    from core.bench.kept import as_run
    from core.evaluate.runs import save_run

    started, steps, product = time.perf_counter(), [], cache(open_product)
    for step in run_bench(product, growth_sizes=SIZES if growth else ()):
        typer.echo(step.line)
        steps.append(step)
    if out is not None:
        command = "clinicode bench" + " --growth" * growth + " --out FOLDER"
        coder, seconds = product(), time.perf_counter() - started
        run = as_run(steps, coder, command, bench_queries(coder.catalog), seconds)
        typer.echo(f"kept in {save_run(run, out, 'bench')}")


def _report(what: str, out: Path | None) -> None:
    from core.evaluate.printed import all_boards, html_report

    if what != "report":
        message = f"There is nothing to evaluate that is called {what!r}; say report, or give --dataset or --suite."
        raise ClinicodeError(message)
    path = out or Path("clinicode-report.html")
    try:
        path.write_text(html_report(all_boards()), encoding="utf-8")
    except OSError as error:
        message = f"The report cannot be written to {path} ({error.strerror}); name another file with --out."
        raise ClinicodeError(message) from error
    typer.echo(f"written to {path}")


def _one(dataset: str, path: Path, split: str, system: str, limit: int, snomed: Path | None) -> Run:
    from functools import cache

    from core.catalog import load_catalog
    from core.evaluate.datasets import command_line, read_dataset
    from core.evaluate.run import measure, measure_documents
    from core.evaluate.systems import open_system

    catalog = load_catalog()
    product = cache(open_product)
    read = read_dataset(dataset, path, split, catalog, limit, snomed)
    command = command_line(dataset, path, split, system, limit, snomed)
    bar = tqdm(desc=dataset, total=len(read.queries), unit="query", disable=None, leave=False)

    def progress(done: int, _: int) -> None:
        bar.update(done - bar.n)

    try:
        if read.documents:
            return measure_documents(product(), read, command, progress)
        return measure(open_system(system, product, lambda: catalog), read, catalog, command, progress)
    finally:
        bar.close()


def _notes(path: Path, limit: int, out: Path | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from core.evaluate.notes import NotesReport
    from core.evaluate.run import measure_notes
    from core.evaluate.runs import save_run

    command = f"clinicode evaluate --dataset notes --path {path}" + f" --limit {limit}" * bool(limit)
    product = open_product()
    with tqdm(desc="notes", unit="note", disable=None, leave=False) as bar:
        run = measure_notes(product, path, command, limit, bar.update)
    file = save_run(run, out)
    report = NotesReport.of(run.table)
    if as_json:
        said = {name: asdict(one) for name, one in report.figures().items()}
        typer.echo(json.dumps({**said, "languages right": report.languages_right, "spurious": report.spurious}))
        return
    for line in report.lines():
        typer.echo(line)
    typer.echo(f"kept in {file}")


def _robustness(limit: int, out: Path | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from core.evaluate.flips import lines, summary
    from core.evaluate.mentions import PUBLIC, read_mentions
    from core.evaluate.robustness import measure_robustness
    from core.evaluate.runs import save_run

    product = open_product()
    queries = read_mentions(PUBLIC, product.catalog)[: limit or None]
    command = "clinicode evaluate --robustness" + f" --limit {limit}" * bool(limit)
    with tqdm(desc="robustness", unit="change", disable=None, leave=False) as bar:

        def progress(done: int, whole: int) -> None:
            bar.total = whole
            bar.update(done - bar.n)

        run = measure_robustness(product, queries, command, progress)
    file = save_run(run, out)
    if as_json:
        rows = [asdict(one) for one in summary(run)]
        typer.echo(json.dumps({**asdict(run.provenance), "rows": rows}, ensure_ascii=False))
        return
    for line in lines(run):
        typer.echo(line)
    typer.echo(f"kept in {file}")


def _explanations(limit: int, out: Path | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from core.evaluate.explanations import long_enough, measure_explanations, summary
    from core.evaluate.mentions import PUBLIC, read_mentions
    from core.evaluate.runs import save_run

    product = open_product()
    queries = long_enough(read_mentions(PUBLIC, product.catalog), limit)
    command = "clinicode evaluate --explanations" + f" --limit {limit}" * bool(limit)
    run = measure_explanations(product, queries, command)
    file = save_run(run, out, "explanations")
    if as_json:
        typer.echo(json.dumps({**asdict(run.provenance), "summary": summary(run)}, ensure_ascii=False))
        return
    for line in (*summary(run), f"kept in {file}"):
        typer.echo(line)


def _suite(name: str, data: Path | None, out: Path | None, *, as_json: bool) -> None:
    from core.catalog import load_catalog
    from core.evaluate.runs import read_runs
    from core.evaluate.suite import Workshop, run_suite
    from core.evaluate.table import DECIDING, repeated, suite_lines
    from core.language import LanguageDetector
    from core.train.pairs import check_data

    check_data(data)
    shop = Workshop(load_catalog("icd-10-cm"), LanguageDetector(), data)
    command = f"clinicode evaluate --suite {name}" + " --data DATA" * (data is not None)
    shipped = list(read_runs())  # read before the suite may write over them
    done: list[Run] = []
    for row, runs, why in run_suite(name, shop, out, command):
        done += runs
        warn(f"{row}: {'; '.join(_short(run) for run in runs) or f'not measured: {why}'}")
    if as_json:
        typer.echo(json.dumps([_as_json(run) for run in done], ensure_ascii=False))
        return
    for line in suite_lines(done):
        typer.echo(line)
    typer.echo(f"\nBeside the runs that ship ({DECIDING}):")
    for line in repeated(done, shipped):
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
