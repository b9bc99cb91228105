"""How the codes of a table stand to ICD-10-CM's: the same, the same name for something else, or not in it.

A table whose codes are ICD-10-CM's own needs no more than a look at the catalog. WHO-based tables share most of their
first four characters with ICD-10-CM, and not all of them. There, a code means the same unless its characters are of a
kind that ICD-10-CM uses otherwise, it is listed as known not to (``assets/lexicon/elsewhere.tsv``), or its title speaks
against it: the encoder, which was learned on titles in all seven languages, finds another category, or another code of
the same one, nearer to the national title than the code's own English names. The encoder has learned from some national
tables what it is asked here, so the list goes first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core import settings
from core.catalog.tables.model import Standing, System
from core.errors import ClinicodeError
from core.interface import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalog import Catalog
    from core.catalog.tables.model import Row
    from core.encode.load import Encoder

COMPARED = 5
"""Characters of a code, dot included, that the WHO gives a meaning; those after them are each country's own."""
NEAREST = 20
"""The code's category has to be among so many that are nearest to the national title."""
BEHIND = 0.15
"""How much nearer than the names of the code and those under it those of a code beside it may be.

Encoders that had not seen the pairs they judged put 0.7 % of 8,801 Portuguese, 1.0 % of 9,375 French and 1.8 % of 9,018
German titles of shared codes apart, most for a rare word: those codes go without a title, which costs less than a wrong
one.
"""
LIST = settings.ASSETS / "lexicon" / "elsewhere.tsv"
PLACE = re.compile(r"(?:[WX]\d\d|Y[012]\d|Y3[0-4])\.\d")
"""Fourth characters of external causes: where it happened, in the WHO's tables; something else in ICD-10-CM."""
NO_PLACE = re.compile(r"Y0[67]")
WATERCRAFT = re.compile(r"V9[0-4]\.\d")
"""Fourth characters of accidents on the water: which craft, in the WHO's tables."""
CHUNK = 512


def standings(rows: Sequence[Row], system: System, catalog: Catalog, encoder: Encoder | None) -> list[Standing]:
    """How each row's code stands to the same code of ICD-10-CM.

    Raises
    ------
    ClinicodeError
        If titles have to be compared and there is no encoder to do it.
    """
    known = [Standing.SAME if row.code in catalog else Standing.ONLY for row in rows]
    if system.clinical:
        return known
    if encoder is None:
        raise ClinicodeError(_("A table of the WHO's ICD-10 cannot be compared with ICD-10-CM without an encoder."))
    listed = known_differences(system)
    doubtful = [at for at, one in enumerate(known) if one is Standing.SAME]
    for at in doubtful:
        if not comparable(rows[at].code) or rows[at].code.startswith(listed):
            known[at] = Standing.DIFFERS
    doubtful = [at for at in doubtful if known[at] is Standing.SAME]
    same = _same([rows[at] for at in doubtful], catalog, encoder)
    for at, meant in zip(doubtful, same, strict=True):
        if not meant:
            known[at] = Standing.DIFFERS
    return known


def known_differences(system: System) -> tuple[str, ...]:
    """What codes begin with that are known to mean something else in a table of this system."""
    found = []
    for line in LIST.read_text(encoding="utf-8").splitlines()[1:]:
        code, _, rest = line.partition("\t")
        systems = rest.partition("\t")[0].split()
        if not line.startswith("#") and ("all" in systems or system.value in systems):
            found.append(code)
    return tuple(found)


def comparable(code: str) -> bool:
    """Whether a code of the WHO's tables can mean what the same code of ICD-10-CM means."""
    if len(code) > COMPARED:
        return False
    placed = PLACE.fullmatch(code) is not None and NO_PLACE.match(code) is None
    return not placed and WATERCRAFT.fullmatch(code) is None


def _same(rows: Sequence[Row], catalog: Catalog, encoder: Encoder) -> list[bool]:
    """Whether each title means the English names of its code."""
    named = catalog.terms().filter(pl.col("code").str.len_chars() <= COMPARED).sort("code", maintain_order=True)
    codes = np.asarray(named["code"].to_list())
    categories = named["code"].str.slice(0, 3).to_numpy()
    edges = np.flatnonzero(np.r_[True, categories[1:] != categories[:-1]])
    ends = np.r_[edges[1:], len(codes)]
    vectors = encoder.encode(named["text"].to_list(), terms=True)
    titles = encoder.encode([row.title for row in rows])
    result: list[bool] = []
    for start in range(0, len(rows), CHUNK):
        near = titles[start : start + CHUNK] @ vectors.T
        best = np.maximum.reduceat(near, edges, axis=1)  # of each category
        for at, row in enumerate(rows[start : start + CHUNK]):
            below = slice(*np.searchsorted(codes, [row.code, row.code + "~"]))
            here = int(np.searchsorted(edges, below.start, "right")) - 1
            own = near[at, below].max()  # a code may be put best by what is under it
            beside = [
                near[at, part].max()
                for part in (slice(edges[here], below.start), slice(below.stop, ends[here]))
                if part.stop > part.start
            ]
            result.append(
                int((best[at] > best[at, here]).sum()) < NEAREST and bool(own >= max(beside, default=0) - BEHIND)
            )
    return result
