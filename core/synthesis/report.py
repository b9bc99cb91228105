"""All checks of the corpus in one go, and the tables that say what it covers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.catalog import Catalog, load_catalog
from core.errors import ClinicodeError
from core.evaluate import codiesp, mentions
from core.language import LANGUAGES, LanguageDetector
from core.synthesis.check import (
    Coverage,
    Finding,
    check_language,
    check_meaning,
    check_texts,
    coverage,
)
from core.synthesis.corpus import STYLES, read_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.coder import Coder


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What the checks found, and the coverage; `kept` says with which texts the corpus was compared for leakage."""

    findings: tuple[Finding, ...]
    coverage: Coverage
    kept: tuple[tuple[str, int], ...]
    catalog: Catalog

    @property
    def errors(self) -> int:
        """How many findings keep the corpus out."""
        return sum(finding.level == "error" for finding in self.findings)


def check_everything(corpora: Path, data: Path | None, coder: Callable[[], Coder] | None = None) -> CorpusReport:
    """Run every check.

    Parameters
    ----------
    corpora
        Folder of ``LANG/CHAPTER.tsv``.
    data
        Folder of the public tables, whose CodiEsp texts must not be in the corpus; None to compare with what the
        repository ships alone.
    coder
        Gives the loaded product, for the check of meaning; None to leave it out.

    Raises
    ------
    ClinicodeError
        If there is no corpus, a line has not its columns, or the data are not where they were said to be.
    """
    catalog = load_catalog("icd-10-cm")
    examples = list(read_corpus(corpora))
    if not examples:
        message = f"There are no LANG/CHAPTER.tsv files with examples under {corpora}."
        raise ClinicodeError(message)
    kept = texts_to_keep_out(catalog, data)
    findings = [
        *check_texts(examples, catalog, kept),
        *check_language(examples, LanguageDetector()),
    ]
    if coder is not None:
        findings += check_meaning(examples, coder().retriever)
    sizes = tuple((name, len(texts)) for name, texts in kept.items())
    return CorpusReport(tuple(findings), coverage(examples, catalog), sizes, catalog)


def texts_to_keep_out(catalog: Catalog, data: Path | None) -> dict[str, list[str]]:
    """What must not be in the corpus: every evaluation text that ships and, where the data are there, CodiEsp's."""
    kept = {"the public evaluation set": [query.text for query in mentions.read_mentions(mentions.PUBLIC, catalog)]}
    for split in ("train", "dev") if data is not None else ():
        texts = codiesp.read_mentions(Path(data or "") / "codiesp", split, catalog)
        kept[f"CodiEsp {split}"] = [query.text for query in texts]
    return kept


def coverage_lines(report: CorpusReport) -> Iterator[str]:
    """The tables, as text."""
    covered = report.coverage
    yield (
        f"{covered.examples:,} examples, {covered.codes:,} codes, {covered.categories:,} three-character categories "
        f"({report.catalog.label})"
    )
    langs = list(LANGUAGES)
    yield f"{'':<14}" + "".join(f"{lang:>8}" for lang in langs) + f"{'all':>9}"
    yield f"{'all':<14}" + "".join(f"{covered.by_lang.get(lang, 0):>8}" for lang in langs) + f"{covered.examples:>9}"
    for style in STYLES:
        counts = [covered.by_style.get((style, lang), 0) for lang in langs]
        yield f"{style:<14}" + "".join(f"{count:>8}" for count in counts) + f"{sum(counts):>9}"
    for chapter in report.catalog.chapters():
        counts = [covered.by_chapter.get((chapter.code, lang), 0) for lang in langs]
        yield f"chapter {chapter.code:<6}" + "".join(f"{count:>8}" for count in counts) + f"{sum(counts):>9}"
    kinds = Counter((finding.level, finding.kind) for finding in report.findings)
    for (level, kind), count in sorted(kinds.items()):
        yield f"{level}: {kind}: {count}"
    yield "compared for leakage with " + ", ".join(f"{count:,} texts of {name}" for name, count in report.kept)
    yield f"{report.errors} errors"
