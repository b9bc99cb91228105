"""Writing more of the corpus with a language model: resumable, gated by the same checks as what people wrote."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.errors import ClinicodeError
from core.synthesis.check import check_texts
from core.synthesis.client import Endpoint, ask, parse
from core.synthesis.corpus import HEADER, Example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from core.catalog import Catalog
    from core.synthesis.prompt import Prompt

ANSWERS = "answers.jsonl"
CHARACTERS_A_TOKEN = 3.5
TOKENS_AN_EXAMPLE = 35


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is still to be asked: requests, tokens each way, cost in the price's currency, seconds."""

    requests: int
    tokens_in: int
    tokens_out: int
    cost: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run brought: answers got now, requests that failed (with why), examples kept and refused."""

    asked: int
    failed: tuple[tuple[str, str], ...]
    kept: int
    refused: int


def estimate(
    prompts: Sequence[Prompt], count: int, folder: Path, price_in: float, price_out: float, workers: int
) -> Estimate:
    """What the prompts without an answer will take; prices are for a million tokens, 8 s a request are assumed."""
    answered = {record["prompt"] for record in read_answers(folder)}
    left = [prompt for prompt in prompts if prompt.digest not in answered]
    tokens_in = int(sum(len(prompt.text) for prompt in left) / CHARACTERS_A_TOKEN)
    tokens_out = len(left) * count * TOKENS_AN_EXAMPLE
    cost = (tokens_in * price_in + tokens_out * price_out) / 1e6
    return Estimate(len(left), tokens_in, tokens_out, cost, 8.0 * len(left) / workers)


def read_answers(folder: Path) -> Iterator[dict[str, str]]:
    """Every complete answer kept in a folder; a last line cut short by a kill is passed over."""
    path = folder / ANSWERS
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and {"prompt", "code", "lang", "raw"} <= record.keys():
            yield record


def write(
    prompts: Sequence[Prompt],
    endpoint: Endpoint,
    folder: Path,
    workers: int = 4,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Ask what has no answer yet; each answer is on disk, with model, prompt hash and date, before the next is awaited.

    Returns
    -------
    How many answers came, and the failed ones as pairs of code and reason.

    Raises
    ------
    ClinicodeError
        If the folder cannot be written, or the endpoint refused every request.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _mend_last_line(folder / ANSWERS)
    except OSError as error:
        message = f"{folder} cannot be written ({error.strerror})."
        raise ClinicodeError(message) from error
    answered = {record["prompt"] for record in read_answers(folder)}
    left = [prompt for prompt in prompts if prompt.digest not in answered]
    failed = []
    with (folder / ANSWERS).open("a", encoding="utf-8") as file, ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(ask, endpoint, prompt): prompt for prompt in left}
        for done, future in enumerate(as_completed(waiting), 1):
            prompt = waiting[future]
            try:
                answer = future.result()
            except ClinicodeError as error:
                failed.append((prompt.code, str(error)))
            else:
                record = {
                    "prompt": prompt.digest,
                    "code": prompt.code,
                    "lang": prompt.lang,
                    "model": endpoint.model,
                    "date": datetime.now(UTC).isoformat(timespec="seconds"),
                    "tokens_in": answer.tokens_in,
                    "tokens_out": answer.tokens_out,
                    "raw": answer.raw,
                }
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            progress(done)
    if left and len(failed) == len(left):
        raise ClinicodeError(failed[0][1])
    return len(left) - len(failed), tuple(failed)


def gate(folder: Path, catalog: Catalog, kept_for_measuring: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Turn all answers into corpus files: what passes goes to ``LANG/CHAPTER.tsv``, the rest to ``refused.tsv``.

    Returns
    -------
    How many examples were kept and how many refused.
    """
    examples = list(_examples(folder))
    reasons: dict[int, list[str]] = defaultdict(list)
    for finding in check_texts(examples, catalog, kept_for_measuring):
        if finding.level == "error":
            reasons[finding.line].append(f"{finding.kind}: {finding.what}")
    files: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        if example.line not in reasons:
            files[example.lang, catalog.chapter(example.code)].append(example)
    for (lang, chapter), group in files.items():
        path = folder / lang / f"{int(chapter):02d}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = (f"{one.code}\t{one.text}\t{one.style}\t{'|'.join(one.also)}" for one in group)
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    refused = [
        f"{one.lang}\t{one.code}\t{one.text}\t{'; '.join(reasons[one.line])}" for one in examples if one.line in reasons
    ]
    (folder / "refused.tsv").write_text("\n".join(["lang\tcode\ttext\twhy", *refused]) + "\n", encoding="utf-8")
    return len(examples) - len(refused), len(refused)


def _examples(folder: Path) -> Iterator[Example]:
    """The examples of all answers, numbered through."""
    number = 0
    for record in read_answers(folder):
        try:
            written = parse(record["raw"])
        except ValidationError:
            continue
        for one in written.examples:
            number += 1
            text = " ".join(one.text.split()).rstrip(".")
            yield Example(text, record["code"], record["lang"], one.style, tuple(one.also), record["lang"], number)


def _mend_last_line(path: Path) -> None:
    """End a line that a kill left open, so that the next answer starts on its own."""
    if path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
        with path.open("a", encoding="utf-8") as file:
            file.write("\n")
