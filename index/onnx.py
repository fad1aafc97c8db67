"""The embedding model without torch: the same weights through onnxruntime. The only module that imports it.

Importing sentence-transformers takes five seconds, onnxruntime a tenth of one, and a question a quarter of the time.
The network is exported once for a model, by sentence-transformers and torch, and kept in the cache under a manifest of
hashes. Where it cannot be (a model that the exporter does not take, a cache that cannot be written, a library that is
missing) sentence-transformers itself encodes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.encoder import (
    Encoder,
    Encoding,
    Floats,
    Progress,
    SentenceTransformerEncoder,
    batches,
    unit_length,
)
from index.errors import EncoderUnavailable, IndexCorrupted
from index.export import INPUTS, LOWER, OUTPUTS, UPPER, write_network, write_upper_network
from index.folders import FolderStore, Parts

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

logger = logging.getLogger(__name__)

# From 1.29 on the published onnxruntime reports each session to its maker, unless this says no before it is imported:
# then it neither opens a connection nor writes an identifier. Nothing of a user's may leave the machine, so it is no
# default that the environment could change.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# Models whose exports are kept: each takes as much disk as the model.
KEPT = 3
# Of one batch, padding included: what fits a core's cache. With 1,000 it was a tenth slower, with 2,000 a fifth.
BATCH_PIECES = 256
# Texts that are sorted by length together, and of them those that are cut into pieces by one thread. Two windows are at
# work at a time: the embeddings of their pieces take 60 MB.
WINDOW, SHARE = 256, 64
# With less room on the disk (bytes) a failed export is not taken for the model's fault.
ROOM = 2**30
# How far the exported network's unit vectors may be from the reference's, as 1 - cosine, and its word pieces' vectors.
TOLERANCE = 1e-5
_NETWORK, _UPPER, _TOKENIZER, _FACTS = "network.onnx", "upper.onnx", "tokenizer.json", "facts.json"
# The file of the tuned layers (:mod:`index.upper`, which needs torch, has the same name).
_TUNED = "upper.safetensors"
# What an export is tried on: lengths, scripts, signs, blanks, nothing at all, and more than a network reads.
_TRIALS = (
    "Is it so?",
    "",
    "  The Fund\tholds €120,000 – “more” than İzmir’s naïve ÇALIŞMA; 中文, ok…\n",
    "word " * 700,
    "A sentence of some more words, which shares a batch with shorter ones.",
)

# The batches of a window: which texts, and what they will be.
_Window = list[tuple[list[int], "Future[list[Encoding]]"]]


class OnnxEncoder:
    """A sentence-transformers model, run by onnxruntime where it can be; ``cache`` is where its export is kept.

    The network is loaded at first use; threads may share it.

    Raises:
        EncoderUnavailable: the model is not there; from any other use, it cannot be loaded.
    """

    def __init__(self, model: str, cache: Path) -> None:
        self._reference = SentenceTransformerEncoder(model)
        self._exports = FolderStore(cache / "models", "exported model", KEPT)
        self._lock = RLock()

    @property
    def identity(self) -> str:
        """See :class:`Encoder`."""
        return self._reference.identity

    @property
    def dimension(self) -> int:
        """See :class:`Encoder`."""
        return self.backend.dimension

    @property
    def max_pieces(self) -> int:
        """See :class:`Encoder`."""
        return self.backend.max_pieces

    def count_pieces(self, text: str) -> int:
        """See :class:`Encoder`."""
        return self.backend.count_pieces(text)

    def is_word(self, word: str) -> bool:
        """See :class:`Encoder`."""
        return self.backend.is_word(word)

    def encode(
        self, texts: Sequence[str], progress: Progress | None = None, *, upper: bool = False
    ) -> Iterator[Encoding]:
        """See :class:`Encoder`."""
        return self.backend.encode(texts, progress, upper=upper)

    @property
    def backend(self) -> Encoder:
        """What encodes: the exported network, or else sentence-transformers."""
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Encoder:
        _ = self.identity  # the weights are those published, whichever way they are read
        try:
            import onnxruntime

            network = _open(self._exports, self._reference, onnxruntime.__version__)
        except (ImportError, OSError) as error:
            logger.info("the model runs through sentence-transformers: %s", error)
            return self._reference
        if network is None:
            return self._reference
        self._reference.unload()  # where it was exported just now
        return network


class Network:
    """An exported network: an :class:`Encoder` without an identity of its own.

    Its session uses one thread for one batch, and several batches run beside each other: threads that share a batch
    wait for each other. Calls from several threads are fine.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        from tokenizers import Tokenizer

        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        self.identity = identity
        self.dimension: int = facts["dimension"]
        self.max_pieces: int = facts["max_pieces"]
        self._padding: int = facts["padding"]
        self._tokenizer: tokenizers.Tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        self._session = _session(folder / _NETWORK)
        self._upper = _session(folder / _UPPER) if facts["upper"] else None

    def count_pieces(self, text: str) -> int:
        """See :class:`Encoder`."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def is_word(self, word: str) -> bool:
        """See :class:`Encoder`."""
        return self._tokenizer.token_to_id(word) is not None

    def encode(
        self, texts: Sequence[str], progress: Progress | None = None, *, upper: bool = False
    ) -> Iterator[Encoding]:
        """See :class:`Encoder`. Texts of like length share a batch, so that little is padding."""
        upper = upper and self._upper is not None
        if len(texts) == 1:
            yield self._run([self._pieces(texts[0])], upper=upper)[0]
            if progress is not None:
                progress(1, 1)
            return
        done = 0
        with ThreadPoolExecutor(_cores()) as pool:
            parts = (texts[first : first + WINDOW] for first in range(0, len(texts), WINDOW))
            windows = (self._begin(pool, part, upper=upper) for part in parts)
            window = next(windows, None)
            while window is not None:
                ahead = next(windows, None)  # begun now, so that no core waits for whoever takes the encodings
                encodings: dict[int, Encoding] = {}
                for group, batch in window:
                    encodings.update(zip(group, batch.result(), strict=True))
                    done += len(group)
                    if progress is not None:
                        progress(done, len(texts))
                yield from (encodings.pop(i) for i in range(len(encodings)))
                window = ahead

    def _begin(self, pool: ThreadPoolExecutor, texts: Sequence[str], *, upper: bool) -> _Window:
        """Start to encode texts: the numbers of those in each batch, and what the batch will be."""
        shares = pool.map(
            lambda share: [self._framed(one) for one in self._tokenizer.encode_batch(share, add_special_tokens=False)],
            [texts[first : first + SHARE] for first in range(0, len(texts), SHARE)],
        )
        pieces = [one for share in shares for one in share]
        lengths = [len(one.ids) for one in pieces]
        order = sorted(range(len(pieces)), key=lengths.__getitem__)
        return [
            (group, pool.submit(self._run, [pieces[i] for i in group], upper=upper))
            for group in batches(order, lengths, BATCH_PIECES)
        ]

    def _framed(self, encoded: tokenizers.Encoding) -> tokenizers.Encoding:
        """The pieces of a text, cut to the network's limit, the special ones put round them."""
        encoded.truncate(self.max_pieces)
        return self._tokenizer.post_process(encoded)

    def _pieces(self, text: str) -> tokenizers.Encoding:
        return self._framed(self._tokenizer.encode(text, add_special_tokens=False))

    def _run(self, texts: Sequence[tokenizers.Encoding], *, upper: bool) -> list[Encoding]:
        longest = max(len(text.ids) for text in texts)
        ids = np.full((len(texts), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(texts), longest), dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text.ids)] = text.ids
            mask[row, : len(text.ids)] = 1
        feed = dict(zip(INPUTS, (ids, mask), strict=True))
        found: list[Floats] = self._session.run([*OUTPUTS, *[LOWER] * upper], feed)
        embeddings, vectors, *more = found
        if self._upper is not None and upper:
            more = self._upper.run([UPPER], {LOWER: more[0], INPUTS[1]: mask})
        encodings: list[Encoding] = []
        for row, text in enumerate(texts):
            places = np.array(text.offsets, dtype=np.int32).reshape(-1, 2)
            real = places[:, 1] > places[:, 0]  # special pieces stand nowhere
            pieces, *second = (states[row, : len(places)][real] for states in (embeddings, *more))
            encodings.append(Encoding(unit_length(vectors[row]), pieces, places[real], *second))
        return encodings


def _cores() -> int:
    """How many batches run at once: as many as this process may use cores, or as OMP_NUM_THREADS allows."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(usable, int(asked) if asked.isdigit() else usable, 8))


def _session(network: Path, optimised: Path | None = None) -> onnxruntime.InferenceSession:
    """A session over a network on disk; ``optimised`` is where the graph is written as onnxruntime fused it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; they are raised, too
    if optimised is not None:
        # What is fused holds on every processor; the weights stay a file of their own, which is mapped into memory.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(optimised)
        entries = {"file_name": optimised.with_suffix(".data").name, "min_size_in_bytes": "1024"}
        for name, value in entries.items():
            options.add_session_config_entry(f"session.optimized_model_external_initializers_{name}", value)
    return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])


def _open(exports: FolderStore, reference: SentenceTransformerEncoder, version: str) -> Network | None:
    """The exported network, exported now where it is missing or damaged; None where the model cannot be.

    Raises:
        ImportError: a library is missing.
        OSError: the cache cannot be written.
    """
    parts: Parts = {"encoder": reference.identity, "onnxruntime": version, "format": 2}
    if reference.has_upper:
        tuned = files("index").joinpath("data", _TUNED).read_bytes()
        parts = {**parts, "upper": hashlib.sha256(tuned).hexdigest()}
    try:
        folder = exports.verify(parts)
    except (FileNotFoundError, IndexCorrupted):
        with exports.lock(parts):
            folder = _verified(exports, parts) or exports.save(parts, lambda made: _export(reference, made))
    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    if "reason" in facts:
        logger.info("the model runs through sentence-transformers: %s", facts["reason"])
        return None
    try:
        return Network(folder, reference.identity)
    except Exception as error:  # noqa: BLE001  # onnxruntime and tokenizers raise kinds of their own
        logger.warning("onnxruntime cannot run the exported model (%s): sentence-transformers does", _reason(error))
        return None


def _verified(exports: FolderStore, parts: Parts) -> Path | None:
    try:
        return exports.verify(parts)
    except FileNotFoundError:
        return None
    except IndexCorrupted as error:
        logger.warning("%s; it is exported again", error)
        return None


def _export(reference: SentenceTransformerEncoder, folder: Path) -> None:
    """Fill a folder with the exported model, or with the reason why there is none, so that it is not tried again."""
    try:
        _write(reference, folder)
        _check(Network(folder, reference.identity), reference)
    except (ImportError, OSError, MemoryError, EncoderUnavailable):
        raise
    except Exception as error:  # the exporter and onnxruntime raise anything
        for path in folder.iterdir():
            path.unlink()
        if shutil.disk_usage(folder).free < ROOM:  # which they do not tell as such
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        facts = {"reason": f"it cannot be exported ({_reason(error)})"}
        (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _write(reference: SentenceTransformerEncoder, folder: Path) -> None:
    from tokenizers import Tokenizer

    model = reference.model
    slow: Any = model.tokenizer
    if slow.padding_side != "right":
        raise ValueError("its tokenizer pads on the left")
    tokenizer = Tokenizer.from_str(slow.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / _TOKENIZER))
    facts = {
        "dimension": reference.dimension,
        "max_pieces": reference.max_pieces,
        "padding": slow.pad_token_id or 0,
        "upper": reference.has_upper,
    }
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    plain = folder / "plain.onnx"
    write_network(model, plain, lower=reference.has_upper)
    _session(plain, optimised=folder / _NETWORK)
    if reference.upper is not None:
        write_upper_network(reference.upper, plain)
        _session(plain, optimised=folder / _UPPER)
    plain.unlink()


def _check(network: Network, reference: SentenceTransformerEncoder) -> None:
    """Compare the network with the reference on a few texts, in one batch and alone.

    Raises:
        ValueError: the two differ.
    """
    expected = list(reference.encode(_TRIALS, upper=True))
    alone = [next(network.encode([text], upper=True)) for text in _TRIALS]
    together = network._run([network._pieces(text) for text in _TRIALS], upper=reference.has_upper)
    for found in (alone, together):
        for one, other in zip(found, expected, strict=True):
            same = np.array_equal(one.offsets, other.offsets)
            if not same or 1 - float(one.vector @ other.vector) > TOLERANCE:
                raise ValueError("what onnxruntime makes of it is not what sentence-transformers makes")
            if not _same(one.pieces, other.pieces) or not _same(one.upper, other.upper):
                raise ValueError("the word pieces of onnxruntime are not those of sentence-transformers")


def _same(pieces: Floats | None, others: Floats | None) -> bool:
    """Whether embeddings of pieces (t, d) point the same way, or neither are there."""
    if pieces is None or others is None:
        return pieces is others
    return not (1 - (unit_length(pieces) * unit_length(others)).sum(axis=1) > TOLERANCE).any()
