"""Turns at the processors, as a page shows them: who waits sees how many are before, who comes too late is told so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from core.interface import _, ngettext, number
from core.turns import BusyError
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.turns import Turns

WAITING, BUSY = ":material/hourglass_top:", ":material/hourglass_disabled:"


@contextmanager
def turn(turns: Turns) -> Iterator[None]:
    """Run what is under it when it is this session's turn.

    Where it is too busy for that the page says so and stops; what was typed and what was found before stay.
    """
    place = st.empty()

    def waiting(before: int) -> None:
        told = ngettext("{count} person is before you.", "{count} people are before you.", before)
        place.info(told.format(count=number(before)) if before else _("You are next."), icon=WAITING)

    try:
        with turns.turn(waiting):
            place.empty()
            yield
    except BusyError as error:
        with place.container():
            st.warning(plain(str(error)), title=_("Busy"), icon=BUSY)
            st.button(_("Try again"), icon=":material/refresh:", key=f"busy_{id(turns)}")
        st.stop()
