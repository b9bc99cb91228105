"""Evaluate: how good it is, on which data, against whom, and how sure one can be of that."""

from importlib import import_module

import streamlit as st

from core.interface import N_, _
from pages.parts.evaluate.common import all_boards
from pages.parts.frame import ensure_frame
from pages.parts.sections import chosen_section

ensure_frame()
st.title(_("Evaluate"), anchor=False)
st.markdown(
    _(
        "How often the right code is found, on public data, beside other systems: every figure with its interval, its "
        "table and the command that repeats it."
    )
)
# Each section's module and function, imported when it is opened: the first view waits for none but its own.
SECTIONS = {
    N_("Leaderboard"): ("leaderboard", "section"),
    N_("Languages"): ("slices", "languages_and_styles"),
    N_("Mistakes"): ("slices", "mistakes"),
    N_("Confidence"): ("slices", "confidence"),
    N_("Training data"): ("slices", "learning"),
    N_("Notes"): ("further", "notes"),
    N_("Robustness"): ("further", "robustness"),
    N_("Explanations"): ("further", "explanations"),
    N_("Speed"): ("further", "speed"),
    N_("Queries"): ("explorer", "section"),
    N_("Your own"): ("own", "section"),
    N_("Report"): ("report", "section"),
}
chosen = chosen_section(SECTIONS, "section")
boards = all_boards()
if boards or chosen == "Your own":
    module, function = SECTIONS[chosen]
    getattr(import_module(f"pages.parts.evaluate.{module}"), function)(boards)
else:
    st.info(
        _("There are no runs yet. Measure a data set under “{section}”, or with {command}.").format(
            section=_("Your own"), command="clinicode evaluate"
        ),
        title=_("Nothing to show"),
        icon=":material/monitoring:",
    )
