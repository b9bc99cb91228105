"""The reranker's model card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from core.rerank.features import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from core.evaluate.metrics import Figure

CARD = """---
library_name: lightgbm
language: [en, es, ca, it, pt, fr, de]
license: mit
---

# Clinicode reranker

Puts the first 40 candidates of the first stage in their final order: LambdaMART (Burges, 2010) over {features} features
of text and candidate ({groups}), and a calibrated probability for each. Three of the features
come from a small cross-attention over the encoder's word vectors (two pre-norm layers, width 128, four heads; [mark]
text | title | matched term | what only the parent's title says; each word also knows its best likeness among the words
around the text in its sentence), trained in two rounds with a listwise softmax on the same candidates and on hard
negatives by kind; in the second round two lists in five are in its own order: its mistakes are what it learns from. In
training, a list's score comes from a network that did not see the list. Codes whose titles say a quality that the text
denies, or deny one that it says (`assets/lexicon/opposites.tsv`: a nonalcoholic fatty liver is not K70.0), go last.

Trained on {day} for {release} with `clinicode train reranker --data DATA --out assets/models/reranker` ({versions}).

## Intended use

The second stage of Clinicode's search: ordering the codes that the first stage found for a clinical phrase, with the
chance that a coder would give each, for clinical coders who check them.

## Out of scope

Coding without a person who checks; decisions on diagnosis, treatment, triage or payment; other languages; candidates
of another first stage or of another code system, for which neither order nor chances were fitted.

## Languages

Written English, Spanish, Catalan, Italian, Portuguese (Portugal's and Brazil's), French and German. The model
is not told which country's usage a text is of. Figures by language stand under Measured, where there are any.

## Data

{lists:,} candidate lists: every text of the corpus written for this project (`assets/corpora/`, MIT), and CodiEsp v4's
train and dev mentions (CC BY 4.0, Miranda-Escalada et al., Barcelona Supercomputing Center) with nothing remembered,
with the others, and so within the sentence that each first stands in. The candidates of a text come from an encoder, an
index and a memory that never saw it (two folds).
CodiEsp test and the public evaluation set were not used in training.

## Recipe

{recipe}

What the trees owe most to (part of the whole gain): {gains}.

## Measured

By the same recipe without CodiEsp dev, the candidates from an encoder that never saw dev: first stage → reranked. Lift:
95 % interval of the difference in Hit@1. ECE: expected calibration error of the first candidate's confidence, ten bins;
the confidences were fitted on held-out corpus lists, on dev and on the public mentions; here those of each half of the
queries come from a fit without that half.

| set | n | Hit@1 | lift | MRR@10 | R@5 | MAP@10 | ECE | wrong at 100, 90, 80, 70 % coverage |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

The last column is the risk-coverage curve: the share of wrong first answers among the most confident part. Under a
confidence of {abstain:.2f} no code is called confident, which withholds 5 % of the right first answers.

## Limits

Decision support, not a coder. In Spanish it follows the house style of CodiEsp's annotators.

## Ethical considerations

No patient's record was learned from: the lists come from examples written for this project and from CodiEsp's
published case reports. A confidence looks exact and is not: it holds on the sets it was measured on, and another
hospital's texts may differ. Whether errors fall harder on some groups of patients has not been measured, because no
text says whom it is about.

## Licence

MIT, like the rest of the repository; CodiEsp is CC BY 4.0, and the encoder's sources are named in [its
card](../encoder/README.md).
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the card: the first stage, the reranker, the interval of the difference in Hit@1."""

    MEASURES: ClassVar = ("Hit@1", "MRR@10", "R@5", "MAP@10")
    COVERAGES: ClassVar = (1.0, 0.9, 0.8, 0.7)

    name: str
    queries: int
    before: Mapping[str, Figure]
    after: Mapping[str, Figure]
    lift: tuple[float, float]
    error: float
    risks: tuple[float, ...]

    def cells(self) -> list[str]:
        """Its cells in the table."""
        pairs = [f"{self.before[name].value:.3f} → {self.after[name].value:.3f}" for name in self.MEASURES]
        interval = f"[{self.lift[0]:+.3f}, {self.lift[1]:+.3f}]"
        return [
            self.name,
            str(self.queries),
            pairs[0],
            interval,
            *pairs[1:],
            f"{self.error:.3f}",
            ", ".join(f"{one:.3f}" for one in self.risks),
        ]

    def text(self) -> str:
        """The row for a terminal."""
        return "  ".join(self.cells())


def write_card(
    folder: Path,
    release: str,
    lists: int,
    recipe: Mapping[str, object],
    lines: Sequence[Line],
    gains: Sequence[tuple[str, float]],
    abstain: float,
    versions: Mapping[str, str],
    day: date,
) -> None:
    """Write ``README.md`` into the model's folder."""
    text = CARD.format(
        features=len(NAMES),
        groups="stage scores and gaps, the code's place, word alignment, qualifiers",
        day=day.isoformat(),
        release=release,
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
        lists=lists,
        recipe=", ".join(f"{name} {value}" for name, value in recipe.items()) + ".",
        gains=", ".join(f"{name} {part:.0%}" for name, part in gains),
        abstain=abstain,
        rows="\n".join("| " + " | ".join(line.cells()) + " |" for line in lines),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
