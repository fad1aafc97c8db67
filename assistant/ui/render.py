"""A report and its answers as HTML.

Everything here comes from a user, a report or a model, so every text is escaped before a tag is put around it: the
page's sanitiser can be passed, and the report's pane has none. No blank line may stand in what goes into the chat:
it would end the block of HTML there and hand the rest to a Markdown parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby

from markdown_it import MarkdownIt

from assistant.answer import Answer, Citation
from index.report import Paragraph, Report, Section, Sentence

# No HTML, no links, no images: what an answer needs and nothing that could load or run something.
MARKDOWN = MarkdownIt("zero", {"html": False, "breaks": True}).enable(["newline", "escape", "emphasis", "list"])
# A citation mark, unless its bracket is escaped: a quoted text may hold "[1]", too, and comes as "\\[1\\]". While
# Markdown is rendered, two private characters stand for the brackets.
_CITATION = re.compile(r"(?<!\\)((?:\\\\)*)\[(\d{1,4})\]")
_OPEN, _CLOSE = "\ue000", "\ue001"
_HELD = re.compile(f"{_OPEN}(\\d+){_CLOSE}")

STATUS_LABELS: Mapping[str, str] = {
    "not_in_report": "Not in the report",
    "contradicted": "The report says otherwise",
    "off_topic": "Not a question about the report",
}
# Wider than this, a cited paragraph is shown as the cited sentences and their neighbours only.
_LONG_PARAGRAPH = 1200


def sentence_at(report: Report, offset: int) -> Sentence | None:
    """The sentence that holds a character offset, or None between sentences."""
    position = bisect_right(report.sentences, offset, key=lambda sentence: sentence.start) - 1
    if position < 0 or report.sentences[position].end <= offset:
        return None
    return report.sentences[position]


def report_html(report: Report) -> str:
    """The report as it is read: ``section#sec-N`` with its heading, and ``span#s-N`` around each sentence."""
    parts: list[str] = []
    first = report.sections[0].start if report.sections else len(report.text)
    before = " ".join(report.text[:first].split())
    parts.append(f'<h2 class="report-title" dir="auto">{_inline(before or report.title)}</h2>')
    parts.extend(_section_html(report, section, depth) for section, depth in _depths(report))
    return "\n".join(parts)


def _depths(report: Report) -> Iterator[tuple[Section, int]]:
    """Each section and how many sections it is nested in; unlike its level, that never skips a step."""
    around: list[int] = []
    for section in report.sections:
        while around and around[-1] >= section.level:
            around.pop()
        yield section, len(around)
        if section.title:
            around.append(section.level)


def contents_html(report: Report) -> str:
    """The list of contents, a link for each section that has a title."""
    items = (
        f'<li class="depth-{min(depth, 3)}">'
        f'<a href="#sec-{section.number}" dir="auto">{_inline(section.title)}</a></li>'
        for section, depth in _depths(report)
        if section.title
    )
    return f"<ol>{''.join(items)}</ol>"


def _section_html(report: Report, section: Section, depth: int) -> str:
    heading = ""
    if section.title:
        tag = f"h{min(depth + 3, 6)}"
        heading = f'<{tag} id="h-{section.number}" tabindex="-1" dir="auto">{_inline(section.title)}</{tag}>'
    paragraphs = report.paragraphs[section.first_paragraph : section.end_paragraph]
    body = []
    for kind, group in groupby(paragraphs, key=lambda paragraph: paragraph.kind):
        if kind == "bullet":
            items = "".join(f'<li dir="auto">{_paragraph_html(report, each)}</li>' for each in group)
            body.append(f"<ul>{items}</ul>")
        else:
            mark = ' class="note"' if kind == "note" else ""
            body.extend(f'<p{mark} dir="auto">{_paragraph_html(report, each)}</p>' for each in group)
    return f'<section id="sec-{section.number}">{heading}{"".join(body)}</section>'


def _paragraph_html(report: Report, paragraph: Paragraph) -> str:
    parts = []
    position = paragraph.start
    for sentence in report.sentences_of(paragraph):
        parts.append(escape(report.text[position : sentence.start]))
        parts.append(f'<span id="s-{sentence.number}" tabindex="-1">{escape(report.quote(sentence))}</span>')
        position = sentence.end
    parts.append(escape(report.text[position : paragraph.end]))
    return "".join(parts)


def question_html(question: str) -> str:
    """A question as it was typed."""
    return f'<div class="question" dir="auto">{_inline(question, newline="<br>")}</div>'


def partial_html(text: str) -> str:
    """An answer's text so far, its citations not yet links."""
    return f'<div class="answer">{_body_html(text, {})}</div>'


def notice_html(text: str, kind: str = "notice") -> str:
    """A line from the page itself, in the place of an answer."""
    return f'<div class="answer {escape(kind)}"><p>{_inline(text[:1].upper() + text[1:])}</p></div>'


def answer_html(answer: Answer, report: Report, asked: str) -> str:
    """An answer with its citations as links to ``#s-N``, and the cited passages under it."""
    links = {citation.number: _target(report, citation) for citation in answer.citations}
    parts = []
    if answer.status in STATUS_LABELS:
        parts.append(f'<p class="status-label">{STATUS_LABELS[answer.status]}</p>')
    if changed(asked, answer.question):
        parts.append(f'<p class="understood" dir="auto">Understood as: {_inline(sentence_case(answer.question))}</p>')
    parts.append(f'<div class="answer-text" dir="auto">{_body_html(answer.text, links)}</div>')
    if answer.citations:
        parts.append(_sources_html(answer, report, links))
    if answer.notice:
        parts.append(f'<p class="understood">{_inline(answer.notice)}</p>')
    parts.append(_how_html(answer))
    return f'<div class="answer {escape(answer.status)}">{"".join(parts)}</div>'


def _body_html(text: str, links: Mapping[int, str | None]) -> str:
    text = text.replace(_OPEN, "").replace(_CLOSE, "")
    html = MARKDOWN.render(_CITATION.sub(rf"\1{_OPEN}\2{_CLOSE}", text))
    return _HELD.sub(lambda found: _cite(int(found[1]), links), " ".join(html.split("\n")))


def _cite(number: int, links: Mapping[int, str | None]) -> str:
    target = links.get(number)
    return f'<a class="cite" href="#{target}">[{number}]</a>' if target else f"[{number}]"


def _target(report: Report, citation: Citation) -> str | None:
    sentence = sentence_at(report, citation.start)
    if sentence is not None:
        return f"s-{sentence.number}"
    headings = (each.number for each in report.sections if each.title and each.heading_start == citation.start)
    return next((f"h-{number}" for number in headings), None)


def _sources_html(answer: Answer, report: Report, links: Mapping[int, str | None]) -> str:
    """The passages cited, each paragraph once, with what is quoted of it marked."""
    by_paragraph: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        sentence = sentence_at(report, citation.start)
        if sentence is None and citation.quote == citation.section:
            continue  # a heading: the answer says it already
        by_paragraph.setdefault(-citation.number if sentence is None else sentence.paragraph, []).append(citation)
    items = []
    for number, citations in by_paragraph.items():
        numbers = " ".join(_cite(citation.number, links) for citation in citations)
        passage = _passage_html(report, report.paragraphs[number] if number >= 0 else None, citations)
        where = _inline(citations[0].section or report.title)
        items.append(
            f'<li><p class="where"><span>{numbers}</span> <span dir="auto">{where}</span></p>'
            f'<blockquote dir="auto">{passage}</blockquote></li>'
        )
    if not items:
        return ""
    return f'<div class="sources"><p class="sources-title">In the report</p><ul>{"".join(items)}</ul></div>'


def _passage_html(report: Report, paragraph: Paragraph | None, citations: Iterable[Citation]) -> str:
    """A paragraph with the quotes in it marked; of a long one, the quotes and the sentence before and after each."""
    quotes = sorted((citation.start, citation.end) for citation in citations)
    if paragraph is None:
        return " … ".join(f"<mark>{_inline(report.text[start:end])}</mark>" for start, end in quotes)
    shown = [(paragraph.start, paragraph.end)]
    if paragraph.end - paragraph.start > _LONG_PARAGRAPH:
        shown = _neighbourhoods(report, paragraph, quotes)
    parts = []
    for begin, stop in shown:
        position = begin
        parts.append("… " if begin > paragraph.start else "")
        for start, end in quotes:
            if position <= start and end <= stop:
                parts.append(f"{_inline(report.text[position:start])}<mark>{_inline(report.text[start:end])}</mark>")
                position = end
        parts.append(_inline(report.text[position:stop]))
    parts.append(" …" if shown[-1][1] < paragraph.end else "")
    return "".join(parts)


def _neighbourhoods(report: Report, paragraph: Paragraph, quotes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    sentences = report.sentences_of(paragraph)
    for start, end in quotes:
        inside = [i for i, each in enumerate(sentences) if each.start < end and start < each.end]
        begin = sentences[max(inside[0] - 1, 0)].start
        stop = sentences[min(inside[-1] + 1, len(sentences) - 1)].end
        if spans and begin <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((begin, stop))
    return spans


def _how_html(answer: Answer) -> str:
    """What can be done with an answer; and which engine answered, how sure it is and how long it took, folded away."""
    engine = "sentences taken from the report" if answer.engine == "extractive" else f"written by {answer.engine}"
    seconds = answer.timings.get("total", sum(answer.timings.values()))
    facts = f"Engine: {engine}. That the report answers this: {in_words(answer.confidence)}. Time: {seconds:.2f} s."
    if (counts := answer.verification) is not None:
        facts += (
            f" Sentences written by the LLM: {counts.written}, of which {counts.passed} passed verification, "
            f"{counts.repaired} with other sources, and {counts.dropped} were dropped."
        )
    wrong = _button("rate wrong", "Wrong citation") if answer.citations else ""
    return (
        f'<div class="actions">{_button("copy", "Copy")}{_button("rate up", "Helpful")}'
        f"{_button('rate down', 'Not helpful')}{wrong}"
        f'<details class="how"><summary>How this was answered</summary><p>{_inline(facts)}</p></details></div>'
    )


def _button(kind: str, label: str) -> str:
    """A link that page.js makes act as a button; the chat's sanitiser lets no button pass."""
    return f'<a class="{kind}" role="button" href="#act" tabindex="0">{label}</a>'


def in_words(confidence: float) -> str:
    """A probability in words; the bounds are those of everyday use, not of a standard."""
    for bound, words in ((0.9, "very likely"), (0.7, "likely"), (0.4, "uncertain"), (0.15, "unlikely")):
        if confidence >= bound:
            return f"{words} ({confidence:.0%})"
    return f"very unlikely ({confidence:.0%})"


def sentence_case(question: str) -> str:
    """A rewritten question with a capital at its beginning."""
    return question[:1].upper() + question[1:]


def changed(asked: str, answered: str) -> bool:
    """Whether a question was answered in other words than it was asked in."""

    def plain(text: str) -> str:
        return "".join(character for character in text.casefold() if character.isalnum())

    return plain(asked) != plain(answered)


def _inline(text: str, newline: str = " ") -> str:
    return newline.join(escape(line) for line in text.splitlines())
