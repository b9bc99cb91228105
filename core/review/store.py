"""The review store: projects, documents, and the append-only log of everything that was decided.

A change is one transaction: its event, the state that follows from it, and what it teaches the team memory. An event's
version is unique in its document's lane: of two people (or windows) who write at once one is told to look again.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.database import clear_log, open_database
from core.errors import ClinicodeError
from core.interface import N_, _
from core.note.documents import check_note
from core.review import decide, rows
from core.review.codec import annotation_json, suggestion_json, work_of
from core.review.exchange.archive import read as read_archive
from core.review.exchange.restoring import restore
from core.review.learning import Taught, relearn, taught, withdraw, withdraw_all
from core.review.model import (
    FINAL,
    MACHINE,
    Change,
    Kind,
    Progress,
    Project,
    Settings,
    Work,
)
from core.review.people import Person, Role, checked_name
from core.review.schema import ASSIGNMENT, DOCUMENT, EVENT, PROJECT, TAUGHT, WORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from sqlalchemy import Connection, Engine, Row, Table

    from core.review.model import Document, Event, Incoming, Json, Origin, Suggestion


class StaleError(ClinicodeError):
    """Somebody else has written since the work was read; read it again."""

    def __init__(self) -> None:
        super().__init__(
            _("The document was changed in another window or by someone else; it is shown again as it stands now.")
        )


class ReviewStore:
    """Everything that reviewing keeps; every call sees what other processes have written.

    Parameters
    ----------
    engine
        The workspace database; opened where it is not given.

    """

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or open_database()

    # projects

    def create(self, person: Person, name: str, settings: Settings | None = None) -> Project:
        """A new project.

        Raises
        ------
        ClinicodeError
            If the person may not, or the name is empty or taken.
        """
        person.must(Role.ADMIN, N_("create projects"))
        called = rows.title(name)
        now, chosen = datetime.now(UTC), settings or Settings()
        try:
            with self.engine.begin() as connection:
                row = {"name": called, "settings": asdict(chosen), "created": now}
                number = rows.key(connection.execute(insert(PROJECT).values(row)))
                rows.log(connection, number, person.name, Kind.CREATE, None, {"name": called, **asdict(chosen)})
        except IntegrityError as error:
            message = _("There is a project “{called}” already; take another name.").format(called=called)
            raise ClinicodeError(message) from error
        return Project(number, called, chosen, now)

    def projects(self) -> list[Project]:
        """All projects, the oldest first."""
        with self.engine.connect() as connection:
            return [rows.project_of(row) for row in connection.execute(select(PROJECT).order_by(PROJECT.c.id))]

    def project(self, number: int) -> Project:
        """One project.

        Raises
        ------
        ClinicodeError
            If it is not there (any more).
        """
        return rows.project_of(self._row(PROJECT, number, _("That project is not there any more.")))

    def change_settings(self, person: Person, project: Project, settings: Settings) -> Project:
        """Other settings for a project.

        Raises
        ------
        ClinicodeError
            If the person may not.
        """
        person.must(Role.ADMIN, N_("change a project's settings"))
        with self.engine.begin() as connection:
            wanted = update(PROJECT).where(PROJECT.c.id == project.id).values(settings=asdict(settings))
            if not connection.execute(wanted).rowcount:
                raise ClinicodeError(_("That project is not there any more."))
            before, after = asdict(project.settings), asdict(settings)
            rows.log(connection, project.id, person.name, Kind.SETTINGS, before, after)
        return replace(project, settings=settings)

    def delete(self, person: Person, project: Project, *, withdraw: bool = False) -> dict[str, int]:
        """Delete a project with its notes, its log and all that follows from them; with `withdraw` what it taught too.

        One line stays in the log: who deleted it and how much there was. Returns how many ``documents``, ``events``
        and ``taught`` pairs went, and how many pairs ``stay`` in the team memory.

        Raises
        ------
        ClinicodeError
            If the person may not.
        """
        person.must(Role.ADMIN, N_("delete projects"))
        with self.engine.begin() as connection:
            connection.execute(update(PROJECT).where(PROJECT.c.id == project.id).values(name=project.name))  # a lock
            counts = {"taught": withdraw_all(connection, project.id) if withdraw else 0}
            stay = select(func.count()).select_from(TAUGHT).where(TAUGHT.c.project == project.id)
            counts["stay"] = int(connection.execute(stay).scalar_one())
            for table in (TAUGHT, ASSIGNMENT, WORK, EVENT, DOCUMENT):
                gone = connection.execute(delete(table).where(table.c.project == project.id)).rowcount
                if table in (EVENT, DOCUMENT):
                    counts["events" if table is EVENT else "documents"] = gone
            connection.execute(delete(PROJECT).where(PROJECT.c.id == project.id))
            rows.log(connection, project.id, person.name, Kind.DELETE, None, dict(counts))
        clear_log(self.engine)
        return counts

    def restore(self, person: Person, data: bytes, name: str = "", *, teach: bool = False) -> Project:
        """A new project from an archive (:mod:`core.review.exchange.archive`): all of it or nothing.

        Without a `name` it has its old one, numbered if that is taken; with `teach` its decisions go into the team
        memory as they did when they were made. The log goes on with who restored it.

        Raises
        ------
        ClinicodeError
            If the person may not, the name is taken, or the archive is damaged.
        """
        person.must(Role.ADMIN, N_("restore projects"))
        archive = read_archive(data)
        with self.engine.begin() as connection:
            made = restore(connection, archive, name, teach=teach)
            after = {"name": made.name, "archived": archive.name, "events": len(archive.events), "teach": teach}
            rows.log(connection, made.id, person.name, Kind.RESTORE, None, after)
        return made

    # documents

    def import_documents(
        self, person: Person, project: Project, documents: Iterable[Incoming]
    ) -> tuple[int, list[str]]:
        """Add documents, all or none; returns how many, and the names of those whose text the project has already.

        What is annotated in a document stands as a suggestion in it.

        Raises
        ------
        ClinicodeError
            If the person may not, or a document is empty or too long.
        """
        person.must(Role.ADMIN, N_("import documents"))
        now, twice, added = datetime.now(UTC), [], 0
        with self.engine.begin() as connection:
            rows.log(connection, project.id, person.name, Kind.IMPORT, None, {})
            known = select(DOCUMENT.c.sha256).where(DOCUMENT.c.project == project.id)
            seen = set(connection.execute(known).scalars())
            for one in documents:
                check_note(one.text)
                digest = hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest()
                if digest in seen:
                    twice.append(one.name)
                    continue
                seen.add(digest)
                row = {"project": project.id, "name": one.name[:300], "text": one.text, "sha256": digest}
                row |= {"lang": one.lang, "imported": now}
                number = rows.key(connection.execute(insert(DOCUMENT).values(row)))
                added += 1
                if one.annotations:
                    self._suggest(connection, project.id, number, 1, one.annotations, {"imported": True})
        return added, twice

    def documents(self, project: int) -> list[Document]:
        """The documents of a project without their texts, in the order in which they came."""
        columns = [column for column in DOCUMENT.c if column.name not in ("text", "sha256")]
        query = select(*columns).where(DOCUMENT.c.project == project).order_by(DOCUMENT.c.id)
        with self.engine.connect() as connection:
            return [rows.document_of(row, "") for row in connection.execute(query)]

    def document(self, number: int) -> Document:
        """One document with its text.

        Raises
        ------
        ClinicodeError
            If it is not there (any more).
        """
        row = self._row(DOCUMENT, number, _("That document is not there any more."))
        return rows.document_of(row, row.text)

    def texts(self, project: int) -> list[Document]:
        """The documents of a project with their texts, in the order in which they came."""
        query = select(DOCUMENT).where(DOCUMENT.c.project == project).order_by(DOCUMENT.c.id)
        with self.engine.connect() as connection:
            return [rows.document_of(row, row.text) for row in connection.execute(query)]

    def assign(self, person: Person, documents: Iterable[Document], reviewers: Sequence[str]) -> int:
        """Give documents to reviewers, beside those who have them; returns how many pairs are new.

        Raises
        ------
        ClinicodeError
            If the person may not, or a name cannot be one.
        """
        person.must(Role.ADMIN, N_("assign documents"))
        names, new = [checked_name(one) for one in reviewers], 0
        with self.engine.begin() as connection:
            for document in documents:
                held = select(ASSIGNMENT.c.reviewer).where(ASSIGNMENT.c.document == document.id)
                there = set(connection.execute(held).scalars())
                for name in dict.fromkeys(one for one in names if one not in there):
                    rows.log(
                        connection, document.project, person.name, Kind.ASSIGN, None, {"reviewer": name}, document.id
                    )
                    row = {"document": document.id, "reviewer": name, "project": document.project}
                    connection.execute(insert(ASSIGNMENT).values(row))
                    new += 1
        return new

    def unassign(self, person: Person, document: Document, reviewer: str) -> None:
        """Take a document from a reviewer's queue; what was decided in it stays.

        Raises
        ------
        ClinicodeError
            If the person may not.
        """
        person.must(Role.ADMIN, N_("assign documents"))
        own = (ASSIGNMENT.c.document == document.id) & (ASSIGNMENT.c.reviewer == reviewer)
        with self.engine.begin() as connection:
            if connection.execute(delete(ASSIGNMENT).where(own)).rowcount:
                before = {"reviewer": reviewer}
                rows.log(connection, document.project, person.name, Kind.UNASSIGN, before, None, document.id)

    def assignments(self, project: int) -> dict[int, list[str]]:
        """Who has each document of a project to review."""
        query = select(ASSIGNMENT).where(ASSIGNMENT.c.project == project).order_by(ASSIGNMENT.c.reviewer)
        found: dict[int, list[str]] = {}
        with self.engine.connect() as connection:
            for row in connection.execute(query):
                found.setdefault(row.document, []).append(row.reviewer)
        return found

    # suggestions

    def suggest(
        self, document: Document, suggestions: Sequence[Suggestion], origin: Origin, lang: str, uncertainty: float
    ) -> None:
        """Keep what the machine says of a document; work that has begun keeps what it began with."""
        with self.engine.begin() as connection:
            last = select(func.max(EVENT.c.version)).where(EVENT.c.document == document.id, EVENT.c.lane == MACHINE)
            version = (connection.execute(last).scalar() or 0) + 1
            self._suggest(connection, document.project, document.id, version, suggestions, asdict(origin))
            row = {"lang": lang, "uncertainty": uncertainty}
            connection.execute(update(DOCUMENT).where(DOCUMENT.c.id == document.id).values(row))

    def suggestions(self, document: int) -> tuple[list[Suggestion], Json] | None:
        """What the machine said last, and what it was made by; None where it was not asked."""
        with self.engine.connect() as connection:
            return rows.latest_suggestions(connection, document)

    def unsuggested(self, project: int) -> list[Document]:
        """The documents for which nothing was suggested yet, without their texts."""
        asked = select(EVENT.c.document).where(EVENT.c.project == project, EVENT.c.lane == MACHINE)
        with self.engine.connect() as connection:
            there = set(connection.execute(asked).scalars())
        return [one for one in self.documents(project) if one.id not in there]

    def _suggest(
        self,
        connection: Connection,
        project: int,
        document: int,
        version: int,
        suggestions: Sequence[Suggestion],
        origin: Json,
    ) -> None:
        after = {"suggestions": [suggestion_json(one) for one in suggestions], "origin": origin}
        rows.log(connection, project, MACHINE, Kind.SUGGEST, None, after, document, MACHINE, version)

    # work

    def work(self, document: Document, lane: str, settings: Settings) -> Work:
        """What a reviewer has made of a document so far; where nothing, what there is to begin with."""
        with self.engine.connect() as connection:
            row = connection.execute(select(WORK).where(WORK.c.document == document.id, WORK.c.lane == lane)).first()
            if row is not None:
                return work_of(document.id, lane, row.version, row.state)
            found = rows.latest_suggestions(connection, document.id)
        said = [one for one in found[0] if one.score >= settings.least] if found and lane != FINAL else []
        begun = decide.suggested(said, MACHINE, datetime.now(UTC))
        return Work(document.id, lane, annotations=begun, blind=settings.blind and lane != FINAL)

    def record(
        self, person: Person, project: Project, document: Document, work: Work, change: Change, seconds: float = 0.0
    ) -> Work:
        """Write a change down and return the work as it is then.

        Parameters
        ----------
        person
            Who; a reviewer writes in the lane of that name, an adjudicator in that of adjudication.
        work
            As it was read; the change is refused if somebody has written since.
        seconds
            What the person spent on it.

        Raises
        ------
        StaleError
            If somebody has written since.
        ClinicodeError
            If the person may not.
        """
        if work.lane == FINAL:
            person.must(Role.ADJUDICATOR, N_("adjudicate"))
        elif work.lane != person.name:
            message = _("{name} may not write in the work of {lane}.").format(name=person.name, lane=work.lane)
            raise ClinicodeError(message)
        now = datetime.now(UTC)
        changes = [change]
        if work.version == 0:
            begun = [annotation_json(one) for one in work.annotations]
            changes.insert(0, Change(Kind.BEGIN, "", None, {"annotations": begun, "blind": work.blind}))
        try:
            with self.engine.begin() as connection:
                state = work
                for one in changes:
                    spent = round(max(0.0, seconds), 3) if one is change else 0.0
                    after = {**(one.after or {}), "seconds": spent}
                    version = state.version + 1
                    rows.log(
                        connection, project.id, person.name, one.kind, one.before, after,
                        document.id, work.lane, version, one.annotation, now,
                    )  # fmt: skip
                    state = replace(decide.apply(state, one), version=version, seconds=state.seconds + spent)
                there = select(DOCUMENT.c.id).where(DOCUMENT.c.id == document.id)
                if connection.execute(there.with_for_update(read=True, key_share=True)).first() is None:
                    raise ClinicodeError(_("The project was deleted; nothing can be decided in it any more."))
                rows.keep(connection, project.id, state)
                if not project.settings.approval or work.lane == FINAL:
                    relearn(connection, document, work, state)
        except IntegrityError as error:
            raise StaleError from error
        return state

    def undo(self, person: Person, project: Project, document: Document, work: Work) -> Work:
        """Take back the last change of a piece of work.

        Raises
        ------
        ClinicodeError
            If there is none, or somebody has written since.
        """
        return self.record(
            person, project, document, work, decide.undo(self.events(project.id, document.id, work.lane))
        )

    def progress(self, project: int) -> list[Progress]:
        """How far each lane of each document is."""
        columns = [WORK.c[name] for name in Progress.__slots__]
        query = select(*columns).where(WORK.c.project == project).order_by(WORK.c.document, WORK.c.lane)
        with self.engine.connect() as connection:
            return [Progress(*row) for row in connection.execute(query)]

    def all_work(self, project: int) -> list[Work]:
        """Every lane of a project that somebody has begun."""
        query = select(WORK).where(WORK.c.project == project).order_by(WORK.c.document, WORK.c.lane)
        with self.engine.connect() as connection:
            return [work_of(row.document, row.lane, row.version, row.state) for row in connection.execute(query)]

    # what was taught

    def taught(self, project: int) -> list[Taught]:
        """What a project's decisions put into the team memory and what still stands, the latest first."""
        with self.engine.connect() as connection:
            return taught(connection, project)

    def withdraw(self, person: Person, project: Project, pair: Taught) -> int:
        """Take a taught text with its code out of the team memory, as often as the project taught it; how often.

        Raises
        ------
        ClinicodeError
            If the person may not.
        """
        person.must(Role.ADJUDICATOR, N_("withdraw what was taught"))
        with self.engine.begin() as connection:
            before = {"text": pair.text, "code": pair.code}
            rows.log(connection, project.id, person.name, Kind.WITHDRAW, before, None)
            gone = withdraw(connection, project.id, pair.folded, pair.code)
        clear_log(self.engine)
        return gone

    # the log

    def events(self, project: int, document: int | None = None, lane: str | None = None) -> list[Event]:
        """The log of a project, a document, or one lane of it, in the order in which it was written."""
        query = select(EVENT).where(EVENT.c.project == project)
        if document is not None:
            query = query.where(EVENT.c.document == document)
        if lane is not None:
            query = query.where(EVENT.c.lane == lane)
        with self.engine.connect() as connection:
            return [rows.event_of(row) for row in connection.execute(query.order_by(EVENT.c.id))]

    def replayed(self, project: int) -> list[Work]:
        """Every lane's state from the log alone: what `all_work` has to be."""
        lanes: dict[tuple[int, str], list[Event]] = {}
        for event in self.events(project):
            if event.document is not None and event.version is not None and event.lane != MACHINE:
                lanes.setdefault((event.document, event.lane), []).append(event)
        ordered = ((place, sorted(own, key=lambda one: one.version or 0)) for place, own in sorted(lanes.items()))
        return [decide.folded(*place, own) for place, own in ordered]

    def _row(self, table: Table, number: int, gone: str) -> Row[Any]:
        with self.engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.id == number)).one_or_none()
        if row is None:
            raise ClinicodeError(gone)
        return row
