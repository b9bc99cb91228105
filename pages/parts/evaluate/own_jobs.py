"""What runs in the background and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.report import rows
from core.evaluate.runs import read_run
from core.interface import N_, _, number
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from core.evaluate.jobs import Job

JOBS = 20
"""Shown at once; older ones are folded away."""
ICONS = {
    jobs.State.WAITING: ":material/hourglass_empty:",
    jobs.State.RUNNING: ":material/play_circle:",
    jobs.State.DONE: ":material/check_circle:",
    jobs.State.FAILED: ":material/error:",
    jobs.State.CANCELLED: ":material/cancel:",
}

STATES = {
    jobs.State.WAITING: N_("waiting"),
    jobs.State.RUNNING: N_("running"),
    jobs.State.DONE: N_("done"),
    jobs.State.FAILED: N_("failed"),
    jobs.State.CANCELLED: N_("cancelled"),
}


def list_jobs() -> None:
    """List all jobs, looking again every two seconds while one of them is at work."""
    active = any(job.active for job in jobs.jobs())

    def refresh() -> None:
        found = jobs.jobs()
        _show_jobs(found)
        if active and not any(job.active for job in found):
            st.rerun()  # the last one is done: nothing is left to look for every two seconds

    st.fragment(refresh, run_every=2 if active else None)()


def _show_jobs(found: list[Job]) -> None:
    st.subheader(_("Evaluations"), anchor=False)
    if not found:
        st.caption(_("None yet."))
    for job in found[:JOBS]:
        with st.container(border=True, key=f"own_job_{job.id}"):
            _show_job(job)
    if len(found) > JOBS:
        with st.expander(_("{count} older ones").format(count=len(found) - JOBS), icon=":material/history:"):
            for job in found[JOBS:]:
                _show_job(job)


def _show_job(job: Job) -> None:
    order, progress = job.order, job.progress
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"{ICONS[job.state]} **{_(STATES[job.state])}**", width="content")
        st.text(f"{order.name} · {' '.join(filter(None, (order.kind, order.split)))} · {', '.join(order.systems)}")
        if job.active:
            cancel = f"own_cancel_{job.id}"
            st.button(_("Cancel"), key=cancel, icon=":material/stop:", on_click=jobs.cancel, args=(job,))
        with st.popover(_("Delete"), icon=":material/delete:", key=f"own_ask_{job.id}"):
            st.markdown(_("Its data and its runs are deleted for everyone."))
            delete = f"own_delete_{job.id}"
            st.button(_("Delete for good"), key=delete, type="primary", on_click=jobs.delete, args=(job,))
    count = min(order.queries, order.limit or order.queries)
    facts = [f"{order.when[:16].replace('T', ' ')} UTC", _("queries: {count}").format(count=number(count))]
    if order.skipped:
        facts.append(_("lines left out: {count}").format(count=number(order.skipped)))
    st.caption(" · ".join(facts))
    if job.active:
        words = _("waits its turn") if job.state is jobs.State.WAITING else _message(job) or _("measuring")
        done = ""
        if progress.all:
            done = " · " + _("{count} of {total}").format(count=number(progress.done), total=number(progress.all))
        st.progress(job.share, text=": ".join(filter(None, (progress.system, words))) + done)
    elif progress.message:
        st.warning(plain(_message(job)), icon=":material/info:")
    figures = [row for path in job.runs if (row := _figures(str(path)))]
    if figures:
        names = {name: _(name) for row in figures for name in row}
        st.dataframe(figures, hide_index=True, column_config=names)


def _message(job: Job) -> str:
    """What the job says of itself."""
    message, error = job.progress.message, job.progress.error
    said = _(message) if message else ""
    return said.format(kind=error) if error else said


@st.cache_data(max_entries=200, show_spinner=False)
def _figures(path: str) -> dict[str, str]:
    """The figures of a run, which holds no text of a query."""
    try:
        run = read_run(Path(path))
    except ClinicodeError:
        return {}
    overall = rows(run)[0].figures
    told = {name: f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for name, one in overall.items()}
    return {"system": run.provenance.system, **told}
