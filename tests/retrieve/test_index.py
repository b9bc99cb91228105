import shutil
from pathlib import Path

import numpy as np
import pytest

from core.catalog.build import load_frame
from core.catalog.catalog import Catalog
from core.errors import ClinicodeError
from core.retrieve.entries import shipped_entries
from core.retrieve.index import index_folder, open_index
from core.retrieve.lexical import LexicalIndex


def test_the_index_holds_every_title_and_inclusion_term(catalog, encoder, opened):
    terms = opened.retriever.book.terms
    assert opened.retriever.book.dense.ntotal == len(terms) > 110_000
    row = terms.texts.index("Non-Q wave myocardial infarction NOS")
    assert terms.term(row).code == "I21.4"
    assert terms.term(row).source == "inclusion term"


def test_search_is_exact(opened, encoder):
    book = opened.retriever.book
    query = encoder.encode(["insufficienza renale cronica"])
    similarities, rows = book.search(query, 5)
    everything = book.vectors @ query[0]
    assert np.allclose(similarities[0], np.sort(everything)[::-1][:5], atol=1e-5)
    assert np.allclose(everything[rows[0]], similarities[0], atol=1e-5)


def test_a_saved_index_is_read_and_not_built(catalog, encoder, opened):
    told = []
    open_index(catalog, encoder, lambda share, what: told.append((share, what)), shipped_entries())
    assert told == []


@pytest.mark.parametrize("damage", ["truncate", "manifest", "swap"])
def test_a_damaged_index_is_built_again(catalog, encoder, opened, tmp_path, monkeypatch, damage):
    built = index_folder(catalog, encoder, opened.retriever.book.terms)
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    folder = index_folder(catalog, encoder, opened.retriever.book.terms)
    shutil.copytree(built, folder)
    if damage == "truncate":
        data = (folder / "dense.faiss").read_bytes()
        (folder / "dense.faiss").write_bytes(data[: len(data) // 2])
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{")
    else:
        size = (folder / "dense.faiss").stat().st_size
        (folder / "dense.faiss").write_bytes(b"\x00" * size)
    told = []
    book = open_index(catalog, encoder, lambda share, what: told.append(share), shipped_entries())
    assert told[-1] <= 1.0
    assert book.dense.ntotal == len(opened.retriever.book.terms)


def test_where_another_process_was_quicker_its_index_is_used(furnished, encoder, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(furnished))
    small = Catalog(load_frame(furnished).head(1500), "small")
    quicker, rename = [], Path.rename

    def beaten(path, target):
        """Another process is done in the moment before this one moves its index to its place."""
        if not quicker:
            quicker.append(None)
            shutil.copytree(path, target)
            quicker[0] = open_index(small, encoder)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", beaten)
    book = open_index(small, encoder)
    assert np.array_equal(book.vectors, quicker[0].vectors)
    assert len(list((furnished / "index").iterdir())) == 1


def test_a_home_that_cannot_be_written_is_a_clear_error(catalog, encoder, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("CLINICODE_HOME", str(blocked))
    with pytest.raises(ClinicodeError, match="CLINICODE_HOME"):
        open_index(catalog, encoder)


def test_words_rank_by_bm25_and_only_texts_that_share_one(tmp_path):
    index = LexicalIndex.build(["acute bronchitis", "acute otitis media", "chronic bronchitis with asthma"])
    rows, scores = index.search(["Bronchitis, acute"], 5)[0]
    assert rows[0] == 0
    assert scores[0] == 1.0
    assert len(rows) == 3
    assert len(index.search(["zzz"], 5)[0][0]) == 0
    index.save(tmp_path / "lexical")
    again = LexicalIndex.load(tmp_path / "lexical").search(["Bronchitis, acute"], 5)[0]
    assert again[0].tolist() == rows.tolist()


def test_of_many_indexes_the_newest_stay(catalog, encoder, tmp_path, monkeypatch):
    import os

    from core.retrieve.index import KEPT

    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    for age in range(KEPT + 2):
        old = tmp_path / "index" / f"old-{age}"
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    open_index(catalog, encoder)
    left = {path.name for path in (tmp_path / "index").iterdir()}
    assert len(left) == KEPT
    assert {f"old-{age}" for age in range(KEPT - 1)} < left
