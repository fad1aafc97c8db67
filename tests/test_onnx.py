"""The exported model: the reference's vectors, and the reference itself wherever it cannot be had."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant
from index import onnx as onnx_module
from index.encoder import Encoder, SentenceTransformerEncoder, unit_length
from index.errors import EncoderUnavailable
from index.export import write_network
from index.onnx import Network, OnnxEncoder
from tests.crashing import encode_at_once
from tests.tiny_model import tiny_model

QUESTION = "How large is the fund?"


@pytest.fixture
def model(tmp_path: Path) -> str:
    """The folder of a small model."""
    return str(tiny_model(tmp_path))


def is_exported(encoder: OnnxEncoder) -> bool:
    return isinstance(encoder.backend, Network)


def exported_folder(cache: Path) -> Path:
    (folder,) = (path for path in (cache / "models").iterdir() if path.is_dir())
    return folder


def assert_same(one: Encoder, other: Encoder, texts: list[str]) -> None:
    for a, b in zip(one.encode(texts, upper=True), other.encode(texts, upper=True), strict=True):
        np.testing.assert_array_equal(a.offsets, b.offsets)
        assert a.vector @ b.vector > 1 - 1e-4
        assert ((unit_length(a.pieces) * unit_length(b.pieces)).sum(axis=1) > 1 - 1e-4).all()
        assert (a.upper is None) == (b.upper is None)
        if a.upper is not None and b.upper is not None:
            assert ((unit_length(a.upper) * unit_length(b.upper)).sum(axis=1) > 1 - 1e-4).all()
        assert (a.vector.dtype, a.pieces.dtype, a.offsets.dtype) == (b.vector.dtype, b.pieces.dtype, b.offsets.dtype)


def test_parity_with_sentence_transformers(bot: Assistant, encoder: OnnxEncoder) -> None:
    """Every sentence and paragraph of the report, the empty text, and texts over the limit."""
    assert is_exported(encoder)
    reference = SentenceTransformerEncoder()
    report = bot.report
    texts = [*map(report.quote, report.sentences), *map(report.quote, report.paragraphs)]
    texts += ["", " ", "\n", "fund " * 254, "fund " * 255, "İ" * 300, "word-by-word " * 200, "🙂 中文 ﬁne", QUESTION]
    assert_same(encoder, reference, texts)
    assert (encoder.dimension, encoder.max_pieces) == (reference.dimension, reference.max_pieces)
    assert encoder.identity == reference.identity
    for text in texts:
        assert encoder.count_pieces(text) == reference.count_pieces(text)
    for word in ("kazakhstan", "kazahkstan", "##s", "[CLS]", "Fund", ""):
        assert encoder.is_word(word) == reference.is_word(word)


def test_parity_of_another_model(model: str, tmp_path: Path) -> None:
    encoder = OnnxEncoder(model, tmp_path)
    assert is_exported(encoder)
    assert_same(encoder, SentenceTransformerEncoder(model), ["a fund", "abcdefgh. fund?", "", "fund " * 50])
    assert (encoder.dimension, encoder.max_pieces) == (16, 30)


def test_nothing_heavy_is_imported_for_an_exported_model(model: str, tmp_path: Path) -> None:
    before = next(OnnxEncoder(model, tmp_path).encode([QUESTION])).vector
    code = (
        "import sys; from pathlib import Path; from index.onnx import OnnxEncoder\n"
        f"one = next(OnnxEncoder({model!r}, Path({str(tmp_path)!r})).encode([{QUESTION!r}]))\n"
        "print(*set(sys.modules) & {'torch', 'transformers', 'sentence_transformers', 'onnx', 'scipy', 'sklearn'})\n"
        "print(one.vector.tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported, vector = done.stdout.splitlines()
    assert imported == ""
    np.testing.assert_array_equal(np.array(json.loads(vector), dtype=np.float32), before)


def test_onnxruntime_reports_to_nobody(model: str, tmp_path: Path) -> None:
    """Its telemetry keeps an identifier and what is to be sent under the user's home: none of it may be made.

    It also keeps quiet where it thinks that tests run, which would make this test pass in any case.
    """
    assert is_exported(OnnxEncoder(model, tmp_path / "cache"))
    home = tmp_path / "home"
    home.mkdir()
    quiet = {"CI", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY", "GITHUB_ACTIONS", "TF_BUILD"}
    environment = {name: value for name, value in os.environ.items() if name not in quiet}
    load = (
        "import sys, index.onnx as o, pathlib as p; next(o.OnnxEncoder(sys.argv[1], p.Path(sys.argv[2])).encode(['a']))"
    )
    for told_to_report in ({}, {"ORT_DISABLE_TELEMETRY": "0"}):
        subprocess.run(
            [sys.executable, "-c", load, model, str(tmp_path / "cache")],
            env=environment | {"HOME": str(home)} | told_to_report,
            check=True,
        )
    assert [path for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("count", [1, 5, 300])
def test_batches_side_by_side(count: int, encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    texts = [f"The depot holds {n} tonnes {'of grain ' * (n % 13)}" for n in range(count)]
    for text, one in zip(texts, encoder.encode(texts), strict=True):
        (alone,) = encoder.encode([text])
        assert one.vector @ alone.vector > 0.9999
        np.testing.assert_array_equal(one.offsets, alone.offsets)


def test_no_text_at_all(encoder: OnnxEncoder) -> None:
    assert list(encoder.encode([])) == []


# --- where there is no export


def test_cache_that_cannot_be_written(model: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.write_text("in the way", encoding="utf-8")
    encoder = OnnxEncoder(model, cache)
    assert not is_exported(encoder)
    assert_same(encoder, SentenceTransformerEncoder(model), [QUESTION])


@pytest.mark.parametrize("library", ["onnxruntime", "onnx"])
def test_missing_library(library: str, model: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, library, None)
        encoder = OnnxEncoder(model, tmp_path)
        assert not is_exported(encoder)
        assert_same(encoder, SentenceTransformerEncoder(model), [QUESTION])
    assert is_exported(OnnxEncoder(model, tmp_path))  # once it is installed


def test_model_whose_padding_is_on_the_left(tmp_path: Path) -> None:
    model = str(tiny_model(tmp_path, padding_side="left"))
    for _ in range(2):  # the second time the reason is known, and the export not tried
        encoder = OnnxEncoder(model, tmp_path)
        assert not is_exported(encoder)
        assert_same(encoder, SentenceTransformerEncoder(model), ["a fund"])
    assert "pads on the left" in (exported_folder(tmp_path) / "facts.json").read_text(encoding="utf-8")
    assert {path.name for path in exported_folder(tmp_path).iterdir()} == {"facts.json", "manifest.json"}


def test_export_that_differs_is_not_used(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = write_network
    other = SentenceTransformerEncoder(str(tiny_model(tmp_path, seed=1)))
    monkeypatch.setattr(onnx_module, "write_network", lambda _, path, lower: write(other.model, path, lower=lower))
    encoder = OnnxEncoder(model, tmp_path)
    assert not is_exported(encoder)
    assert_same(encoder, SentenceTransformerEncoder(model), [QUESTION])


def test_model_is_let_go_of_once_it_is_exported(model: str, tmp_path: Path) -> None:
    encoder = OnnxEncoder(model, tmp_path)
    assert is_exported(encoder)
    assert "_model" not in vars(encoder._reference)


def test_onnxruntime_that_fails(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_exported(OnnxEncoder(model, tmp_path))

    def fail(*_: object) -> None:
        raise RuntimeError("no such instruction\nmore of it")

    monkeypatch.setattr(onnx_module, "_session", fail)
    encoder = OnnxEncoder(model, tmp_path)
    assert not is_exported(encoder)
    assert_same(encoder, SentenceTransformerEncoder(model), [QUESTION])
    (line,) = [record.getMessage() for record in caplog.records if record.name == "index.onnx"]
    assert line == "onnxruntime cannot run the exported model (no such instruction): sentence-transformers does"


def test_disk_full_is_not_the_models_fault(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("write failed")

    with monkeypatch.context() as patch:
        patch.setattr(onnx_module, "write_network", fail)
        patch.setattr(onnx_module, "ROOM", 2**80)
        assert not is_exported(OnnxEncoder(model, tmp_path))
    assert is_exported(OnnxEncoder(model, tmp_path))


def test_model_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="cannot be used"):
        _ = OnnxEncoder(str(tmp_path), tmp_path / "cache").dimension


# --- damage, several processes


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["network.onnx", "network.data", "tokenizer.json", "facts.json", "manifest.json"])
@pytest.mark.parametrize("damage", [flip, Path.unlink])
def test_damaged_export_is_made_again(
    name: str, damage: Callable[[Path], None], model: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = next(OnnxEncoder(model, tmp_path).encode([QUESTION])).vector
    damage(exported_folder(tmp_path) / name)
    encoder = OnnxEncoder(model, tmp_path)
    assert is_exported(encoder)
    np.testing.assert_array_equal(next(encoder.encode([QUESTION])).vector, expected)
    assert [record.getMessage().endswith("exported again") for record in caplog.records] == [True]
    caplog.clear()
    assert is_exported(OnnxEncoder(model, tmp_path))
    assert not caplog.records


def test_another_export_for_other_weights(model: str, tmp_path: Path) -> None:
    first = next(OnnxEncoder(model, tmp_path).encode([QUESTION])).vector
    other = tiny_model(tmp_path, seed=1)
    shutil.copy(other / "model.safetensors", Path(model) / "model.safetensors")
    again = OnnxEncoder(model, tmp_path)
    assert is_exported(again)
    assert not np.allclose(next(again.encode([QUESTION])).vector, first)


def test_processes_at_once_export_once(model: str, tmp_path: Path) -> None:
    processes = multiprocessing.get_context("forkserver")
    barrier, log = processes.Barrier(3), tmp_path / "log"
    children = [
        processes.Process(target=encode_at_once, args=(model, tmp_path / "cache", log, barrier)) for _ in range(3)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 3
    assert sorted(log.read_text(encoding="utf-8").splitlines()) == ["encoded", "encoded", "encoded", "exported"]
