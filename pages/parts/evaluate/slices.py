"""Sections that look into one run: languages and styles, mistakes, confidence; and the experiments."""

from __future__ import annotations

import streamlit as st

from core.evaluate.board import Board, ablations, label, languages, reviewing
from core.evaluate.charts.chart import heads
from core.evaluate.charts.confidence import answered, coverage, has_confidence, reliability
from core.evaluate.charts.languages import by_language_and_style, gap_to_english, lift
from core.evaluate.charts.learning import curve, left_out, reviewed
from core.evaluate.charts.mistakes import by_frequency, chapters, confused_codes, has_places, nearness_of_first
from core.evaluate.nearness import MEANING, Nearness
from core.evaluate.origin import dataset_of
from core.interface import _, ngettext, number
from pages.parts.book import catalog
from pages.parts.evaluate.common import (
    choose_board,
    choose_measure,
    choose_run,
    palette,
    shipped_runs,
    show,
)
from pages.parts.markdown import plain

PAIR = (("reranked", "hybrid"), ("clinicode", "hybrid"))
SHOWN = ("clinicode", "reranked, memory", "reranked", "hybrid", "codiesp", "terms", "all-MiniLM-L6-v2", "bm25")


def languages_and_styles(found: list[Board]) -> None:
    """Where the product is good and where it is not, by language and by how a mention is written."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = choose_board(found)
        run = choose_run(board, _("System"), "evaluate_languages")
        measure = choose_measure()
    langs = languages([run])
    if len(langs) < 2:
        st.info(
            _("All queries of this data set are in one language; choose another data set to compare languages."),
            icon=":material/translate:",
        )
        return
    if any(run.table["style"].to_list()):
        show(by_language_and_style(run, measure, palette()), "styles")
    if "en" in langs:
        show(gap_to_english(run, measure, palette()), "gap")
    names = [label(one) for one in board.runs]
    pair = next(((after, before) for after, before in PAIR if after in names and before in names), None)
    if pair is not None:
        show(lift(board.run(pair[1]), board.run(pair[0]), measure, palette()), "lift")
        st.caption(
            _(
                "Rey-Blanco and Cruz report gains of their reranker in most languages and a small loss in English; "
                "this is the same comparison for ours, on other data."
            )
        )


def mistakes(found: list[Board]) -> None:
    """What a wrong first code is instead."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = choose_board(found)
        run = choose_run(board, _("System"), "evaluate_mistakes")
        measure = choose_measure()
    if not has_places(run):
        st.info(_("This run was kept by an earlier version, without what is needed here; measure again."))
        return
    others = [board.run(name) for name in SHOWN if name in [label(one) for one in board.runs] and name != label(run)]
    others = [one for one in others if has_places(one)]
    show(nearness_of_first([run, *others], palette()), "nearness")
    titles = {chapter.code: f"{chapter.code} {chapter.title}" for chapter in catalog().chapters()}
    show(chapters(run, titles, palette()), "chapters")
    if run.table["frequency"].null_count() < run.table.height:
        show(by_frequency([run, *others][:4], measure, palette()), "frequency")
    confusions(run)


def confusions(run) -> None:  # noqa: ANN001
    """Pairs of codes that are taken for one another, where the data set's gold is on this machine."""
    with st.container(border=True):
        told = _("Codes that {system} takes for one another").format(system=plain(label(run)))
        st.markdown(f"**{told}**")
        data = dataset_of(run, catalog())
        if data is None:
            st.caption(
                _(
                    "The gold codes of this data set are not on this machine (it may not be copied); with its folder "
                    "they are shown in the explorer."
                )
            )
            return
        kinds = [Nearness.SIBLING, Nearness.ABOVE_OR_BELOW, Nearness.CATEGORY, Nearness.BLOCK, Nearness.CHAPTER]
        kind = st.selectbox(
            _("The first code is"),
            kinds,
            format_func=lambda one: _(MEANING[one]),
            key="evaluate_confusion",
            width=320,
        )
        gold = {query.name: query for query in data.queries}
        pairs = confused_codes(run, gold, catalog(), kind)
        count = int(pairs["queries"].sum())
        queries = ngettext("{count} query", "{count} queries", count).format(count=number(count))
        different = ngettext("{count} different pair", "{count} different pairs", pairs.height)
        st.caption(f"{queries}, {different.format(count=number(pairs.height))}")
        st.dataframe(pairs, hide_index=True, key="evaluate_confusions", column_config=heads(pairs))


def learning(found: list[Board]) -> None:
    """How much supervision it takes, and what each source adds."""
    by_set = ablations(shipped_runs())
    measure = choose_measure()
    if taught := reviewing(shipped_runs()):
        show(reviewed(taught, measure, palette()), "reviewed")
        st.code(taught[0].provenance.command, language="bash", wrap_lines=True)
    st.caption(
        _(
            "From the suite of ablations: a short recipe (two passes, 128 dimensions), the encoder by itself over the "
            "book's terms. Differences between rows mean something, their level does not: what ships is trained longer."
        )
    )
    if not by_set:
        told = _("There are no ablation runs; make them with {command}.")
        st.info(told.format(command="clinicode evaluate --suite ablations --data DATA"))
        return
    show(curve(by_set, measure, palette()), "curve")
    for place, (name, runs) in enumerate(by_set.items()):
        show(left_out(runs, measure, palette(), name), f"left_out_{place}")


def confidence(found: list[Board]) -> None:
    """Whether the confidence can be relied on, and what a threshold does."""
    able = [
        Board(board.data, board.name, tuple(run for run in board.runs if has_confidence(run)))
        for board in found
        if any(has_confidence(run) for run in board.runs)
    ]
    if not able:
        st.info(_("No run has confidences; only the product's own have them."), icon=":material/speed:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = choose_board(able)
        run = choose_run(board, _("System"), "evaluate_confidence", ("clinicode", "reranked, memory", "reranked"))
    show(reliability(run, palette()), "reliability")
    threshold = st.slider(
        _("Hold a code back below this confidence"),
        0.0,
        1.0,
        0.5,
        0.01,
        key="evaluate_threshold",
        persist_state="session",
    )
    st.info(answered(run, threshold).sentence(), icon=":material/visibility:")
    show(coverage(run, threshold, palette()), "coverage")
