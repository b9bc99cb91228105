"""What the book prints at a code and above it, with the codes that it names as links."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.catalog import Level
from core.interface import N_, _, number
from core.rules.references import NO_CODE, TOKEN
from pages.parts.catalog.tree import chapters
from pages.parts.components import SOURCE_WORDS, interface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.catalog import Catalog, Code
    from core.retrieve.candidate import EntryTerm

_TEXT = st.components.v2.component(
    "clinicode_book_text",
    html='<div class="text">\n</div>',
    css=interface("book_text.css"),
    js=interface("book_text.js"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; with a `code` it is a link to it, and `title` says what that is."""

    text: str
    code: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """The lines under one heading (``Code first``)."""

    heading: str
    lines: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Above:
    """The notes that a code inherits from one of those above it; those of chapters and blocks are folded at first."""

    text: str
    code: str
    title: str
    says: str
    open: bool
    kinds: tuple[Kind, ...]


def pieces(line: str, catalog: Catalog) -> tuple[Piece, ...]:
    """A line of the book, cut at the codes, blocks and chapters in it that exist."""
    found = []
    done = 0
    silent = [match.span() for match in NO_CODE.finditer(line)]
    for match in TOKEN.finditer(line):
        if any(start <= match.start() < end for start, end in silent):
            continue
        for start, end, code in _targets(match[1], match[3] or "", match.start(1), match.start(3), catalog):
            found += [Piece(line[done:start]), Piece(line[start:end], code, f"{code} {catalog.title(code)}")]
            done = end
    return tuple(piece for piece in (*found, Piece(line[done:])) if piece.text)


def _targets(first: str, last: str, at: int, then: int, catalog: Catalog) -> Iterator[tuple[int, int, str]]:
    """Places in the line and the code that each leads to: of a range the block or chapter, else both its ends."""
    if last:
        name = f"{first.rstrip('.')}-{last.rstrip('.')}"
        chapter = next((one.code for one in chapters(catalog) if f"({name})" in one.title), "")
        if code := _existing(name, catalog) or chapter:
            yield at, then + len(last), code
            return
    for name, start in ((first, at), (last, then)):
        bare = name.rstrip(".")
        if bare and (code := _existing(bare, catalog)):
            yield start, start + len(bare), code


def _existing(name: str, catalog: Catalog) -> str:
    """The name itself, if the book has it."""
    return name if catalog.reach(name) is not None and _named(name, catalog) else ""


def _named(name: str, catalog: Catalog) -> bool:
    try:
        catalog.row(name)
    except KeyError:  # only the beginning of codes
        return False
    return True


def own_notes(code: Code, catalog: Catalog) -> tuple[Kind, ...]:
    """What is printed at the code itself: other names, then notes in the book's order."""
    terms = ((N_("Also called"), code.inclusion_terms),) if code.inclusion_terms else ()
    return tuple(
        Kind(_(heading), tuple(pieces(line, catalog) for line in lines))
        for heading, lines in (*terms, *code.notes.printed())
    )


def inherited_notes(code: Code, catalog: Catalog) -> tuple[Above, ...]:
    """What is printed above the code and holds for it too, the nearest first."""
    found = []
    for above in reversed(catalog.ancestors(code.code)):
        kinds = tuple(
            Kind(_(heading), tuple(pieces(line, catalog) for line in lines)) for heading, lines in above.notes.printed()
        )
        if kinds:
            says = ", ".join(f"{kind.heading.partition(' (')[0]} {len(kind.lines)}" for kind in kinds)
            found.append(Above(label(above), above.code, above.title, says, above.codable, kinds))
    return tuple(found)


def label(code: Code) -> str:
    """A code with its title; blocks and chapters carry their range in it already."""
    if code.codable:
        return f"{code.code} {code.title}"
    return f"{code.code}. {code.title}" if code.level is Level.CHAPTER else code.title


def path(code: Code, catalog: Catalog, *, on_choose: Callable[[str], None]) -> None:
    """The way from the chapter to the code, each step a link."""
    steps = [{"code": above.code, "text": label(above), "title": above.title} for above in catalog.ancestors(code.code)]
    _show("catalog_path", on_choose, code=code.code, path=steps)


def notes(code: Code, catalog: Catalog, *, on_choose: Callable[[str], None]) -> None:
    """The code's own notes and those it inherits."""
    own, above = own_notes(code, catalog), inherited_notes(code, catalog)
    if own or above:
        _show(
            "catalog_notes",
            on_choose,
            own=[asdict(kind) for kind in own],
            above=[asdict(one) for one in above],
        )


def term_list(groups: Sequence[tuple[str, Sequence[EntryTerm]]]) -> None:
    """Entry terms under the names of their languages, each with its source."""
    shown = [
        {"heading": name, "rows": [{"term": term.text, "source": _source(term)} for term in terms]}
        for name, terms in groups
        if terms
    ]
    _show("catalog_terms", None, groups=shown)


def _source(term: EntryTerm) -> str:
    source = _(SOURCE_WORDS[term.source])
    if not term.count:
        return source
    return _("{source}, chosen {count} ×").format(source=source, count=number(term.count))


def near(message: str, catalog: Catalog, *, on_choose: Callable[[str], None]) -> None:
    """The codes that a message about an unknown code names, behind the name of the release, as links."""
    found = [piece for piece in pieces(message.rpartition(catalog.label)[2], catalog) if piece.code]
    if found:
        lines = [[{"text": piece.title, "code": piece.code, "title": ""}] for piece in found]
        _show("catalog_near", on_choose, own=[{"heading": _("Near it"), "lines": lines}])


def _show(key: str, on_choose: Callable[[str], None] | None, **parts: object) -> None:
    def react() -> None:
        state = st.session_state.get(key)  # gone where the page changed under the click
        if on_choose is not None and state is not None and state.chosen:
            on_choose(str(state.chosen))

    empty = {"code": "", "path": [], "own": [], "above": [], "groups": []}
    words = {"path_label": _("Above it"), "from": _("from {code}"), "groups_label": _("Found by these terms")}
    _TEXT(data={**empty, **words, **parts}, key=key, on_chosen_change=react)
