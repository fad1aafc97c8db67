"""pydantic's errors as one line for the user."""

from __future__ import annotations

from pydantic import ValidationError


def describe(error: ValidationError) -> str:
    """Where and what: ``key.key: message``, with how many more there are.

    Of several errors the project's own checks come first: where a value may have one of several forms, pydantic lists
    why it has none of them, and the check inside the nearest form says most.
    """
    errors = sorted(error.errors(), key=lambda each: each["type"] != "value_error")
    # Parts of a place that pydantic makes up for a form ("tuple[…]", "function-after[…]") say nothing to a user.
    names = [str(part) for part in errors[0]["loc"] if isinstance(part, int) or part.isidentifier()]
    where = ".".join(name for name in names if name not in {"Pattern", "str"})
    message = errors[0]["msg"].removeprefix("Value error, ")
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where}: {message}{more}" if where else f"{message}{more}"
