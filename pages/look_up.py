"""Look up: a phrase in any of the seven languages, or a code or its beginning."""

import streamlit as st

from core.errors import ClinicodeError
from core.language import LANGUAGES
from pages.parts.components import candidate_card, code_list, plain_card
from pages.parts.details import code_details
from pages.parts.explanation import why_this_code
from pages.parts.frame import ensure_frame
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
st.title("Look up", anchor=False)
st.markdown("Type a diagnosis or a symptom in your own words, in any of seven languages, or a code or its beginning.")
product = coder()
catalog = product.catalog

with st.form("lookup", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
    typed = st.text_input(
        "Diagnosis, symptom or code",
        key="lookup_text",
        placeholder=f"for example: {EXAMPLES[0]}",
        persist_state="session",
    )
    st.form_submit_button("Search", type="primary", icon=":material/search:", on_click=forget_choice)

with st.container(horizontal=True, vertical_alignment="bottom"):
    lang = st.selectbox(
        "Language",
        ["auto", *LANGUAGES],
        format_func=lambda name: "Detect it" if name == "auto" else LANGUAGES[name],
        key="lookup_lang",
        width=170,
        persist_state="session",
    )
    chapters = {chapter.code: chapter.title for chapter in catalog.chapters()}
    chapter = st.selectbox(
        "Chapter",
        ["", *chapters],
        format_func=lambda name: f"{name}. {chapters[name]}" if name else "All chapters",
        key="lookup_chapter",
        width=360,
        persist_state="session",
    )
    billable_only = st.toggle("Billable codes only", key="lookup_billable", persist_state="session")
    rerank = rerank_switch(product, key="lookup_rerank")

with st.container(horizontal=True, gap="small", vertical_alignment="center"):
    st.caption("Try", width="content")
    for number, example in enumerate(EXAMPLES):
        st.button(example, key=f"lookup_example_{number}", type="tertiary", on_click=use_example, args=(example,))

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
        found = product.search(query, lang, top_k=200 if chapter or billable_only else SHOWN, rerank=rerank)
        language = found.language
        cards = [
            candidate_card(candidate, product, query)
            for candidate in [
                one
                for one in found.candidates
                if (not chapter or catalog.chapter(one.code) == chapter) and (one.billable or not billable_only)
            ][:SHOWN]
        ]
except ClinicodeError as error:
    st.warning(str(error), icon=":material/edit:")
    st.stop()

opening = "" if typed.strip() else f"An example: “{query}” · "
if language is not None and not language.given:
    certainty = "" if language.sure else " (not certain; the search does not depend on it)"
    st.caption(f"{opening}Language: {language.name}{certainty} · {catalog.label}")
else:
    st.caption(f"{opening}{len(cards)} {'code' if len(cards) == 1 else 'codes'} · {catalog.label}")

if aside := product.set_aside():
    with st.expander(f"Set aside from the team memory ({len(aside)})", icon=":material/history:"):
        st.markdown(f"{catalog.label} does not have the code of these reviewed texts, so they are not used:")
        st.dataframe([{"text": term.text, "code": term.code, "chosen": term.count} for term in aside], hide_index=True)

if not cards:
    st.info(
        "Try other words, all chapters, or headers too.", title="Nothing found for this", icon=":material/search_off:"
    )
    st.stop()

if language is not None and not found.confident and found.category:
    st.info(
        f"The nearest category is {found.category}, {catalog.title(found.category)}. Say more (side, stage, cause), or "
        "choose among the codes below.",
        title="No confident code for this",
        icon=":material/help:",
    )

chosen = st.session_state["lookup_code"]
left, right = st.columns([5, 4], gap="large")
with left:
    code_list(cards, key="lookup_results", label="Codes found", chosen=chosen or cards[0].code, on_choose=choose)
shown = chosen or cards[0].code
with right:
    if language is not None:
        why_this_code(product, query, shown, language, key="lookup", rerank=rerank)
    with st.container(border=True):
        code_details(catalog, shown, key="lookup", on_choose=choose)
