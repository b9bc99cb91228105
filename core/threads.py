"""How many threads compute: one for a question, all processors for training.

How FAISS and torch sum up depends on how many threads there are, and trees can make much of the last digit of a
similarity; so an answer is the work of one thread, the same on every machine. A second one makes it no quicker, and
where many people ask at once their threads would wait for one another.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import faiss
import torch

from core.settings import PROCESSORS

if TYPE_CHECKING:
    from collections.abc import Iterator


def one_thread() -> None:
    """From now on this thread computes alone, as every new one does where ``core`` came before torch and FAISS."""
    _threads(1)


@contextmanager
def all_processors() -> Iterator[None]:
    """Compute with all processors in here."""
    before = torch.get_num_threads()
    _threads(PROCESSORS)
    try:
        yield
    finally:
        _threads(before)


def _threads(count: int) -> None:
    torch.set_num_threads(count)
    faiss.omp_set_num_threads(count)
