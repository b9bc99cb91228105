"""Bringing documents into a project: read, looked at, and only then imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.archives import zipped
from core.errors import ClinicodeError
from core.interface import N_, _, language_name, ngettext, number
from core.review.exchange.reading import FORMATS, read_documents, read_folder
from pages.parts.book import catalog
from pages.parts.markdown import plain
from pages.parts.review.common import sign_in_configured
from pages.parts.review.queue_told import documents_said, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.review.exchange.reading import Read
    from core.review.model import Incoming, Project
    from core.review.people import Person
    from core.review.store import ReviewStore

FILES, FOLDER = N_("Files"), N_("A folder on this machine")
TYPES = ["jsonl", "ndjson", "csv", "tsv", "zip", "txt", "pdf", "docx", "ann"]
LOOSE, PAIRED = (".txt", ".pdf", ".docx"), (".txt", ".ann")
"""Files of one note; several of them are read as if they had come in a zip file, where a .ann finds its .txt."""
FORMAT_NAMES = {
    "document": N_("a note"),
    "documents": N_("notes"),
    "jsonl": "JSON lines",
    "table": N_("a table"),
    "brat": "BRAT standoff",
    "codiesp": "CodiEsp",
}
PREVIEW, PROBLEMS, NAMED = 5, 100, 10
MAX_UPLOAD = 200
"""Megabytes a file."""
ROUND, KEPT = "queue_import_round", "queue_import_read"


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of uploads (by their names) or a folder; `wrong` is what could not be read at all."""

    names: tuple[str, ...]
    reads: tuple[Read, ...]
    wrong: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[Incoming, ...]:
        """All documents that can be used."""
        return tuple(one for read in self.reads for one in read.documents)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Where something cannot be used, and why; the file is named where there are several."""
        several = len(self.reads) > 1
        return [
            (f"{name}, {one.where}" if several and name not in one.where else one.where, one.reason)
            for name, read in zip(self.names, self.reads, strict=True)
            for one in read.problems
        ]


def importing(reviews: ReviewStore, me: Person, project: Project, *, empty: bool) -> None:
    """Choose files, see what is in them, import."""
    key = f"queue_in_{project.id}_{st.session_state.get(ROUND, 0)}"
    with st.expander(_("Import documents"), expanded=empty, icon=":material/upload_file:", key=key):
        found = _read()
        if found is None:
            st.caption(
                _(
                    "JSON lines, a table, notes, a zip file of notes, CodiEsp, or BRAT standoff (.txt with .ann). What "
                    "is annotated in them becomes suggestions; a text that is there already is left out."
                ),
                help="\n".join(f"- {_(words)}" for words in FORMATS.values()),
            )
            return
        _preview(found)
        documents = found.documents
        st.button(
            ngettext("Import {count} document", "Import {count} documents", len(documents)).format(
                count=number(len(documents))
            ),
            type="primary",
            icon=":material/download:",
            key="queue_import",
            disabled=not documents,
            on_click=_import,
            args=(reviews, me, project, documents),
        )


def _read() -> Found | None:
    """What is chosen, read once; it is kept in this session alone until it is imported."""
    place = st.session_state.get(ROUND, 0)
    source = FILES
    if not sign_in_configured():  # a folder of the server is no business of those who sign in to it
        source = st.segmented_control(
            _("From"),
            [FILES, FOLDER],
            format_func=_,
            default=FILES,
            required=True,
            key="queue_source",
            label_visibility="collapsed",
        )
    if source == FOLDER:
        typed = (st.text_input(_("Folder"), key=f"queue_folder_{place}", placeholder="/data/letters") or "").strip()
        if typed:
            return _once((FOLDER, typed), lambda: _read_folder(typed))
        st.session_state.pop(KEPT, None)
        return None
    uploads = st.file_uploader(
        _("Files with documents"),
        type=TYPES,
        accept_multiple_files=True,
        key=f"queue_files_{place}",
        max_upload_size=MAX_UPLOAD,
        label_visibility="collapsed",
    )
    if not uploads:
        st.session_state.pop(KEPT, None)
        return None
    return _once(tuple(one.file_id for one in uploads), lambda: _read_uploads(uploads))


def _once(key: object, read: Callable[[], Found]) -> Found:
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != key:
        with st.spinner(_("Reading the documents…")):
            kept = (key, read())
        st.session_state[KEPT] = kept
    found: Found = kept[1]
    return found


def _read_folder(typed: str) -> Found:
    try:
        folder = Path(typed).expanduser()
        return Found((folder.name,), (read_folder(folder, catalog()),))
    except ClinicodeError as error:
        return Found((), (), (str(error),))
    except RuntimeError:  # "~" of somebody whom this machine does not know
        return Found((), (), (_("There is no folder {folder} on this machine.").format(folder=typed),))


def _read_uploads(uploads: Sequence[UploadedFile]) -> Found:
    files = [(Path(one.name).name or "document", one.getvalue()) for one in uploads]
    together = PAIRED if any(name.lower().endswith(".ann") for name, _ in files) else LOOSE
    loose = [file for file in files if file[0].lower().endswith(together)]
    if len(loose) > 1:
        files = [(_("What was uploaded"), zipped(dict(loose).items())), *(file for file in files if file not in loose)]
    names, reads, wrong = [], [], []
    for name, data in files:
        try:
            reads.append(read_documents(name, data, catalog()))
            names.append(name)
        except ClinicodeError as error:
            wrong.append(str(error))
    return Found(tuple(names), tuple(reads), tuple(wrong))


def _preview(found: Found) -> None:
    for message in found.wrong:
        st.warning(plain(message), icon=":material/edit:")
    documents = found.documents
    problems = found.problems
    if found.reads:
        names = dict.fromkeys(_(FORMAT_NAMES.get(read.format, read.format)) for read in found.reads)
        formats = f" {_('and')} ".join(names)
        marked = sum(len(one.annotations) for one in documents)
        said = _("This is **{formats}**: {documents}.")
        if marked:
            said = ngettext(
                "This is **{formats}**: {documents}, with {count} annotation in them.",
                "This is **{formats}**: {documents}, with {count} annotations in them.",
                marked,
            )
        st.markdown(said.format(formats=formats, documents=documents_said(len(documents)), count=number(marked)))
    if documents:
        st.dataframe(
            [
                {
                    "name": one.name,
                    "characters": len(one.text),
                    "language": language_name(one.lang) or _("to be detected"),
                    "annotations": len(one.annotations),
                }
                for one in documents[:PREVIEW]
            ],
            hide_index=True,
            column_config={
                "name": _("name"),
                "characters": _("characters"),
                "language": _("language"),
                "annotations": _("annotations"),
            },
        )
        if len(documents) > PREVIEW:
            told = _("The first {count} of {total}.")
            st.caption(told.format(count=number(PREVIEW), total=number(len(documents))))
    if problems:
        said = (
            ngettext(
                "{count} thing in it cannot be used; the rest can be imported.",
                "{count} things in it cannot be used; the rest can be imported.",
                len(problems),
            )
            if documents
            else ngettext(
                "{count} thing in it cannot be used; nothing is left to import.",
                "{count} things in it cannot be used; nothing is left to import.",
                len(problems),
            )
        )
        st.warning(said.format(count=number(len(problems))), icon=":material/rule:")
        first = _("The first {count} of them").format(count=number(PROBLEMS))
        with st.expander(first if len(problems) > PROBLEMS else _("Which and why"), icon=":material/list:"):
            st.dataframe(
                [{"where": where, "why": why} for where, why in problems[:PROBLEMS]],
                hide_index=True,
                column_config={"where": _("where"), "why": _("why")},
            )


def _import(reviews: ReviewStore, me: Person, project: Project, documents: Sequence[Incoming]) -> None:
    try:
        added, twice = reviews.import_documents(me, project, documents)
    except ClinicodeError as error:
        tell(plain(str(error)), wrong=True)
        return
    st.session_state.pop(KEPT, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1  # the form is drawn anew, empty
    said = ngettext("{count} document imported.", "{count} documents imported.", added).format(count=number(added))
    if twice:
        names = ", ".join(plain(name) for name in twice[:NAMED])
        left_out = _("Left out, as their text is there already: {names}.")
        if len(twice) > NAMED:
            left_out = _("Left out, as their text is there already: {names} and {count} more.")
        said = f"{said} {left_out.format(names=names, count=number(len(twice) - NAMED))}"
    tell(said)
