"""How text is folded before anything compares it, and how what a person gave is cleaned at the door."""

from __future__ import annotations

import re
import unicodedata

NOT_WORD = re.compile(r"[^\w]|_")
JOINED = str.maketrans({"·": "", "ŀ": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "º": " ", "ª": " "})


def fold(text: str) -> str:
    """Lower case, accents off, everything but letters and digits to one space.

    Catalan's ``l·l`` becomes ``ll`` and German's ``ß`` ``ss``, so that a text typed without special keys is the same.
    """
    if text.isascii():
        return " ".join(NOT_WORD.sub(" ", text.lower()).split())
    lowered = text.lower().translate(JOINED)
    bare = "".join(char for char in unicodedata.normalize("NFKD", lowered).lower() if not unicodedata.combining(char))
    return " ".join(NOT_WORD.sub(" ", bare).split())
