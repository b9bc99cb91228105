"""The n-gram language classifier's training, on labelled clinical terms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save_file
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from core.language import LANGUAGES, ngrams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONGEST = 4


def train_language(texts: Sequence[str], langs: Sequence[str], folder: Path, size: int = 40_000) -> float:
    """Fit, save into `folder`, and return the accuracy on the tenth of the texts that was kept out.

    Parameters
    ----------
    texts, langs
        Terms and their language codes; classes are weighted to count alike.
    folder
        Where ``model.safetensors`` (fp16) and ``config.json`` go.
    size
        The most frequent n-grams kept.

    """
    order = np.random.default_rng(7).permutation(len(texts))
    held = len(order) // 10
    vectorizer = TfidfVectorizer(
        analyzer=lambda text: ngrams(text, LONGEST),
        max_features=size,
        min_df=3,
        use_idf=False,
        sublinear_tf=True,
        norm="l2",
    )
    labels = np.asarray([list(LANGUAGES).index(lang) for lang in langs])
    features = vectorizer.fit_transform(texts)
    model = LogisticRegression(C=20.0, class_weight="balanced", max_iter=200)
    model.fit(features[order[held:]], labels[order[held:]])
    accuracy = float(model.score(features[order[:held]], labels[order[:held]]))
    folder.mkdir(parents=True, exist_ok=True)
    weights = np.ascontiguousarray(model.coef_.T).astype(np.float16)
    save_file({"weights": weights, "bias": model.intercept_.astype(np.float32)}, folder / "model.safetensors")
    config = {"longest": LONGEST, "vocabulary": vectorizer.get_feature_names_out().tolist()}
    (folder / "config.json").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    return accuracy
