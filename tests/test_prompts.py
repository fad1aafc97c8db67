"""Templates are filled in completely or not at all."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts

NAMES = sorted(path.stem for path in Path(prompts.__file__).parent.glob("*.txt"))


def fields_of(name: str) -> set[str]:
    text = (Path(prompts.__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_filled_in(name: str) -> None:
    fields = {field: f"<{field}>" for field in fields_of(name)}
    text = prompts.render(name, **fields)
    assert text == text.strip() != ""
    assert "{" not in text
    assert all(value in text for value in fields.values())


@pytest.mark.parametrize("name", NAMES)
def test_other_fields_are_refused(name: str) -> None:
    fields = dict.fromkeys(fields_of(name), "x")
    with pytest.raises(prompts.TemplateError, match="has the fields"):
        prompts.render(name, **fields, other="x")
    for left_out in fields:
        with pytest.raises(prompts.TemplateError, match=left_out):
            prompts.render(name, **{field: "x" for field in fields if field != left_out})


def test_some_template_has_fields() -> None:
    assert "nearby" in fields_of("not_in_report_nearby")
    assert fields_of("not_in_report") == set()


@given(st.text())
def test_what_is_filled_in_stays_as_it_is(nearby: str) -> None:
    text = prompts.render("not_in_report_nearby", nearby=nearby)
    before, _, after = prompts.render("not_in_report_nearby", nearby="\x00").partition("\x00")
    assert text == before + nearby + after


@pytest.mark.parametrize("name", ["no_such_template", "../pyproject", ""])
def test_missing_template(name: str) -> None:
    with pytest.raises(prompts.TemplateError, match="there is no template"):
        prompts.render(name)


def test_version_is_of_the_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        source = Path(prompts.__file__).parent / f"{name}.txt"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    (tmp_path / "notes.md").write_text("no template", encoding="utf-8")
    shipped = prompts.version()
    monkeypatch.setattr(prompts, "files", lambda package: tmp_path)
    prompts.version.cache_clear()
    try:
        assert prompts.version() == shipped
        (tmp_path / f"{NAMES[0]}.txt").write_text("Another text.", encoding="utf-8")
        prompts.version.cache_clear()
        assert prompts.version() != shipped
    finally:
        prompts.version.cache_clear()
