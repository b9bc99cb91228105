"""A process that reads hostile inputs with the product: ``python -m tests.hostile.reader SLICE``.

For each input it prints a line of JSON before (its number) and one after (with its seconds, and what went wrong). Where
one takes longer than it may, the kernel or the watchdog of `faulthandler` ends the process, whatever it is in the
middle of, and the stack is printed: the last line names the input. Processor time counts, so that a busy machine is no
fault.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import signal
import sys
import time
import traceback

from core.coder import Coder, open_coder
from core.errors import ClinicodeError
from core.language import LANGUAGES
from core.note.documents import MAX_QUERY, clean
from tests.hostile.claims import note_holds, search_holds, sentences_hold
from tests.hostile.inputs import COUNT, DENSE, RUNS, SLICES, made

SECONDS, CHARACTERS = 5, 10_000
"""Of processor time that an input may take, with one more for so many characters each."""
SHAPED = 50_000
"""Characters of one thing repeated that are cut into sentences, whichever the slice: enough for a square to show."""
STANDSTILL = 120
"""Seconds after which an input is given up that takes no processor time."""
PHRASES = 3
"""Every so many inputs are looked up as a phrase too."""
RERANKED = 16
"""Every so many inputs go through the second stage, the others through the first alone."""


def read(coder: Coder, number: int, text: str) -> str:
    """Everything that the product does with a text; what it refuses, in its own words."""
    rerank = number % RERANKED == 0
    cleaned = clean(text)
    langs = tuple(LANGUAGES)[: 1 + number % len(LANGUAGES)]
    sentences_hold(cleaned, coder.reader.segmenter.sentences(cleaned, langs))
    refused = ""
    if number % PHRASES == 0 and len(text) <= MAX_QUERY:
        try:
            search_holds(coder.search(text, rerank=rerank), coder.catalog)
        except ClinicodeError as error:
            refused = str(error)
    try:
        note_holds(text, coder.code(text, rerank=rerank), coder.catalog)
    except ClinicodeError as error:
        refused = str(error)
    assert len(refused.splitlines()) <= 1
    return refused


def limit(text: str) -> None:
    """From now on the process ends after what this text may take."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + SECONDS + len(text) // CHARACTERS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    faulthandler.dump_traceback_later(STANDSTILL, exit=True)


def tell(**fields: object) -> None:
    """A line for the test that started this."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def main(part: int) -> None:
    """Read the inputs of one slice."""
    faulthandler.register(signal.SIGXCPU, all_threads=False, chain=True)
    coder = open_coder()
    read(coder, 0, "fever and cough")  # what is loaded at first use
    for shape in (*RUNS, *DENSE):
        text = clean((shape * SHAPED)[:SHAPED] + "x")
        tell(begun=shape)
        limit("")
        sentences_hold(text, coder.reader.segmenter.sentences(text, tuple(LANGUAGES)))
        tell(shape=shape)
    for number in range(part, COUNT, SLICES):
        text = made(number)
        tell(begun=number)
        limit(text)
        start, fault, refused = time.process_time(), "", ""
        try:
            refused = read(coder, number, text)
        except Exception:
            fault = traceback.format_exc()
        seconds = time.process_time() - start
        tell(number=number, size=len(text), seconds=round(seconds, 3), refused=bool(refused), fault=fault)


if __name__ == "__main__":
    main(int(sys.argv[1]))
