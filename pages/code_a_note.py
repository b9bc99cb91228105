"""Code a note: the diagnoses in it, and the codes a coder would start from."""

import re
from collections import Counter
from functools import partial

import streamlit as st

from core.coder import NoteCode
from core.encounter import Listed
from core.errors import ClinicodeError
from core.interface import N_, _, language_name, ngettext, number, spoken
from core.language import LANGUAGES
from core.note.context import Status
from core.note.documents import MAX_CHARACTERS, read_document
from core.note.mentions import Mention
from core.settings import ASSETS
from core.turns import NOTES, PHRASES
from pages.parts.busy import turn
from pages.parts.components import STATUS_WORDS, Card, candidate_card, code_list, note_view
from pages.parts.details import code_details
from pages.parts.encounter import accept, clear, encounter, encounter_list
from pages.parts.explanation import why_this_code
from pages.parts.frame import ensure_frame
from pages.parts.markdown import plain
from pages.parts.resources import coder, rerank_switch

DEMO = {path.stem: path for path in sorted((ASSETS / "demo").glob("*.txt"))}
FURTHER = 15
STATUS_SENTENCES = {
    Status.AFFIRMED: N_("Said to be present"),
    Status.UNCERTAIN: N_("Said to be uncertain"),
    Status.HISTORICAL: N_("Said to be past"),
    Status.FAMILY: N_("Said of a relative"),
    Status.NEGATED: N_("Denied"),
}


def demo_name(stem: str) -> str:
    lang, _, topic = stem.split("-", 2)
    return f"{language_name(lang)}: {topic.replace('-', ' ')}"


def local_demo() -> str:
    """A demo note in the reader's language, if there is one."""
    return next((stem for stem in DEMO if stem.startswith(spoken())), next(iter(DEMO)))


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
    if text != st.session_state.get("note_text"):
        clear()  # the list of codes is of the note that was open
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
            told = _("“{words}” is not in the note as typed; copy the words from it.")
            st.session_state["note_passage_problem"] = told.format(words=words)
        return
    start, end = min(places, key=lambda place: abs(place[0] - near))
    try:
        with PHRASES.turn():
            again = product.with_passage(read_text, coded, (start, end), number, rerank=reranked)
    except ClinicodeError as error:
        st.session_state["note_passage_problem"] = str(error)
        return
    st.session_state["note_coded"] = (read_text, again, reranked)
    choose_mention(next(at for at, one in enumerate(again.mentions) if one.start == start))


def status_line(mention: Mention) -> str:
    """What the note says of a mention, and which words say so."""
    word = _(STATUS_SENTENCES[mention.status])
    return f"{word}: “{mention.verdict.cue}”" if mention.verdict.cue else word


def listed(note: str, item: NoteCode) -> Listed:
    """A code of the note as it comes on the list of the encounter."""
    start, end = item.evidence[0]
    return Listed(item.candidate.code, " ".join(note[start:end].split()), item.evidence)


def code_card(note: str, item: NoteCode) -> Card:
    passages = [note[start:end] for start, end in item.evidence]
    quoted = ", ".join(f"“{passage}”" for passage in {one.lower(): one for one in reversed(passages)}.values())
    lines = [quoted]
    if item.past:
        told = _("past in this note: {code} {title}?")
        lines.append(told.format(code=item.past, title=product.catalog.title(item.past)))
    return candidate_card(item.candidate, product, item.query, coded.language.lang, lines)


ensure_frame()
for name in ("note_wanted", "note_problem", "note_mention", "note_code", "note_coded", "note_passage_problem"):
    st.session_state.setdefault(name, None)

st.title(_("Code a note"), anchor=False)
st.markdown(
    _(
        "Paste a clinical note or open a file: the diagnoses in it are underlined, with the codes to start from beside "
        "it."
    )
)
product = coder()
if "note_text" not in st.session_state:
    load(DEMO[local_demo()].read_text(encoding="utf-8"))

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.selectbox(
        _("Demo notes (invented patients)"),
        list(DEMO),
        index=None,
        format_func=demo_name,
        key="note_demo",
        placeholder=_("Open a demo note"),
        on_change=open_demo,
        width=300,
    )
    lang = st.selectbox(
        _("Language"),
        ["auto", *LANGUAGES],
        format_func=lambda code: _("Detect it") if code == "auto" else language_name(code),
        key="note_lang",
        on_change=read,
        width=200,
        persist_state="session",
    )
    rerank = rerank_switch(product, key="note_rerank", on_change=read)
    with st.popover(_("Open a file"), icon=":material/upload_file:"):
        st.file_uploader(
            _("A .txt, .pdf or .docx file"), type=["txt", "pdf", "docx"], key="note_file", on_change=open_file
        )

text = st.text_area(
    _("The note (at most {count} characters)").format(count=number(MAX_CHARACTERS)),
    key="note_text",
    height=180,
    persist_state="session",
)
st.button(_("Find the codes"), type="primary", icon=":material/clinical_notes:", on_click=read, shortcut="Ctrl+Enter")

notices = st.container()  # there in every run: what follows keeps its place, and with it what has the keyboard's focus
if problem := st.session_state["note_problem"]:
    notices.warning(plain(problem), icon=":material/edit:")

if st.session_state["note_wanted"]:
    try:
        with notices, turn(NOTES), st.spinner(_("Reading the note…")):
            st.session_state["note_coded"] = (text, product.code(text, lang, rerank=rerank), rerank)
        st.session_state["note_problem"] = None
    except ClinicodeError as error:
        st.session_state["note_coded"] = None
        notices.warning(plain(str(error)), icon=":material/edit:")
    st.session_state["note_wanted"] = False

if st.session_state["note_coded"] is None:
    st.stop()

read_text, coded, reranked = st.session_state["note_coded"]
if read_text != text:
    notices.info(_("The text has changed since it was read; find the codes again to see them."), icon=":material/sync:")

chosen_mention = st.session_state["note_mention"]
mention = coded.mentions[chosen_mention] if chosen_mention is not None else None
chosen_code = st.session_state["note_code"]
evidence = (
    next((item.evidence for item in coded.codes if item.candidate.code == chosen_code), ()) if mention is None else ()
)

left, right = st.container(key="note_read").columns([5, 4], gap="large")
with left:
    language = coded.language
    how = (
        _("given")
        if language.given
        else _("{percent} sure").format(percent=f"{language.confidence:.0%}")
        if language.sure
        else _("not certain: set it above if it is another")
    )
    passages = ngettext("{count} passage found", "{count} passages found", len(coded.mentions))
    st.caption(f"{language_name(language.lang)} ({how}) · {passages.format(count=number(len(coded.mentions)))}")
    counts = Counter(one.status for one in coded.mentions)
    shown_statuses = st.pills(
        _("Passages shown"),
        list(STATUS_WORDS),
        selection_mode="multi",
        default=list(STATUS_WORDS),
        format_func=lambda status: f"{STATUS_WORDS[status][1]} {_(STATUS_WORDS[status][0])} {counts[status]}",
        key="note_statuses",
        wrap=True,
        help=_(
            "How each is marked in the note: present underlined, uncertain dotted, past double, family wavy, denied "
            "struck out."
        ),
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
            _("A passage that was missed: copy its words here")
            if mention is None
            else _("Other bounds for the passage that is open"),
            key="note_passage_text",
            placeholder=_("words as they stand in the note"),
        )
        st.form_submit_button(
            _("Find its codes"),
            icon=":material/playlist_add:",
            on_click=take_passage,
            help=_("Adds it to the note"),
        )
    passage_notices = st.container()
    if problem := st.session_state["note_passage_problem"]:
        passage_notices.warning(plain(problem), icon=":material/edit:")
    with st.container(border=True, key="encounter"):
        spoken_for = {
            item.candidate.code
            for item in coded.codes
            if item.suggested and product.catalog.billable(item.candidate.code)
        }
        encounter_list(product.catalog, coded.language.likely, spoken_for)
with right:
    if mention is not None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(_("For this passage"), anchor=False, width="content")
            st.button(
                _("All codes of the note"), type="tertiary", icon=":material/arrow_back:", on_click=show_all_codes
            )
        st.text(f"“{mention.text}”")
        st.caption(f"{STATUS_WORDS[mention.status][1]} {status_line(mention)}")
        cards = [
            candidate_card(candidate, product, mention.text, coded.language.lang) for candidate in mention.candidates
        ]
        code_list(
            cards, key="note_passage", label=_("Codes for the passage"), chosen=chosen_code, on_choose=choose_code
        )
    else:
        st.subheader(_("Codes to start from"), anchor=False)
        st.caption(plain(product.catalog.label))
        shown = [item for item in coded.codes if item.suggested]
        further = [item for item in coded.codes if not item.suggested][:FURTHER]

        quoted = partial(code_card, read_text)
        if shown:
            fresh = [listed(read_text, item) for item in shown if item.candidate.code not in encounter().codes]
            st.button(
                _("Accept all of these"),
                icon=":material/done_all:",
                on_click=accept,
                args=(fresh,),
                disabled=not fresh,
                shortcut="A",
            )
            code_list(
                [quoted(item) for item in shown],
                key="note_codes",
                label=_("Codes to start from"),
                chosen=chosen_code,
                on_choose=choose_code,
            )
        else:
            st.info(
                _("No code is likely enough to suggest; the passages found are underlined in the text."),
                icon=":material/search_off:",
            )
        if further:
            with st.expander(_("Less likely ({count})").format(count=len(further)), icon=":material/more_horiz:"):
                code_list(
                    [quoted(item) for item in further],
                    key="note_further",
                    label=_("Less likely codes"),
                    chosen=chosen_code,
                    on_choose=choose_code,
                )
    if chosen_code:
        queries = (item.query for item in coded.codes if item.candidate.code == chosen_code)
        asked = mention.query if mention is not None else next(queries, "")
        of_note = [listed(read_text, item) for item in coded.codes if item.candidate.code == chosen_code]
        of_mention = (
            [Listed(chosen_code, mention.text, ((mention.start, mention.end),), mention.status)] if mention else []
        )
        on_list = chosen_code in encounter().codes
        st.button(
            _("On the list") if on_list else _("Accept {code}").format(code=chosen_code),
            type="primary",
            icon=":material/check:",
            disabled=on_list,
            on_click=accept,
            args=((of_mention or of_note or [Listed(chosen_code)])[:1],),
        )
        if asked:
            why_this_code(product, asked, chosen_code, coded.language, key="note", rerank=reranked)
        with st.container(border=True):
            code_details(product.catalog, chosen_code, key="note", on_choose=choose_code)
