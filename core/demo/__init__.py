"""A demonstration in a throw-away workspace: invented notes, part-reviewed by invented reviewers."""

from __future__ import annotations

import os

from core import settings

SWITCH = "CLINICODE_DEMO"
MARK = "demo"
"""A file in the workspace of a demonstration: without it nothing there is ever reset."""


def is_demo() -> bool:
    """Whether this is a demonstration: it says so itself, and the workspace was made for one."""
    told = os.environ.get(SWITCH) == "1" and not os.environ.get("CLINICODE_DATABASE_URL")
    return told and (settings.home() / MARK).is_file()
