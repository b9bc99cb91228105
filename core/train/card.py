"""The model card written beside the weights."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from core.train.pairs import Pair
    from core.train.shipped import Measured

SOURCES = {
    "icd-10-cm": ("ICD-10-CM tabular list (inclusion terms and includes notes)", "public domain, CDC/NCHS and CMS"),
    "icd-10-cm-index": ("ICD-10-CM external cause index", "public domain, CDC/NCHS"),
    "corpus": ("the corpus written for this project (`assets/corpora/`)", "MIT, this repository"),
    "codiesp": (
        "CodiEsp v4 (CLEF eHealth 2020), Miranda-Escalada et al., Barcelona Supercomputing Center",
        "CC BY 4.0",
    ),
    "disease-ontology": ("Disease Ontology names and synonyms with ICD-10-CM codes", "CC0 (the 2015 part CC BY 3.0)"),
    "wikidata": ("Wikidata labels and aliases with ICD-10 codes", "CC0"),
    "icd-9-cm-it": (
        "Italian ICD-9-CM titles (Ministero della Salute, 2007) through the General Equivalence Mappings",
        "mappings: public domain, CMS",
    ),
    "icpc-2": ("text-to-icpc2: Portuguese phrases on ICPC-2 rubrics", "Apache-2.0; ICPC-2 © WONCA"),
    "cim-10": ("CIM-10, ATIH", "ATIH, open licence"),
    "cid-10": ("CID-10, DATASUS", "DATASUS"),
    "icd-10-gm": ("ICD-10-GM 2025, BfArM", "BfArM, with attribution"),
    "hpo": (
        "Human Phenotype Ontology translations (babelon files) and French synonyms",
        "HPO licence: attribution, content unaltered",
    ),
}

EXPERIMENTS = ASSETS / "evaluation" / "experiments.tsv"
CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
language: [en, es, ca, it, pt, fr, de]
license: mit
---

# Clinicode n-gram bi-encoder

Maps clinical phrases in seven languages to unit vectors, so that the title of the right ICD-10-CM code is near. A text
is the weighted sum of the vectors of its words and their character n-grams ({shortest} to {longest} characters).

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer("assets/models/encoder")  # run where `core` can be imported

sentence-transformers 6 and later ask for `trust_remote_code=True`, because the module's class is `core.encode`'s.

Trained on {day} for {release}, on a CPU, with `clinicode train encoder --data DATA --out assets/models/encoder`
({versions}).

## Intended use

The first stage of Clinicode's search: finding ICD-10-CM codes for a short clinical phrase in one of seven languages,
for clinical coders who check each, and for those who build or study coding tools.

## Out of scope

Coding without a person who checks; decisions on diagnosis, treatment, triage or payment; other languages; whole notes
as one vector; likeness of texts that are not clinical.

## Languages

Written English, Spanish, Catalan, Italian, Portuguese (Portugal's and Brazil's), French and German. The model
is not told which country's usage a text is of. Figures by language stand under Measured, where there are any.

## Data

{pairs:,} pairs of a text with the English title of its code (or the English name of the same finding):

| source | pairs | licence and attribution |
| --- | --- | --- |
{sources}

None of the public data is part of the repository. CodiEsp test and the public evaluation set were not used in training.

## Recipe

In-batch softmax both ways, equal targets masked, Adam on the rows that a batch uses; wrong titles mined with the model
itself join the batch from the epochs named. {recipe}

## Measured

By the same recipe on a model that never saw CodiEsp dev, over the whole catalog, headers and leaves; the fusion weights
(`fusion.json`) were chosen on the first three rows, which are therefore development figures, not test figures.
ECE: expected calibration error of the first candidate's confidence.

| set | n | Hit@1 | R@5 | R@10 | MRR@10 | MAP@10 | ECE |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

## Tried

On a short recipe (four epochs), book, corpus and abbreviations indexed, the encoder alone:

| idea | expected | measured | kept |
| --- | --- | --- | --- |
{tried}

## Limits

Decision support, not a coder. It knows the spelling of words, not their order. Catalan was learned from the written
corpus alone; in Spanish the model follows the house style of CodiEsp's annotators.

## Ethical considerations

No patient's record was learned from: the sources are terminologies, examples written for this project, and CodiEsp's
published case reports. Patients' own words are found less reliably than clinicians', as the figures by style show;
whether errors fall harder on some groups of patients has not been measured, because no text says whom it is about.
Wrong codes skew statistics and payments, so that a code should come into a record by a person's decision alone.

## Licence

MIT, like the rest of the repository; the conditions of the sources stand beside them under Data.
"""


def _tried() -> list[list[str]]:
    """The experiments of ``assets/evaluation/experiments.tsv``: idea, expected, measured, kept."""
    lines = EXPERIMENTS.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


def write_card(
    folder: Path,
    release: str,
    pairs: Sequence[Pair],
    recipe: Mapping[str, object],
    measured: Sequence[Measured],
    versions: Mapping[str, str],
    day: date,
) -> None:
    """Write ``README.md`` into the model's folder."""
    counts = Counter(pair.source for pair in pairs)
    lines = [f"| {SOURCES[source][0]} | {count:,} | {SOURCES[source][1]} |" for source, count in counts.most_common()]
    rows = [
        f"| {row.name} | {row.queries} | "
        + " | ".join(f"{row.figures[name]:.3f}" for name in ("Hit@1", "R@5", "R@10", "MRR@10", "MAP@10"))
        + f" | {row.calibration_error:.3f} |"
        for row in measured
    ]
    text = CARD.format(
        shortest=recipe["shortest"],
        longest=recipe["longest"],
        day=day.isoformat(),
        release=release,
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
        pairs=len(pairs),
        sources="\n".join(lines),
        recipe=", ".join(f"{name} {value}" for name, value in recipe.items()) + ".",
        tried="\n".join(f"| {' | '.join(cells)} |" for cells in _tried()),
        rows="\n".join(rows) or "| not measured: CodiEsp dev was absent | | | | | | | |",
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
