"""Listwise groups for the reranker: a query, its code, and hard negatives labelled by what makes them wrong.

The reference work (Rey-Blanco and Cruz, arXiv 2605.30529) uses clinically plausible negatives that differ in
laterality, severity, aetiology and encounter; here the kind follows from the words in which two titles differ.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from core.settings import ASSETS
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.catalog import Catalog
    from core.retrieve.retriever import Retriever
    from core.synthesis.corpus import Example


class Kind(StrEnum):
    """What makes a negative wrong."""

    SIDE = "side"
    ENCOUNTER = "encounter"
    SEVERITY = "severity or stage"
    AGE = "age or trimester"
    AETIOLOGY = "aetiology"
    SITE = "site"
    PARENT = "parent or unspecified"
    SIBLING = "sibling"
    NEIGHBOUR = "near neighbour"


CONTRASTS = ASSETS / "lexicon" / "contrasts.tsv"


@dataclass(frozen=True, slots=True)
class Negative:
    """A wrong code and why it is wrong."""

    code: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Group:
    """A query, its right code, and codes that are wrong for it."""

    text: str
    lang: str
    code: str
    negatives: tuple[Negative, ...]


@cache
def contrasts() -> dict[str, frozenset[str]]:
    """The words by which titles differ, by kind, from ``assets/lexicon/contrasts.tsv``."""
    rows = (row.split("\t") for row in CONTRASTS.read_text(encoding="utf-8").splitlines() if not row.startswith("#"))
    return {kind: frozenset(words.split()) for kind, words in rows if kind != "kind"}


def kind_of(right: str, wrong: str) -> Kind:
    """The kind of a wrong title in the same category, from the words that only one of the two titles has.

    >>> kind_of("Pain in right knee", "Pain in left knee")
    <Kind.SIDE: 'side'>
    """
    words = contrasts()
    ours, theirs = set(fold(right).split()), set(fold(wrong).split())
    different = (ours ^ theirs) - words["glue"]
    if not different:
        return Kind.PARENT
    if "trimester" in ours & theirs and different <= words["age"]:  # ordinals alone: else degrees of a burn
        return Kind.AGE
    kinds = {"side": Kind.SIDE, "encounter": Kind.ENCOUNTER, "severity": Kind.SEVERITY, "age": Kind.AGE}
    for name, kind in kinds.items():
        if different <= words[name]:
            return kind
    if (ours ^ theirs) & words["aetiology"]:
        return Kind.AETIOLOGY
    return Kind.SITE if (ours & theirs) - words["glue"] else Kind.SIBLING


def kinds_of(catalog: Catalog, right: str, wrong: Iterable[str]) -> dict[Kind, list[str]]:
    """Wrong codes of the right one's category by what makes them wrong."""
    by_kind: dict[Kind, list[str]] = defaultdict(list)
    title = catalog.title(right)
    for code in wrong:
        related = right.startswith(code) or code.startswith(right)
        by_kind[Kind.PARENT if related else kind_of(title, catalog.title(code))].append(code)
    return by_kind


def make_groups(
    examples: Sequence[Example], retriever: Retriever, size: int = 15, seed: int = 7, limit: int = 0
) -> Iterator[Group]:
    """A group for every example with enough negatives, the same for the same corpus, catalog, encoder and seed.

    Parameters
    ----------
    examples
        Queries with their codes.
    retriever
        Gives the near neighbours that the encoder confuses with the right code.
    size
        Negatives in a group, at most; two of each kind first, then by nearness.
    seed, limit
        Order of choices; how many groups (0: all).

    """
    catalog = retriever.catalog
    spoil = random.Random(seed)  # noqa: S311  repeatable, not secret
    family = families(catalog)
    chosen = list(examples)
    if limit and limit < len(chosen):
        chosen = spoil.sample(chosen, limit)
    for start in range(0, len(chosen), 256):
        chunk = chosen[start : start + 256]
        for example, near in zip(chunk, retriever.search([one.text for one in chunk], 40), strict=True):
            right = {example.code, *example.also}
            by_kind = kinds_of(catalog, example.code, (code for code in family[example.code[:3]] if code not in right))
            for candidate in near:
                if candidate.code not in right and candidate.code[:3] != example.code[:3]:
                    by_kind[Kind.NEIGHBOUR].append(candidate.code)
            negatives = _choose(by_kind, [candidate.code for candidate in near], size, spoil)
            if len(negatives) >= min(size, 5):
                yield Group(example.text, example.lang, example.code, tuple(negatives))


def _choose(by_kind: dict[Kind, list[str]], near: Sequence[str], size: int, spoil: random.Random) -> list[Negative]:
    place = {code: at for at, code in enumerate(near)}
    kinds = {code: kind for kind, codes in by_kind.items() for code in codes}
    chosen: dict[str, Kind] = {}
    for kind, codes in by_kind.items():
        ranked = sorted(codes, key=lambda code: (place.get(code, len(near)), spoil.random()))
        chosen.update((code, kind) for code in ranked[:2])
    for code in (*near, *spoil.sample(sorted(kinds), len(kinds))):
        if len(chosen) >= size:
            break
        if code in kinds:
            chosen.setdefault(code, kinds[code])
    return [Negative(code, kind) for code, kind in list(chosen.items())[:size]]


@cache
def families(catalog: Catalog) -> dict[str, list[str]]:
    """The codes of each category."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in catalog:
        found[code.code[:3]].append(code.code)
    return found
