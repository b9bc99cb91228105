"""Code sets: bring in a release or a national table, see what became of its rows, choose which one to code with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.catalog.tables import sets, store
from core.catalog.tables.bring import Compared, Wanted, bring, keep
from core.catalog.tables.model import Columns, Form, Standing, System
from core.catalog.tables.read import LARGEST, Opened, open_bytes
from core.errors import ClinicodeError
from core.interface import N_, _, language_name, ngettext, number, spoken
from core.language import LANGUAGES
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.catalog.tables.store import Imported
    from core.encode.load import Encoder

TYPES = ["csv", "txt", "tsv", "xml", "xlsx"]
READ, COMPARED, ROUND, TOLD = "tables_read", "tables_compared", "tables_round", "tables_told"
PROBLEMS, LISTED = 200, 500
LINE = N_("line")
"""The column of a file's lines, where it has none of its own."""
NONE, NUMBERED = N_("none"), "column "
FORMS = {
    Form.ORDER: N_("ICD-10-CM order file"),
    Form.TABULAR: N_("ICD-10-CM tabular list (XML)"),
    Form.DATASUS: N_("CID-10 table of DATASUS"),
    Form.ATIH: N_("CIM-10 table of ATIH"),
    Form.METADATA: N_("ICD-10-GM metadata"),
    Form.RUBRICS: N_("ICD-10-GM rubrics"),
    Form.CLAML: "ClaML (XML)",
    Form.DELIMITED: N_("table of text"),
    Form.WORKBOOK: N_("spreadsheet"),
}
"""What a person calls each form of a file; an imported table keeps the English words."""
SEPARATED = {
    ";": N_("columns separated by semicolon"),
    ",": N_("columns separated by comma"),
    "\t": N_("columns separated by tab"),
    "|": N_("columns separated by vertical bar"),
    "fixed columns": N_("fixed columns"),
}


def section() -> None:
    """What is in use, a file to bring in, and what was brought in before."""
    if told := st.session_state.pop(TOLD, ""):
        st.toast(told, icon=":material/check_circle:")
    _in_use()
    _bring_in()
    _imported()


def _in_use() -> None:
    names, chosen = sets.names(), sets.chosen()
    if len(names) < 2 and chosen in names:
        return
    st.selectbox(
        _("Code with"),
        names,
        index=names.index(chosen) if chosen in names else 0,
        key="tables_use",
        width=360,
        on_change=_use,
        help=_("Searches and notes are answered with the codes of this set. It holds for everyone on this workspace."),
    )
    if chosen not in names:
        told = _("The code set in use, {name}, is not here any more.").format(name=plain(chosen))
        st.warning(told, icon=":material/error:")
    elif chosen != sets.INSTALLED:
        st.caption(
            _(
                "What was learned was learned on ICD-10-CM: with another set of codes, check the order of the answers "
                "and how sure they are said to be with more care."
            )
        )


def _use() -> None:
    try:
        sets.use(st.session_state["tables_use"])
    except ClinicodeError as error:
        st.session_state["tables_wrong"] = str(error)
    else:
        st.session_state[TOLD] = _("In use: {name}").format(name=st.session_state["tables_use"])


def _bring_in() -> None:
    st.subheader(_("Bring in a table"), anchor=False)
    if wrong := st.session_state.pop("tables_wrong", ""):
        st.error(plain(wrong), icon=":material/error:")
    upload = st.file_uploader(
        _("A release of ICD-10-CM (order file, tabular XML) or a national ICD-10 table (CSV, text, ClaML, XLSX)"),
        type=TYPES,
        key=f"tables_file_{st.session_state.setdefault(ROUND, 0)}",
        max_upload_size=LARGEST // 2**20,
    )
    if upload is None:
        st.caption(
            _(
                "Its titles then stand beside the English ones and lead to codes in searches. Where one of its codes "
                "means something else than in ICD-10-CM, that code is listed and left alone."
            )
        )
        return
    opened = _opened(upload)
    if opened is None:
        return
    _describe(opened)
    wanted = _wanted(opened, upload.file_id)
    key = f"{upload.file_id} {wanted} {spoken()}"
    if st.button(_("Compare with ICD-10-CM"), icon=":material/compare_arrows:", key="tables_compare"):
        _compare(opened, wanted, key)
    kept = st.session_state.get(COMPARED)
    if kept is None or kept[0] != key:
        return
    if isinstance(kept[1], str):
        st.warning(plain(kept[1]), icon=":material/edit:")
    else:
        _told(kept[1])


def _opened(upload: UploadedFile) -> Opened | None:
    """The file recognised, once; it is kept in this session alone."""
    kept = st.session_state.get(READ)
    if kept is None or kept[0] != upload.file_id:
        try:
            with st.spinner(_("Reading the file…")):
                kept = (upload.file_id, open_bytes(Path(upload.name).name or "table", upload.getvalue()))
        except ClinicodeError as error:
            kept = (upload.file_id, str(error))
        st.session_state[READ] = kept
    if isinstance(kept[1], str):
        st.warning(plain(kept[1]), icon=":material/edit:")
        return None
    return kept[1]


def _describe(opened: Opened) -> None:
    shape = opened.shape
    separated = _(SEPARATED[shape.delimiter]) if shape.delimiter in SEPARATED else shape.delimiter
    said = _("This is {format}").format(format=f"**{plain(_(FORMS[shape.form]))}**")
    st.markdown(" · ".join([said, *(plain(fact) for fact in (shape.encoding, separated) if fact)]))
    if rows := opened.preview():
        names = {name: _column(name) for name in shape.columns} or {LINE: _(LINE)}
        st.dataframe(rows, hide_index=True, column_config=names)


def _wanted(opened: Opened, key: str) -> Wanted:
    """What a person says of the file; as recognised until they say otherwise."""
    shape = opened.shape
    columns = _mapping(opened, key) if shape.form.plain else None
    systems = list(System)
    with st.container(horizontal=True):
        system = st.selectbox(
            _("Code system"),
            systems,
            index=systems.index(shape.system) if shape.system else None,
            format_func=lambda one: one.label,
            placeholder=_("Choose"),
            key=f"tables_system_{key}",
            width=180,
        )
        own = shape.lang or (system.lang if system else "")
        lang = st.selectbox(
            _("Language of its titles"),
            list(LANGUAGES),
            index=list(LANGUAGES).index(own) if own in LANGUAGES else None,
            format_func=language_name,
            placeholder=_("Choose"),
            key=f"tables_lang_{key}_{own}",
            width=180,
        )
        release = st.text_input(_("Release"), value=shape.release, max_chars=30, key=f"tables_release_{key}", width=140)
    return Wanted(system.value if system else "", lang or "", release or "", columns)


def _mapping(opened: Opened, key: str) -> Columns | None:
    """Which column is which: the guess, to be confirmed."""
    names, guess = list(opened.shape.columns), opened.shape.guess
    with st.container(horizontal=True):
        code = st.selectbox(
            _("Column of codes"),
            names,
            format_func=_column,
            index=names.index(guess.code) if guess else None,
            key=f"tables_code_{key}",
            width=180,
        )
        title = st.selectbox(
            _("Column of titles"),
            names,
            format_func=_column,
            index=names.index(guess.title) if guess else None,
            key=f"tables_title_{key}",
            width=180,
        )
        further = [NONE, *names]
        terms = st.selectbox(
            _("Column of further names"),
            further,
            format_func=lambda name: _(NONE) if name == NONE else _column(name),
            index=further.index(guess.terms) if guess and guess.terms else 0,
            key=f"tables_terms_{key}",
            width=200,
        )
    return Columns(code, title, "" if terms == NONE else terms or "") if code and title else None


def _column(name: str) -> str:
    """What a column is called; one without a name of its own has a number."""
    which = name.removeprefix(NUMBERED)
    return _("column {number}").format(number=which) if which != name and which.isdigit() else name


def _compare(opened: Opened, wanted: Wanted, key: str) -> None:
    try:
        with st.spinner(_("Comparing with ICD-10-CM…")):
            st.session_state[COMPARED] = (key, bring(opened, wanted, _encoder()))
    except ClinicodeError as error:
        st.session_state[COMPARED] = (key, str(error))


def _encoder() -> Callable[[], Encoder]:
    """The loaded product's encoder; models are opened only where titles have to be compared."""

    def load() -> Encoder:
        from pages.parts.resources import encoder  # noqa: PLC0415  a release of ICD-10-CM needs no model

        return encoder()

    return load


def _told(compared: Compared) -> None:
    table = compared.table
    figures(table)
    if compared.reading.rejected:
        count = len(compared.reading.rejected)
        with st.expander(_("Rejected rows ({count})").format(count=number(count)), icon=":material/rule:"):
            st.dataframe(
                [{_("line"): one.line, _("why"): one.reason} for one in compared.reading.rejected[:PROBLEMS]],
                hide_index=True,
            )
            if count > PROBLEMS:
                st.caption(_("The first {count} are shown.").format(count=PROBLEMS))
    if table.differs:
        with st.expander(
            _("Codes that mean something else in ICD-10-CM ({count})").format(count=number(table.differs)),
            icon=":material/difference:",
        ):
            rows = zip(compared.frame["code"], compared.frame["title"], compared.frame["standing"], strict=True)
            _differing([(code, title) for code, title, standing in rows if standing == Standing.DIFFERS])
    replaces = any(one.name == table.name for one in store.tables())
    told = _("Import as {name}, replacing the one before") if replaces else _("Import as {name}")
    st.button(
        told.format(name=plain(table.name)),
        type="primary",
        icon=":material/download:",
        key="tables_import",
        on_click=_keep,
        args=(compared,),
    )


def figures(table: Imported) -> None:
    """What became of a table's rows, in numbers."""
    shown = [(_("Rows in"), table.rows_in), (_("Rejected rows"), table.rejected), (_("Matched"), table.same)]
    shown += [] if table.system.clinical else [(_("Mean something else"), table.differs)]
    shown.append((_("Only in this table"), table.only))
    with st.container(horizontal=True):
        for name, value in shown:
            st.metric(name, number(value), width="content")
    said = [_("Matched: the code is in {release} too and means the same.").format(release=plain(table.against))]
    if table.left_out:
        left = ngettext(
            "{count} heading or withdrawn code is left out.",
            "{count} headings or withdrawn codes are left out.",
            table.left_out,
        )
        said.insert(0, left.format(count=number(table.left_out)))
    st.caption(" ".join(said))


def _label(table: Imported) -> str:
    """What a person calls a table, its part in the reader's language."""
    return f"{table.label.removesuffix(table.part)}{_(table.part)}" if table.part else table.label


def _differing(rows: list[tuple[str, str]]) -> None:
    installed = sets.open_set(sets.INSTALLED)
    st.dataframe(
        [
            {_("code"): code, _("in this table"): title, _("in ICD-10-CM"): installed.title(code)}
            for code, title in rows[:LISTED]
            if code in installed
        ],
        hide_index=True,
    )
    if len(rows) > LISTED:
        told = _("The first {count} are shown; {command} lists all.")
        st.caption(told.format(count=LISTED, command="`clinicode catalog tables NAME`"))


def _keep(compared: Compared) -> None:
    try:
        table = keep(compared)
    except ClinicodeError as error:
        st.session_state["tables_wrong"] = str(error)
        return
    for name in (READ, COMPARED):
        st.session_state.pop(name, None)
    st.session_state[ROUND] += 1
    told = _("{table} is imported; searches know its titles from the next one on.")
    st.session_state[TOLD] = told.format(table=_label(table))


def _imported() -> None:
    tables = store.tables()
    if not tables:
        return
    st.subheader(_("Imported"), anchor=False)
    for table in tables:
        with st.container(border=True, key=f"tables_{table.name}"):
            st.markdown(f"**{plain(_label(table))}** · {language_name(table.lang)}")
            told = _("{name}: {file}, {form}, imported {day}")
            form = _(table.form) if table.form else ""
            st.text(told.format(name=table.name, file=table.file, form=form, day=table.day))
            figures(table)
            if table.differs and st.toggle(
                _("Show the codes that mean something else"), key=f"tables_differ_{table.name}"
            ):
                try:
                    rows = store.rows(table).select("code", "title", "standing").iter_rows()
                    _differing([(code, title) for code, title, standing in rows if standing == Standing.DIFFERS])
                except ClinicodeError as error:
                    st.warning(plain(str(error)), icon=":material/error:")
            with st.popover(_("Remove"), icon=":material/delete:"):
                st.markdown(_("Its titles and terms go; nothing else does."))
                st.button(_("Remove it"), key=f"tables_remove_{table.name}", on_click=_remove, args=(table.name,))


def _remove(name: str) -> None:
    try:
        table = sets.remove(name)
    except ClinicodeError as error:
        st.session_state["tables_wrong"] = str(error)
    else:
        st.session_state[TOLD] = _("{table} is removed.").format(table=_label(table))
