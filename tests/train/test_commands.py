import json

import pytest

from core.errors import ClinicodeError
from core.retrieve.fusion import Fusion
from core.train.encoder import Recipe
from core.train.language import train_language
from core.train.reader import train_reader_tagger
from core.train.shipped import train_shipped_encoder


def test_an_encoder_is_trained_without_public_data_and_loads(tmp_path, monkeypatch):
    from core.encode.load import load_encoder
    from core.train import shipped

    monkeypatch.setattr(shipped, "FULL", Recipe(dimensions=8, vocabulary=2000, epochs=1, batch=512))
    said = []
    train_shipped_encoder(tmp_path / "model", None, (), None, 7, said.append)
    encoder = load_encoder(str(tmp_path / "model"))
    assert encoder.encode(["fever"]).shape == (1, 8)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "not measured" in card
    assert "ICD-10-CM April 2026" in card
    assert Fusion.load(tmp_path / "model") == Fusion()
    assert said[-1].startswith("written to")


def test_a_data_folder_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(ClinicodeError, match="There is no folder"):
        train_shipped_encoder(tmp_path / "model", tmp_path / "nothing", (), 1, 7, print)


def test_the_tagger_learns_from_codiesp_or_not_at_all(tmp_path):
    with pytest.raises(ClinicodeError, match="learns from CodiEsp"):
        train_reader_tagger(tmp_path / "model", tmp_path, 7, print)
    assert not (tmp_path / "model").exists()


def test_damaged_fusion_weights_are_a_clear_error(tmp_path):
    (tmp_path / "fusion.json").write_text('{"memory": "a lot"}')
    with pytest.raises(ClinicodeError, match=r"fusion\.json"):
        Fusion.load(tmp_path)
    (tmp_path / "fusion.json").write_text(json.dumps({"unheard": 1}))
    with pytest.raises(ClinicodeError, match=r"fusion\.json"):
        Fusion.load(tmp_path)


def test_a_language_model_learns_spelling(tmp_path):
    from core.language import LANGUAGES, NgramLanguageModel, read_words

    labelled = [(word, lang) for lang in LANGUAGES for word in read_words(lang)]
    accuracy = train_language([word for word, _ in labelled], [lang for _, lang in labelled], tmp_path)
    assert accuracy > 0.5
    model = NgramLanguageModel.load(tmp_path)
    for word, lang in (("schmerzen", "de"), ("coração", "pt"), ("malaltia", "ca")):
        assert list(LANGUAGES)[model.log_probabilities(word).argmax()] == lang
