"""What all sessions share: the loaded product. Nothing that comes from a note is ever kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.coder import open_coder
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.interface import _
from pages.parts.book import in_use
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.coder import Coder
    from core.encode.load import Encoder


@st.cache_resource(show_spinner=False, max_entries=1)
def _load(codes: str) -> Coder:
    bar = st.empty()

    def progress(share: float, what: str) -> None:
        bar.progress(share, text=_("First use on this machine: {what}…").format(what=_(what)))

    try:
        return open_coder(progress)
    finally:
        bar.empty()


def coder() -> Coder:
    """The product, loaded once for all sessions, and again where the code set or the imported tables have changed.

    Where it cannot be loaded the page says why and stops.
    """
    try:
        with st.spinner(_("Opening the code book…"), show_time=False):
            return _load(in_use())
    except ClinicodeError as error:
        st.error(plain(str(error)), title=_("Clinicode cannot start"), icon=":material/error:")
        st.stop()


@st.cache_resource(show_spinner="Opening the encoder…")
def encoder() -> Encoder:
    """The encoder alone, for comparing titles."""
    return load_encoder()


def rerank_switch(product: Coder, *, key: str, on_change: Callable[[], None] | None = None) -> bool:
    """Whether candidates are put in order a second time; the switch is shown only where something can do it."""
    if product.reranker is None:
        return True
    return st.toggle(
        _("Rerank"),
        value=True,
        key=key,
        help=_("Looks at the first codes a second time, in detail. Off: quicker, less exact."),
        on_change=on_change,
        persist_state="session",
    )
