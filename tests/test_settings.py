"""Settings: where they come from, which one wins, and what is refused."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import pytest
from platformdirs import user_config_path

from assistant import AssistantError
from assistant.settings import CONFIG_NAME, CONFIG_VARIABLE, PREFIX, Settings, SettingsError, meanings
from index.encoder import DEFAULT_MODEL
from index.tokens import BUNDLED


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder and an empty home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    return tmp_path


def test_defaults_are_those_of_the_index() -> None:
    settings = Settings()
    assert (settings.model, settings.encoding) == (DEFAULT_MODEL, BUNDLED)
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.report is None
    assert settings.llm_model is None


def test_later_sources_win(here: Path) -> None:
    (here / CONFIG_NAME).write_text('port = 1\nhost = "file"\nmodel = "file"\n', encoding="utf-8")
    environ = {PREFIX + "PORT": "2", PREFIX + "HOST": "environment"}
    settings = Settings.load(environ=environ, port=3)
    assert (settings.port, settings.host, settings.model) == (3, "environment", "file")
    assert settings.encoding == BUNDLED


def test_direct_construction_looks_at_nothing_else(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / CONFIG_NAME).write_text("port = 1", encoding="utf-8")
    monkeypatch.setenv(PREFIX + "HOST", "elsewhere")
    assert Settings().port == 7860
    assert Settings().host == "127.0.0.1"


def test_load_reads_the_process_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "PASSAGE_TOKENS", "64")
    assert Settings.load().passage_tokens == 64


def test_flag_of_none_and_empty_variable_are_not_given(here: Path) -> None:
    assert Settings.load(environ={PREFIX + "PORT": ""}, port=None).port == 7860


@pytest.mark.parametrize("place", ["named", "current", "user"])
def test_places_of_the_file(here: Path, place: str) -> None:
    path = {"named": here / "x.toml", "current": here / CONFIG_NAME}.get(place)
    if path is None:
        path = user_config_path("report-assistant") / CONFIG_NAME
        assert path.is_relative_to(here)
        path.parent.mkdir(parents=True)
    path.write_text("port = 1234", encoding="utf-8")
    environ = {CONFIG_VARIABLE: str(path)} if place == "named" else {}
    assert Settings.load(environ=environ).port == 1234


def test_named_file_comes_before_the_one_in_the_current_folder(here: Path) -> None:
    (here / CONFIG_NAME).write_text("port = 1", encoding="utf-8")
    (here / "named.toml").write_text("port = 2", encoding="utf-8")
    assert Settings.load(environ={CONFIG_VARIABLE: "named.toml"}).port == 2


def test_paths_in_a_file_start_at_its_folder(here: Path) -> None:
    folder = here / "deep"
    folder.mkdir()
    path = folder / "x.toml"
    path.write_text('report = "a.pdf"\ncache_dir = "/cache"', encoding="utf-8")
    settings = Settings.load(environ={CONFIG_VARIABLE: str(path)})
    assert settings.report == folder / "a.pdf"
    assert settings.cache_dir == Path("/cache")


def test_text_becomes_a_path_with_the_home_filled_in() -> None:
    assert Settings(report="~/a.pdf").report == Path.home() / "a.pdf"  # type: ignore[arg-type]


def test_every_field_has_its_variable(here: Path) -> None:
    given = {
        "report": "a.pdf",
        "model": "m",
        "encoding": "e",
        "passage_tokens": "17",
        "cache_dir": "c",
        "feedback_file": "f.jsonl",
        "host": "h",
        "port": "80",
        "auth_file": "f",
        "llm_model": "l",
        "llm_url": "http://127.0.0.1:1/v1",
        "llm_deadline": "30",
        "llm_tokens": "4000",
        "llm_cache": "True",
    }
    assert set(given) == set(meanings())
    settings = Settings.load(environ={PREFIX + name.upper(): value for name, value in given.items()})
    assert {name: str(getattr(settings, name)) for name in given} == given


def test_unknown_flag_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"no setting cache_dri; the nearest one is cache_dir$"):
        Settings.load(environ={}, cache_dri="x")


def test_unknown_argument_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"no setting modle; the nearest one is model$"):
        Settings(modle="x")  # type: ignore[call-arg]


def test_unknown_variable_names_the_nearest(here: Path) -> None:
    with pytest.raises(SettingsError, match=r"no setting REPORT_ASSISTANT_PROT; the nearest one is \w+_PORT$"):
        Settings.load(environ={PREFIX + "PROT": "1"})


def test_unknown_key_in_the_file_names_file_and_nearest(here: Path) -> None:
    (here / CONFIG_NAME).write_text("hots = 'x'", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^report-assistant\.toml: .* hots; the nearest one is host$"):
        Settings.load(environ={})


@pytest.mark.parametrize(
    "values, expected",
    [
        ({"port": 65536}, "port must be a whole number from 0 to 65535, but it is 65536"),
        ({"port": "http"}, "port must be a whole number"),
        ({"port": True}, "port must be a whole number"),
        ({"port": 80.0}, "port must be a whole number"),
        ({"port": None}, "port must be a whole number"),
        ({"passage_tokens": 15}, "passage_tokens must be a whole number from 16 to 512, but it is 15"),
        ({"model": " "}, "model must be some text"),
        ({"model": 3}, "model must be some text"),
        ({"report": ""}, "report must be a path"),
        ({"cache_dir": 3}, "cache_dir must be a path"),
        ({"cache_dir": "~nobody-of-that-name/x"}, "cache_dir must be a path"),
        ({"llm_cache": "perhaps"}, "llm_cache must be true or false"),
        ({"llm_deadline": 0}, "llm_deadline must be a whole number from 1 to 600"),
        ({"llm_url": "ftp://x"}, "llm_url must be an address that starts with http:// or https://"),
    ],
)
def test_impossible_values(values: dict[str, object], expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        Settings(**values)  # type: ignore[arg-type]


def test_impossible_value_says_where_it_stands(here: Path) -> None:
    with pytest.raises(SettingsError, match=r"^REPORT_ASSISTANT_PORT must be .* but it is 'x'$"):
        Settings.load(environ={PREFIX + "PORT": "x"})
    (here / CONFIG_NAME).write_text("port = 'x'", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^report-assistant\.toml: port must be"):
        Settings.load(environ={})


@pytest.mark.parametrize("content", [b"port = ", b"port = 1\nport = 2", b"\xff\xfe"])
def test_file_that_is_not_toml(here: Path, content: bytes) -> None:
    (here / CONFIG_NAME).write_bytes(content)
    with pytest.raises(SettingsError, match="is not TOML in UTF-8"):
        Settings.load(environ={})


def test_named_file_that_is_missing(here: Path) -> None:
    with pytest.raises(SettingsError, match=r"^gone\.toml: the settings file cannot be read \(No such file"):
        Settings.load(environ={CONFIG_VARIABLE: "gone.toml"})


def test_settings_are_a_value() -> None:
    settings = Settings(port=1)
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert hash(Settings(port=1)) == hash(settings)
    assert dataclasses.replace(settings, port=2) == Settings(port=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 2  # type: ignore[misc]


def test_error_belongs_to_the_root() -> None:
    assert issubclass(SettingsError, AssistantError)
