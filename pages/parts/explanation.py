"""Why this code: the words that led to it, what agrees and what does not, and what stands beside it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from core.errors import ClinicodeError
from core.explain.explanation import Relation, Stage
from core.explain.sentence import source_line
from core.language import LANGUAGES
from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.coder import Coder
    from core.explain.explanation import Detail, Explanation, Neighbour, Word
    from core.language import Language

STYLE = (ASSETS / "interface" / "explanation.css").read_text(encoding="utf-8")
FAINT = 0.02
"""A part of the match below which a word is not shaded."""
SIGNS = {"agrees": ("✓", "agrees"), "missing": ("?", "only one says it"), "contradicts": ("✕", "does not fit")}
RELATIONS = {
    Relation.NEXT: "next",
    Relation.BEFORE: "the one before",
    Relation.SIBLING: "its nearest sibling in the book",
}
STAGES = {
    Stage.BOOK: "Names in the code book",
    Stage.WRITTEN: "Written examples",
    Stage.LEXICAL: "Words in common",
    Stage.MEMORY: "Your team's reviews",
    Stage.FUSED: "All of these together",
    Stage.RERANKED: "Second look at the list",
}


def why_this_code(product: Coder, text: str, code: str, lang: Language, *, key: str, rerank: bool) -> None:
    """The card above a code's details: why the text, in the language that was found for it, may have the code.

    The second stage is asked again without each word only once that part is opened: it takes longest.
    """
    try:
        explanation = product.explain(text, code, lang, rerank=rerank, occlusion=False)
    except ClinicodeError:  # the book has it, but it is no code: nothing to explain
        return
    with st.container(border=True, key=f"{key}_why", gap="small"):
        st.html(_card(explanation))
        with st.expander("Why not the next one", icon=":material/compare_arrows:"):
            st.html(_page("".join(map(_neighbour, explanation.neighbours)) or "<p>There is no other candidate.</p>"))
        with st.expander("Where it stands", icon=":material/account_tree:"):
            st.html(_page(_standing(explanation)))
        opened = st.expander(
            "Scores of each stage", icon=":material/bar_chart:", key=f"{key}_stages", on_change="rerun"
        )
        if opened.open:
            with opened:
                if product.reranker is not None and rerank:
                    explanation = product.explain(text, code, lang)
                _stages(explanation, key)


def _page(body: str) -> str:
    return f'<style>{STYLE}</style><div class="why" style="--accent:{_accent()}">{body}</div>'


def _accent() -> str:
    """The theme's first colour, as the browser shows it now."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor"))


def _card(explanation: Explanation) -> str:
    lang = LANGUAGES.get(explanation.term.lang, "language not given")
    parts = [
        "<h4>Why this code</h4>",
        f"<p>{escape(explanation.why)}</p>",
        _shaded("Your text", explanation.text, explanation.words, explanation.similarity, explanation.by_word),
        _shaded(
            "Matched with",
            explanation.term.text,
            explanation.term_words,
            explanation.similarity,
            explanation.by_word,
            source_line(explanation.term, lang),
        ),
    ]
    if not explanation.by_word:
        parts.append("<p class='small'>This encoder cannot be looked into word by word.</p>")
    qualifiers = explanation.qualifiers
    lines = "".join(
        _detail(detail, kind)
        for kind, details in (
            ("contradicts", qualifiers.contradicts),
            ("agrees", qualifiers.agrees),
            ("missing", qualifiers.missing),
        )
        for detail in details
    )
    if lines:
        parts.append(f"<ul>{lines}</ul>")
    return _page("".join(parts))


def _shaded(label: str, text: str, words: Sequence[Word], similarity: float, by_word: bool, source: str = "") -> str:
    """A text with its words shaded by their part of the match: by strength of colour and by thickness of a line."""
    strongest = max((word.share for word in words), default=0.0)
    parts = []
    done = 0
    for word in words:
        parts.append(escape(text[done : word.start]))
        shown = escape(word.text)
        if by_word and similarity > 0 and strongest > 0:
            share = word.share / similarity
            strength = max(0.0, word.share / strongest) if share >= FAINT else 0.0
            hint = f"{share:.0%} of the match" if share >= 0 else f"{-share:.0%} against the match"
            style = f"--strength:{strength:.2f};--line:{4 * strength:.1f}px"
            shown = f'<mark style="{style}" title="{hint}">{shown}</mark>'
        parts.append(shown)
        done = word.end
    parts.append(escape(text[done:]))
    note = f'<span class="small">{escape(source)}</span>' if source else ""
    return _row(label, "".join(parts), note)


def _row(label: str, markup: str, note: str = "") -> str:
    """A line under a label; `markup` and `note` are escaped by whoever made them."""
    return f'<div class="row"><span class="label">{escape(label)}</span><span class="text">{markup}</span>{note}</div>'


def _detail(detail: Detail, kind: str) -> str:
    sign, name = SIGNS[kind]
    icon = f'<span class="sign" role="img" aria-label="{name}">{sign}</span>'
    return f'<li class="{kind}">{icon}<span>{escape(detail.sentence)}</span></li>'


def _neighbour(other: Neighbour) -> str:
    place = f"{RELATIONS[other.relation]}, place {other.rank}" if other.rank else RELATIONS[other.relation]
    rows = [
        _row(label, _quoted(phrases))
        for label, phrases in (("Only this one", other.only_this), ("Only the other", other.only_other))
        if phrases
    ]
    if not rows:
        rows = ["<p class='small'>The titles say the same; one of the two stands above the other in the book.</p>"]
    head = f"<p><b>{escape(other.code)}</b> {escape(other.title)} <span class='small'>({escape(place)})</span></p>"
    return f'<div class="other">{head}{"".join(rows)}</div>'


def _quoted(phrases: Sequence[str]) -> str:
    return " · ".join(f"“{escape(phrase)}”" for phrase in phrases)


def _standing(explanation: Explanation) -> str:
    steps = "".join(f"<li><b>{escape(place.code)}</b> {escape(place.title)}</li>" for place in explanation.path)
    parts = [f'<ol class="path">{steps}<li><b>{escape(explanation.code)}</b> {escape(explanation.title)}</li></ol>']
    if explanation.inclusion_terms:
        terms = "".join(f"<li>{escape(term)}</li>" for term in explanation.inclusion_terms)
        parts.append(f"<p>The book also calls it</p><ul class='plain'>{terms}</ul>")
    for kind, meaning in (("Excludes1", "never coded together with it"), ("Excludes2", "not included in it")):
        lines = "".join(
            f"<li>{escape(note.text)} <span class='small'>(note at {escape(note.printed_at)})</span></li>"
            for note in explanation.notes
            if note.kind == kind
        )
        if lines:
            parts.append(f"<p>{kind}: {meaning}</p><ul class='plain'>{lines}</ul>")
    return "".join(parts)


def _stages(explanation: Explanation, key: str) -> None:
    """What each stage gave the code: bars for those that give 0 to 1, and a table of all."""
    bars = [one for one in explanation.stages if one.stage not in (Stage.FUSED, Stage.RERANKED)]
    figure = go.Figure(
        go.Bar(
            x=[one.score for one in bars],
            y=[STAGES[one.stage] for one in bars],
            text=[f"{one.score:.2f}" if one.rank else "not found" for one in bars],
            orientation="h",
            marker_color=_accent(),
            textposition="outside",
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    figure.update_layout(height=190, margin={"l": 0, "r": 60, "t": 6, "b": 24}, bargap=0.35, dragmode=False)
    figure.update_xaxes(range=[0, 1], fixedrange=True, tickvals=[0, 0.5, 1])
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticklabelstandoff=6)
    summary = ", ".join(f"{STAGES[one.stage]} {one.score:.2f}" for one in bars)
    st.plotly_chart(figure, key=f"{key}_stage_chart", config={"displayModeBar": False}, alt=summary)
    rows = "".join(
        f"<tr><td>{STAGES[one.stage]}</td><td>{f'{one.score:.3f}' if one.rank else '–'}</td>"
        f"<td>{f'{one.rank} of {one.of}' if one.rank else 'not found there'}</td></tr>"
        for one in explanation.stages
    )
    table = f"<table><tr><th>Stage</th><th>Score</th><th>Place</th></tr>{rows}</table>"
    dropped = [word for word in explanation.words if word.drop is not None]
    if dropped:
        rows = "".join(f"<tr><td>{escape(word.text)}</td><td>{word.drop:.2f}</td></tr>" for word in dropped)
        table += (
            "<p>How much the second look's score falls when a word is left out</p>"
            f"<table><tr><th>Word</th><th>Falls by</th></tr>{rows}</table>"
        )
    st.html(_page(table))
