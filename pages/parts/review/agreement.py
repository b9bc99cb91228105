"""Agreement: how alike reviewers annotate the same documents, where they do not, and which codes they mix up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from core.evaluate.charts.agreement import by_pair
from core.interface import N_, _, ngettext, number
from core.review.agreement import UNKNOWN, Agreement, agreement
from core.spreadsheet import table as csv
from pages.parts.book import catalog as code_set
from pages.parts.components import STATUS_WORDS
from pages.parts.evaluate.common import palette, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.catalog import Catalog
    from core.review.agreement import Confusion, Group, Pair
    from core.review.coefficients import Estimate
    from core.review.model import Project
    from core.review.people import Person
    from core.review.store import ReviewStore

SHARES = (
    *(N_("same code"), N_("same category"), N_("same status")),
    *(N_("passages (F1)"), N_("same bounds (F1)")),
)
KAPPAS = (N_("kappa, codes"), N_("kappa, categories"), N_("kappa, status"))
COLUMNS = (
    *(N_("reviewers"), N_("documents"), N_("both marked"), N_("one only")),
    *(N_("category"), N_("chapter"), N_("status"), N_("document")),
    *(N_("one code"), N_("the other"), N_("times"), N_("who"), N_("title of the one"), N_("title of the other")),
)
PARTS = {
    "category": N_("Category"),
    "chapter": N_("Chapter"),
    "status": N_("Status"),
    "document": N_("Document"),
}


def section(reviews: ReviewStore, _me: Person, project: Project) -> None:
    """The figures, a chart by pairs of reviewers, where they disagree, and about which codes."""
    book = code_set()
    found = _measured(reviews, project, book)
    if found is None:
        st.info(
            _("Two reviewers have to finish the same document before agreement can be measured."),
            icon=":material/group:",
        )
        return
    told = ngettext(
        "{reviewers} reviewers, {count} document that two or more of them finished; what was adjudicated does not "
        "count. Passages are the same where they overlap. In brackets: 95 % bootstrap intervals over documents.",
        "{reviewers} reviewers, {count} documents that two or more of them finished; what was adjudicated does not "
        "count. Passages are the same where they overlap. In brackets: 95 % bootstrap intervals over documents.",
        found.documents,
    )
    st.caption(told.format(reviewers=number(len(found.reviewers)), count=number(found.documents)))
    _headline(found)
    show(by_pair(found.pairs, palette()), "agreement_pairs")
    _table(_("Pairs of reviewers"), "agreement-kappa", _pairs(found.pairs), "agreement_kappa")
    _why(found)
    _broken_down(found, reviews, project, book)
    _taken_for_one_another(found.confusions, book)


def _measured(reviews: ReviewStore, project: Project, book: Catalog) -> Agreement | None:
    """The agreement as it stands; worked out again when somebody has written. Kept in this session only."""
    state = (project.id, *((one.document, one.lane, one.version) for one in reviews.progress(project.id)))
    kept, found = st.session_state.get("agreement_measured", (None, None))
    if kept != state:
        with st.spinner(_("Comparing the reviewers…")):
            found = agreement(reviews.all_work(project.id), book.chapter)
        st.session_state["agreement_measured"] = (state, found)
    return found


def _headline(found: Agreement) -> None:
    overall, alphas = found.overall, found.alphas
    overlapping = _("F1 of the passages that overlap, over all pairs of reviewers.")
    coded = _("Krippendorff's alpha over all reviewers: codes where two or more marked it.")
    missed = _("Krippendorff's alpha: “not marked” is an answer of its own.")
    figures = (
        (_("Same passage"), overall.overlapping, overlapping, True),
        (_("Same bounds"), overall.exact, _("F1 of the passages with exactly the same bounds."), True),
        (_("Same code"), overall.codes, _("Of the passages that both marked: the same set of codes."), True),
        (_("Same category"), overall.categories, _("The same at three characters."), True),
        (_("Same status"), overall.status, _("Of the passages that both marked."), True),
        (_("Alpha, codes"), alphas.codes, coded, False),
        (_("Alpha, missed"), alphas.marked, missed, False),
    )
    with st.container(horizontal=True):
        for words, one, explained, share in figures:
            none = _("There is none: {reason}.").format(reason=_reason(one))
            st.metric(
                words,
                _value(one, share=share),
                delta=_interval(one, share=share) if one.figure is None or found.documents > 1 else None,
                delta_color="off",
                delta_arrow="off",
                help=explained if one.figure else f"{explained} {none}",
                border=True,
                width=146,
            )
    st.caption(
        _(
            "Alpha is Krippendorff's, over all reviewers: of the codes where two or more marked a passage, and with "
            "what somebody missed, where “not marked” is an answer of its own."
        )
    )


def _reason(one: Estimate) -> str:
    """Why there is no figure, in the reader's language; nothing where there is one."""
    return _(one.reason) if one.reason else ""


def _value(one: Estimate, *, share: bool) -> str:
    if one.figure is None:
        return "–"
    return f"{one.figure.value:.0%}" if share else f"{one.figure.value:.2f}"


def _interval(one: Estimate, *, share: bool) -> str:
    if one.figure is None:
        return _reason(one)
    low, high = one.figure.low, one.figure.high
    ends = (f"{low:.0%}", f"{high:.0%}") if share else (f"{low:.2f}", f"{high:.2f}")
    return f"({_('{low} to {high}').format(low=ends[0], high=ends[1])})"


def _pairs(pairs: Sequence[Pair]) -> pl.DataFrame:
    rows = []
    for pair in pairs:
        scores = pair.scores
        shares = (scores.codes, scores.categories, scores.status, scores.overlapping, scores.exact)
        both = _("{one} and {other}").format(one=pair.first, other=pair.second)
        row = {"reviewers": both, "documents": scores.documents}
        row |= {"both marked": scores.both, "one only": scores.alone}
        row |= {name: one.value for name, one in zip(SHARES, shares, strict=True)}
        kappas = zip(KAPPAS, (pair.codes, pair.categories, pair.status), strict=True)
        rows.append(row | {name: one.value for name, one in kappas})
    return _typed(rows)


def _why(found: Agreement) -> None:
    """Why some kappa cannot be told."""
    reasons = {_reason(one) for pair in found.pairs for one in (pair.codes, pair.categories, pair.status)} - {""}
    if reasons:
        told = _("A kappa that stands as “–” cannot be told: {reasons}.")
        st.caption(told.format(reasons="; ".join(sorted(reasons))))


def _broken_down(found: Agreement, reviews: ReviewStore, project: Project, book: Catalog) -> None:
    names = {str(one.id): one.name for one in reviews.documents(project.id)}
    chapters = {one.code: f"{one.code}. {one.title}" for one in book.chapters()} | {UNKNOWN: _(UNKNOWN)}
    words = {status.value: _(said[0]) for status, said in STATUS_WORDS.items()}
    parts: dict[str, tuple[tuple[Group, ...], Callable[[str], str]]] = {
        "category": (found.categories, lambda code: f"{code} {book.title(code) if code in book else _(UNKNOWN)}"),
        "chapter": (found.chapters, lambda code: chapters.get(code, code)),
        "status": (found.statuses, lambda name: words.get(name, name)),
        "document": (found.by_document, lambda document: names.get(document, document)),
    }
    st.subheader(_("Where they disagree"), anchor=False)
    part = st.segmented_control(
        _("By"),
        list(parts),
        default="category",
        required=True,
        format_func=lambda one: _(PARTS[one]),
        key="agreement_part",
        persist_state="session",
    )
    groups, named = parts[part or "category"]
    rows = []
    for group in groups:
        scores = group.scores
        shares = (scores.codes, scores.categories, scores.status, scores.overlapping, scores.exact)
        row: dict[str, object] = {str(part): named(group.name), "both marked": scores.both, "one only": scores.alone}
        rows.append(row | {name: one.value for name, one in zip(SHARES, shares, strict=True)})
    _table(
        _(
            "The worst agreement on codes first. A passage on which two differ counts on both sides; “–”: nobody's "
            "passage was marked by a second."
        ),
        f"agreement-{part}",
        _typed(rows),
        "agreement_part_table",
    )


def _taken_for_one_another(confusions: Sequence[Confusion], book: Catalog) -> None:
    st.subheader(_("Codes taken for one another"), anchor=False)
    if not confusions:
        st.caption(_("None: where two marked a passage, they gave it the same codes."))
        return

    def titled(codes: str) -> str:
        return "; ".join(book.title(code) if code in book else _(UNKNOWN) for code in codes.split(" + "))

    table = pl.DataFrame(
        [
            {
                "one code": one.first,
                "the other": one.second,
                "times": one.times,
                "who": "; ".join(
                    f"{held.first} {one.first}, {held.second} {one.second}: {held.times}" for held in one.holders
                ),
                "title of the one": titled(one.first),
                "title of the other": titled(one.second),
            }
            for one in confusions
        ]
    )
    _table(_("What two reviewers gave the same passage."), "agreement-codes", table, "agreement_codes")


def _typed(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    """A table whose figures are numbers even where there are none."""
    table = pl.DataFrame(rows, infer_schema_length=None)
    figures = [name for name in (*SHARES, *KAPPAS) if name in table.columns]
    return table.with_columns(pl.col(figures).cast(pl.Float64).round(3))


def _table(said: str, name: str, table: pl.DataFrame, key: str) -> None:
    """A table under what it shows, and as a file."""
    st.caption(said)
    columns: dict[str, object] = {column: _(column) for column in COLUMNS}
    columns |= {column: st.column_config.NumberColumn(_(column), format="percent") for column in SHARES}
    columns |= {column: st.column_config.NumberColumn(_(column), format="%.2f") for column in KAPPAS}
    shown = {column: columns[column] for column in table.columns}
    st.dataframe(table, hide_index=True, key=f"table_{key}", column_config=shown, placeholder="–")
    st.download_button(
        _("Download this table (CSV)"),
        csv(table.columns, table.rows()),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=f"download_{key}",
        on_click="ignore",
    )
