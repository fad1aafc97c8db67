"""An answer as a terminal shows it."""

from __future__ import annotations

import re
import textwrap

from assistant.answer import Answer

MAX_WIDTH = 100  # longer lines are hard to read, however wide the window is
_BULLET = re.compile(r"\s*(?:[-*]|\d+\.)\s+|\s+")
# Everything that moves the cursor, changes colours or reverses the direction of what follows: a report or a question
# may hold such characters, and a terminal would obey them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def printable(text: str) -> str:
    """``text`` without the characters that a terminal would obey instead of showing them."""
    return _CONTROL.sub("", text.replace("\t", " "))


def wrap(text: str, width: int, indent: str = "") -> str:
    """Wrap each line of ``text`` to ``width`` columns; what follows a bullet's mark is aligned with its first word."""
    lines = []
    for line in text.splitlines():
        mark = _BULLET.match(line)
        hanging = indent + " " * (mark.end() if mark else 0)
        lines += textwrap.wrap(
            line,
            width,
            initial_indent=indent,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines)


def render(answer: Answer, width: int, *, colour: bool = False) -> str:
    """The answer, its sources (number, section, quote), and the questions to ask instead, if there are any.

    Args:
        answer: what to show; its Markdown is shown as plain text.
        width: columns; more than :data:`MAX_WIDTH` are not used.
        colour: whether the terminal takes ANSI colours.
    """
    width = min(width, MAX_WIDTH)

    def styled(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    parts = [wrap(printable(_plain(answer.text)), width)]
    if answer.citations:
        parts.append(styled("Sources", "1"))
    for citation in answer.citations:
        head = f"[{citation.number}] {printable(citation.section) or '(before the first heading)'}"
        quote = wrap(f"“{printable(citation.quote)}”", width, indent="    ")
        parts.append(styled(head, "36") + "\n" + quote)
    if answer.notice:
        parts.append(wrap(printable(answer.notice), width))
    if answer.suggestions:
        parts.append(styled("The report can answer", "1"))
        parts.append("\n".join(wrap(f"- {printable(question)}", width) for question in answer.suggestions))
    return "\n\n".join(parts)


def _plain(markdown: str) -> str:
    return _ESCAPED.sub(r"\1", markdown.replace("**", ""))
