"""Team memory: texts that people have coded, each with the codes they chose and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from sqlalchemy import Column, DateTime, Integer, String, Table, create_engine, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import clear_log, metadata, open_database
from core.retrieve.candidate import EntryTerm, Source
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

REMEMBERED = Table(
    "remembered",
    metadata,
    Column("folded", String(1000), primary_key=True),
    Column("code", String(16), primary_key=True),
    Column("text", String(1000), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("times", Integer, nullable=False),
    Column("last", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One reviewed pair: this text was given this code by a person. `lang` is empty where nobody said."""

    text: str
    code: str
    lang: str = ""


class TeamMemory:
    """The store of reviewed pairs; every call sees what other processes have written."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine or open_database()

    @classmethod
    def of(cls, pairs: Iterable[Reviewed]) -> Self:
        """A memory of these pairs that lives and ends with this process."""
        engine = create_engine("sqlite://")
        metadata.create_all(engine)
        memory = cls(engine)
        memory.remember(pairs)
        return memory

    def remember(self, pairs: Iterable[Reviewed]) -> int:
        """Count each pair once more, all of them or none; returns how many pairs were given.

        Texts that differ only in case, accents or punctuation are one text.
        """
        with self._engine.begin() as connection:
            return count_up(connection, pairs)

    def forget(self) -> int:
        """Empty the memory; returns how many texts with their code it held."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(REMEMBERED)).rowcount
        clear_log(self._engine)
        return gone

    def version(self) -> tuple[int, int, str]:
        """Changes whenever the content does: entries, choices counted, last change."""
        columns = func.count(), func.coalesce(func.sum(REMEMBERED.c.times), 0), func.max(REMEMBERED.c.last)
        with self._engine.connect() as connection:
            entries, choices, last = connection.execute(select(*columns)).one()
        return int(entries), int(choices), str(last or "")

    def terms(self) -> list[EntryTerm]:
        """Everything remembered, in the order of texts and codes."""
        query = select(REMEMBERED).order_by(REMEMBERED.c.folded, REMEMBERED.c.code)
        with self._engine.connect() as connection:
            return [
                EntryTerm(row.text, row.code, Source.MEMORY, row.lang, row.times, row.last)
                for row in connection.execute(query)
            ]


def count_up(connection: Connection, pairs: Iterable[Reviewed]) -> int:
    """Count each pair once more, within somebody's transaction; returns how many pairs were given."""
    counts: Counter[tuple[str, str]] = Counter()
    latest: dict[tuple[str, str], Reviewed] = {}
    for pair in pairs:
        key = (fold(pair.text)[:1000], pair.code)
        counts[key] += 1
        latest[key] = pair
    # later than all there is, even where the clock was set back: by this another process sees that something changed
    newest = connection.execute(select(func.max(REMEMBERED.c.last))).scalar()
    now = datetime.now(UTC)
    if newest is not None:
        now = max(now, newest.replace(tzinfo=newest.tzinfo or UTC) + timedelta(microseconds=1))
    rows = [
        {"folded": folded, "code": code, "text": pair.text[:1000], "lang": pair.lang, "times": count, "last": now}
        for (folded, code), count in sorted(counts.items())
        for pair in (latest[folded, code],)
    ]
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(REMEMBERED)
    upsert = insert.on_conflict_do_update(
        index_elements=[REMEMBERED.c.folded, REMEMBERED.c.code],
        set_={"times": REMEMBERED.c.times + insert.excluded.times, "last": insert.excluded.last},
    )
    if rows:
        connection.execute(upsert, rows)
    return sum(counts.values())


def count_down(connection: Connection, folded: str, code: str, times: int = 1) -> None:
    """Take back that a folded text was given a code so many times; what was taken back as often as given is gone."""
    own = (REMEMBERED.c.folded == folded) & (REMEMBERED.c.code == code)
    connection.execute(update(REMEMBERED).where(own).values(times=REMEMBERED.c.times - times))
    connection.execute(delete(REMEMBERED).where(own, REMEMBERED.c.times <= 0))
