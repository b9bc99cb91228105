"""Turns at the processors: so many at once, so many who wait, and a plain word to whoever comes after them.

A server answers all its people in one process. Where everyone computes at once, everyone waits for everyone; here each
waits for those who came before.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _
from core.settings import PROCESSORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOK = 0.1
"""Seconds between two words to whoever waits."""


class BusyError(ClinicodeError):
    """There is no turn to be had: too many wait already, or those before take too long."""


class Turns:
    """First come, first served.

    Parameters
    ----------
    places
        How many have their turn at once.
    queue
        How many may wait.
    patience
        Seconds that somebody waits at most.

    """

    def __init__(self, places: int, queue: int, patience: float) -> None:
        self.places = places
        self.queue = queue
        self.patience = patience
        self._free = threading.Condition()
        self._serving = 0
        self._waiting: deque[object] = deque()

    @contextmanager
    def turn(self, waiting: Callable[[int], None] | None = None, *, patient: bool = False) -> Iterator[None]:
        """Have one's turn; `waiting` is told how many are before, again and again, and may raise to leave the queue.

        Whoever is `patient` waits as long as it takes, behind any number of others: work that nobody looks at.

        Raises
        ------
        BusyError
            If as many wait as may, or `patience` is over.
        """
        self._take(waiting, patient=patient)
        try:
            yield
        finally:
            with self._free:
                self._serving -= 1
                self._free.notify_all()

    def _take(self, waiting: Callable[[int], None] | None, *, patient: bool) -> None:
        ticket = object()
        until = inf if patient else monotonic() + self.patience
        with self._free:
            if self._serving < self.places and not self._waiting:
                self._serving += 1
                return
            if len(self._waiting) >= self.queue and not patient:
                raise _busy()
            self._waiting.append(ticket)
        try:
            while True:
                with self._free:
                    self._free.wait_for(lambda: self._next(ticket), LOOK)
                    if self._next(ticket):
                        self._serving += 1
                        return
                    before = self._waiting.index(ticket)
                if monotonic() > until:
                    raise _busy()
                if waiting is not None:
                    waiting(before)
        finally:
            with self._free:
                self._waiting.remove(ticket)
                self._free.notify_all()

    def _next(self, ticket: object) -> bool:
        return self._serving < self.places and self._waiting[0] is ticket


def _busy() -> BusyError:
    return BusyError(_("More people ask than can be answered now. What you typed is kept; try again in a moment."))


PHRASES = Turns(PROCESSORS, queue=50, patience=15)
"""Looking up and explaining: tens of milliseconds each."""
NOTES = Turns(max(1, PROCESSORS - 1), queue=25, patience=60)
"""Whole notes, a second each and more: they leave a processor for who looks up."""
