"""The application: navigation and the frame that all pages share."""

import streamlit as st

from core.settings import ASSETS

st.set_page_config(page_title="Clinicode", page_icon=str(ASSETS / "interface" / "icon.svg"), layout="wide")
st.logo(str(ASSETS / "interface" / "logo.svg"), size="large")
page = st.navigation(
    [
        st.Page("pages/look_up.py", title="Look up", icon=":material/search:", default=True),
        st.Page("pages/code_a_note.py", title="Code a note", icon=":material/clinical_notes:"),
    ],
    position="top",
)
page.run()
st.caption(
    "Decision support, not a coder: check every code. Nothing you type leaves this machine.",
    text_alignment="center",
)
