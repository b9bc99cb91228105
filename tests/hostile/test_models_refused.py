"""Models are safetensors and plain settings: code, pickles and modules of other names are refused, and used nowhere."""

import ast
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from core.encode.load import load_encoder
from core.encode.weights import OURS, check_weights
from core.errors import ClinicodeError
from core.rerank.reranker import Reranker
from core.settings import SHIPPED_ENCODER, SHIPPED_READER, SHIPPED_RERANKER

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = "sentence_transformers.sentence_transformer.modules"
MARK = "clinicode-ran"


class Attack:
    """What a pickle may do: here it leaves a file behind."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return Path.touch, (self.place,)


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "model"
    shutil.copytree(SHIPPED_ENCODER, made)
    (made / "SHA256SUMS").unlink(missing_ok=True)
    return made


def listed(folder: Path, *types: str) -> None:
    rows = [{"idx": at, "name": str(at), "path": f"{at}_x" if at else "", "type": one} for at, one in enumerate(types)]
    (folder / "modules.json").write_text(json.dumps(rows), encoding="utf-8")


def static(folder: Path) -> None:
    """A small model of the library's own modules, saved by it."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "heart": 1}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = Whitespace()
    module = StaticEmbedding(tokenizer, embedding_weights=np.eye(2, 4, dtype=np.float32))
    SentenceTransformer(modules=[module]).save(str(folder))


@pytest.mark.parametrize("name", ["modeling.py", "1_Pooling/modeling.py", "Setup.PY", "lib.so", "x/__init__.pyc"])
def test_a_folder_with_code_is_refused(folder, tmp_path, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(f"import pathlib; pathlib.Path({str(tmp_path / MARK)!r}).touch()", encoding="utf-8")
    with pytest.raises(ClinicodeError, match=r"brings code of its own \([Sm_l]\S+\) and is refused; give a model of"):
        load_encoder(str(folder))
    assert not (tmp_path / MARK).exists()


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "2_Dense/pytorch_model.bin", "model.pt", "a.pkl", "A.JOBLIB", "w.npy"]
)
def test_a_folder_with_pickles_is_refused_and_none_is_opened(folder, tmp_path, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(pickle.dumps(Attack(tmp_path / MARK)))
    with pytest.raises(
        ClinicodeError, match=r"in a form that can run code \(\S+\) and is refused; give one with model"
    ):
        load_encoder(str(folder))
    assert not (tmp_path / MARK).exists()


def test_pickled_weights_alone_are_refused_before_the_library_sees_them(tmp_path):
    folder = tmp_path / "model"
    static(folder)
    (folder / "model.safetensors").unlink()
    torch.save({"embedding.weight": torch.eye(2, 4)}, folder / "pytorch_model.bin")
    with pytest.raises(ClinicodeError, match=r"pytorch_model\.bin"):
        load_encoder(str(folder))


@pytest.mark.parametrize(
    "types",
    [
        ("os.system",),
        ("modeling.Custom",),
        ("sentence_transformers.util.misc.torch",),  # the package's own names lead to anything that it imports
        ("sentence_transformers.util.import_from_string",),
        (f"{MODULES}.WordEmbeddings",),  # imports the tokenizer that its settings name
        ("sentence_transformers.base.modules.Router",),  # imports the modules that its settings name
        (OURS, f"{MODULES}.Dense"),  # trusted for our own class, it would import any activation function
        (OURS, f"{MODULES}.Transformer"),
        (OURS, OURS),
        (f"{OURS}.x",),
        ("someone/repository--modeling.Custom",),
        (f"{MODULES}.Pooling\nos.system",),
    ],
)
def test_modules_of_other_names_are_refused(folder, types):
    listed(folder, *types)
    with pytest.raises(ClinicodeError, match="brings code of its own"):
        load_encoder(str(folder))


def test_what_settings_name_is_not_imported(tmp_path):
    """A dense layer names its activation: one that is not torch's is not imported."""
    folder = tmp_path / "model"
    static(folder)
    listed(folder, f"{MODULES}.StaticEmbedding", "sentence_transformers.base.modules.Dense")
    dense = folder / "1_x"
    dense.mkdir()
    wanted = {"in_features": 4, "out_features": 4, "bias": False, "activation_function": "tests.hostile.ran.Ran"}
    (dense / "config.json").write_text(json.dumps(wanted), encoding="utf-8")
    save_file({"linear.weight": np.eye(4, dtype=np.float32)}, dense / "model.safetensors")
    assert load_encoder(str(folder)).encode(["heart"]).shape == (1, 4)
    (dense / "config.json").write_text(json.dumps({**wanted, "activation_function": "torch.hub.none"}))
    with pytest.raises(ClinicodeError, match="cannot be loaded"):
        load_encoder(str(folder))


def test_a_transformer_that_asks_for_its_repositorys_code_does_not_get_it(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    listed(folder, f"{MODULES}.Transformer".replace("sentence_transformer.modules", "base.modules"))
    settings = {"model_type": "own", "auto_map": {"AutoConfig": "x/y--config.C", "AutoModel": "x/y--modeling.M"}}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ClinicodeError, match="cannot be loaded"):
        load_encoder(str(folder))


def test_a_model_of_a_hub_is_looked_at_as_a_folder_is(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    kept = tmp_path / "models--someone--model"
    place = kept / "snapshots" / ("0" * 40)
    place.parent.mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("0" * 40)
    static(place)
    assert load_encoder("someone/model").encode(["heart"]).shape == (1, 4)
    (place / "modeling.py").write_text("raise SystemExit", encoding="utf-8")
    with pytest.raises(ClinicodeError, match="brings code of its own"):
        load_encoder("someone/model")


def test_what_ships_is_safetensors_and_text():
    assert check_weights(SHIPPED_ENCODER)
    for folder in (SHIPPED_ENCODER, SHIPPED_RERANKER, SHIPPED_READER, ROOT / "assets" / "models"):
        for path in folder.rglob("*"):
            assert (
                path.is_dir()
                or path.suffix in (".safetensors", ".json", ".txt", ".md", "")
                or path.name == "SHA256SUMS"
            )
            assert path.is_dir() or path.read_bytes()[:2] not in (b"\x80\x04", b"PK")


@pytest.mark.parametrize("damage", ["ranker.txt", "confidence.txt", "cross.safetensors", "cross.json"])
def test_a_pickle_in_the_place_of_a_rerankers_file_is_not_opened(opened, tmp_path, damage):
    folder = tmp_path / "reranker"
    shutil.copytree(SHIPPED_RERANKER, folder)
    assert (folder / damage).exists()
    (folder / damage).write_bytes(pickle.dumps(Attack(tmp_path / MARK)))
    with pytest.raises(ClinicodeError, match=r"cannot be (read|loaded)"):
        Reranker.load(folder, opened.retriever)
    assert not (tmp_path / MARK).exists()


MODULES_OF_PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
"""As plain names; ``network.eval()`` is a method of torch."""


def faults(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] in MODULES_OF_PICKLES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES_OF_PICKLES:
            found.append(str(node.module))
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            given = {one.arg: ast.unparse(one.value) for one in node.keywords}
            if name in CALLS or name in ("os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "torch.jit.load"):
                found.append(name)
            if name in ("torch.load",) and given.get("weights_only") != "True":
                found.append("torch.load without weights_only=True")
            if name in ("np.load", "numpy.load") and given.get("allow_pickle", "False") != "False":
                found.append("np.load with pickles")
            if given.get("trust_remote_code", "False") not in ("False", "ours"):
                found.append("trust_remote_code")
            if given.get("shell", "False") != "False":
                found.append("a shell")
    return found


def test_no_module_unpickles_or_runs_text():
    paths = [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]
    found = {path.name: faults(ast.parse(path.read_text(encoding="utf-8"))) for path in paths}
    assert {name: one for name, one in found.items() if one} == {}
    assert len(paths) > 200


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from joblib import load", "eval('1')", "torch.load(p)", "torch.load(p, weights_only=False)",
        "np.load(p, allow_pickle=True)", "Model(p, trust_remote_code=True)", "yaml.load(p)", "run(p, shell=True)",
    ],
)  # fmt: skip
def test_what_is_forbidden_is_seen(text):
    assert faults(ast.parse(text))
