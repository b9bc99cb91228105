"""Brings the interface's messages from the code into the translations; `make messages` runs this.

Python's own parser is asked where they stand: Babel reads no message inside an f-string before Python 3.12.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "assets" / "interface" / "locale"
LANGUAGES = ("es", "ca", "it", "pt", "fr", "de")
HEADER = (
    "# What the interface says, in LANG. Written for Clinicode by a language model, read a second time;\n"
    "# `make messages` keeps it up."
)
MARKS = {"_": 1, "N_": 1, "ngettext": 2}
"""The functions whose first arguments are messages, and how many."""


def messages() -> list[str | tuple[str, ...]]:
    """All that the application says, in the order of the alphabet; what has two forms as a pair."""
    found = {}
    for path in (ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                said = [one.value for one in node.args[: MARKS[node.func.id]] if isinstance(one, ast.Constant)]
                if said and said[0]:
                    found[said[0]] = tuple(said) if len(said) > 1 else found.get(said[0], said[0])
    return [found[name] for name in sorted(found)]


def updated(lang: str) -> Catalog:
    """The translations of a language with every message, those without a translation empty, and no others."""
    path = LOCALE / f"{lang}.po"
    old = read_po(path.open("rb"), locale=lang) if path.is_file() else Catalog(locale=lang)
    new = Catalog(
        locale=lang, header_comment=HEADER.replace("LANG", lang), project="Clinicode", charset="utf-8", fuzzy=False
    )
    new.creation_date = old.creation_date  # so that a file changes only where its messages do
    for message in messages():
        name = message if isinstance(message, str) else message[0]
        known = old.get(name)
        said = known.string if known is not None and isinstance(known.id, type(message)) else ""
        if isinstance(said, tuple) and said[0]:  # releases of Babel differ in how many forms a language has
            written = [form for form in said if form]
            said = (*written, *[written[-1]] * new.num_plurals)[: new.num_plurals]
        new.add(message, said, flags=())
    return new


def main() -> int:
    """Write the files; says how many messages have no translation yet."""
    left = 0
    for lang in LANGUAGES:
        catalog = updated(lang)
        for one in catalog:
            one.flags.clear()  # Babel takes "95 % of" for a placeholder
        with (LOCALE / f"{lang}.po").open("wb") as file:
            write_po(file, catalog, width=120, omit_header=False, sort_output=True)
        empty = [
            one.id for one in catalog if one.id and not (one.string if isinstance(one.id, str) else all(one.string))
        ]
        print(f"{lang}: {len(catalog)} messages, {len(empty)} without a translation")  # noqa: T201
        left += len(empty)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
