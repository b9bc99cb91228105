"""The book as a tree: only what is open is sent to the browser."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from core.interface import _, ngettext, number, spoken
from pages.parts.components import interface

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from core.catalog import Catalog, Code

KEY = "catalog_tree"
SAID = 12
"""Where the title above is longer, and a title begins with it, it is shown from where it goes on."""

_TREE = st.components.v2.component(
    "clinicode_tree",
    html='<ul class="tree" role="tree">\n</ul>',
    css=interface("tree.css"),
    js=interface("tree.js"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the tree.

    `short` is the title without what the line above it says already. `count` is how many billable codes a header has
    under it; `says` tells the mark in words.
    """

    code: str
    title: str
    short: str
    header: bool
    count: int
    says: str


@lru_cache(maxsize=2)
def chapters(catalog: Catalog) -> tuple[Code, ...]:
    """The chapters of a catalog, which has to be gone through for them."""
    return catalog.chapters()


@lru_cache(maxsize=8192)
def billable_under(catalog: Catalog, code: str) -> int:
    """How many billable codes there are at or under a code."""
    return len(catalog.leaves(code))


def node(catalog: Catalog, code: Code) -> Node:
    """A code as a line of the tree; a block's title is given without the range, which stands before it."""
    count = billable_under(catalog, code.code) if code.children else 0
    under = ngettext("{count} billable code under it", "{count} billable codes under it", count)
    says = under.format(count=number(count)) if code.children else _("billable")
    first, _dash, last = code.code.partition("-")
    title = code.title.removesuffix(f" ({first if first == last else code.code})")
    above = catalog.title(code.parent) if code.parent else ""
    rest = title.removeprefix(above)
    goes_on = len(above) > SAID and title.startswith(above) and rest[:1] in (" ", ",")
    short = f"… {rest.lstrip(' ,')}" if goes_on else title
    return Node(code.code, title, short, bool(code.children), count, says)


def opened(catalog: Catalog, names: Collection[str]) -> dict[str, list[Node]]:
    """The chapters (under the empty name), and the children of every named code all of whose ancestors are named."""
    children = {"": [node(catalog, chapter) for chapter in chapters(catalog)]}
    waiting = [""]
    while waiting:
        for one in children[waiting.pop()]:
            if one.header and one.code in names:
                children[one.code] = [node(catalog, catalog[child]) for child in catalog[one.code].children]
                waiting.append(one.code)
    return children


def tree(catalog: Catalog, chosen: str, *, on_choose: Callable[[str], None]) -> None:
    """Show the tree, open at the chosen code (empty: at none); `on_choose` gets another one that a person opens."""

    def react() -> None:
        state = st.session_state.get(KEY)  # gone where the page changed under the click
        if state is not None and state.chosen:
            on_choose(str(state.chosen))

    state = st.session_state.get(KEY)
    names = {str(name) for name in (state.get("open") if state is not None else None) or ()}
    path = [*(above.code for above in catalog.ancestors(chosen)), chosen] if chosen else []
    nodes = opened(catalog, names | set(path))
    _TREE(
        data={
            "children": {above: [asdict(one) for one in below] for above, below in nodes.items()},
            "chosen": chosen,
            "path": path,
            "label": catalog.label,
            "language": spoken(),
        },
        key=KEY,
        on_chosen_change=react,
        on_open_change=lambda: None,
    )
