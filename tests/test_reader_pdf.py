"""PDFs by a real writer: running heads, columns, page breaks, tables, encryption, scans."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, Table

from index.errors import ReportError
from index.readers import read_report
from index.report import Report
from tests.test_reader_errors import PNG
from tests.writers import MADE_UP, PROSE, MadeUp, build_pdf, check_offsets, outline, write_pdf

STYLES = getSampleStyleSheet()
BODY, HEADING = STYLES["BodyText"], STYLES["Heading2"]
WIDTH, HEIGHT = A4


def numbered(count: int) -> str:
    """A paragraph of sentences that can be told apart."""
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    figures = [" ".join(names[int(figure)] for figure in str(number)) for number in range(count)]
    return " ".join(f"The keeper of tower {figure} reported a storm of about 0.8 hours." for figure in figures)


def read_pdf(story: list[Any], folder: Path, columns: int = 1, **options: Any) -> Report:
    build_pdf(story, folder / "some_report.pdf", columns, "Review of Lighthouses", **options)
    report = read_report(folder / "some_report.pdf")
    check_offsets(report)
    return report


def drawn(lines: Sequence[tuple[float, float, str]], folder: Path, size: float = 10) -> Report:
    """A page with each text at its place, in points from the left and the top, in the order given."""
    canvas = Canvas(str(folder / "drawn.pdf"), pagesize=A4)
    canvas.setFont("Helvetica", size)
    for x, y, text in lines:
        canvas.drawString(x, HEIGHT - y, text)
    canvas.save()
    return read_report(folder / "drawn.pdf")


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(made_up=MADE_UP)
def test_two_columns_are_read_one_after_the_other(made_up: MadeUp) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_pdf(made_up, Path(folder) / "report.pdf", columns=2)
        report = read_report(Path(folder) / "report.pdf")
    assert report.title == made_up.title
    read = " ".join(text for kind, text in outline(report) if kind != "note")
    assert read.split() == " ".join(text for _, text in made_up.outline()).split()
    check_offsets(report)


def test_columns_written_line_by_line_across_the_page(tmp_path: Path) -> None:
    left = [
        "The keepers of the northern towers",
        "met in the winter of 2023 and",
        "agreed to share their oil until the",
    ]
    left += ["spring, when a ship would come.", "They kept to it, and no lamp went", "out in any of the storms."]
    right = [line.replace("northern", "southern").replace("no lamp", "one lamp") for line in left]
    rows = [(x, 100 + 12 * row, text) for row in range(6) for x, text in ((60, left[row]), (310, right[row]))]
    report = drawn(rows, tmp_path)
    assert report.text == " ".join(left) + "\n\n" + " ".join(right)


@pytest.mark.parametrize("columns", [1, 2])
def test_running_heads_and_page_numbers_are_no_text(columns: int, tmp_path: Path) -> None:
    text = numbered(160)
    report = read_pdf([Paragraph("Findings", HEADING), Paragraph(text, BODY)], tmp_path, columns)
    # One paragraph runs over all the pages, and nothing else is left of them.
    assert (report.title, outline(report)) == ("Findings", [("paragraph", text)])
    assert len(report.sentences) == 160


def test_sentences_that_repeat_at_one_place_stay(tmp_path: Path) -> None:
    story: list[Any] = []
    for _ in range(3):
        story += [Paragraph(PROSE, BODY), Paragraph(PROSE, BODY), PageBreak()]
    assert read_pdf(story, tmp_path).text.count(PROSE) == 6


def test_sentences_that_count_with_the_pages_stay(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "pages.pdf"), pagesize=A4)
    for number in range(1, 4):
        canvas.drawString(60, HEIGHT - 40, "Review of Lighthouses")
        canvas.drawString(60, HEIGHT - 90, f"The keepers of tower {number} reported a storm.")
        canvas.drawString(60, 40, f"{number} | Confidential")
        canvas.showPage()
    canvas.save()
    report = read_report(tmp_path / "pages.pdf")
    assert [report.quote(sentence) for sentence in report.sentences] == [
        f"The keepers of tower {number} reported a storm." for number in (1, 2, 3)
    ]


def test_numbered_headings_at_the_top_of_pages_stay(tmp_path: Path) -> None:
    story: list[Any] = []
    for number in range(1, 4):
        story += [Paragraph(f"Case {number}", HEADING), Paragraph(PROSE, BODY), PageBreak()]
    titles = [section.title for section in read_pdf(story, tmp_path).sections]
    assert titles == ["Case 1", "Case 2", "Case 3"]


def test_headings_by_size_and_weight(tmp_path: Path) -> None:
    bold = ParagraphStyle("bold", BODY, fontName="Helvetica-Bold")
    story = [
        Paragraph("Review of Lighthouses", STYLES["Title"]),
        Paragraph("1. Findings of the review", HEADING),
        Paragraph(PROSE, BODY),
        Paragraph("Details", bold),
        Paragraph(f"<b>Risk.</b> {PROSE}", BODY),
        Paragraph("Outlook", HEADING),
        Paragraph(PROSE, BODY),
        Paragraph("Example Research Team", BODY),
    ]
    report = read_pdf(story, tmp_path)
    assert report.title == "Review of Lighthouses"
    assert [(section.title, section.level) for section in report.sections if section.title] == [
        ("1. Findings of the review", 2),
        ("Details", 3),
        ("Outlook", 2),
    ]
    assert ("paragraph", f"Risk. {PROSE}") in outline(report)
    assert outline(report)[-1] == ("note", "Example Research Team")


def test_words_divided_at_line_ends_are_joined(tmp_path: Path) -> None:
    lines = [
        "The ministry of defence spoke of its indus-",
        "trial policy and of the defence-",
        "industrial fund, an Anglo-",
    ]
    lines += ["Dutch plan for defence and industrial use,", "industrial growth included."]
    report = drawn([(60, 100 + 12 * row, text) for row, text in enumerate(lines)], tmp_path)
    assert report.text == (
        "The ministry of defence spoke of its industrial policy and of the defence-industrial fund, an Anglo-Dutch "
        "plan for defence and industrial use, industrial growth included."
    )


def test_tables_are_read_row_by_row(tmp_path: Path) -> None:
    rows = [["Country", "Share of all", "Year"], ["Qatar", "2%", "2023"], ["Turkey", "15%", "2024"]]
    report = read_pdf([Paragraph(PROSE, BODY), Table(rows), Paragraph(PROSE, BODY)], tmp_path)
    assert [text for kind, text in outline(report) if kind == "bullet"] == [
        "Country: Qatar; Share of all: 2%; Year: 2023",
        "Country: Turkey; Share of all: 15%; Year: 2024",
    ]


def test_a_footnote_does_not_divide_the_paragraph_over_it(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "note.pdf"), pagesize=A4)
    for place, size, text in [
        (100, 10, "The fund holds 120 billion tenge and"),
        (112, 10, "is to grow in the years that"),
        (760, 7, "¹Figures are of the ministry."),
    ]:
        canvas.setFont("Helvetica", size)
        canvas.drawString(60, HEIGHT - place, text)
    canvas.showPage()
    canvas.setFont("Helvetica", 10)
    canvas.drawString(60, HEIGHT - 100, "follow, as the minister said.")
    canvas.save()
    assert outline(read_report(tmp_path / "note.pdf")) == [
        (
            "paragraph",
            "The fund holds 120 billion tenge and is to grow in the years that follow, as the minister said.",
        ),
        ("note", "¹Figures are of the ministry."),
    ]


def test_raised_figures_stay_apart_from_the_number_before(tmp_path: Path) -> None:
    report = read_pdf(
        [Paragraph("It was made in 2023<super>4</super> and grew by 5 km<super>2</super> since.", BODY)], tmp_path
    )
    assert outline(report)[-1] == ("paragraph", "It was made in 2023⁴ and grew by 5 km² since.")


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_pages_and_stamps(turn: int, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "turned.pdf"), pagesize=A4)
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(turn)
    for row, text in enumerate(["The fund holds 120 billion tenge,", "as the minister said in 2023."]):
        canvas.drawString(-60, 20 - 14 * row, text)
    canvas.rotate(45)
    canvas.drawString(0, 100, "DRAFT")
    canvas.setPageRotation(turn)
    canvas.save()
    text = "The fund holds 120 billion tenge, as the minister said in 2023."
    assert read_report(tmp_path / "turned.pdf").text == text


@pytest.mark.parametrize(
    "title, expected",
    [
        ("Annual Review of Lighthouses", "Annual Review of Lighthouses"),
        ("Microsoft Word - draft.docx", "Some report"),
        ("untitled", "Some report"),
        (None, "Some report"),
    ],
)
def test_the_title_among_the_properties(title: str | None, expected: str, tmp_path: Path) -> None:
    assert read_pdf([Paragraph(numbered(4), BODY)], tmp_path, title=title).title == expected


def test_encryption(tmp_path: Path) -> None:
    story = [Paragraph(numbered(4), BODY)]
    # With an owner's password alone anyone may read.
    assert "tower three" in read_pdf(list(story), tmp_path, encrypt=StandardEncryption("", "owner")).text
    with pytest.raises(ReportError, match=r"some_report\.pdf: the PDF is encrypted"):
        read_pdf(list(story), tmp_path, encrypt=StandardEncryption("secret", "owner"))


def test_a_scan_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(PNG)
    canvas = Canvas(str(tmp_path / "scan.pdf"), pagesize=A4)
    for number in (1, 2):
        canvas.drawImage(ImageReader(str(tmp_path / "page.png")), 0, 0, WIDTH, HEIGHT)
        canvas.drawCentredString(WIDTH / 2, 20, str(number))
        canvas.showPage()
    canvas.save()
    with pytest.raises(ReportError, match="is a scan"):
        read_report(tmp_path / "scan.pdf")


def test_pages_without_anything(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "blank.pdf"), pagesize=A4)
    canvas.showPage()
    canvas.save()
    with pytest.raises(ReportError, match="no text"):
        read_report(tmp_path / "blank.pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing more", PROSE.encode(), PNG])
def test_a_damaged_file(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(data)
    with pytest.raises(ReportError, match="damaged"):
        read_report(tmp_path / "bad.pdf")
