"""Look up: a phrase in any of the seven languages, or a code or its beginning."""

import streamlit as st

from core.errors import ClinicodeError
from core.interface import _, language_name, ngettext, number
from core.language import LANGUAGES
from core.turns import PHRASES
from pages.parts.busy import turn
from pages.parts.components import candidate_card, code_list, plain_card
from pages.parts.details import code_details
from pages.parts.explanation import why_this_code
from pages.parts.frame import ensure_frame
from pages.parts.markdown import plain
from pages.parts.resources import coder, rerank_switch

EXAMPLES = (
    "infart agut de miocardi sense elevació de l'ST",
    "left wrist fracture after a fall",
    "dolor torácico opresivo",
    "colica renale destra",
    "pressão alta na gravidez",
    "douleur en urinant",
    "Schilddrüsenunterfunktion",
    "E11.2",
)
SHOWN = 15


def use_example(text: str) -> None:
    st.session_state["lookup_text"] = text
    st.session_state["lookup_code"] = None


def forget_choice() -> None:
    st.session_state["lookup_code"] = None


def choose(code: str) -> None:
    st.session_state["lookup_code"] = code


ensure_frame()
st.session_state.setdefault("lookup_code", None)
st.title(_("Look up"), anchor=False)
st.markdown(
    _("Type a diagnosis or a symptom in your own words, in any of seven languages, or a code or its beginning.")
)
with st.expander(_("What this is for, and what not"), icon=":material/info:"):
    st.markdown(
        _(
            "Clinicode gives people who code clinical records a list of ICD-10-CM codes to start from. A person "
            "who knows the coding rules checks every code; it is not for decisions on diagnosis, treatment or "
            "payment, and it is no medical device. It was measured on written and published texts in seven "
            "languages, not on your hospital's: patients' own words, abbreviations and past or uncertain "
            "diagnoses are where it is wrong most often. Nothing you type leaves this machine."
        )
    )
product = coder()
catalog = product.catalog

with st.form("lookup", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
    typed = st.text_input(
        _("Diagnosis, symptom or code"),
        key="lookup_text",
        placeholder=_("for example: {text}").format(text=EXAMPLES[0]),
        persist_state="session",
    )
    st.form_submit_button(_("Search"), type="primary", icon=":material/search:", on_click=forget_choice)

with st.container(horizontal=True, vertical_alignment="bottom"):
    lang = st.selectbox(
        _("Language"),
        ["auto", *LANGUAGES],
        format_func=lambda name: _("Detect it") if name == "auto" else language_name(name),
        key="lookup_lang",
        width=200,
        persist_state="session",
    )
    chapters = {chapter.code: chapter.title for chapter in catalog.chapters()}
    chapter = st.selectbox(
        _("Chapter"),
        ["", *chapters],
        format_func=lambda name: f"{name}. {chapters[name]}" if name else _("All chapters"),
        key="lookup_chapter",
        width=360,
        persist_state="session",
    )
    billable_only = st.toggle(_("Billable codes only"), key="lookup_billable", persist_state="session")
    rerank = rerank_switch(product, key="lookup_rerank")

with st.container(horizontal=True, gap="small", vertical_alignment="center"):
    st.caption(_("Try"), width="content")
    for place, example in enumerate(EXAMPLES):
        st.button(example, key=f"lookup_example_{place}", type="tertiary", on_click=use_example, args=(example,))

query = typed.strip() or EXAMPLES[0]
try:
    if catalog.looks_like_code(query) and (codes := catalog.starting_with(query)):
        language = None
        cards = [
            plain_card(code)
            for code in codes
            if (not chapter or catalog.chapter(code.code) == chapter) and (code.billable or not billable_only)
        ]
    else:
        with turn(PHRASES):
            found = product.search(query, lang, top_k=200 if chapter or billable_only else SHOWN, rerank=rerank)
        language = found.language
        cards = [
            candidate_card(candidate, product, query, found.language.lang)
            for candidate in [
                one
                for one in found.candidates
                if (not chapter or catalog.chapter(one.code) == chapter) and (one.billable or not billable_only)
            ][:SHOWN]
        ]
except ClinicodeError as error:
    st.warning(plain(str(error)), icon=":material/edit:")
    st.stop()

said = [] if typed.strip() else [_("An example: “{text}”").format(text=query)]
if language is not None and not language.given:
    sure = _("Language: {language}")
    unsure = _("Language: {language} (not certain; the search does not depend on it)")
    said.append((sure if language.sure else unsure).format(language=language_name(language.lang)))
else:
    said.append(ngettext("{count} code", "{count} codes", len(cards)).format(count=number(len(cards))))
st.caption(" · ".join([*said, plain(catalog.label)]))

if aside := product.set_aside():
    with st.expander(
        _("Set aside from the team memory ({count})").format(count=number(len(aside))), icon=":material/history:"
    ):
        told = _("{release} does not have the code of these reviewed texts, so they are not used:")
        st.markdown(told.format(release=plain(catalog.label)))
        st.dataframe(
            [{_("text"): term.text, _("code"): term.code, _("chosen"): term.count} for term in aside], hide_index=True
        )

if not cards:
    st.info(
        _("Try other words, all chapters, or headers too."),
        title=_("Nothing found for this"),
        icon=":material/search_off:",
    )
    st.stop()

if language is not None and not found.confident and found.category:
    st.info(
        _(
            "The nearest category is {code}, {title}. Say more (side, stage, cause), or choose among the codes below."
        ).format(code=found.category, title=catalog.title(found.category)),
        title=_("No confident code for this"),
        icon=":material/help:",
    )

chosen = st.session_state["lookup_code"]
left, right = st.columns([5, 4], gap="large")
with left:
    code_list(cards, key="lookup_results", label=_("Codes found"), chosen=chosen or cards[0].code, on_choose=choose)
shown = chosen or cards[0].code
with right:
    if language is not None:
        why_this_code(product, query, shown, language, key="lookup", rerank=rerank)
    with st.container(border=True):
        code_details(catalog, shown, key="lookup", on_choose=choose)
