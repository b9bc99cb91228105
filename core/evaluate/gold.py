"""What evaluation speaks: queries with gold codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.interface import _
from core.language import LANGUAGES
from core.note.documents import check_query, decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class GoldQuery:
    """A text and what should be found for it.

    Each of `groups` is one thing to find: a set of codes any of which is right, empty where the gold code no longer
    exists (it then counts as missed). `group` names of the query's kind, such as its style, are in `tags`.
    """

    name: str
    text: str
    groups: tuple[frozenset[str], ...]
    lang: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Every code that is right."""
        return frozenset().union(*self.groups)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of a data set that cannot be used, and why."""

    line: int
    reason: str


def refuse(problems: Sequence[Problem], path: Path) -> None:
    """Raise the first of the problems of a file.

    Raises
    ------
    ClinicodeError
        If there is one.
    """
    if problems:
        message = _("{path}, line {line}: {reason}").format(path=path, line=problems[0].line, reason=problems[0].reason)
        raise ClinicodeError(message)


def check_mention(text: str, lang: str = "") -> None:
    """Whether every system can be asked for a mention.

    Raises
    ------
    ClinicodeError
        If it is empty or too long, or its language is not one of the seven.
    """
    check_query(text)
    if lang and lang not in LANGUAGES:
        message = _("Language {lang!r} is not known; leave it out or choose one of {languages}.").format(
            lang=lang[:20], languages=", ".join(LANGUAGES)
        )
        raise ClinicodeError(message)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, the first is line 1 everywhere that lines are named.

    Raises
    ------
    ClinicodeError
        If the file is absent or is no text.
    """
    try:
        text = decode(path.name, path.read_bytes())
    except OSError as error:
        message = _("There is no file {path} that can be read.").format(path=path)
        raise ClinicodeError(message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
