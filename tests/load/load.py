"""Many people at one server for minutes: how long they wait, what goes wrong, what memory it takes.

``make load`` for two minutes, ``make soak`` for twenty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import numpy as np
import polars as pl

from core.settings import ASSETS
from tests.load.person import Answer, Person
from tests.servers import serving

NOTES = [json.loads(line)["text"] for line in (ASSETS / "evaluation" / "notes.jsonl").read_text("utf-8").splitlines()]
MENTIONS = ASSETS / "evaluation" / "mentions.tsv"
PHRASES = pl.read_csv(MENTIONS, separator="\t", comment_prefix="#", quote_char=None)["text"].to_list()
MEGABYTE = 1024


@dataclass
class Watch:
    """What was seen of a run."""

    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    codes: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    memory: list[float] = field(default_factory=list)

    def see(self, what: str, answer: Answer, asked: str = "") -> None:
        """Keep an answer; every answer to the same words is to be the same."""
        self.answers[what].append(answer)
        if asked and not answer.busy and not answer.errors:
            self.codes[asked].add(answer.codes)

    def errors(self) -> Counter[str]:
        """What went wrong, and how often."""
        said = Counter(error for answers in self.answers.values() for one in answers for error in one.errors)
        differing = sum(len(codes) > 1 for codes in self.codes.values())
        return said + Counter({"the same words, other codes": differing})

    def waits(self, what: str) -> list[float]:
        """Seconds that the people waited who were answered."""
        return [one.seconds for one in self.answers[what] if not one.busy]


async def visit(
    address: str, watch: Watch, until: float, think: float, chance: random.Random, phrases: list[str]
) -> None:
    """One person who looks up, opens another of the codes, now and then codes a note, and thinks in between."""

    async def thinks() -> bool:
        """Whether there is still time afterwards."""
        await asyncio.sleep(min(chance.expovariate(1 / think), max(0.0, until - monotonic())))
        return monotonic() < until

    async with Person(address) as person:
        await asyncio.sleep(chance.uniform(0, min(think, 10)))
        watch.see("open Look up", await person.open())
        while await thinks():
            if chance.random() < 0.15:
                watch.see("open Code a note", await person.open("code_a_note"))
                if await thinks():
                    note = chance.choice(NOTES)
                    watch.see("code a note", await person.code(note), note)
                if await thinks():
                    watch.see("open Look up", await person.open())
                continue
            phrase = chance.choice(phrases)
            found = await person.look_up(phrase)
            watch.see("look up", found, phrase)
            if len(found.codes) > 1 and chance.random() < 0.3 and await thinks():
                watch.see("open a code", await person.choose(found.codes[1]))


def resident(process: int) -> float:
    """Megabytes that a process holds."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text("ascii"))[1]) / MEGABYTE


async def load(
    address: str, server: int, people: int, seconds: float, think: float, phrases: int = len(PHRASES)
) -> Watch:
    """All of them at once, with the first so many phrases; the memory is looked at every ten seconds."""
    watch = Watch()
    await warm(address)
    until = monotonic() + seconds
    visits = [visit(address, watch, until, think, random.Random(seed), PHRASES[:phrases]) for seed in range(people)]
    everyone = asyncio.gather(*visits)
    while not everyone.done():
        watch.memory.append(resident(server))
        await asyncio.wait([everyone], timeout=10)
    await everyone
    return watch


async def warm(address: str) -> None:
    """The first visit loads the product for all."""
    async with Person(address) as person:
        await person.open()


def table(watch: Watch, seconds: float) -> str:
    """What to read of it."""
    lines = [f"{'':18}{'times':>7}{'a minute':>10}{'median':>9}{'95 %':>9}{'longest':>9}{'busy':>6}"]
    for what, answers in sorted(watch.answers.items()):
        waits = watch.waits(what) or [0.0]
        middle, most = np.quantile(waits, [0.5, 0.95])
        busy = sum(one.busy for one in answers)
        rate = 60 * len(answers) / seconds
        lines.append(f"{what:18}{len(answers):7}{rate:10.0f}{middle:8.2f}s{most:8.2f}s{max(waits):8.2f}s{busy:6}")
    sizes = watch.memory
    quarters = [sizes[len(sizes) * quarter // 4] for quarter in range(4)]
    held = ", ".join(f"{size:.0f}" for size in (*quarters, sizes[-1]))
    lines.append(f"memory, MB, at first, after each quarter and at the end: {held}; {max(sizes):.0f} at most")
    lines += [f"ERROR {count} times: {error}" for error, count in watch.errors().items()] or ["no error"]
    return "\n".join(lines)


def main() -> int:
    """Start a server, let the people at it, print what was seen; 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--think", type=float, default=8, help="seconds between two actions of one person, on average")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server.log") as (address, server):
        watch = asyncio.run(load(address, server.pid, given.people, 60 * given.minutes, given.think))
    sys.stdout.write(table(watch, 60 * given.minutes) + "\n")
    return 1 if watch.errors() else 0


if __name__ == "__main__":
    sys.exit(main())
