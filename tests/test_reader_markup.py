"""Markdown, HTML and Word: what is text in them, and what each piece is."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml.parser import parse_xml

from index.errors import ReportError
from index.readers import read_report, read_text
from tests.writers import PROSE, outline

# --- Markdown


def test_markdown() -> None:
    report = read_text(
        "---\ntitle: In the front matter\ndate: 2025-01-01\n---\n"
        "Intro with a [link](https://example.org), **bold**, *emphasis*, `code` and ![a picture](x.png).\n\n"
        "<!-- not to be read -->\n\n"
        "## Setext too\n\nTwo lines\nof one paragraph.\n\n"
        "> A quotation.\n\n"
        "1. First\n2. Second\n   - Nested\n\n     More of it.\n\n"
        "| Country | Share |\n|---|---|\n| Qatar | 2% |\n| Turkey | **5%** |\n\n"
        "**In bold**\n\nText.\n\n"
        "```python\nx = 1\n```\n\n"
        "<div>Text in <b>HTML</b>.</div>\n\n"
        "\\*Cover image: a harbour\n",
        "md",
    )
    assert report.title == "In the front matter"
    assert outline(report) == [
        ("paragraph", "Intro with a link, bold, emphasis, code and ."),
        ("heading", "Setext too"),
        ("paragraph", "Two lines of one paragraph."),
        ("paragraph", "A quotation."),
        ("bullet", "First"),
        ("bullet", "Second"),
        ("bullet", "Nested"),
        ("paragraph", "More of it."),
        ("bullet", "Country: Qatar; Share: 2%"),
        ("bullet", "Country: Turkey; Share: 5%"),
        ("heading", "In bold"),
        ("paragraph", "Text."),
        ("paragraph", "x = 1"),
        ("paragraph", "Text in HTML."),
        ("note", "*Cover image: a harbour"),
    ]


def test_markdown_title_is_the_only_heading_of_its_level() -> None:
    assert read_text(f"# Review\n\n{PROSE}", "md").title == "Review"
    several = read_text(f"# Summary\n\n{PROSE}\n\n# Outlook\n\n{PROSE}", "md", title="Named")
    assert several.title == "Named"
    assert [section.title for section in several.sections] == ["Summary", "Outlook"]


# --- HTML


def test_html() -> None:
    report = read_text(
        "<!doctype html><title>Review &amp; Outlook</title><header>Banner</header><nav>Menu</nav>"
        "<main><article><header><h1>Review &amp; Outlook</h1></header><aside>Advertisement</aside>"
        "<p>One<br>line &ldquo;quoted&rdquo;&nbsp;here<sup>3</sup> and<!-- no --> m<sup>2</sup>.</p>"
        "<div>Loose text <p hidden>hidden</p><span style='display: none'>gone</span>after.</div>"
        "<p><strong>Bold heading</strong></p><ul><li>One<ul><li>Nested</li></ul></li><li><p>Two</p></li></ul>"
        "<table><caption>Shares</caption><tr><th>Country<th>Share<tr><td>Qatar<td>2%<tr><td>Turkey<td>5%</table>"
        "<figure><img src=x><figcaption>A harbour</figcaption></figure>"
        "<h2>Next</h2>First.<br><br>Second.<script>x</script></article></main><footer>Imprint</footer>",
        "html",
    )
    assert report.title == "Review & Outlook"
    assert outline(report) == [
        ("paragraph", "One line “quoted” here³ and m²."),
        ("paragraph", "Loose text after."),
        ("heading", "Bold heading"),
        ("bullet", "One"),
        ("bullet", "Nested"),
        ("bullet", "Two"),
        ("note", "Shares"),
        ("bullet", "Country: Qatar; Share: 2%"),
        ("bullet", "Country: Turkey; Share: 5%"),
        ("note", "A harbour"),
        ("heading", "Next"),
        ("paragraph", "First."),
        ("paragraph", "Second."),
    ]


def test_html_text_beside_an_empty_main_is_kept() -> None:
    assert read_text(f"<title>T</title><main></main><div>{PROSE}</div>", "html").text == PROSE


def test_html_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(ReportError, match="nested too deep"):
        read_text("<div>" * 100_000 + PROSE, "html")


# --- Word


def test_docx(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "Named in the properties"
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.add_heading("Findings", 1)
    paragraph = document.add_paragraph("It grew by 0.8% ")
    paragraph.add_run("in 2023").bold = True
    paragraph.add_run("4").font.superscript = True
    paragraph.add_run().add_break(WD_BREAK.LINE)
    paragraph.add_run("and fell later.")
    document.add_heading("Details", 2)
    document.add_paragraph("One", style="List Bullet")
    document.add_paragraph("Two", style="List Number")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("Country", "Share"), ("Qatar", "2%"), ("Turkey", "5%")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph().add_run("Heading in bold").bold = True
    document.add_paragraph("After the table.")
    document.add_paragraph("Figure 1: A harbour", style="Caption")
    document.add_paragraph("Example Research Team")
    path = tmp_path / "report.docx"
    document.save(str(path))

    report = read_report(path)
    assert report.title == "Named in the properties"
    assert outline(report) == [
        ("heading", "Findings"),
        ("paragraph", "It grew by 0.8% in 2023⁴ and fell later."),
        ("heading", "Details"),
        ("bullet", "One"),
        ("bullet", "Two"),
        ("bullet", "Country: Qatar; Share: 2%"),
        ("bullet", "Country: Turkey; Share: 5%"),
        ("heading", "Heading in bold"),
        ("paragraph", "After the table."),
        ("note", "Figure 1: A harbour"),
        ("note", "Example Research Team"),
    ]
    assert [section.level for section in report.sections] == [1, 2, 6]


def test_docx_changes_are_read_as_accepted(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The fund ")
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for mark, text in (("ins", "<w:t>holds</w:t>"), ("del", "<w:delText>lacks</w:delText>")):
        change = f'<w:{mark} {namespace} w:id="1" w:author="A"><w:r>{text}</w:r></w:{mark}>'
        paragraph._p.append(parse_xml(change))
    paragraph.add_run(" money.")
    path = tmp_path / "report.docx"
    document.save(str(path))
    assert read_report(path).text == "The fund holds money."
