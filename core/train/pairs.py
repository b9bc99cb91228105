"""Supervision for the bi-encoder: what people call a thing, beside the English title of its code."""

from __future__ import annotations

import csv
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ClinicodeError
from core.evaluate.codiesp import read_mentions
from core.synthesis.corpus import CORPORA, read_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from core.catalog import Catalog

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts of one meaning: `text` as somebody writes it, `target` in English (a title where there is a code)."""

    text: str
    target: str
    lang: str
    source: str


def collect(
    catalog: Catalog,
    data: Path | None,
    codiesp_splits: Iterable[str] = ("train", "dev"),
    corpora: Path | None = CORPORA,
) -> list[Pair]:
    """All pairs from the catalog and from the public tables under `data`, in a fixed order, without doubles.

    Parameters
    ----------
    catalog
        Gives titles and inclusion terms, and decides which codes exist.
    data
        Folder with ``terms``, ``parallel``, ``national`` and ``codiesp``; absent files are reported and skipped.
    codiesp_splits
        Which CodiEsp splits to train on; leave ``dev`` out to measure on it, or both to do without CodiEsp.
    corpora
        Folder of the written corpus; None to train without it.

    """
    sources: list[Iterator[Pair]] = [inclusion_terms(catalog)]
    if corpora is not None:
        sources.append(written(corpora, catalog))
    if data is not None:
        check_data(data)
        sources += [_existing(path, reader, catalog) for path, reader in _readers(data)]
        sources += [codiesp(data / "codiesp", split, catalog) for split in codiesp_splits]
    pairs: dict[tuple[str, str], Pair] = {}
    for source in sources:
        for pair in source:
            if 2 <= len(pair.text) <= 300 and pair.text.lower() != pair.target.lower():
                pairs.setdefault((pair.text.lower(), pair.target), pair)
    return list(pairs.values())


def check_data(data: Path | None) -> None:
    """Refuse a folder of public tables that is not there; None is no folder and no error.

    Raises
    ------
    ClinicodeError
        If it is not a folder.
    """
    if data is not None and not data.is_dir():
        message = f"There is no folder {data}; give the one that holds terms, parallel, national and codiesp."
        raise ClinicodeError(message)


def inclusion_terms(catalog: Catalog) -> Iterator[Pair]:
    """The book's own other names of a code, and what a header's "includes" note lists."""
    for code in catalog:
        for term in (*code.inclusion_terms, *code.notes.includes):
            yield Pair(term, code.title, "en", "icd-10-cm")


def written(folder: Path, catalog: Catalog) -> Iterator[Pair]:
    """The corpus written for this project, each text with the title of its best code."""
    for example in read_corpus(folder):
        yield Pair(example.text, catalog.title(example.code), example.lang, "corpus")


def codiesp(folder: Path, split: str, catalog: Catalog) -> Iterator[Pair]:
    """Diagnosis mentions of CodiEsp as annotated, retired codes left out (the reader reports them)."""
    for mention in read_mentions(folder, split, catalog):
        for group in mention.groups:
            if group:
                yield Pair(mention.text, catalog.title(min(group, key=len)), "es", "codiesp")


def _readers(data: Path) -> list[tuple[Path, Callable[[Path, Catalog], Iterator[Pair]]]]:
    terms, national, parallel = data / "terms", data / "national", data / "parallel"
    return [
        (terms / "do_en_terms_icd10cm.tsv", _disease_ontology),
        (terms / "do_es_terms_icd10cm.tsv", _disease_ontology),
        (terms / "wikidata_es_icd10.tsv", _wikidata),
        (terms / "it_terms_icd10cm_via_gem.tsv", _italian),
        (terms / "pt_terms_icpc2_icd10set.tsv", _icpc2),
        (terms / "eindex_terms_en.tsv", _external_causes),
        (national / "LIBCIM10MULTI_saufch20.TXT", _cim10),
        (national / "CID-10-CATEGORIAS.CSV", _cid10),
        (national / "CID-10-SUBCATEGORIAS.CSV", _cid10),
        (national / "icd10gm_2025_rubrics.tsv", _icd10gm),
        *((parallel / f"hp-{lang}.babelon.tsv", _phenotypes) for lang in ("es", "fr", "pt", "it", "de")),
        (parallel / "hp-fr.synonyms.tsv", _phenotype_synonyms),
    ]


def _existing(path: Path, reader: Callable[[Path, Catalog], Iterator[Pair]], catalog: Catalog) -> Iterator[Pair]:
    if path.exists():
        yield from reader(path, catalog)
    else:
        logger.warning("%s is absent: trained without it.", path)


def _rows(
    path: Path, encoding: str = "utf-8", delimiter: str = "\t", names: list[str] | None = None
) -> Iterator[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        for row in csv.DictReader(file, fieldnames=names, delimiter=delimiter, quoting=csv.QUOTE_NONE):
            yield {
                key: (value or "").strip()
                for key, value in row.items()
                if isinstance(key, str) and not isinstance(value, list)
            }


def _titled(text: str, codes: Iterable[str], lang: str, source: str, catalog: Catalog) -> Iterator[Pair]:
    for code in codes:
        dotted = catalog.dotted(code)
        if text and dotted in catalog:
            yield Pair(text, catalog.title(dotted), lang, source)


def _disease_ontology(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        lang = "es" if "es" in row else "en"
        text = row[lang]
        codes = row["icd10cm"].split("|")
        yield from _titled(text, codes[:1] if len(codes) > 3 else codes, lang, "disease-ontology", catalog)
        if lang == "es" and row["en"]:
            yield Pair(text, row["en"], lang, "disease-ontology")


def _wikidata(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        codes = re.findall(r"[A-Z]\d{2}(?:\.\d)?", row["icd10"])
        for text in (row["label_es"], *row["aliases_es"].split(", ")):
            yield from _titled(text, codes[:1], "es", "wikidata", catalog)


def _italian(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        if row["gem"] == "exact" or row["n_targets"] in ("1", "2"):
            yield from _titled(row["term_it"], row["icd10cm"].split("|")[:2], "it", "icd-9-cm-it", catalog)


def _icpc2(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        codes = row["icd10_candidates"].split("|")
        if len(codes) <= 3:
            yield from _titled(row["text_pt"], codes, "pt", "icpc-2", catalog)


def _external_causes(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        text = re.sub(r"\([^)]*\)", " ", row["term"]).replace(" NEC", "")
        yield from _titled(" ".join(text.split()), [row["code"]], "en", "icd-10-cm-index", catalog)


def _cim10(path: Path, catalog: Catalog) -> Iterator[Pair]:
    names = ["code", "type", "profile", "short_type", "short", "long"]
    for row in _rows(path, delimiter="|", names=names):
        if "+" not in row["code"]:
            yield from _titled(re.sub(r" \([A-Z]\d\d[^)]*\)", "", row["long"]), [row["code"]], "fr", "cim-10", catalog)


def _cid10(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path, encoding="iso-8859-1", delimiter=";"):
        yield from _titled(row["DESCRICAO"], [row.get("SUBCAT") or row.get("CAT") or ""], "pt", "cid-10", catalog)


def _icd10gm(path: Path, catalog: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        if row["kind"] != "category":
            continue
        texts = [row["title_de"], *re.split(r"\s*[;|]\s*", row["inclusion_de"])]
        for text in texts:
            yield from _titled(text, [row["code"]], "de", "icd-10-gm", catalog)


def _phenotypes(path: Path, _: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        if row["predicate_id"] == "rdfs:label" and row["translation_value"] and row["source_value"]:
            yield Pair(row["translation_value"], row["source_value"], row["translation_language"], "hpo")


def _phenotype_synonyms(path: Path, _: Catalog) -> Iterator[Pair]:
    for row in _rows(path):
        lang = "en" if row["Status"] == "NOT_TRANSLATED" else "fr"
        if label := re.search(r"synonyms of HP:\d+ \((.+?)\)\s*(?:;|$)", row["comment"]):
            for text in row["translation_value"].split("|"):
                yield Pair(text.strip(), label[1], lang, "hpo")
