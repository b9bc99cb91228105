"""Many files as one: what a folder holds; zip files are :mod:`core.archives`'."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.archives import FILES, UNPACKED, unpacked
from core.errors import ClinicodeError
from core.interface import _, number

if TYPE_CHECKING:
    from pathlib import Path


def unzipped(name: str, data: bytes, most: int = UNPACKED) -> dict[str, bytes]:
    """The files of a zip file by their paths in it; hidden ones are left out.

    Raises
    ------
    ClinicodeError
        If it is one of those that :mod:`core.archives` refuses.
    """
    return dict(unpacked(name, data, most, lambda path: not hidden(path)))


def hidden(path: str) -> bool:
    """Whether a file or one of its folders is hidden, or is what macOS adds."""
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(path).parts)


def inside(folder: Path) -> list[Path]:
    """The files of a folder and of those in it, by their paths; hidden ones are left out.

    Raises
    ------
    ClinicodeError
        If it is no folder, or holds too much.
    """
    try:
        if not folder.is_dir():
            message = _("There is no folder {folder} on this machine.").format(folder=folder)
            raise ClinicodeError(message)
        found, size = [], 0
        for path in folder.rglob("*"):
            if path.is_symlink() or not path.is_file() or hidden(path.relative_to(folder).as_posix()):
                continue
            found.append(path)
            size += path.stat().st_size
            if len(found) > FILES or size > UNPACKED:
                message = _("{folder} holds more than {unpacked:.0f} MB or {files} files; name one in it.").format(
                    folder=folder, unpacked=UNPACKED / 1000000.0, files=number(FILES)
                )
                raise ClinicodeError(message)
    except (OSError, ValueError) as error:
        message = _("The folder {folder} cannot be read.").format(folder=folder)
        raise ClinicodeError(message) from error
    return sorted(found)
