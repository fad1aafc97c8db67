"""The texts that the assistant speaks in its own voice, as templates beside this module.

A template is plain text with ``{field}`` in it. Rendering is strict: a field that is missing, and one that the template
does not have, is an error, so that a text can never go out half-filled.
"""

from __future__ import annotations

import hashlib
import string
from functools import lru_cache
from importlib.resources import files


class TemplateError(Exception):
    """A template does not exist or was given other fields than it has."""


@lru_cache(maxsize=64)
def _template(name: str) -> str:
    try:
        return files("prompts").joinpath(f"{name}.txt").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise TemplateError(f"there is no template {name!r}") from None


def render(name: str, **fields: str) -> str:
    """The template ``name`` with its fields filled in; what is filled in is not searched for fields again.

    Raises:
        TemplateError: there is no such template, or its fields are not exactly the given ones.
    """
    template = _template(name)
    wanted = {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}
    if wanted != set(fields):
        raise TemplateError(f"the template {name!r} has the fields {sorted(wanted)}, not {sorted(fields)}")
    return template.format(**fields)


@lru_cache(maxsize=1)
def version() -> str:
    """A hash over all templates: two answers with the same version were worded by the same templates."""
    digest = hashlib.sha256()
    for path in sorted(files("prompts").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".txt"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
