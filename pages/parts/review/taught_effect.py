"""What a project's teaching does to the product: measured by a button, in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _, ngettext, number
from core.review import effect
from core.review.effect import State
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.review.effect import Effect, Row, Standing
    from core.review.model import Project

WORDS = {
    State.FAILED: ":material/error:",
    State.DIED: ":material/error:",
    State.CANCELLED: ":material/cancel:",
}


def show_effect(project: Project, taught: Sequence[datetime]) -> None:
    """The last measurement, what runs, and the button; looks again every two seconds while it runs.

    `taught` are the moments at which what stands was taught.
    """
    st.subheader(_("What it does"), anchor=False)
    st.markdown(
        _(
            "The public mentions, ranked without and with what this project taught. Everything else that the team "
            "remembers is there both times."
        )
    )
    active = effect.standing(project.id).state is State.RUNNING

    def refresh() -> None:
        now = effect.standing(project.id)
        if active != (now.state is State.RUNNING):
            st.rerun()  # begun or done: there is something, or nothing left, to look for every two seconds
        _show(project, taught, now)

    st.fragment(refresh, run_every=2 if active else None)()


def _show(project: Project, taught: Sequence[datetime], now: Standing) -> None:
    if now.effect is not None:
        _result(now.effect, sum(at > now.effect.when for at in taught))
    if now.state is State.RUNNING:
        with st.container(horizontal=True, vertical_alignment="center"):
            what = _(now.message) if now.message else ""
            st.progress(now.share, text=_("Measuring: {what}").format(what=what))
            st.button(
                _("Cancel"),
                key="review_effect_cancel",
                icon=":material/stop:",
                on_click=effect.cancel,
                args=(project.id,),
            )
        return
    if now.state in WORDS:
        said = _("The measurement was cancelled.") if now.state is State.CANCELLED else _(now.message)
        st.warning(said, icon=WORDS[now.state])
    st.button(
        _("Measure now") if now.effect is None else _("Measure again"),
        key="review_effect_start",
        icon=":material/play_arrow:",
        on_click=_start,
        args=(project.id,),
        disabled=not taught,
        help=_("Takes about a minute, in the background."),
    )


def _start(project: int) -> None:
    try:
        effect.start(project)
    except ClinicodeError as error:
        st.toast(plain(str(error)), icon=":material/error:")


def _result(found: Effect, since: int) -> None:
    st.dataframe(
        [
            {
                "measure": row.measure,
                "without": f"{row.before:.3f}",
                "with": f"{row.after:.3f}",
                "difference (95 % interval)": f"{row.difference:+.3f} [{row.low:+.3f}, {row.high:+.3f}]",
                "in words": _words(row),
            }
            for row in found.rows
        ],
        hide_index=True,
        column_config={
            "measure": _("measure"),
            "without": _("without"),
            "with": _("with"),
            "difference (95 % interval)": _("difference (95 % interval)"),
            "in words": _("in words"),
        },
    )
    told = ngettext(
        "Measured {moment} UTC on {mentions}, with what {count} decision had taught ({release}).",
        "Measured {moment} UTC on {mentions}, with what {count} decisions had taught ({release}).",
        found.taught,
    )
    mentions = ngettext("{count} mention", "{count} mentions", found.queries).format(count=number(found.queries))
    if found.same:
        told_so = _("{mentions}, {count} of them taught word for word")
        mentions = told_so.format(mentions=mentions, count=number(found.same))
    moment = f"{found.when:%Y-%m-%d %H:%M}"
    said = told.format(moment=moment, mentions=mentions, count=number(found.taught), release=found.release)
    if since:
        later = ngettext("{count} was taught since.", "{count} were taught since.", since)
        said = f"{said} {later.format(count=number(since))}"
    st.caption(said)


def _words(row: Row) -> str:
    if row.difference == 0 and row.low == row.high == 0:
        return _("no mention changed")
    if not row.significant:
        return _("may be chance ({p})").format(p=f"p = {row.p:.2f}")
    p = f"p = {row.p:.3f}" if row.p >= 0.001 else "p < 0.001"
    return (_("better ({p})") if row.difference > 0 else _("worse ({p})")).format(p=p)
