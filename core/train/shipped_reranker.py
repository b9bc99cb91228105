"""The reranker that ships: measured by one that never saw dev, then trained on everything, with a card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from core.catalog import load_catalog
from core.encode.load import load_encoder
from core.errors import ClinicodeError
from core.evaluate import codiesp
from core.evaluate.mentions import PUBLIC, read_mentions
from core.evaluate.metrics import draws, figure, per_query
from core.language import LANGUAGES
from core.partial import model_folder
from core.rerank.calibration import Calibration, Judged, expected_error, fit, risk
from core.rerank.cross import CrossScorer
from core.rerank.features import NAMES
from core.rerank.reranker import Reranker
from core.retrieve.fusion import Fusion
from core.retrieve.memory import Reviewed, TeamMemory
from core.retrieve.remembered import MemoryIndex
from core.settings import SHIPPED_ENCODER, measured_reranker
from core.threads import all_processors
from core.train.cross import CrossRecipe
from core.train.notes import mention_contexts
from core.train.pairs import check_data
from core.train.reranker import (
    CODIESP_WEIGHT,
    Lists,
    Settings,
    anchors_of,
    cross_fitted,
    cross_trained,
    first_stage,
    make_lists,
    remembered,
    reordered,
    train_trees,
)
from core.train.reranker_card import Line, write_card
from core.train.variants import Variant, open_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import lightgbm
    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.encode.words import Anchors
    from core.rerank.cross import CrossAttention

CALIBRATED_ON = 0.2
"""Part of the corpus's lists that is kept from the measured model, for its confidences."""
PUBLIC_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Held:
    """Lists that a model has not learned from, under the name that the card gives them."""

    name: str
    lists: Lists
    public: bool = False


@all_processors()
def train_shipped_reranker(out: Path, data: Path, seed: int, say: Callable[[str], None]) -> None:
    """Train and write the reranker's folder: trees, calibration, model card.

    Parameters
    ----------
    out
        The folder; made if absent.
    data
        The public tables.
    seed
        Fixes everything random.
    say
        Gets a line on each step.

    Raises
    ------
    ClinicodeError
        If the data are not there.
    """
    check_data(data)
    if not (data / "codiesp" / "train").is_dir():
        message = f"There is no CodiEsp under {data}; the reranker learns its candidates' mistakes from it."
        raise ClinicodeError(message)
    catalog, settings = load_catalog("icd-10-cm"), Settings(seed=seed)
    fusion = Fusion.load(SHIPPED_ENCODER)
    encoder = load_encoder(str(SHIPPED_ENCODER))
    stage = first_stage(catalog, encoder, fusion, lambda _text: False)
    anchors = anchors_of(encoder, stage)
    folds = cross_fitted(catalog, data, fusion, anchors, say)
    network = cross_trained(folds, CrossRecipe(seed=seed), say)
    crossed = Lists()
    for lists, _ in folds:
        crossed.extend(lists)
    say(f"{len(crossed.rows):,} lists; now dev and the public mentions, by an encoder that saw neither")
    held = held_out(catalog, data, fusion, network, anchors)
    write_reranker(out, catalog, crossed, held, CrossScorer.over(network, anchors, stage), settings, say)


def write_reranker(
    out: Path,
    catalog: Catalog,
    crossed: Lists,
    held: Sequence[Held],
    cross: CrossScorer,
    settings: Settings,
    say: Callable[[str], None],
) -> None:
    """Measure on the held-out lists what the others teach, then learn from all and write the folder."""
    stage = cross.words.retriever
    kept, learned = _split(crossed, settings.seed)
    say("training the model that is measured")
    trees = train_trees(learned, settings)
    calibration = calibrate(trees, kept, held)
    halves = [calibrate(trees, kept, held, half) for half in (0, 1)]
    with model_folder(measured_reranker()) as folder:
        Reranker(trees, calibration, stage, cross).save(folder)
    lines = [line for one in held for line in measure(trees, halves, one)]
    for line in lines:
        say(line.text())
    say("training on everything")
    for one in held:
        if not one.public:
            crossed.extend(one.lists)
    final = train_trees(crossed, settings)
    versions = {name: metadata.version(name) for name in ("lightgbm", "simple-icd-10-cm")}
    with model_folder(out) as folder:
        Reranker(final, calibration, stage, cross).save(folder)
        write_card(
            folder,
            catalog.label,
            len(crossed.rows),
            asdict(settings),
            lines,
            gains(final),
            calibration.abstain,
            versions,
            datetime.now(UTC).date(),
        )
    say(f"written to {out}")


def held_out(catalog: Catalog, data: Path, fusion: Fusion, network: CrossAttention, anchors: Anchors) -> list[Held]:
    """CodiEsp dev with nothing remembered, with train, and so in its sentences; the public mentions.

    The encoder saw train alone.
    """
    folder = data / "codiesp"
    encoder, _ = open_variant(Variant(("train",)), catalog, data)
    stage = first_stage(catalog, encoder, fusion)
    cross = CrossScorer.over(network, anchors, stage)
    pairs = codiesp.reviewed_pairs(folder, "train", catalog)
    memory = remembered(stage, TeamMemory.of(Reviewed(text, code, "es") for text, code in pairs))
    nothing = MemoryIndex([], encoder)
    dev = codiesp.read_mentions(folder, "dev", catalog)
    around = mention_contexts(folder, "dev")
    public = read_mentions(PUBLIC, catalog)
    return [
        Held("CodiEsp dev mentions, nothing remembered", make_lists(stage, dev, nothing, CODIESP_WEIGHT, cross=cross)),
        Held("CodiEsp dev mentions, train remembered", make_lists(stage, dev, memory, CODIESP_WEIGHT, cross=cross)),
        Held(
            "the same, with the sentence that each first stands in",
            make_lists(stage, dev, memory, CODIESP_WEIGHT, cross=cross, contexts=around),
        ),
        Held(
            "public mentions in seven languages, nothing remembered",
            make_lists(stage, public, nothing, 1.0, cross=cross),
            public=True,
        ),
    ]


def _split(lists: Lists, seed: int) -> tuple[Lists, Lists]:
    """A part of the corpus's lists kept out, the rest to learn from."""
    generator = np.random.default_rng(seed)
    keep = [bool(query.tags) and generator.random() < CALIBRATED_ON for query in lists.queries]
    return lists.take([at for at, kept in enumerate(keep) if kept]), lists.take(
        [at for at, kept in enumerate(keep) if not kept]
    )


def judged(trees: lightgbm.Booster, lists: Lists) -> list[Judged]:
    """Each list in the trees' order, with what is right in it."""
    return [
        (scores, rows, np.asarray([code in query.codes for code in codes], bool))
        for query, codes, scores, rows in reordered(trees, lists)
    ]


def calibrate(trees: lightgbm.Booster, kept: Lists, held: Sequence[Held], half: int | None = None) -> Calibration:
    """Fit confidences on lists that the trees have not learned from: the corpus's, CodiEsp dev's, the public mentions'.

    Each set counts alike, the public mentions `PUBLIC_WEIGHT` times: they alone say all codes that are right. With
    `half`, 0 or 1, every second query of the held-out sets is left out, to be measured by it.
    """
    sets = [(judged(trees, kept), 1.0)]
    for one in held:
        lists = judged(trees, one.lists)
        sets.append((lists if half is None else lists[half::2], PUBLIC_WEIGHT if one.public else 1.0))
    given = [one for lists, _ in sets for one in lists if len(one[0])]
    weights = [weight / len(lists) for lists, weight in sets for one in lists if len(one[0])]
    return fit(given, weights)


def measure(trees: lightgbm.Booster, halves: Sequence[Calibration], held: Held) -> Iterable[Line]:
    """The first stage beside the reranker on held-out lists: all, those not in the memory, languages and styles.

    The confidences of each half of the queries come from the calibration that was fitted on the other half.
    """
    answers = list(reordered(trees, held.lists))
    queries = [query for query, _, _, _ in answers]
    before = per_query(queries, held.lists.codes)
    after = per_query(queries, [codes for _, codes, _, _ in answers])
    said = [calibration.confidences([(scores, rows) for _, _, scores, rows in answers]) for calibration in halves]
    confidences = np.asarray(
        [float(said[1 - at % 2][at][0]) if len(said[0][at]) else 0.0 for at in range(len(answers))]
    )
    right = np.asarray([bool(codes) and codes[0] in query.codes for query, codes, _, _ in answers])

    def line(name: str, chosen: Sequence[int]) -> Line:
        own, truth = confidences[list(chosen)], right[list(chosen)]
        return Line(
            name,
            len(chosen),
            {one: figure([before[one][at] for at in chosen]) for one in Line.MEASURES},
            {one: figure([after[one][at] for at in chosen]) for one in Line.MEASURES},
            _lift([after["Hit@1"][at] - before["Hit@1"][at] for at in chosen]),
            expected_error(own, truth),
            tuple(risk(own, truth, part) for part in Line.COVERAGES),
        )

    yield line(held.name, range(len(queries)))
    share = NAMES.index("share")
    seen = [bool(len(rows)) and rows[:, share].max() > 0 for rows in held.lists.rows]
    if any(seen):
        yield line("— not in the memory", [at for at, was in enumerate(seen) if not was])
    if held.public:
        for name, values in (("lang", LANGUAGES), ("style", dict.fromkeys(dict(q.tags)["style"] for q in queries))):
            for value in values:
                chosen = [at for at, query in enumerate(queries) if dict(query.tags).get(name) == value]
                yield line(f"— {value}", chosen)


def _lift(differences: Sequence[float]) -> tuple[float, float]:
    """The bootstrap 95 % interval of a mean difference."""
    sample = np.asarray(differences)
    low, high = np.percentile(sample[draws(len(sample))].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def gains(trees: lightgbm.Booster, most: int = 15) -> list[tuple[str, float]]:
    """The features that the trees owe most to, with their part of the whole gain."""
    gain: NDArray[np.float64] = np.asarray(trees.feature_importance("gain"), np.float64)
    order = np.argsort(-gain)[:most]
    return [(NAMES[at], float(gain[at] / gain.sum())) for at in order]
