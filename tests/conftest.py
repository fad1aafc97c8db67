"""What all tests share: a clean environment, a cache folder of their own, one opened assistant."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from assistant import Assistant, Settings
from index.build import ReportIndex, build_index
from index.encoder import DEFAULT_MODEL, Encoder
from index.onnx import OnnxEncoder
from index.readers import read_text
from index.store import IndexStore
from index.tokens import load_encoding
from tests.crashing import PARTS

ROOT = Path(__file__).resolve().parent.parent
ORIGINAL_REPORT = ROOT.parent / "shared" / "report.txt"

# Neither the settings of whoever runs the tests nor a network may change what they find.
for name in [name for name in os.environ if name.startswith("REPORT_ASSISTANT_")]:
    del os.environ[name]
os.environ["HF_HUB_OFFLINE"] = "1"
# A shell's background job ignores Ctrl-C, and so would every program that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A shared machine may stall for a second; how long an example takes is no property of the code.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session", autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The session's folder for caches, configuration and feedback, in place of the user's own."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORT_ASSISTANT_CACHE_DIR", str(folder / "cache"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        yield folder


@pytest.fixture(scope="session")
def bot(user_folders: Path) -> Iterator[Assistant]:
    """An assistant over the bundled report."""
    with Assistant(settings=Settings(cache_dir=user_folders / "cache")) as opened:
        yield opened


@pytest.fixture(scope="session")
def encoder(user_folders: Path) -> Encoder:
    """The default embedding model, loaded once."""
    return OnnxEncoder(DEFAULT_MODEL, user_folders / "cache")


@pytest.fixture
def model_is_kept(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assistants opened in the test share the loaded model: loading it for each shows nothing new."""
    monkeypatch.setattr("assistant.assistant.OnnxEncoder", lambda model, cache: encoder)


@pytest.fixture
def settings(tmp_path: Path, model_is_kept: None) -> Settings:
    """Settings with a cache folder of the test's own; the model is not loaded again."""
    return Settings(cache_dir=tmp_path / "cache")


@pytest.fixture
def lighthouse(tmp_path: Path) -> Path:
    """A report of three sentences, without a title."""
    path = tmp_path / "gull_rock.txt"
    path.write_text(
        "The lighthouse on Gull Rock is 41 metres tall. It was lit in 1887. Its keeper is Anna Berg.\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def small_index(encoder: Encoder) -> ReportIndex:
    """The index of a report of four sentences."""
    report = read_text(
        "# Harbour review\n\n## Lamps\n\nThe tower has five lamps. They were lit in 1887.\n\n"
        "## Keepers\n\n- The first keeper was paid 40,000 crowns.\n- The second one was paid less.\n",
        "md",
    )
    return build_index(report, encoder, load_encoding(), 300)


@pytest.fixture(scope="session")
def saved(small_index: ReportIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the small index in it, under ``tests.crashing.PARTS``; not to be changed."""
    cache = tmp_path_factory.mktemp("saved")
    assert IndexStore(cache).load_or_build(PARTS, lambda: small_index)[1] is not None
    return cache


@pytest.fixture(scope="session")
def original_report() -> Path:
    """The report that the bundled edition restates; its text is its publisher's and no part of this project."""
    if not ORIGINAL_REPORT.is_file():
        pytest.skip("the original report is not here")
    return ORIGINAL_REPORT
