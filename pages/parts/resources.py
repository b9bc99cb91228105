"""What all sessions share: the loaded product. Nothing that comes from a note is ever kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.coder import open_coder
from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.coder import Coder


@st.cache_resource(show_spinner=False)
def _load() -> Coder:
    bar = st.empty()

    def progress(share: float, what: str) -> None:
        bar.progress(share, text=f"First use on this machine: {what}…")

    try:
        return open_coder(progress)
    finally:
        bar.empty()


def coder() -> Coder:
    """The product, loaded once for all sessions; where it cannot be loaded the page says why and stops."""
    try:
        with st.spinner("Opening the code book…", show_time=False):
            return _load()
    except ClinicodeError as error:
        st.error(str(error), title="Clinicode cannot start", icon=":material/error:")
        st.stop()


def rerank_switch(product: Coder, *, key: str, on_change: Callable[[], None] | None = None) -> bool:
    """Whether candidates are put in order a second time; the switch is shown only where something can do it."""
    if product.reranker is None:
        return True
    return st.toggle(
        "Rerank",
        value=True,
        key=key,
        help="Looks at the first codes a second time, in detail. Off: quicker, less exact.",
        on_change=on_change,
        persist_state="session",
    )
