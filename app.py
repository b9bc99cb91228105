"""The application: navigation and the frame that all pages share."""

import streamlit as st

from pages.parts.frame import FRAMED, navigation

st.session_state[FRAMED] = True
page = navigation()
page.run()
st.caption(
    "Decision support, not a coder: check every code. Nothing you type leaves this machine.",
    text_alignment="center",
)
