"""The application: navigation and the frame that all pages share."""

import streamlit as st

from core.settings import ASSETS
from pages.parts.frame import FRAMED, navigation

st.set_page_config(page_title="Clinicode", page_icon=str(ASSETS / "interface" / "icon.svg"), layout="wide")
st.logo(str(ASSETS / "interface" / "logo.svg"), size="large")
st.session_state[FRAMED] = True
page = navigation()
page.run()
st.caption(
    "Decision support, not a coder: check every code. Nothing you type leaves this machine.",
    text_alignment="center",
)
