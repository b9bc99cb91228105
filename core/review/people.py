"""Who may do what. The checks are made where something is changed, not where a button is drawn."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import IntEnum

from core import settings
from core.errors import ClinicodeError
from core.interface import _
from core.review.model import FINAL, MACHINE

FILE = "people.toml"
PROFILE = "profile.txt"
"""In ``CLINICODE_HOME``: the name under which the one who uses a machine without a sign-in reviews."""
LONGEST = 80


class Role(IntEnum):
    """What a person may do; each may do what those below may."""

    REVIEWER = 1
    ADJUDICATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reviews, by the name that stands in the log."""

    name: str
    role: Role = Role.REVIEWER

    def must(self, least: Role, what: str) -> None:
        """Refuse what the person's role does not allow.

        Raises
        ------
        ClinicodeError
            If the role is too low.
        """
        if self.role < least:
            message = _("{name} may not {what}; that takes the role {name2}. Ask an admin.").format(
                name=self.name, what=_(what), name2=_(least.name.lower())
            )
            raise ClinicodeError(message)


def checked_name(name: str) -> str:
    """A reviewer's name on one line.

    Raises
    ------
    ClinicodeError
        If it is empty, too long, or one that the log keeps for itself.
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in name).split())
    if not line or len(line) > LONGEST:
        message = _("A reviewer needs a name of at most {longest} characters.").format(longest=LONGEST)
        raise ClinicodeError(message)
    if line.casefold() in (MACHINE, FINAL):
        message = _("“{line}” is not free as a reviewer's name; take another.").format(line=line)
        raise ClinicodeError(message)
    return line


def local(name: str) -> Person:
    """The one who uses a machine without a sign-in: nobody else is there to be kept out."""
    return Person(checked_name(name), Role.ADMIN)


def signed_in(name: str) -> Person:
    """Somebody who signed in, with the role that ``people.toml`` in ``CLINICODE_HOME`` gives (reviewer where none).

    Its lines are ``"name or address" = "reviewer" | "adjudicator" | "admin"``.

    Raises
    ------
    ClinicodeError
        If the file cannot be read or gives somebody a role that does not exist.
    """
    person = checked_name(name)
    path = settings.home() / FILE
    if not path.is_file():
        return Person(person)
    try:
        roles = {str(key).casefold(): str(value) for key, value in tomllib.loads(path.read_text("utf-8")).items()}
        return Person(person, Role[roles.get(person.casefold(), "reviewer").upper()])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        message = _(
            '{path} cannot be used ({error}); its lines are "name" = "reviewer", "adjudicator" or "admin".'
        ).format(path=path, error=error)
        raise ClinicodeError(message) from error
