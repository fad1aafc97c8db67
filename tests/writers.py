"""Made-up reports, and writers that put them into real files of each format."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import BaseDocTemplate, Frame, ListFlowable, ListItem, PageTemplate, Paragraph

from index.readers import read_report
from index.report import Report

PROSE = "The fund holds 120 billion tenge. It was made in 2023."


@dataclass(frozen=True)
class MadeUp:
    """A report: its title and its sections, each a heading and ``("paragraph" | "bullet", text)`` pairs."""

    title: str
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    def outline(self) -> list[tuple[str, str]]:
        """What a reader should find, in order."""
        found: list[tuple[str, str]] = []
        for heading, items in self.sections:
            found += [("heading", heading), *items]
        return found


def outline(report: Report) -> list[tuple[str, str]]:
    """Headings, paragraphs, bullets and notes of a report, in order."""
    found: list[tuple[str, str]] = []
    for section in report.sections:
        if section.title:
            found.append(("heading", section.title))
        paragraphs = report.paragraphs[section.first_paragraph : section.end_paragraph]
        found += [(paragraph.kind, report.quote(paragraph)) for paragraph in paragraphs]
    return found


def check_offsets(report: Report) -> None:
    """Every piece lies where its offsets say, and no character of a paragraph is outside its sentences."""
    position = 0
    for paragraph in report.paragraphs:
        assert position <= paragraph.start < paragraph.end <= len(report.text)
        assert "\n" not in report.quote(paragraph)
        inner = paragraph.start
        for sentence in report.sentences_of(paragraph):
            assert not report.text[inner : sentence.start].strip()
            assert report.quote(sentence) == report.quote(sentence).strip() != ""
            inner = sentence.end
        assert not report.text[inner : paragraph.end].strip()
        position = paragraph.end
    for section in report.sections:
        assert report.text[section.heading_start : section.heading_end] == section.title
    assert sum(len(report.sentences_of(paragraph)) for paragraph in report.paragraphs) == len(report.sentences)


# Words of three letters or more, Latin-1 ones among them: what a PDF's built-in fonts can show.
KNOWN = [
    "fund",
    "tower",
    "keeper",
    "winter",
    "café",
    "größe",
    "budget",
    "harbour",
    "niño",
    "2023",
    "40,000",
    "approx. 5",
]
WORDS = st.one_of(st.sampled_from(KNOWN), st.text("abcdefghilmnoprstuvéüñø", min_size=3, max_size=9))
SENTENCES = st.lists(WORDS, min_size=4, max_size=14).map(lambda words: " ".join(["The", *words]))
# A last sentence ends with a full stop: a short question that stands alone could as well be a heading.
PARAGRAPHS = st.builds(
    lambda before, last: " ".join([*(text + stop for text, stop in before), f"{last}."]),
    st.lists(st.tuples(SENTENCES, st.sampled_from(".!?")), max_size=3),
    SENTENCES,
)
HEADINGS = st.lists(
    st.sampled_from(["Harbour", "Lamps", "Keepers", "and", "of", "the", "Winter", "Outlook", "Budget"]), min_size=2
)
SECTIONS = st.tuples(
    HEADINGS.map(lambda words: " ".join(["Part", *words[:6]])),
    st.lists(st.tuples(st.sampled_from(["paragraph", "bullet"]), PARAGRAPHS), min_size=1, max_size=5).map(tuple),
)
# Long enough to be wrapped, which is how wrapped text is known.
LONG = "The keepers of all the towers met in the winter of that year and agreed to share their oil until the spring."
MADE_UP = st.builds(
    lambda title, sections: MadeUp(title, (("The Meeting of Keepers", (("paragraph", LONG),)), *sections)),
    HEADINGS.map(lambda words: " ".join(["Review", *words[:5]])),
    st.lists(SECTIONS, min_size=2, max_size=4).map(tuple),
)


def write_lines(report: MadeUp, path: Path) -> None:
    """Plain text, one paragraph a line, no blank line anywhere."""
    lines = [report.title]
    for kind, text in report.outline():
        lines.append(f"- {text}" if kind == "bullet" else text)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_wrapped(report: MadeUp, path: Path) -> None:
    """Plain text, hard-wrapped, blank lines between paragraphs, underlined title."""
    parts = [f"{report.title}\n{'=' * len(report.title)}"]
    for kind, text in report.outline():
        indents = {"initial_indent": "* ", "subsequent_indent": "  "} if kind == "bullet" else {}
        parts.append(textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False, **indents))  # type: ignore[arg-type]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def write_markdown(report: MadeUp, path: Path) -> None:
    marks = {"heading": "## ", "bullet": "- ", "paragraph": ""}
    parts = [f"# {report.title}", *(marks[kind] + text for kind, text in report.outline())]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def write_html(report: MadeUp, path: Path) -> None:
    tags = {"heading": "<h2>{}</h2>", "bullet": "<ul><li>{}</li></ul>", "paragraph": "<p>{}</p>"}
    body = "\n".join(tags[kind].format(html.escape(text)) for kind, text in report.outline())
    head = f"<title>{report.title} | Example</title><style>p {{ margin: 0 }}</style>"
    path.write_text(
        f"<!doctype html><html><head>{head}</head><body><nav>Home</nav><main><h1>{report.title}</h1>{body}</main>"
        "<footer>Imprint</footer><script>let text = 1</script></body></html>",
        encoding="utf-8",
    )


def write_docx(report: MadeUp, path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(report.title, style="Title")
    document.sections[0].footer.paragraphs[0].text = "A page's footer"
    for kind, text in report.outline():
        if kind == "heading":
            document.add_heading(text, 1)
        else:
            document.add_paragraph(text, style="List Bullet" if kind == "bullet" else None)
    document.save(str(path))


def write_pdf(report: MadeUp, path: Path, columns: int = 1, **options: Any) -> None:
    """A PDF in one or two columns with a running head and the page's number."""
    styles = getSampleStyleSheet()
    story: list[Any] = [Paragraph(html.escape(report.title), styles["Title"])]
    for kind, text in report.outline():
        if kind == "heading":
            story.append(Paragraph(html.escape(text), styles["Heading2"]))
        elif kind == "bullet":
            item = ListItem(Paragraph(html.escape(text), styles["BodyText"]))
            story.append(ListFlowable([item], bulletType="bullet", start="•"))
        else:
            story.append(Paragraph(html.escape(text), styles["BodyText"]))
    build_pdf(story, path, columns, report.title, **options)


def build_pdf(story: list[Any], path: Path, columns: int = 1, running_head: str = "", **options: Any) -> None:
    width, height = A4
    column = (width - 120 - 20 * (columns - 1)) / columns
    frames = [Frame(60 + index * (column + 20), 72, column, height - 144) for index in range(columns)]

    def decorate(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, height - 36, f"{running_head} Confidential")
        canvas.drawRightString(width - 60, 30, f"Page {document.page} of 9")

    document = BaseDocTemplate(str(path), pagesize=A4, **options)
    document.addPageTemplates([PageTemplate(frames=frames, onPage=decorate)])
    document.build(story)


WRITERS: dict[str, tuple[str, Callable[[MadeUp, Path], None]]] = {
    "lines": ("report.txt", write_lines),
    "wrapped": ("report.txt", write_wrapped),
    "markdown": ("report.md", write_markdown),
    "html": ("report.html", write_html),
    "docx": ("report.docx", write_docx),
    "pdf": ("report.pdf", write_pdf),
}


def written(report: MadeUp, form: str, folder: Path) -> Report:
    """Write a made-up report in one of the forms of ``WRITERS`` and read it back."""
    name, write = WRITERS[form]
    write(report, folder / name)
    return read_report(folder / name)
