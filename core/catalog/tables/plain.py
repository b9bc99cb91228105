"""Tables that say nothing of themselves: which column is which is guessed, and a person confirms it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.catalog.tables.model import Columns, Form, Rejected, Shape
from core.catalog.tables.rows import Raw, dotted
from core.catalog.tables.text import Fields, delimiter_of, fields
from core.errors import ClinicodeError
from core.interface import _
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CODE_NAMES = ("code", "codigo", "codi", "codice", "kode", "cod", "clave", "schlussel", "icd", "cie", "cid", "cim")
TITLE_NAMES = (
    "title", "descripcion", "descricao", "descripcio", "descrizione", "description", "beschreibung", "bezeichnung",
    "libelle", "titulo", "titel", "titre", "titolo", "descriptor", "label", "name", "nombre", "nome", "text",
)  # fmt: skip
TERM_NAMES = ("terms", "synonym", "sinonimo", "inclusion", "synonyme", "sinonim", "inclusive", "entry")
SEEN = 200
SEVERAL = re.compile(r"\s*[;|\n]\s*")
"""What stands between further names in one cell."""


def recognise(text: str) -> Shape | None:
    """What this is if it is a table with columns; which of them hold codes and titles is a guess."""
    delimiter = delimiter_of(text)
    if not delimiter:
        return None
    sample = _first(fields(text, delimiter), SEEN)
    names, rows = headed(sample)
    if not rows:
        return None
    return Shape(Form.DELIMITED, delimiter=delimiter, columns=names, guess=guess(names, rows))


def read(text: str, shape: Shape, columns: Columns) -> Iterator[Raw | Rejected]:
    """Its rows, with the columns that a person named.

    Raises
    ------
    ClinicodeError
        If there is no column of such a name.
    """
    yield from rows_of(fields(text, shape.delimiter), shape.columns, columns)


def headed(sample: Sequence[Fields]) -> tuple[tuple[str, ...], list[Fields]]:
    """The names of the columns and the rows under them; numbered names where the first row is already a code's."""
    if not sample:
        return (), []
    first = sample[0].values
    if any(dotted(value) for value in first):
        return tuple(f"column {number}" for number in range(1, len(first) + 1)), list(sample)
    names: list[str] = []
    for number, name in enumerate(first, 1):
        plain = name or f"column {number}"
        names.append(plain if plain not in names else f"{plain} ({number})")
    return tuple(names), list(sample[1:])


def guess(names: Sequence[str], rows: Sequence[Fields]) -> Columns | None:
    """Which column holds codes (most of its values are) and which titles (by its name, else the longest texts)."""
    values = [[row.values[at] for row in rows if at < len(row.values) and row.values[at]] for at in range(len(names))]
    shares = [sum(bool(dotted(one)) for one in column) / max(1, len(rows)) for column in values]
    if not shares or max(shares) < 0.5:
        return None
    best = max(range(len(names)), key=lambda at: (round(shares[at], 1), _named(names[at], CODE_NAMES), -at))
    lengths = [sum(map(len, column)) / max(1, len(rows)) for column in values]
    others = [at for at in range(len(names)) if at != best and lengths[at] > 0]
    if not others:
        return None
    title = max(others, key=lambda at: (_named(names[at], TITLE_NAMES), lengths[at]))
    terms = next((at for at in others if at != title and _named(names[at], TERM_NAMES)), None)
    return Columns(names[best], names[title], names[terms] if terms is not None else "")


def rows_of(
    found: Iterable[Fields], names: Sequence[str], columns: Columns, first: int = 0
) -> Iterator[Raw | Rejected]:
    """Rows as codes with titles and further names; those before the line `first` are skipped.

    Raises
    ------
    ClinicodeError
        If there is no column of such a name.
    """
    places = {name: at for at, name in enumerate(names)}
    wanted = (columns.code, columns.title, *((columns.terms,) if columns.terms else ()))
    missing = [name for name in wanted if name not in places]
    if missing:
        message = _("There is no column {missing!r}; the columns are {names}.").format(
            missing=missing[0], names=", ".join(names)
        )
        raise ClinicodeError(message)
    numbered = names[0] == "column 1"
    for at, row in enumerate(found):
        if row.line < first or (at == 0 and not numbered):
            continue
        cells = [row.values[places[name]] if places[name] < len(row.values) else None for name in wanted]
        if cells[0] is None or cells[1] is None:
            yield Rejected.columns(row.line, len(row.values), len(names))
        else:
            terms = SEVERAL.split(cells[2]) if len(cells) > 2 and cells[2] else ()
            yield Raw(row.line, cells[0], cells[1], tuple(terms))


def _named(name: str, words: Sequence[str]) -> int:
    """How well a column's name fits: the whole name before a part of it, earlier words before later ones."""
    plain = fold(name)
    if plain in words:
        return 3
    return 2 if any(part in words for part in re.split(r"\W+|_", plain)) else int(any(one in plain for one in words))


def _first(found: Iterable[Fields], count: int) -> list[Fields]:
    rows = []
    for row in found:
        rows.append(row)
        if len(rows) >= count:
            break
    return rows
