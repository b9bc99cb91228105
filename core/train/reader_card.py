"""The note reader's model card."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CARD = """---
library_name: pytorch
language: [en, es, ca, it, pt, fr, de]
license: mit
---

# Clinicode note reader

Finds the passages of a clinical note that name a diagnosis, sign or symptom, and ranks the note's codes: a two-layer
bidirectional GRU over the encoder's word vectors tags words, gradient-boosted trees decide which spans are mentions
(tagger, nearness to titles, written terms and the team memory), others how likely a coder is to give each code.

{trained}

## Intended use

Marking the passages of a clinical note that a coder should look at, and a first list of the note's codes to start
from, for clinical coders who read the note themselves.

## Out of scope

Reading a note in a coder's stead; decisions on diagnosis, treatment, triage or payment; finding what a note does not
say; taking names and other personal data out of a note; other languages; text that is not a clinical note.

## Languages

Written English, Spanish, Catalan, Italian, Portuguese (Portugal's and Brazil's), French and German. The model
is not told which country's usage a text is of. Figures by language stand under Measured, where there are any.

## Data

The tagger: CodiEsp v4's train and dev cases (CC BY 4.0, Miranda-Escalada et al., Barcelona Supercomputing Center) and
notes put together from the frames and lists under `assets/notes/`, the signs of `assets/lexicon/signs.tsv`, the
corpus under `assets/corpora/` (MIT, this repository) and plain names of diseases and phenotypes from the code book and
the public tables of [the encoder's card](../encoder/README.md), one diagnosis in seven with a side, in seven languages.
It learns in the space of the encoder that ships. Span trees and ranking: CodiEsp dev, read by
a tagger that saw train alone, and other such notes. CodiEsp test and the public notes (`assets/evaluation/notes.jsonl`)
were not learned from; the score from which a span is a mention was chosen on these.

Recipe of the tagger: {recipe}.

## Measured

By encoder, tagger and reranker that never saw CodiEsp dev; each half of dev by trees that learned from the other half
{before}:

{ranking}

The public notes, ten a language, nothing remembered (shares of annotated passages found, and of those found); as it
ships: `clinicode evaluate --dataset notes --path assets/evaluation/notes.jsonl`:

```
{public}
```

## Limits

Decision support, not a coder. Statuses come from cue lists, not from this model. What a note denies is never listed,
though CodiEsp's annotators often gave its code: that costs recall in the figures above.

## Ethical considerations

No patient's record was learned from: the notes are CodiEsp's published case reports and texts put together from
invented parts. What is missed is not shown, so that a reader who trusts the marks alone misses it too. A hospital's
notes may be written otherwise. Whether errors fall harder on some groups of patients has not been measured.

## Licence

MIT, like the rest of the repository; CodiEsp is CC BY 4.0, and the encoder's sources are named in [its
card](../encoder/README.md).
"""


TRAINED = "Trained on {day} for {release} with `clinicode train reader --data DATA --out assets/models/reader`."
ANEW = """Its tagger was trained on {day} for {release}, after the span trees and the ranking, with
`clinicode train tagger --data DATA --out assets/models/reader`."""


def write_card(
    out: Path,
    release: str,
    recipe: Mapping[str, object],
    ranking: Sequence[str],
    public: Sequence[str],
    *,
    anew: bool = False,
) -> None:
    """Fill the card in and put it beside the weights; `anew`: the tagger alone was trained."""
    text = CARD.format(
        trained=(ANEW if anew else TRAINED).format(day=datetime.now(UTC).date(), release=release),
        before="(with the tagger before this one, which did not know sides and plain names)"
        if anew
        else "(as trained)",
        recipe=", ".join(f"{name} {value}" for name, value in recipe.items()),
        ranking="\n".join(f"- {line}" for line in ranking),
        public="\n".join(public),
    )
    (out / "README.md").write_text(text, encoding="utf-8")
