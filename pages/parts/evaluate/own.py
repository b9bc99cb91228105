"""Run your own: measure systems on a data set of one's own, in the background."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.mentions import PUBLIC
from core.evaluate.recognise import Recognised, formats, recognise
from core.evaluate.systems import SYSTEMS
from core.interface import N_, _, language_name, ngettext, number, spoken
from core.language import LANGUAGES
from pages.parts.book import catalog as code_set
from pages.parts.evaluate.own_jobs import list_jobs
from pages.parts.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.catalog import Catalog

UPLOAD, MENTIONS = N_("Upload a file"), N_("The public mentions")
FOLDER = N_("A CodiEsp folder on this machine")
FORMAT_NAMES = {
    "codiesp": "CodiEsp",
    "distemist": "DisTEMIST",
    "table": N_("a table of mentions"),
    "jsonl": N_("JSON lines of mentions"),
}
KIND_NAMES = {"codiesp-x": N_("Mentions (X)"), "codiesp-d": N_("Whole notes (D)")}
PREVIEW, PROBLEMS = 5, 50
MAX_UPLOAD = 200
"""Megabytes."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a data set comes from: an upload or a place on this machine; `key` tells it from others."""

    key: str
    path: Path
    upload: UploadedFile | None = None

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """Its path; that of an upload is gone afterwards."""
        if self.upload is None:
            yield self.path
            return
        with TemporaryDirectory(prefix="clinicode-") as folder:
            path = Path(folder) / self.path.name
            path.write_bytes(self.upload.getbuffer())
            yield path


def section(_boards: object = None) -> None:
    """Choose a data set and systems, start, and follow what runs."""
    st.markdown(
        _(
            "Measure systems on a data set of your own. It runs in the background, two at a time, and goes on when you "
            "leave this page."
        )
    )
    try:
        place, book = jobs.place(), code_set()
    except ClinicodeError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.caption(
        _(
            "What you start is kept in {place} on this machine, texts included, until you delete it here. Everyone who "
            "uses this workspace can open it."
        ).format(place=place)
    )
    _choose(book)
    list_jobs()


def _choose(catalog: Catalog) -> None:
    source = _source()
    if source is None:
        with st.expander(_("What can be read"), icon=":material/description:"):
            st.markdown("\n".join(f"- {words}" for words in formats()))
        return
    snomed = None
    found = _recognised(source, None, catalog)
    if found is None:
        return
    if found.format == "distemist":
        upload = st.file_uploader(
            _("Which ICD-10-CM codes SNOMED CT codes stand for (.tsv with the columns {columns}; optional)").format(
                columns="snomed, code"
            ),
            type=["tsv"],
            key="own_map",
        )
        if upload is not None:
            mapped = _recognised(source, _uploaded(upload), catalog)
            if mapped is not None:
                found, snomed = mapped, _uploaded(upload)
    _describe(found, source, catalog)
    documents = found.kind == "codiesp-d"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        systems = st.pills(
            _("Systems"),
            SYSTEMS,
            selection_mode="multi",
            default=["clinicode", "bm25"],
            key="own_systems",
            disabled=documents,
            help=_("Whole notes are coded by clinicode only.") if documents else None,
            persist_state="session",
        )
        limit = st.number_input(
            _("Only the first"),
            min_value=0,
            step=100,
            key="own_limit",
            help=_("0: all"),
            width=150,
            persist_state="session",
        )
        pressed = st.button(
            _("Start"),
            type="primary",
            icon=":material/play_arrow:",
            key="own_start",
            disabled=found.dataset is None or not (systems or documents),
        )
    if pressed:
        _start(source, snomed, found, ["clinicode"] if documents else list(systems), int(limit), catalog)


def _source() -> Source | None:
    origin = st.segmented_control(
        _("Data"),
        [UPLOAD, MENTIONS, FOLDER],
        format_func=_,
        default=UPLOAD,
        required=True,
        key="own_origin",
        persist_state="session",
    )
    if origin == MENTIONS:
        return Source(MENTIONS, PUBLIC)
    if origin == FOLDER:
        typed = st.text_input(
            _("Folder that holds CodiEsp"),
            key="own_folder",
            placeholder="/data/codiesp",
            help=_("It is read where it lies; only lines that cannot be used make a copy of the rest necessary."),
            persist_state="session",
        )
        folder = Path((typed or "").strip()).expanduser()
        if typed and typed.strip():
            if _is_folder(folder):
                return Source(f"{FOLDER} {folder.resolve()}", folder)
            told = _("There is no folder {folder} on this machine.").format(folder=folder)
            st.warning(plain(told), icon=":material/folder_off:")
        return None
    upload = st.file_uploader(
        _("A table (.tsv), JSON lines (.jsonl) or a zip file of CodiEsp"),
        type=["tsv", "jsonl", "zip"],
        key="own_file",
        max_upload_size=MAX_UPLOAD,
    )
    return _uploaded(upload) if upload is not None else None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _uploaded(upload: UploadedFile) -> Source:
    return Source(upload.file_id, Path(Path(upload.name).name or "data"), upload)


def _recognised(source: Source, snomed: Source | None, catalog: Catalog) -> Recognised | None:
    """What the source is, read again only when a choice changes; what cannot be read is said.

    It is kept in this session, never in a cache that sessions share.
    """
    kind = st.session_state.get(f"own_kind_{source.key}") or ""
    split = st.session_state.get(f"own_split_{source.key}") or ""
    key = (source.key, snomed.key if snomed else "", spoken(), kind, split)
    kept = st.session_state.setdefault("own_read", {})
    if key not in kept:
        for old in [one for one in kept if one[0] != source.key]:
            del kept[old]
        try:
            with st.spinner(_("Reading the data…")), ExitStack() as stack:
                path = stack.enter_context(source.on_disk())
                mapped = stack.enter_context(snomed.on_disk()) if snomed is not None else None
                found = recognise(path, catalog, kind, split, mapped)
            kept[key] = found
            # what the widgets will say once they are shown
            shown = (found.kind if len(found.kinds) > 1 else "", found.split if len(found.splits) > 1 else "")
            kept[(*key[:3], *shown)] = found
        except ClinicodeError as error:
            kept[key] = str(error)
        except OSError as error:
            kept[key] = _("{file} cannot be read ({problem}).").format(file=source.path.name, problem=error.strerror)
    answer: Recognised | str = kept[key]
    if isinstance(answer, str):
        st.warning(plain(answer), icon=":material/edit:")
        return None
    return answer


def _describe(found: Recognised, source: Source, catalog: Catalog) -> None:
    kind_key, split_key = f"own_kind_{source.key}", f"own_split_{source.key}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(found.kinds) > 1:
            st.segmented_control(
                _("What of it"),
                found.kinds,
                default=found.kind,
                format_func=lambda kind: _(KIND_NAMES[kind]),
                required=True,
                key=kind_key,
                on_change=lambda: st.session_state.pop(split_key, None),  # the other kind may have other splits
            )
        if len(found.splits) > 1:
            st.segmented_control(_("Split"), found.splits, default=found.split, required=True, key=split_key)
    queries = found.dataset.queries if found.dataset is not None else ()
    langs = Counter(query.lang for query in queries)
    named = ", ".join(
        f"{language_name(lang) if lang in LANGUAGES else _('language not said')} {number(count)}"
        for lang, count in langs.most_common()
        if count
    )
    notes, mentions = _("This is {format}; notes to run: {count}."), _("This is {format}; mentions to run: {count}.")
    told = notes if found.kind == "codiesp-d" else mentions
    st.markdown(f"{told.format(format=f'**{_(FORMAT_NAMES[found.format])}**', count=number(len(queries)))} {named}")
    retired = sum(not query.codes for query in queries)
    if retired:
        told = ngettext(
            "{count} of them has no gold code that {release} still has; it counts as missed.",
            "{count} of them have no gold code that {release} still has; they count as missed.",
            retired,
        )
        st.caption(told.format(count=number(retired), release=plain(catalog.label)))
    if queries:
        st.dataframe(
            [
                {
                    _("text"): query.text if len(query.text) <= 200 else f"{query.text[:200]}…",
                    _("codes"): "; ".join(f" {_('or')} ".join(sorted(group)) for group in query.groups),
                    _("language"): query.lang,
                }
                for query in queries[:PREVIEW]
            ],
            hide_index=True,
        )
    if found.problems:
        count = len(found.problems)
        some = ngettext(
            "{count} line cannot be used; the rows that can will be run.",
            "{count} lines cannot be used; the rows that can will be run.",
            count,
        )
        none = ngettext(
            "{count} line cannot be used; no row is left to run.",
            "{count} lines cannot be used; no row is left to run.",
            count,
        )
        st.warning((some if queries else none).format(count=number(count)), icon=":material/rule:")
        first = _("The first {count} of them").format(count=PROBLEMS)
        shown = first if count > PROBLEMS else _("Which and why")
        with st.expander(shown, icon=":material/list:"):
            st.dataframe(
                [{_("line"): one.line, _("reason"): one.reason} for one in found.problems[:PROBLEMS]], hide_index=True
            )


def _start(
    source: Source, snomed: Source | None, found: Recognised, systems: list[str], limit: int, catalog: Catalog
) -> None:
    try:
        with ExitStack() as stack:
            jobs.start(
                stack.enter_context(source.on_disk()),
                systems,
                catalog,
                kind=found.kind,
                split=found.split,
                limit=limit,
                snomed=stack.enter_context(snomed.on_disk()) if snomed is not None else None,
                copy=source.upload is not None,
            )
    except ClinicodeError as error:
        st.error(plain(str(error)), icon=":material/error:")
    except OSError as error:
        told = _("The evaluation cannot be started ({problem}).").format(problem=error.strerror)
        st.error(told, icon=":material/error:")
    else:
        st.toast(_("Started; follow it below."), icon=":material/play_circle:")
