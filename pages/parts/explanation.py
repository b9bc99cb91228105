"""Why this code: the words that led to it, what agrees and what does not, and what stands beside it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from core.errors import ClinicodeError
from core.explain.explanation import Relation, Stage
from core.explain.sentence import source_line
from core.interface import N_, _, language_name
from core.settings import ASSETS
from core.turns import PHRASES
from pages.parts.busy import turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.coder import Coder
    from core.explain.explanation import Detail, Explanation, Neighbour, StageScore, Word
    from core.language import Language

STYLE = (ASSETS / "interface" / "explanation.css").read_text(encoding="utf-8")
FAINT = 0.02
"""A part of the match below which a word is not shaded."""
SIGNS = {
    "agrees": ("✓", N_("agrees")),
    "missing": ("?", N_("only one says it")),
    "contradicts": ("✕", N_("does not fit")),
}
RELATIONS = {
    Relation.NEXT: N_("next"),
    Relation.BEFORE: N_("the one before"),
    Relation.SIBLING: N_("its nearest sibling in the book"),
    Relation.OPPOSITE: N_("set last: your text says the opposite"),
}
STAGES = {
    Stage.BOOK: N_("Names in the code book"),
    Stage.WRITTEN: N_("Written examples"),
    Stage.LEXICAL: N_("Words in common"),
    Stage.MEMORY: N_("Your team's reviews"),
    Stage.FUSED: N_("All of these together"),
    Stage.RERANKED: N_("Second look at the list"),
}


def why_this_code(product: Coder, text: str, code: str, lang: Language, *, key: str, rerank: bool) -> None:
    """The card above a code's details: why the text, in the language that was found for it, may have the code.

    The second stage is asked again without each word only once that part is opened: it takes longest.
    """
    try:
        with turn(PHRASES):
            explanation = product.explain(text, code, lang, rerank=rerank, occlusion=False)
    except ClinicodeError:  # the book has it, but it is no code: nothing to explain
        return
    with st.container(border=True, key=f"{key}_why", gap="small"):
        st.html(_card(explanation))
        with st.expander(_("Why not the next one"), icon=":material/compare_arrows:"):
            st.html(
                _page("".join(map(_neighbour, explanation.neighbours)) or f"<p>{_('There is no other candidate.')}</p>")
            )
        with st.expander(_("Where it stands"), icon=":material/account_tree:"):
            st.html(_page(_standing(explanation)))
        opened = st.expander(
            _("Scores of each stage"), icon=":material/bar_chart:", key=f"{key}_stages", on_change="rerun"
        )
        if opened.open:
            with opened:
                if product.reranker is not None and rerank:
                    with turn(PHRASES):
                        explanation = product.explain(text, code, lang)
                _stages(explanation, key)


def _page(body: str) -> str:
    return f'<style>{STYLE}</style><div class="why" style="--accent:{_accent()}">{body}</div>'


def _accent() -> str:
    """The theme's first colour, as the browser shows it now."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor"))


def _card(explanation: Explanation) -> str:
    lang = language_name(explanation.term.lang) if explanation.term.lang else _("language not given")
    parts = [
        f"<h4>{_('Why this code')}</h4>",
        f"<p>{escape(explanation.why)}</p>",
        _shaded(_("Your text"), explanation.text, explanation.words, explanation.similarity, explanation.by_word),
        _shaded(
            _("Matched with"),
            explanation.term.text,
            explanation.term_words,
            explanation.similarity,
            explanation.by_word,
            source_line(explanation.term, lang),
        ),
    ]
    if not explanation.by_word:
        parts.append(f"<p class='small'>{_('This encoder cannot be looked into word by word.')}</p>")
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
            told = _("{percent} of the match") if share >= 0 else _("{percent} against the match")
            hint = escape(told.format(percent=f"{abs(share):.0%}"))
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
    icon = f'<span class="sign" role="img" aria-label="{escape(_(name))}">{sign}</span>'
    return f'<li class="{kind}">{icon}<span>{escape(detail.sentence)}</span></li>'


def _neighbour(other: Neighbour) -> str:
    place = _(RELATIONS[other.relation])
    if other.rank:
        place = _("{relation}, place {rank}").format(relation=place, rank=other.rank)
    rows = [
        _row(label, _quoted(phrases))
        for label, phrases in ((_("Only this one"), other.only_this), (_("Only the other"), other.only_other))
        if phrases
    ]
    if not rows:
        same = _("The titles say the same; one of the two stands above the other in the book.")
        rows = [f"<p class='small'>{same}</p>"]
    head = f"<p><b>{escape(other.code)}</b> {escape(other.title)} <span class='small'>({escape(place)})</span></p>"
    return f'<div class="other">{head}{"".join(rows)}</div>'


def _quoted(phrases: Sequence[str]) -> str:
    return " · ".join(f"“{escape(phrase)}”" for phrase in phrases)


def _standing(explanation: Explanation) -> str:
    steps = "".join(f"<li><b>{escape(place.code)}</b> {escape(place.title)}</li>" for place in explanation.path)
    parts = [f'<ol class="path">{steps}<li><b>{escape(explanation.code)}</b> {escape(explanation.title)}</li></ol>']
    if explanation.inclusion_terms:
        terms = "".join(f"<li>{escape(term)}</li>" for term in explanation.inclusion_terms)
        parts.append(f"<p>{_('The book also calls it')}</p><ul class='plain'>{terms}</ul>")
    printed = _("note at {code}")
    for kind, meaning in (
        ("Excludes1", _("never coded together with it")),
        ("Excludes2", _("not included in it")),
    ):
        lines = "".join(
            f"<li>{escape(note.text)} <span class='small'>({escape(printed.format(code=note.printed_at))})</span></li>"
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
            y=[_(STAGES[one.stage]) for one in bars],
            text=[f"{one.score:.2f}" if one.rank else _("not found") for one in bars],
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
    summary = ", ".join(f"{_(STAGES[one.stage])} {one.score:.2f}" for one in bars)
    st.plotly_chart(figure, key=f"{key}_stage_chart", config={"displayModeBar": False}, alt=summary)
    rows = "".join(
        f"<tr><td>{_(STAGES[one.stage])}</td><td>{f'{one.score:.3f}' if one.rank else '–'}</td>"
        f"<td>{_place(one)}</td></tr>"
        for one in explanation.stages
    )
    table = f"<table>{_heads(_('Stage'), _('Score'), _('Place'))}{rows}</table>"
    dropped = [word for word in explanation.words if word.drop is not None]
    if dropped:
        rows = "".join(f"<tr><td>{escape(word.text)}</td><td>{word.drop:.2f}</td></tr>" for word in dropped)
        told = _("How much the second look's score falls when a word is left out")
        table += f"<p>{told}</p><table>{_heads(_('Word'), _('Falls by'))}{rows}</table>"
    st.html(_page(table))


def _heads(*names: str) -> str:
    return f"<tr>{''.join(f'<th>{escape(name)}</th>' for name in names)}</tr>"


def _place(one: StageScore) -> str:
    """Which of how many, or that the stage did not find it."""
    return _("{rank} of {count}").format(rank=one.rank, count=one.of) if one.rank else _("not found there")
