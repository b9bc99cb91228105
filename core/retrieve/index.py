"""The built index of one code set and one encoder: every term that a code can be found by, dense and lexical.

Built at first use, saved under ``CLINICODE_HOME/index`` in a folder named after catalog release and encoder, and
memory-mapped from there after that, so that several processes share one copy.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import torch
from torch.nn import functional

from core import settings
from core.encode.words import WordSpace
from core.errors import ClinicodeError
from core.interface import _
from core.partial import beside, disk_said
from core.retrieve.candidate import BOOK, EntryTerm, Source
from core.retrieve.lexical import LexicalIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.catalog import Catalog
    from core.encode.load import Encoder

logger = logging.getLogger(__name__)

faiss.cvar.distance_compute_blas_threshold = 20  # queries; FAISS's 128,000 makes a batch of 256 seven times as slow
FORMAT = 3
KEPT = 6
"""Indexes that stay: of other encoders and code sets, and of tables as they were."""
CHUNK = 8192
BLOCK = 2**22


@dataclass(frozen=True, slots=True)
class EntryTerms:
    """What codes can be found by, as columns; a row number names a term everywhere below."""

    texts: list[str]
    codes: list[str]
    sources: list[Source]
    langs: list[str]

    @classmethod
    def of(cls, catalog: Catalog, further: Iterable[EntryTerm] = ()) -> EntryTerms:
        """Titles and inclusion terms of every code, and further terms."""
        frame = catalog.terms()
        texts, codes = frame["text"].to_list(), frame["code"].to_list()
        sources = [Source.INCLUSION if inclusion else Source.TITLE for inclusion in frame["inclusion"]]
        langs = [catalog.lang] * len(texts)
        for term in further:
            texts.append(term.text)
            codes.append(term.code)
            sources.append(term.source)
            langs.append(term.lang)
        return cls(texts, codes, sources, langs)

    def __len__(self) -> int:
        """Number of terms."""
        return len(self.texts)

    def term(self, row: int) -> EntryTerm:
        """One term with its code and source."""
        return EntryTerm(self.texts[row], self.codes[row], self.sources[row], self.langs[row])

    def rows_of_book(self) -> dict[str, list[int]]:
        """The rows of each code's title and inclusion terms."""
        rows: dict[str, list[int]] = {}
        for row, code in enumerate(self.codes):
            if self.sources[row] in BOOK:
                rows.setdefault(code, []).append(row)
        return rows

    def fingerprint(self) -> str:
        """Changes whenever a term or its code does."""
        digest = hashlib.sha256()
        for text, code in zip(self.texts, self.codes, strict=True):
            digest.update(f"{code}\t{text}\n".encode())
        return digest.hexdigest()[:10]


class BookIndex:
    """Exact inner-product search and BM25 over the entry terms; `words` are theirs, where the encoder knows words."""

    def __init__(
        self, terms: EntryTerms, dense: faiss.Index, lexical: LexicalIndex, words: WordSpace | None = None
    ) -> None:
        self.terms = terms
        self.lexical = lexical
        self.words = words
        self.dense = dense
        self._searcher = _on_gpu(dense)
        # a view into the memory that `dense` owns
        stored: Any = faiss.downcast_index(dense)
        flat = faiss.rev_swig_ptr(stored.get_xb(), dense.ntotal * dense.d)
        self.vectors: NDArray[np.float32] = flat.reshape(dense.ntotal, dense.d)

    def search(self, queries: NDArray[np.float32], depth: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Similarities and rows, (queries, depth), best first."""
        similarities, rows = self._searcher.search(np.ascontiguousarray(queries), depth)
        return similarities, rows


def _on_gpu(index: faiss.Index) -> Any:  # noqa: ANN401  the GPU build has types of its own
    """The index on the first GPU where the installed FAISS has one, else as it is."""
    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0:
        return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    return index


def index_folder(catalog: Catalog, encoder: Encoder, terms: EntryTerms) -> Path:
    """Where the index of these terms and this encoder lives."""
    key = re.sub(r"\W+", "-", catalog.label.lower())
    return settings.home() / "index" / f"{key}-{terms.fingerprint()}-{encoder.fingerprint}-v{FORMAT}"


def open_index(
    catalog: Catalog,
    encoder: Encoder,
    progress: Callable[[float, str], None] | None = None,
    further: Iterable[EntryTerm] = (),
) -> BookIndex:
    """The saved index, or a new one where there is none or it cannot be read.

    Parameters
    ----------
    catalog, encoder
        What is indexed, and with what.
    progress
        Called with a share of 1 and a word on what is done, while a new index is built.
    further
        Terms besides the book's that codes can be found by; see :func:`core.retrieve.entries.entries`.

    Raises
    ------
    ClinicodeError
        If there is no room to save it.
    """
    terms = EntryTerms.of(catalog, further)
    folder = index_folder(catalog, encoder, terms)
    if folder.exists():
        try:
            return _read(folder, terms)
        except Exception as error:
            logger.warning("The index in %s cannot be used (%s); building it again.", folder, error)
            shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    try:
        _save(build_index(terms, encoder, progress or (lambda _share, _what: None)), folder)
    except Exception as error:
        if not (reason := disk_said(error)):
            raise
        message = _("The index cannot be saved in {folder} ({reason}); make room there or set CLINICODE_HOME.").format(
            folder=folder, reason=reason
        )
        raise ClinicodeError(message) from error
    logger.info("Built the index of %d terms in %.1f s.", len(terms), time.perf_counter() - started)
    _forget_old(folder)
    return _read(folder, terms)


def _forget_old(fresh: Path) -> None:
    """Take away all but the newest indexes: each change of the tables or the corpus leaves one of 200 MB behind.

    A process that has one open keeps it open (POSIX).
    """
    whole = (path for path in fresh.parent.iterdir() if path.is_dir() and path.suffix != ".part")
    there = sorted(whole, key=lambda path: path.stat().st_mtime)
    for path in there[:-KEPT]:
        if path != fresh:
            shutil.rmtree(path, ignore_errors=True)


def _read(folder: Path, terms: EntryTerms) -> BookIndex:
    sums = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, checksum in sums.items():
        if _checksum(folder / name) != checksum:
            message = f"{name} is not what was written"
            raise ValueError(message)
    dense = faiss.read_index(str(folder / "dense.faiss"), faiss.IO_FLAG_MMAP_IFC)
    if dense.ntotal != len(terms):
        message = f"{dense.ntotal} vectors for {len(terms)} terms"
        raise ValueError(message)
    words = WordSpace.load(folder / "words") if (folder / "words").is_dir() else None
    return BookIndex(terms, dense, LexicalIndex.load(folder / "lexical"), words)


def build_index(terms: EntryTerms, encoder: Encoder, progress: Callable[[float, str], None]) -> BookIndex:
    """A new index in memory."""
    dense = faiss.IndexFlatIP(encoder.model.get_embedding_dimension())
    words = None
    if encoder.ngrams is not None:
        progress(0.1, "reading the code book")
        words = WordSpace.build(encoder.ngrams, terms.texts)
        progress(0.4, "reading the code book")
    for start in range(0, len(terms), CHUNK):
        if words is not None:
            dense.add(_summed(words, start, min(start + CHUNK, len(terms))))
        else:
            dense.add(encoder.encode(terms.texts[start : start + CHUNK], terms=True))
        progress(0.4 + 0.4 * min(1.0, (start + CHUNK) / len(terms)), "reading the code book")
    progress(0.85, "indexing words")
    return BookIndex(terms, dense, LexicalIndex.build(terms.texts), words)


def term_vectors(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of entry terms, (texts, dimensions); word by word where the encoder knows words."""
    if encoder.ngrams is None:
        return encoder.encode(texts, terms=True)
    return _summed(WordSpace.build(encoder.ngrams, texts), 0, len(texts))


def _summed(words: WordSpace, start: int, end: int) -> NDArray[np.float32]:
    """Unit vectors of the terms from `start` to `end`: the sums of their words'."""
    bounds = words.starts[start : end + 1]
    numbers = torch.from_numpy(words.numbers[bounds[0] : bounds[-1]].astype(np.int64))
    offsets = torch.from_numpy(bounds[:-1] - bounds[0])
    vectors = torch.from_numpy(words.vectors.astype(np.float32))
    return np.asarray(functional.normalize(functional.embedding_bag(numbers, vectors, offsets, mode="sum")).numpy())


def _save(index: BookIndex, folder: Path) -> None:
    """Write beside the final place and move there when complete: a killed process leaves nothing half done."""
    partial = beside(folder)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        faiss.write_index(index.dense, str(partial / "dense.faiss"))
        index.lexical.save(partial / "lexical")
        if index.words is not None:
            index.words.save(partial / "words")
        files = [path for path in partial.rglob("*") if path.is_file()]
        sums = {str(path.relative_to(partial)): _checksum(path) for path in files}
        (partial / "manifest.json").write_text(json.dumps(sums), encoding="utf-8")
        partial.rename(folder)
    except OSError:
        if not folder.exists():
            raise  # otherwise another process was quicker, and its index is as good
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _checksum(path: Path) -> int:
    """The CRC-32 of a file: all of it is read for the first query anyway."""
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            checksum = zlib.crc32(block, checksum)
    return checksum
