"""One process that codes parts: it opens the product once."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from core.answers import note_json
from core.batch.folder import Failure
from core.batch.plan import DIFFERENT, memory_of, origin_of
from core.batch.source import read_part
from core.batch.watch import Watch
from core.errors import ClinicodeError
from core.jsonl import BadLine

if TYPE_CHECKING:
    from core.batch.folder import RunFolder
    from core.batch.source import Part
    from core.coder import Coder
    from core.jsonl import Item

logger = logging.getLogger(__name__)

DEATHS = 3
"""Processes that may die over one note before it is left out."""
ATTEMPTS = 2


class PartCoder:
    """Codes parts of a run into its folder.

    Parameters
    ----------
    folder
        The run's.
    coder
        What codes.

    Raises
    ------
    ClinicodeError
        If the coder is not what the run was begun with.

    """

    def __init__(self, folder: RunFolder, coder: Coder) -> None:
        self._folder, self._coder, self._plan = folder, coder, folder.plan()
        own, wanted = origin_of(coder), self._plan.origin
        if own != wanted:
            found = ", ".join(
                said for name, said in DIFFERENT.items() if getattr(own, name, "") != getattr(wanted, name, "")
            )
            message = f"A worker has {found} than the run was begun with; give every machine the same, then go on."
            raise ClinicodeError(message)

    def code(self, part: Part) -> None:
        """Code a part and keep it, unless it is there already.

        Raises
        ------
        ClinicodeError
            If the input cannot be read, the part cannot be written, the database is gone, or the team memory changed.
        """
        if self._folder.answers(part.number, self._plan.format).exists():
            return
        watch = Watch(self._folder.at(part.number))
        try:
            self._code(part, watch)
        except OSError as error:
            message = f"The run stopped at part {part.number} ({error.strerror}); mend that and run it again to go on."
            raise ClinicodeError(message) from error
        except SQLAlchemyError as error:
            message = "The workspace database cannot be reached; run it again to go on when it can."
            raise ClinicodeError(message) from error
        finally:
            watch.at(None)
        watch.done()

    def _code(self, part: Part, watch: Watch) -> None:
        lines: list[str] = []
        failures: list[Failure] = []
        for row, item in read_part(Path(self._plan.input), part, self._plan.encoding):
            answer = self._answer(row, item, watch)
            if isinstance(answer, Failure):
                failures.append(answer)
            else:
                lines.append(answer)
        self._check_memory()
        self._folder.keep(part, lines, failures, self._plan)

    def _answer(self, row: int, item: Item | BadLine, watch: Watch) -> str | Failure:
        if isinstance(item, BadLine):
            return Failure(None, row, item.reason)
        if watch.deaths[row] >= DEATHS:
            return Failure(item.name, row, f"the process died {DEATHS} times over this note")
        watch.at(row)
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                coded = self._coder.code(item.text, item.lang or self._plan.lang, rerank=self._plan.rerank)
                return json.dumps(note_json(item.name, coded), ensure_ascii=False)
            except ClinicodeError as error:
                return Failure(item.name, row, str(error))
            except (OSError, SQLAlchemyError):
                raise  # of the machine, not of the note
            except Exception as error:  # its message may hold words of the note
                logger.warning("Row %d could not be coded (%s).", row, type(error).__name__)
                reason = f"the note could not be coded ({type(error).__name__})"
        return Failure(item.name, row, reason)

    def _check_memory(self) -> None:
        """Answers of one run come from one state of the team memory, which everything asks anew for every note."""
        if memory_of(self._coder) != self._plan.origin.memory:
            message = (
                "The team memory changed while the run was going on, so its answers would not agree; begin anew with "
                "another --output, and with a copy of the workspace as CLINICODE_HOME if people go on reviewing."
            )
            raise ClinicodeError(message)
