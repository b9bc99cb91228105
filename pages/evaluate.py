"""Evaluate: how good it is, on which data, against whom, and how sure one can be of that."""

from importlib import import_module

import streamlit as st

from pages.parts.evaluate.common import all_boards
from pages.parts.frame import ensure_frame


def keep_address() -> None:
    """The section stands in the address, so that it can be sent on; a bound widget would not let a page be left."""
    st.query_params["section"] = st.session_state["section"]


ensure_frame()
st.title("Evaluate", anchor=False)
st.markdown(
    "How often the right code is found, on public data, beside other systems: every figure with its interval, its "
    "table and the command that repeats it."
)
# Each section's module and function, imported when it is opened: the first view waits for none but its own.
SECTIONS = {
    "Leaderboard": ("leaderboard", "section"),
    "Languages": ("slices", "languages_and_styles"),
    "Mistakes": ("slices", "mistakes"),
    "Confidence": ("slices", "confidence"),
    "Training data": ("slices", "learning"),
    "Notes": ("further", "notes"),
    "Robustness": ("further", "robustness"),
    "Explanations": ("further", "explanations"),
    "Speed": ("further", "speed"),
    "Queries": ("explorer", "section"),
    "Your own": ("own", "section"),
    "Report": ("report", "section"),
}
asked = st.query_params.get("section", "")
chosen = st.segmented_control(
    "Section",
    list(SECTIONS),
    default=asked if asked in SECTIONS else "Leaderboard",
    required=True,
    key="section",
    label_visibility="collapsed",
    on_change=keep_address,
    persist_state="session",
)
boards = all_boards()
if boards or chosen == "Your own":
    module, function = SECTIONS[chosen or "Leaderboard"]
    getattr(import_module(f"pages.parts.evaluate.{module}"), function)(boards)
else:
    st.info(
        "There are no runs yet. Measure a data set under “Your own”, or with clinicode evaluate.",
        title="Nothing to show",
        icon=":material/monitoring:",
    )
