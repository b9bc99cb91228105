"""One code and the text it was given for: can it be billed, is it as exact as the text, which side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.catalog.sides import UNSPECIFIED, side_of, sided
from core.interface import N_, _
from core.note.qualifiers import qualifier_reader
from core.rules.finding import Finding, Remedy, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from core.catalog import Catalog
    from core.rules.book import Rulebook

LEAVES = 4
MANY = 60
"""Leaves of a header that are compared with the text; one with more is too far up to choose for."""
SIDES = (N_("right"), N_("left"), N_("bilateral"))
NONESSENTIAL = re.compile(r"\([^)]*\)")
"""Words in brackets may be there or not: the book calls them nonessential modifiers."""
DECIDING = ("side", "severity", "course", "type", "stage", "grade", "trimester", "fracture", "encounter")
"""Kinds of qualifier that tell sibling codes apart and that a text rarely has by chance."""


def headers(
    codes: Sequence[str], book: Rulebook, texts: Mapping[str, str], langs: Collection[str]
) -> Iterator[Finding]:
    """A header cannot be billed: which codes under it could, those first that say what the text says."""
    for code in dict.fromkeys(codes):
        if book.catalog.billable(code):
            continue
        leaves = fitting(code, book.catalog, texts.get(code, ""), langs)
        seventh = _seventh(code, book.catalog)
        remedies = tuple(
            Remedy(
                f"{leaf}: {seventh[leaf[-1]]}" if seventh else f"{leaf} {book.catalog.title(leaf)}",
                out=(code,),
                into=(leaf,),
            )
            for leaf in leaves
        )
        sentence, at = _seventh_note(code, book.catalog) if seventh else ("", "")
        message = (
            _("{code} is a header and cannot be billed: its 7th character is missing.")
            if seventh
            else _("{code} is a header and cannot be billed: choose one under it.")
        ).format(code=code)
        yield Finding("Header", Severity.ERROR, (code,), message, sentence, at, remedies)


def fitting(header: str, catalog: Catalog, text: str, langs: Collection[str], limit: int = LEAVES) -> list[str]:
    """The billable codes under a header, those first whose titles say what the text says and nothing against it."""
    leaves = catalog.leaves(header)
    if len(leaves) > MANY or not text:
        return list(leaves[:limit])
    said = qualifier_reader().read(text, langs)
    unsaid = 0.0 if _seventh(header, catalog) else 0.5  # of 7th characters the book's first is the usual one
    return sorted(leaves, key=lambda leaf: -_fit(said, catalog.title(leaf), unsaid))[:limit]


def _fit(said: Mapping[str, frozenset[str]], title: str, unsaid: float) -> float:
    has = qualifier_reader().read(title, ["en"])
    fit = 0.0
    for kind, values in has.items():
        if kind in said:
            fit += 1.0 if values & said[kind] else -1.0
        elif kind in DECIDING:
            fit -= unsaid
    return fit


def _seventh(code: str, catalog: Catalog) -> dict[str, str]:
    """The 7th characters that a code of six (or fewer, with placeholders) lacks, with their meanings; empty: none."""
    bare = code.replace(".", "")
    leaves = catalog.leaves(code)
    if any(len(leaf.replace(".", "")) != 7 or leaf.replace(".", "")[:-1].rstrip("X") != bare for leaf in leaves):
        return {}
    return {leaf[-1]: catalog.title(leaf).removeprefix(catalog.title(code)).lstrip(", ") for leaf in leaves}


def _seventh_note(code: str, catalog: Catalog) -> tuple[str, str]:
    for one in (catalog[code], *reversed(catalog.ancestors(code))):
        if one.notes.seventh:
            return one.notes.seventh[0], one.code
    return "", ""


def sides(codes: Sequence[str], book: Rulebook, texts: Mapping[str, str], langs: Collection[str]) -> Iterator[Finding]:
    """The side that the text says, is asked for where it says none, and both sides as one code where there is one."""
    catalog = book.catalog
    listed = list(dict.fromkeys(codes))
    for code in listed:
        family = sided(code, catalog)
        side = side_of(catalog.title(code))
        if "right" not in family or "left" not in family or side not in ("", *SIDES):
            continue
        said = sorted(qualifier_reader().read(texts.get(code, ""), langs).get("side", frozenset()) & family.keys())
        if side == "" and said:
            remedies = tuple(_onto(code, one, family) for one in said)
            message = _("The text says {sides}, the code leaves the side open.").format(sides=_said(said))
            yield Finding("Side", Severity.WARNING, (code,), message, remedies=remedies)
        elif side == "" and code in texts:
            remedies = tuple(_onto(code, one, family) for one in SIDES if one in family)
            message = _("Which side? The text does not say.")
            yield Finding("Side", Severity.HINT, (code,), message, remedies=remedies)
        elif said and side not in said and not (side == "bilateral" and {"right", "left"} <= set(said)):
            remedies = tuple(_onto(code, one, family) for one in said)
            message = _("The text says {sides}, the code {side}.").format(sides=_said(said), side=_(side))
            yield Finding("Side", Severity.WARNING, (code,), message, remedies=remedies)
        other = family["left"] if side == "right" else ""
        if other in listed and "bilateral" in family:
            both = family["bilateral"]
            message = _("{one} and {other} are both sides of one thing: {both} says so in one code.")
            yield Finding(
                "Both sides",
                Severity.WARNING,
                (code, other),
                message.format(one=code, other=other, both=both),
                catalog.title(both),
                both,
                (Remedy(_("{code} instead").format(code=both), out=(code, other), into=(both,)),),
            )


def _onto(code: str, side: str, family: Mapping[str, str]) -> Remedy:
    return Remedy(f"{family[side]} ({_(side)})", out=(code,), into=(family[side],))


def _said(sides: Sequence[str]) -> str:
    return f" {_('and')} ".join(map(_, sides))


def exactness(
    codes: Sequence[str], book: Rulebook, texts: Mapping[str, str], langs: Collection[str]
) -> Iterator[Finding]:
    """An unspecified code where the text says what a sibling says."""
    catalog = book.catalog
    for code in dict.fromkeys(codes):
        if not UNSPECIFIED.search(catalog.title(code)) or not texts.get(code) or not catalog.billable(code):
            continue
        said = qualifier_reader().read(texts[code], langs)
        own = qualifier_reader().read(catalog.title(code), ["en"])
        better = []
        for sibling in (catalog[leaf] for one in catalog.siblings(code) for leaf in catalog.leaves(one.code)):
            has = qualifier_reader().read(NONESSENTIAL.sub(" ", sibling.title), ["en"])
            more = [
                kind
                for kind in DECIDING[1:]
                if kind in has and kind not in own and kind in said and has[kind] & said[kind]
            ]
            against = any(kind in said and not (values & said[kind]) for kind, values in has.items())
            unsaid = any(kind in DECIDING and kind not in said for kind in has)
            if more and not against and not unsaid:
                better.append(sibling)
        if 0 < len(better) <= LEAVES:
            remedies = tuple(Remedy(f"{one.code} {one.title}", out=(code,), into=(one.code,)) for one in better)
            message = _("{code} is unspecified, and the text says more.").format(code=code)
            yield Finding("More exact", Severity.HINT, (code,), message, better[0].title, better[0].code, remedies)
