"""Loaded by each Python process of a test: blocks and records what leaves the machine, makes errors, looks into caches.

`WATCH_CONNECTIONS` names the file into which every address outside this machine is written that a process asks for;
`WATCH_CACHES` the one that SIGUSR2 fills with what stands in caches and has the marker in it.
"""

import errno
import functools
import gc
import importlib.machinery
import json
import os
import signal
import sys
import types
from pathlib import Path

MARKER = "zxqv"
LOUD, QUIET = "boomloud", "boomquiet"
BROKEN = {
    "core.coder": ("Coder.search", "Coder.code"),
    "core.encounter": ("as_csv",),
    "core.evaluate.recognise": ("recognise",),
    "core.evaluate.run": ("measure",),
    "core.review.store": ("ReviewStore.import_documents",),
    "core.retrieve.memory": ("TeamMemory.remember",),
}
"""What raises an error where a text says so: ``boomloud:search`` quotes it, ``boomquiet:search`` does not."""
ADDRESSED = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}
EVERY = ("", "0.0.0.0", "::")  # noqa: S104
ADDRESSED |= {"socket.gethostbyname": 0, "socket.gethostbyaddr": 0}


def blocked(event, given):
    if event in ADDRESSED and not _is_here(given[ADDRESSED[event]]):
        with open(os.environ["WATCH_CONNECTIONS"], "a") as file:
            file.write(f"{os.getpid()} {event} {given[ADDRESSED[event]]!r}\n")
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


def _is_here(address):
    if isinstance(address, tuple):
        address = address[0]
    if isinstance(address, bytes):
        address = address.decode(errors="replace")
    if not isinstance(address, str):  # nobody's in particular, or the kernel's
        return True
    return address in EVERY or address.startswith(("127.", "::1", "localhost", "/", "\0"))


class Breaking:
    """Finds the modules of `BROKEN` and makes their functions fail."""

    def find_spec(self, name, path=None, target=None):
        if name not in BROKEN:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            for place in BROKEN[name]:
                *owners, last = place.split(".")
                owner = functools.reduce(getattr, owners, module)
                setattr(owner, last, breaking(getattr(owner, last)))

        spec.loader.exec_module = exec_module
        return spec


def breaking(function):
    @functools.wraps(function)
    def broken(*args, **kwargs):
        given = [
            one for one in args if isinstance(one, (str, tuple, list, Path)) or type(one).__module__.startswith("core.")
        ]
        text = repr(given)
        text += "".join(one.read_text("utf-8") for one in given if isinstance(one, Path) and one.is_file())
        if f"{LOUD}:{function.__name__}" in text:
            raise ValueError(f"nothing can be made of {text}")
        if f"{QUIET}:{function.__name__}" in text:
            raise LookupError("nothing can be made of it")
        return function(*args, **kwargs)

    return broken


def look(*_):
    """Write down every text with the marker that a cache can reach."""
    from streamlit.runtime.caching import cache_data_api, cache_resource_api

    left = [cache_data_api._data_caches, cache_resource_api._resource_caches]
    left += [one for one in gc.get_objects() if type(one) is functools._lru_cache_wrapper]
    caches, seen, found = len(left), set(), []
    passed = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.FrameType, types.CodeType)
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, passed):
            continue
        seen.add(id(one))
        if isinstance(one, (str, bytes)):
            text = one if isinstance(one, str) else one.decode("utf-8", "replace")
            found += [text[:200]] if MARKER in text.lower() else []
            continue
        place = type(one).__module__
        if place.startswith("streamlit.") and not place.startswith("streamlit.runtime.caching"):
            continue
        left += gc.get_referents(one)
    told = {"caches": caches, "objects": len(seen), "found": found}
    partial = Path(os.environ["WATCH_CACHES"] + ".part")
    partial.write_text(json.dumps(told))
    partial.rename(os.environ["WATCH_CACHES"])


if "WATCH_CONNECTIONS" in os.environ:
    sys.addaudithook(blocked)
    sys.meta_path.insert(0, Breaking())
if "WATCH_CACHES" in os.environ:
    signal.signal(signal.SIGUSR2, look)
