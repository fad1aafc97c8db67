"""A conversation as a file to keep: Markdown, JSON, or a page to print. What is quoted stands in it with its section.

Questions, answers and reports may hold anything, and what is kept is opened by programs that load pictures and follow
links. So the Markdown is written anew, every sign of text escaped, from what the chat page shows of an answer: bold,
italics and lists; and the page loads nothing, runs nothing and says so in a policy of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from string import Template

from markdown_it.tree import SyntaxTreeNode

from assistant.answer import Answer
from assistant.ui.render import MARKDOWN, STATUS_LABELS, changed, in_words, partial_html, sentence_case
from assistant.ui.turns import Turn
from index.report import Report

_STOPPED = "Stopped before it was answered."
# What means something in some Markdown: signs at any place, and others at the begin of a line, before a name of an
# entity, in an address, or where they stand together. A full stop or a dash within a sentence stays as it is.
_SIGN = re.compile(
    r"[\\`*_{}\[\]<>|~$^@]|&(?=#?\w+;)|:(?=//|\w+:)|(?<=\bwww)\.|={2,}|-{2,}|\+{2,}"
    r"|^[#+\-=:!]+",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?= |$)")


def as_json(turns: Sequence[Turn], report: Report) -> str:
    """``{"report", "version", "turns": [{"question", "answer"}]}``; an answer has ``Answer``'s fields, or is null."""
    answers = [turn.read_answer(report) for turn in turns]
    content = {
        "report": {"title": report.title, "sha256": report.sha256},
        "version": version("report-assistant"),
        "turns": [
            {"question": turn.question, "answer": None if answer is None else answer.as_dict()}
            for turn, answer in zip(turns, answers, strict=True)
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_markdown(turns: Sequence[Turn], report: Report) -> str:
    """Headings for the questions, then the answer, then the quotes with their sections."""
    parts = [f"# Questions about {_plain(report.title)}"]
    for number, turn in enumerate(turns, 1):
        parts.append(f"## {number}. {_plain(turn.question)}")
        answer = turn.read_answer(report)
        parts += [f"*{_STOPPED}*"] if answer is None else _answer_parts(answer, turn.question)
    parts.append(f"---\n\n*{_plain(_origin(report))}*")
    return "\n\n".join(parts) + "\n"


def _answer_parts(answer: Answer, asked: str) -> list[str]:
    parts = []
    if changed(asked, answer.question):
        parts.append(f"*Understood as: {_plain(sentence_case(answer.question))}*")
    if answer.status in STATUS_LABELS:
        parts.append(f"**{STATUS_LABELS[answer.status]}**")
    parts.append(_markdown(answer.text))
    parts += [f"> \\[{c.number}\\] “{_plain(c.quote)}” ({_plain(c.section or c.report)})" for c in answer.citations]
    return parts


def _markdown(text: str) -> str:
    """An answer's Markdown, written anew from what the page shows of it."""
    return "\n\n".join(_block(node) for node in SyntaxTreeNode(MARKDOWN.parse(text)).children)


def _block(node: SyntaxTreeNode) -> str:
    if node.type in ("bullet_list", "ordered_list"):
        items = enumerate(node.children, int(node.attrs.get("start", 1)))
        marks = ((f"{n}." if node.type == "ordered_list" else "-", item) for n, item in items)
        return "\n".join(f"{mark} {_indented(item, len(mark) + 1)}" for mark, item in marks)
    return "".join(_inline(each) for each in node.children)


def _indented(item: SyntaxTreeNode, by: int) -> str:
    return "\n".join(_block(each) for each in item.children).replace("\n", "\n" + " " * by)


def _inline(node: SyntaxTreeNode) -> str:
    if node.type in ("softbreak", "hardbreak"):
        return "  \n"
    inner = "".join(_inline(each) for each in node.children) if node.children else _escaped(node.content)
    mark = {"strong": "**", "em": "*"}.get(node.type, "")
    return f"{mark}{inner}{mark}"


def _plain(text: str) -> str:
    """Text on one line, which no Markdown program takes for anything else."""
    return _escaped(text.strip())


def _escaped(text: str) -> str:
    signs = _SIGN.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), re.sub(r"\s+", " ", text))
    return _NUMBERED.sub(r"\1\\\2", signs)


def as_page(turns: Sequence[Turn], report: Report) -> str:
    """A document of HTML to print, whole in itself."""
    template = Template(files("assistant.ui").joinpath("static", "export.html").read_text("utf-8"))
    articles = (_article(number, turn, report) for number, turn in enumerate(turns, 1))
    return template.substitute(title=escape(report.title), turns="\n".join(articles), origin=escape(_origin(report)))


def _article(number: int, turn: Turn, report: Report) -> str:
    parts = [f'<h2 dir="auto">{number}. {escape(turn.question)}</h2>']
    answer = turn.read_answer(report)
    if answer is None:
        return f'<article>{parts[0]}<p class="soft">{_STOPPED}</p></article>'
    if changed(turn.question, answer.question):
        parts.append(f'<p class="soft" dir="auto">Understood as: {escape(sentence_case(answer.question))}</p>')
    if answer.status in STATUS_LABELS:
        parts.append(f'<p class="status">{STATUS_LABELS[answer.status]}</p>')
    parts.append(f'<div dir="auto">{partial_html(answer.text)}</div>')
    for citation in answer.citations:
        where = escape(citation.section or citation.report)
        parts.append(
            f'<blockquote dir="auto"><p>{escape(citation.quote)}</p>'
            f'<footer>[{citation.number}] <cite dir="auto">{where}</cite></footer></blockquote>'
        )
    sure = f"That the report answers this: {in_words(answer.confidence)}. Engine: {answer.engine}."
    parts.append(f'<p class="soft">{escape(sure)}</p>')
    return f'<article class="{escape(answer.status)}">{"".join(parts)}</article>'


def _origin(report: Report) -> str:
    return (
        f"Answers of report-assistant {version('report-assistant')} from “{report.title}” "
        f"(SHA-256 of its text: {report.sha256})."
    )


FORMS: Mapping[str, tuple[str, str, Callable[[Sequence[Turn], Report], str]]] = {
    "markdown": ("md", "text/markdown; charset=utf-8", as_markdown),
    "json": ("json", "application/json", as_json),
    "page": ("html", "text/html; charset=utf-8", as_page),
}
"""What a conversation can be saved as: suffix, media type, and the function that writes it."""


def file_name(report: Report, suffix: str) -> str:
    """A name for the file that any system takes: letters, figures and dashes."""
    words = re.findall(r"[^\W_]+", report.title)
    return f"{'-'.join(['questions', *words])[:80].rstrip('-').lower()}.{suffix}"
