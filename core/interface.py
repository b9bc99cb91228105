"""What the interface says, in the language of whoever reads it.

Messages are written in English where they are used, inside ``_()`` or ``ngettext()``; their translations stand under
``assets/interface/locale``, one gettext file a language, kept up by ``make messages``. Who reads is for the caller to
say (`speak`): a page knows its reader's language, the command line speaks English.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import TYPE_CHECKING

from babel.core import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

LOCALE = ASSETS / "interface" / "locale"
ENGLISH = "en"
"""The language that messages are written in."""


class _Reader:
    """Whose language is asked for at each message: sessions of one process read different ones."""

    language: Callable[[], str] = staticmethod(lambda: ENGLISH)


def speak(language: Callable[[], str]) -> None:
    """From now on say everything in what `language` answers, asked anew for each message (a code: ``ca``)."""
    _Reader.language = staticmethod(language)


def spoken() -> str:
    """The language that the reader of this moment reads: its code."""
    return _Reader.language()


def _(message: str) -> str:
    """A message in the reader's language; as it is written where it has no translation."""
    return translations(spoken()).gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """A message about so many things, in the form that the reader's language has for that number."""
    return translations(spoken()).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802  gettext's own name
    """The message itself, marked to be translated where it is shown."""
    return message


def number(value: float, digits: int | None = None) -> str:
    """A number as the reader's language writes it: grouped, with so many digits after the point."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=spoken()))


def day(value: date) -> str:
    """A day as the reader's language writes it, the month in letters."""
    return str(format_date(value, "long", locale=spoken()))


def language_name(lang: str) -> str:
    """What the reader's language calls a language."""
    name = str(Locale(spoken()).languages.get(lang, lang))
    return name[:1].upper() + name[1:]


def own_name(lang: str) -> str:
    """What a language calls itself."""
    name = str(Locale(lang).languages[lang])
    return name[:1].upper() + name[1:]


@cache
def translations(lang: str) -> NullTranslations:
    """The messages of one language; a language without a file has none, and reads English."""
    path = LOCALE / f"{lang}.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang))
    compiled.seek(0)
    return GNUTranslations(compiled)
