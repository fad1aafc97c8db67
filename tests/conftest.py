"""What all tests share: a clean environment, a cache folder of their own, one opened assistant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from assistant import Assistant, Settings
from index.encoder import SentenceTransformerEncoder

ROOT = Path(__file__).resolve().parent.parent
ORIGINAL_REPORT = ROOT.parent / "shared" / "report.txt"

# Neither the settings of whoever runs the tests nor a network may change what they find.
for name in [name for name in os.environ if name.startswith("REPORT_ASSISTANT_")]:
    del os.environ[name]
os.environ["HF_HUB_OFFLINE"] = "1"

# A shared machine may stall for a second; how long an example takes is no property of the code.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session", autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The session's folder for caches and configuration, in place of the user's own."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORT_ASSISTANT_CACHE_DIR", str(folder / "cache"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        yield folder


@pytest.fixture(scope="session")
def bot(user_folders: Path) -> Iterator[Assistant]:
    """An assistant over the bundled report."""
    with Assistant(settings=Settings(cache_dir=user_folders / "cache")) as opened:
        yield opened


@pytest.fixture(scope="session")
def encoder(user_folders: Path) -> SentenceTransformerEncoder:
    """The default embedding model, loaded once."""
    return SentenceTransformerEncoder()


@pytest.fixture
def model_is_kept(encoder: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assistants opened in the test share the loaded model: loading it for each shows nothing new."""
    monkeypatch.setattr("assistant.assistant.SentenceTransformerEncoder", lambda model: encoder)


@pytest.fixture(scope="session")
def original_report() -> Path:
    """The report that the bundled edition restates; its text is its publisher's and no part of this project."""
    if not ORIGINAL_REPORT.is_file():
        pytest.skip("the original report is not here")
    return ORIGINAL_REPORT
