"""XML that strangers wrote: read without entities, without anything from elsewhere, and not too deep."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from core.errors import ClinicodeError
from core.interface import _

DEEPEST = 60
MOST = 2_000_000
"""Elements: several times what the largest classification has."""
CHUNK = 2**16


class _Seen(Exception):  # noqa: N818  no error: it ends the reading
    """A document type (its argument is true), or the root without one before it."""


def parse(data: bytes) -> Element:
    """The root of a document.

    A document type may be named, since ClaML files name theirs, but it is not fetched and may declare nothing.

    Raises
    ------
    ClinicodeError
        If the text is no well-formed XML, or declares or uses entities of its own.
    """
    builder = TreeBuilder()
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEEPEST or count > MOST:
            message = _(
                "Its elements are too many or stand too deep in one another; give the file as it was published."
            )
            raise ClinicodeError(message)
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def document_type(_name: str, _system: str | None, _public: str | None, declares: bool) -> None:
        if declares:
            _refuse()

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = document_type
    parser.EntityDeclHandler = _refuse
    parser.SkippedEntityHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = _("It is no complete XML (line {lineno}: {code}); get the file again.").format(
            lineno=error.lineno, code=expat.ErrorString(error.code)
        )
        raise ClinicodeError(message) from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know, or of several bytes a character
        message = _("It is XML in an encoding that cannot be read; save it as UTF-8.")
        raise ClinicodeError(message) from error
    return builder.close()


def declares(data: bytes, *, strict: bool) -> bool:
    """Whether XML has a document type: whatever stands before it, and in whatever encoding it does.

    Of what is no XML, `strict` says whether that is a declaration too; then it has to be XML up to its root.
    """

    def root(*_about: object) -> None:
        raise _Seen(False)

    def document_type(*_about: object) -> None:
        raise _Seen(True)

    parser = expat.ParserCreate()
    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = document_type
    try:
        for at in range(0, max(1, len(data)), CHUNK):
            parser.Parse(data[at : at + CHUNK], at + CHUNK >= len(data))
    except _Seen as found:
        return bool(found.args[0])
    except (expat.ExpatError, ValueError, LookupError):
        return strict
    return strict


def words(element: Element) -> str:
    """All text in an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def _refuse(*_about: object) -> None:
    message = _("It declares or uses XML entities, which could reach outside it; give the file as it was published.")
    raise ClinicodeError(message)
