"""Each stage's score of one candidate, and its place there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explain.explanation import Stage, StageScore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.rerank.reranker import Ordered
    from core.retrieve.candidate import Scores


def stage_scores(
    code: str, scores: Mapping[str, Scores], ranked: Sequence[tuple[float, str]], order: Ordered | None
) -> tuple[StageScore, ...]:
    """What every stage makes of a code.

    Parameters
    ----------
    code
        The code; it need not be among the candidates.
    scores
        The scores of all candidates, and of the code.
    ranked
        The first stage's fused scores and codes, best first.
    order
        What the second stage made of them; None where there is none.

    """
    columns = {
        Stage.BOOK: {name: one.dense for name, one in scores.items()},
        Stage.WRITTEN: {name: one.written for name, one in scores.items()},
        Stage.LEXICAL: {name: one.lexical for name, one in scores.items()},
        Stage.MEMORY: {name: one.memory for name, one in scores.items()},
        Stage.FUSED: {name: score for score, name in ranked},
    }
    if order is not None:
        columns[Stage.RERANKED] = dict(zip(order.codes, order.scores, strict=True))
    result = []
    for stage, column in columns.items():
        final = stage in (Stage.FUSED, Stage.RERANKED)
        scored = column if final else {name: score for name, score in column.items() if score > 0}
        if code not in scored:
            result.append(StageScore(stage, 0.0, None, len(scored)))
        elif final:  # in the order in which they were put: equals have been told apart there
            result.append(StageScore(stage, scored[code], list(scored).index(code) + 1, len(scored)))
        else:
            rank = 1 + sum(score > scored[code] for score in scored.values())
            result.append(StageScore(stage, scored[code], rank, len(scored)))
    return tuple(result)
