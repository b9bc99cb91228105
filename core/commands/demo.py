"""`demo`."""

from __future__ import annotations

from typing import Annotated

import typer
from tqdm import tqdm

from core.commands.console import open_product, warn


def demo(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="where the application is served")] = 8501,
    keep: Annotated[bool, typer.Option("--keep", help="leave the folder there at the end")] = False,
) -> None:
    """Serve a demonstration on invented notes from a throw-away workspace; Ctrl-C ends it."""
    from core.demo.serve import check_port, interruptible, serve, workspace

    check_port(port)
    with interruptible(), workspace(keep=keep) as folder:
        try:
            _fill()
            warn(f"The demonstration is at http://localhost:{port}; Ctrl-C ends it.")
            serve(port)
        except KeyboardInterrupt:
            pass
        warn(f"It was kept in {folder}." if keep else "The demonstration is over; nothing was kept.")


def _fill() -> None:
    from core.demo.fill import fill
    from core.review.store import ReviewStore

    coder = open_product()
    store = ReviewStore()
    try:
        with tqdm(total=100, desc="demo", unit="%", disable=None, leave=False) as bar:

            def tick(share: float, what: str) -> None:
                bar.set_postfix_str(what)
                bar.update(round(100 * share) - bar.n)

            fill(store, coder, tick)
    finally:
        store.engine.dispose()
