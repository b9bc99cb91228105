"""What a process leaves behind when something fails: which error and where, never its words, which may quote a note.

Exceptions carry what they were raised about (``KeyError``, a driver's statement with its parameters): a traceback in a
server's log can be a copy of somebody's note, and a core file is one. A process that is `discreet` leaves neither.
"""

from __future__ import annotations

import logging
import os
import resource
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

OTHERS = 0o077
"""What others may not do with a file that is made: anything."""
DUMP = 1
"""Bytes of a core file: less than one needs, and the only limit that Linux heeds where a program takes it in too."""


def discreet() -> None:
    """Make this process so, with those that it starts: once, before it reads anything. Again, nothing happens.

    What fails is told without its words, in logs and where nobody caught it; a crash leaves no core file; a file that
    is made is its owner's alone.
    """
    if logging.getLogRecordFactory() is _record:
        return
    logging.setLogRecordFactory(_record)
    sys.excepthook = _uncaught  # Ubuntu's own writes a report of the crash
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (min(DUMP, most) if most >= 0 else DUMP, most))
    os.umask(OTHERS)


def told(error: BaseException) -> str:
    """An exception as a traceback without a word of its own: the places, its type, and the same of its causes."""
    lines: list[str] = []
    for one in _chain(error):
        number = f": {os.strerror(one.errno)}" if isinstance(one, OSError) and one.errno else ""
        lines += [*traceback.format_tb(one.__traceback__), f"{type(one).__qualname__}{number}\n"]
    return "".join(lines).rstrip()


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The causes of an error, the first first, and itself."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return reversed(found)


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401  those of the factory whose place it takes
    """A record of a log; of an exception that comes with it only what `told` says."""
    record = logging.LogRecord(*args, **kwargs)
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(record.args, tuple):
        record.args = tuple(_named(one) for one in record.args)
    record.msg = str(_named(record.msg))
    if error is not None:
        for one in _chain(error):
            for words in filter(None, (repr(one), str(one))):
                record.msg = record.msg.replace(words, type(one).__qualname__)
        record.exc_info, record.exc_text = None, told(error)
    return record


def _named(value: object) -> object:
    """An exception's type; anything else as it is."""
    return type(value).__qualname__ if isinstance(value, BaseException) else value


def _uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(f"{told(error)}\n")


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
        sys.stderr.write(f"{told(given.exc_value)}\n")


def _unraisable(given: sys.UnraisableHookArgs) -> None:
    if given.exc_value is not None:
        sys.stderr.write(f"{told(given.exc_value)}\n")
