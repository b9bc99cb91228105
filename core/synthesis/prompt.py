"""What the language model is asked: a prompt file filled with a code's place in the hierarchy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.language import LANGUAGES
from core.settings import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalog import Catalog

EXAMPLES = ASSETS / "prompts" / "examples.md"
SIBLINGS = 20


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request: the text that is sent, for which code and language; `digest` names it for ever."""

    code: str
    lang: str
    text: str

    @property
    def digest(self) -> str:
        """Hash of what is sent: the same prompt is never paid for twice."""
        return hashlib.sha256(f"{self.lang}\n{self.text}".encode()).hexdigest()[:24]


def fill(catalog: Catalog, code: str, lang: str, count: int, file: Path = EXAMPLES) -> Prompt:
    """The prompt for `count` examples of a code in a language.

    Raises
    ------
    ClinicodeError
        If the code or the language does not exist, or the prompt file names something unknown.
    """
    if lang not in LANGUAGES:
        message = f"Language {lang!r} is not known; choose one of {', '.join(LANGUAGES)}."
        raise ClinicodeError(message)
    found = catalog.find(code)
    neighbours = [*catalog.siblings(found.code), *(catalog[child] for child in found.children)]
    notes = [f"{heading}: {'; '.join(lines)}" for heading, lines in found.notes.printed()]
    try:
        text = Template(file.read_text(encoding="utf-8")).substitute(
            language=LANGUAGES[lang],
            code=found.code,
            title=found.title,
            path=" > ".join(f"{above.code} {above.title}" for above in catalog.ancestors(found.code)),
            terms="; ".join(found.inclusion_terms) or "none",
            notes=" | ".join(notes) or "nothing more",
            siblings="\n".join(f"- {other.code}  {other.title}" for other in neighbours[:SIBLINGS]) or "- none",
            count=count,
        )
    except (KeyError, ValueError, OSError) as error:
        message = f"The prompt file {file} cannot be used ({error})."
        raise ClinicodeError(message) from error
    return Prompt(found.code, lang, text)
