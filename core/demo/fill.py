"""The demonstration's content: a project with what the product suggests in it, and what invented reviewers decided."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from core import settings
from core.demo import MARK, is_demo
from core.demo.script import play, read_script
from core.errors import ClinicodeError
from core.evaluate import jobs
from core.evaluate.datasets import command_line, read_dataset
from core.evaluate.mentions import PUBLIC
from core.evaluate.run import measure
from core.evaluate.runs import save_run
from core.evaluate.systems import open_system
from core.interface import _, number
from core.retrieve.memory import TeamMemory
from core.review import effect
from core.review.codec import suggestion_json, suggestion_of
from core.review.model import Incoming
from core.review.people import PROFILE, local
from core.review.suggest import origin, suggest

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.coder import Coder
    from core.review.model import Document, Json, Project
    from core.review.store import ReviewStore

MEASURED = ("clinicode", "first-stage")
LIMIT = 50
"""Public mentions that the two runs of the demonstration's own are measured on."""
KEPT = "suggestions.json"
"""Where the suggestions of the first time are kept: models and notes are the same when it starts over."""
_filling = threading.Lock()


def fill(store: ReviewStore, coder: Coder, tick: Callable[[float, str], None] = lambda _share, _what: None) -> Project:
    """Make the project, let the product suggest, let the reviewers decide, and measure two short runs.

    Parameters
    ----------
    store, coder
        The workspace's, with nothing in it yet.
    tick
        Called with the share that is done and a word on what is being done.

    """
    script = read_script()
    admin = local(script.reviewers[0])
    (settings.home() / MARK).touch()
    (settings.home() / PROFILE).write_text(admin.name, encoding="utf-8")
    if not any((settings.home() / "runs").glob("*.parquet")):
        tick(0.0, _("measuring {count} public mentions").format(count=number(LIMIT)))
        _measure(coder)
    project = store.create(admin, script.project, script.settings)
    store.import_documents(admin, project, [Incoming(f"{note.name}.txt", note.text) for note in script.notes])
    _suggest(store, coder, store.documents(project.id), lambda share, what: tick(0.1 + 0.8 * share, what))
    documents = [store.document(one.id) for one in store.documents(project.id)]
    store.assign(admin, documents, script.reviewers)
    tick(0.9, _("playing the reviewers"))
    for note, document in zip(script.notes, documents, strict=True):
        for lane in note.work:
            play(store, project, document, lane)
    tick(1.0, _("ready"))
    return project


def reset(store: ReviewStore, coder: Coder, tick: Callable[[float, str], None] = lambda _share, _what: None) -> Project:
    """Take everything out of a demonstration's workspace and fill it again; two who ask at once take turns.

    Raises
    ------
    ClinicodeError
        If the workspace is none of a demonstration: nobody's own work is ever emptied.
    """
    if not is_demo():
        raise ClinicodeError(_("This is no demonstration; nothing was changed."))
    admin = local(read_script().reviewers[0])
    with _filling:
        for project in store.projects():
            effect.delete(project.id)
            store.delete(admin, project, withdraw=True)
        TeamMemory(store.engine).forget()
        for job in jobs.jobs():
            jobs.delete(job)
        return fill(store, coder, tick)


def _measure(coder: Coder) -> None:
    dataset = read_dataset("mentions", PUBLIC, "", coder.catalog, LIMIT)
    for name in MEASURED:
        system = open_system(name, lambda: coder, lambda: coder.catalog)
        save_run(measure(system, dataset, coder.catalog, command_line("mentions", PUBLIC, "", name, LIMIT)))


def _suggest(store: ReviewStore, coder: Coder, documents: list[Document], tick: Callable[[float, str], None]) -> None:
    path = settings.home() / KEPT
    kept: Json = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    made_by = origin(coder)
    for done, document in enumerate(documents):
        tick(done / len(documents), _("reading {name}").format(name=document.name))
        if document.name in kept:
            told = kept[document.name]
            found = [suggestion_of(one) for one in told["suggestions"]]
            store.suggest(document, found, made_by, told["lang"], told["uncertainty"])
            continue
        suggest(store, coder, [document])
        read, said = store.document(document.id), store.suggestions(document.id)
        told = [suggestion_json(one) for one in said[0]] if said else []
        kept[document.name] = {"suggestions": told, "lang": read.lang, "uncertainty": read.uncertainty}
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
