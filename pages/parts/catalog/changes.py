"""What changed from one release of the code set to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from core.catalog.tables import sets, store
from core.catalog.tables.compare import Changes, compare
from core.interface import N_, _, ngettext, number
from core.text import fold
from pages.parts.book import catalog
from pages.parts.catalog.common import choose
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from core.catalog import Catalog

ADDED, REMOVED, RETITLED, HEADERS = N_("Added"), N_("Removed"), N_("Retitled"), N_("Became headers")
ALL = N_("All")
KINDS = (ADDED, REMOVED, RETITLED, HEADERS)
SCHEMA = {N_("Change"): pl.String, N_("Code"): pl.String, N_("Before"): pl.String, N_("After"): pl.String}


@st.cache_resource(show_spinner=False, max_entries=3)
def _release(name: str, version: str) -> Catalog:
    return sets.open_set(name)


@st.cache_resource(show_spinner=False, max_entries=4)
def _changes(old: str, new: str, version: str) -> Changes:
    return compare(_release(old, version), _release(new, version))


@st.cache_resource(show_spinner=False, max_entries=4)
def _table(old: str, new: str, version: str) -> pl.DataFrame:
    """Every change as a line: what it is, the code, its title before and after."""
    changes, before, after = _changes(old, new, version), _release(old, version), _release(new, version)
    rows = [
        *((ADDED, code, "", after.title(code)) for code in changes.added),
        *((REMOVED, code, before.title(code), "") for code in changes.removed),
        *((RETITLED, one.code, one.before, one.after) for one in changes.retitled),
        *((HEADERS, code, before.title(code), after.title(code)) for code in changes.became_headers),
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def releases() -> tuple[str, ...]:
    """The names of the releases of ICD-10-CM that are here, the installed one last."""
    return (*dict.fromkeys(table.set_name for table in store.tables() if table.book), sets.INSTALLED)


def of_code(code: str) -> list[str]:
    """What the other releases that are here say of a code of the installed one, a sentence each."""
    version, said = store.version(), []
    for name in releases()[:-1]:
        other = _release(name, version)
        if code not in other:
            said.append(_("{release} does not have this code.").format(release=other.label))
            continue
        changes = _changes(name, sets.INSTALLED, version)
        said += [f"{other.label}: “{one.before}”." for one in changes.retitled if one.code == code]
        if code in changes.became_headers:
            said.append(_("{release}: billable there.").format(release=other.label))
    return said


def section() -> None:
    """Two releases, chosen; then every change with filters. A line that is chosen opens its code in the book."""
    names = releases()
    if len(names) < 2:
        st.info(
            _("Import another release of ICD-10-CM under {section}: its order file or its tabular list.").format(
                section=_("Tables")
            ),
            title=_("There is one release here"),
            icon=":material/difference:",
        )
        return
    version = store.version()
    with st.spinner(_("Opening the releases…"), show_time=False):
        labels = {name: _release(name, version).label for name in names}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        old = st.selectbox(_("From"), names, format_func=labels.__getitem__, key="changes_old", width=240)
        last = len(names) - 1
        new = st.selectbox(_("To"), names, index=last, format_func=labels.__getitem__, key="changes_new", width=240)
    with st.spinner(_("Comparing the releases…"), show_time=False):
        table = _table(old, new, version)
    if table.is_empty():
        st.caption(_("Nothing differs between these two."))
        return
    counts = dict(table.group_by("Change").len().iter_rows())
    kinds = [kind for kind in KINDS if kind in counts]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            _("Changes"),
            ["", *kinds],
            format_func=lambda name: f"{_(name or ALL)} ({number(counts.get(name, table.height))})",
            key=f"changes_kind_{old}_{new}",
            width=220,
        )
        words = st.text_input(
            _("Code or words"),
            key="changes_words",
            placeholder=_("{code}, or words of the title").format(code="E11"),
            max_chars=100,
            width=280,
        )
    shown = narrowed(table, kind, words)
    told = ngettext(
        "{count} of {total} change; choose a line to open its code.",
        "{count} of {total} changes; choose a line to open its code.",
        table.height,
    )
    st.caption(told.format(count=number(shown.height), total=number(table.height)))
    key = "changes_table"
    st.dataframe(
        shown.with_columns(pl.col("Change").replace({kind: _(kind) for kind in KINDS})),
        hide_index=True,
        column_config={name: _(name) for name in SCHEMA},
        height=min(shown.height + 1, 14) * 35 + 3,
        key=key,
        selection_mode="single-row",
        on_select=lambda: _open(shown, key),
    )


def narrowed(table: pl.DataFrame, kind: str, words: str) -> pl.DataFrame:
    """The changes of one kind (empty: all) whose code begins as `words` does, or whose titles hold all of them."""
    if kind:
        table = table.filter(pl.col("Change") == kind)
    asked = fold(words).split()
    if not asked:
        return table
    lines = zip(table["Code"], table["Before"], table["After"], strict=True)
    stem = words.strip().upper()
    kept = [
        code.startswith(stem) or code.replace(".", "").startswith(stem) or _holds(f"{before} {after}", asked)
        for code, before, after in lines
    ]
    return table.filter(pl.Series(kept, dtype=pl.Boolean))


def _holds(titles: str, asked: list[str]) -> bool:
    names = f" {fold(titles)}"
    return all(f" {word}" in names for word in asked)


def _open(shown: pl.DataFrame, key: str) -> None:
    """Open the code of the chosen line, if the book in use has it."""
    rows = st.session_state[key].selection.rows
    if not rows:
        return
    code = shown["Code"][rows[0]]
    if code in catalog():
        choose(code)
    else:
        st.toast(
            _("{release} does not have {code}.").format(release=plain(catalog().label), code=code),
            icon=":material/search_off:",
        )
