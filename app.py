"""The application: navigation and the frame that all pages share."""

import streamlit as st

from pages.parts.frame import FRAMED, demo_banner, footer, navigation

st.session_state[FRAMED] = True
page = navigation()
demo_banner()
try:
    page.run()
finally:  # a page that stops early keeps its footer
    footer()
