"""Code a note: the diagnoses in it, and the codes a coder would start from."""

import re
from collections import Counter
from functools import partial

import streamlit as st

from core.coder import NoteCode
from core.errors import ClinicodeError
from core.language import LANGUAGES
from core.note.context import Status
from core.note.documents import MAX_CHARACTERS, read_document
from core.note.mentions import Mention
from core.settings import ASSETS
from pages.parts.components import STATUS_WORDS, Card, candidate_card, code_list, note_view
from pages.parts.details import code_details
from pages.parts.explanation import why_this_code
from pages.parts.frame import ensure_frame
from pages.parts.resources import coder, rerank_switch

DEMO = {path.stem: path for path in sorted((ASSETS / "demo").glob("*.txt"))}
FURTHER = 15
STATUS_SENTENCES = {
    Status.AFFIRMED: "Said to be present",
    Status.UNCERTAIN: "Said to be uncertain",
    Status.HISTORICAL: "Said to be past",
    Status.FAMILY: "Said of a relative",
    Status.NEGATED: "Denied",
}


def demo_name(stem: str) -> str:
    lang, _, topic = stem.split("-", 2)
    return f"{LANGUAGES[lang]}: {topic.replace('-', ' ')}"


def local_demo() -> str:
    """A demo note in the browser's language, if there is one."""
    lang = (st.context.locale or "en")[:2]
    return next((stem for stem in DEMO if stem.startswith(lang)), next(iter(DEMO)))


def open_demo() -> None:
    if stem := st.session_state["note_demo"]:
        load(DEMO[stem].read_text(encoding="utf-8"))


def open_file() -> None:
    upload = st.session_state["note_file"]
    if upload is None:
        return
    try:
        text = read_document(upload.name, upload.getvalue())
    except ClinicodeError as error:
        st.session_state["note_problem"] = str(error)
        return
    load(text)


def load(text: str) -> None:
    st.session_state["note_text"] = text
    st.session_state["note_problem"] = None
    read()


def read() -> None:
    """Ask for the text as it stands to be read in this run."""
    st.session_state["note_wanted"] = True
    st.session_state["note_code"] = None
    show_all_codes()


def choose_mention(number: int) -> None:
    st.session_state["note_mention"] = number
    st.session_state["note_code"] = None
    st.session_state["note_passage_text"] = st.session_state["note_coded"][1].mentions[number].text


def choose_code(code: str) -> None:
    st.session_state["note_code"] = code


def show_all_codes() -> None:
    st.session_state["note_mention"] = None
    st.session_state["note_passage_text"] = ""


def take_passage() -> None:
    """Read the words typed into the passage box as a mention: a new one, or other bounds of the one that is open."""
    words = " ".join(st.session_state["note_passage_text"].split())
    read_text, coded, reranked = st.session_state["note_coded"]
    number = st.session_state["note_mention"]
    st.session_state["note_passage_problem"] = None
    near = coded.mentions[number].start if number is not None else 0
    wanted = r"\s+".join(re.escape(word) for word in words.split())
    places = [at.span() for at in re.finditer(wanted, read_text)] if words else []
    if not places:
        if words:
            st.session_state["note_passage_problem"] = f"“{words}” is not in the note as typed; copy the words from it."
        return
    start, end = min(places, key=lambda place: abs(place[0] - near))
    try:
        again = product.with_passage(read_text, coded, (start, end), number, rerank=reranked)
    except ClinicodeError as error:
        st.session_state["note_passage_problem"] = str(error)
        return
    st.session_state["note_coded"] = (read_text, again, reranked)
    choose_mention(next(at for at, one in enumerate(again.mentions) if one.start == start))


def status_line(mention: Mention) -> str:
    """What the note says of a mention, and which words say so."""
    word = STATUS_SENTENCES[mention.status]
    return f"{word}: “{mention.verdict.cue}”" if mention.verdict.cue else word


def code_card(note: str, item: NoteCode) -> Card:
    passages = [note[start:end] for start, end in item.evidence]
    quoted = ", ".join(f"“{passage}”" for passage in {one.lower(): one for one in reversed(passages)}.values())
    lines = [quoted]
    if item.past:
        lines.append(f"past in this note: {item.past} {product.catalog.title(item.past)}?")
    return candidate_card(item.candidate, product, item.query, lines)


ensure_frame()
for name in ("note_problem", "note_mention", "note_code", "note_coded", "note_passage_problem"):
    st.session_state.setdefault(name, None)

st.title("Code a note", anchor=False)
st.markdown(
    "Paste a clinical note or open a file: the diagnoses in it are underlined, with the codes to start from beside it."
)
product = coder()
if "note_text" not in st.session_state:
    load(DEMO[local_demo()].read_text(encoding="utf-8"))

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.selectbox(
        "Demo notes (invented patients)",
        list(DEMO),
        index=None,
        format_func=demo_name,
        key="note_demo",
        placeholder="Open a demo note",
        on_change=open_demo,
        width=300,
    )
    lang = st.selectbox(
        "Language",
        ["auto", *LANGUAGES],
        format_func=lambda code: "Detect it" if code == "auto" else LANGUAGES[code],
        key="note_lang",
        on_change=read,
        width=170,
        persist_state="session",
    )
    rerank = rerank_switch(product, key="note_rerank", on_change=read)
    with st.popover("Open a file", icon=":material/upload_file:"):
        st.file_uploader(
            "A .txt, .pdf or .docx file", type=["txt", "pdf", "docx"], key="note_file", on_change=open_file
        )

text = st.text_area(
    f"The note (at most {MAX_CHARACTERS:,} characters)", key="note_text", height=180, persist_state="session"
)
st.button("Find the codes", type="primary", icon=":material/clinical_notes:", on_click=read, shortcut="Ctrl+Enter")

if problem := st.session_state["note_problem"]:
    st.warning(problem, icon=":material/edit:")

if st.session_state.pop("note_wanted", False):
    try:
        with st.spinner("Reading the note…"):
            st.session_state["note_coded"] = (text, product.code(text, lang, rerank=rerank), rerank)
        st.session_state["note_problem"] = None
    except ClinicodeError as error:
        st.session_state["note_coded"] = None
        st.warning(str(error), icon=":material/edit:")

if st.session_state["note_coded"] is None:
    st.stop()

read_text, coded, reranked = st.session_state["note_coded"]
if read_text != text:
    st.info("The text has changed since it was read; find the codes again to see them.", icon=":material/sync:")

chosen_mention = st.session_state["note_mention"]
mention = coded.mentions[chosen_mention] if chosen_mention is not None else None
chosen_code = st.session_state["note_code"]
evidence = (
    next((item.evidence for item in coded.codes if item.candidate.code == chosen_code), ()) if mention is None else ()
)

left, right = st.columns([5, 4], gap="large")
with left:
    language = coded.language
    how = (
        "given"
        if language.given
        else f"{language.confidence:.0%} sure"
        if language.sure
        else "not certain: set it above if it is another"
    )
    st.caption(f"{language.name} ({how}) · {len(coded.mentions)} passages found")
    counts = Counter(one.status for one in coded.mentions)
    shown_statuses = st.pills(
        "Passages shown",
        list(STATUS_WORDS),
        selection_mode="multi",
        default=list(STATUS_WORDS),
        format_func=lambda status: f"{STATUS_WORDS[status][1]} {STATUS_WORDS[status][0]} {counts[status]}",
        key="note_statuses",
        help="How each is marked in the note: present underlined, uncertain dotted, past double, family wavy, "
        "denied struck out.",
    )
    note_view(
        read_text,
        coded.mentions,
        key="note_view",
        chosen=chosen_mention,
        shown=shown_statuses,
        evidence=evidence,
        on_choose=choose_mention,
    )
    with st.form("note_passage", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "A passage that was missed: copy its words here"
            if mention is None
            else "Other bounds for the passage that is open",
            key="note_passage_text",
            placeholder="words as they stand in the note",
        )
        st.form_submit_button(
            "Find its codes", icon=":material/playlist_add:", on_click=take_passage, help="Adds it to the note"
        )
    if problem := st.session_state["note_passage_problem"]:
        st.warning(problem, icon=":material/edit:")
with right:
    if mention is not None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("For this passage", anchor=False, width="content")
            st.button("All codes of the note", type="tertiary", icon=":material/arrow_back:", on_click=show_all_codes)
        st.text(f"“{mention.text}”")
        st.caption(f"{STATUS_WORDS[mention.status][1]} {status_line(mention)}")
        cards = [candidate_card(candidate, product, mention.text) for candidate in mention.candidates]
        code_list(cards, key="note_passage", label="Codes for the passage", chosen=chosen_code, on_choose=choose_code)
    else:
        st.subheader("Codes to start from", anchor=False)
        st.caption(product.catalog.label)
        shown = [item for item in coded.codes if item.suggested]
        further = [item for item in coded.codes if not item.suggested][:FURTHER]

        quoted = partial(code_card, read_text)
        if shown:
            code_list(
                [quoted(item) for item in shown],
                key="note_codes",
                label="Codes to start from",
                chosen=chosen_code,
                on_choose=choose_code,
            )
        else:
            st.info(
                "No code is likely enough to suggest; the passages found are underlined in the text.",
                icon=":material/search_off:",
            )
        if further:
            with st.expander(f"Less likely ({len(further)})", icon=":material/more_horiz:"):
                code_list(
                    [quoted(item) for item in further],
                    key="note_further",
                    label="Less likely codes",
                    chosen=chosen_code,
                    on_choose=choose_code,
                )
    if chosen_code:
        listed = (item.query for item in coded.codes if item.candidate.code == chosen_code)
        asked = mention.query if mention is not None else next(listed, "")
        if asked:
            why_this_code(product, asked, chosen_code, coded.language, key="note", rerank=reranked)
        with st.container(border=True):
            code_details(product.catalog, chosen_code, key="note", on_choose=choose_code)
