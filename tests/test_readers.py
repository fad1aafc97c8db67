"""Every text format, written by a real writer and read back; PDF has a module of its own."""

from __future__ import annotations

import codecs
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import ReportError
from index.readers import read_report, read_text
from tests.writers import MADE_UP, PROSE, WRITERS, MadeUp, check_offsets, outline, written

ORIGINAL_REPORT = Path(__file__).resolve().parent.parent.parent / "shared" / "report.txt"
ENGLISH = "Kazakhstan’s fund “holds” 120 billion tenge – about USD 265 million."
FRENCH = "Le fonds s’élève à 120 milliards – c’est déjà « prévu » à l’étranger."
RUSSIAN = "Правительство одобрило фонд — «впервые» за много лет. Он содержит 120 миллиардов тенге."


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(made_up=MADE_UP)
def test_what_is_written_is_read_back(form: str, made_up: MadeUp) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = written(made_up, form, Path(folder))
    assert report.title == made_up.title
    # The running head of a PDF of one page cannot be told from text: it is a note.
    assert [piece for piece in outline(report) if piece[0] != "note"] == made_up.outline()
    check_offsets(report)


@settings(max_examples=150)
@given(text=st.text(max_size=300), format_=st.sampled_from(["txt", "md", "html"]))
def test_any_text_is_read_or_refused(text: str, format_: Any) -> None:
    try:
        report = read_text(text, format_)
    except ReportError:
        return
    check_offsets(report)


# --- plain text


def test_plain_text_tells_headings_bullets_and_notes() -> None:
    report = read_text(
        "Annual Review\n"
        "By Ann Example\n"
        "1. Summary\n"
        f"{PROSE}\n"
        "1.2 Scope of the review\n"
        "The partners are:\n"
        "1. Turkey, which pays.\n"
        "2. Qatar, which waits.\n"
        "KEY FIGURES\n"
        "• Spending is 0.8% of GDP.\n"
        "Figure 3: Spending by year\n"
        f"Outlook:\n{PROSE}\n"
        "Example Research Team\n"
        "*Cover image: a lighthouse (Credits: A. Painter)\n"
        "Write to us at office@example.org for more.\n"
    )
    assert report.title == "Annual Review"
    assert outline(report) == [
        ("note", "By Ann Example"),
        ("heading", "1. Summary"),
        ("paragraph", PROSE),
        ("heading", "1.2 Scope of the review"),
        ("paragraph", "The partners are:"),
        ("bullet", "Turkey, which pays."),
        ("bullet", "Qatar, which waits."),
        ("heading", "KEY FIGURES"),
        ("bullet", "Spending is 0.8% of GDP."),
        ("note", "Figure 3: Spending by year"),
        ("heading", "Outlook:"),
        ("paragraph", PROSE),
        ("note", "Example Research Team"),
        ("note", "*Cover image: a lighthouse (Credits: A. Painter)"),
        ("note", "Write to us at office@example.org for more."),
    ]
    assert [section.level for section in report.sections] == [1, 1, 2, 1, 1]


def test_hard_wrapped_text_is_joined() -> None:
    report = read_text(
        "Findings\n--------\n\n"
        "The fund holds approx. USD 265 million and was made in December\n"
        "2023 by the government, which asked for more of it in the\nspring.\n"
        "  * A point that is longer than one line can be and therefore\n    goes on.\n"
        "  * Another point.\n\n"
        "A second paragraph follows after the blank line, and it is no\nlonger than two.\n"
    )
    assert outline(report) == [
        ("heading", "Findings"),
        (
            "paragraph",
            "The fund holds approx. USD 265 million and was made in December 2023 by the government, which asked "
            "for more of it in the spring.",
        ),
        ("bullet", "A point that is longer than one line can be and therefore goes on."),
        ("bullet", "Another point."),
        ("paragraph", "A second paragraph follows after the blank line, and it is no longer than two."),
    ]


def test_the_only_heading_of_plain_text_is_no_title() -> None:
    report = read_text(f"Executive Summary\n{PROSE}", title="Named")
    assert (report.title, report.sections[0].title) == ("Named", "Executive Summary")


def test_a_figure_between_heading_and_text_leaves_the_heading() -> None:
    report = read_text(f"{PROSE}\nOutlook\nFigure 2: A harbour\n{PROSE}")
    assert [kind for kind, _ in outline(report)] == ["paragraph", "heading", "note", "paragraph"]


def test_text_of_short_lines_alone_is_kept() -> None:
    report = read_text("milk\nEggs and bread\nThe Harbour Office")
    assert "Eggs and bread" in report.text
    assert any(paragraph.kind == "paragraph" for paragraph in report.paragraphs)


def test_a_table_of_many_short_lines_makes_no_headings() -> None:
    lines = [f"Tower {number}" for number in range(8)]
    report = read_text("\n".join([PROSE, *lines, "", "Outlook", PROSE]))
    assert [text for kind, text in outline(report) if kind == "heading"] == ["Outlook"]


def test_characters_are_normalised() -> None:
    report = read_text("The cafe\u0301 holds\u00a0120 bil\u00adlion\u200b ten\ufb01n \x07units.\r\nIt is another.\r\n")
    assert report.text == "The café holds 120 billion tenfin units.\n\nIt is another."


# --- encodings


@pytest.mark.parametrize(
    "text, encoding",
    [
        (ENGLISH, "utf-8"),
        (ENGLISH, "utf-8-sig"),
        (ENGLISH, "utf-16"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"),
        (RUSSIAN, "utf-16-le"),
        (RUSSIAN, "utf-16-be"),
        (RUSSIAN, "utf-32"),
        (ENGLISH, "cp1252"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        ("Фонд создан.", "cp1251"),
        ("政府批准了基金。总额为一千二百亿坚戈。", "gb18030"),
    ],
)
@pytest.mark.parametrize("suffix", ["txt", "md"])
def test_encodings(text: str, encoding: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report.{suffix}"
    path.write_bytes(f"{text}\r\n\r\n{text}\r\n".encode(encoding))
    assert read_report(path).text == f"{text}\n\n{text}"


def test_utf_16_with_the_mark_of_either_order(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        path.write_bytes(mark + RUSSIAN.encode(encoding))
        assert read_report(path).text == RUSSIAN


def test_html_names_its_own_encoding(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    page = "<html><head><meta charset='{}'></head><body><p>{}</p></body></html>"
    for label, encoding, text in (
        ("windows-1251", "cp1251", "Да."),
        ("iso-8859-1", "cp1252", ENGLISH),
        ("koi8-r", "koi8-r", "Фонд создан."),
        ("no-such-thing", "utf-8", ENGLISH),
        ("zlib", "utf-8", ENGLISH),
    ):
        path.write_bytes(page.format(label, text).encode(encoding))
        assert read_report(path).text == text


# --- the report to talk about


@pytest.mark.skipif(not ORIGINAL_REPORT.exists(), reason="the original report is not at hand")
def test_the_original_report() -> None:
    report = read_report(ORIGINAL_REPORT)
    assert [section.title for section in report.sections] == [
        "Executive Summary",
        "Key Takeaways",
        "Background Information",
        "Geopolitical Scenario",
        "Conclusion",
    ]
    kinds = [paragraph.kind for paragraph in report.paragraphs]
    assert (kinds.count("bullet"), kinds.count("note"), kinds[-3:]) == (3, 3, ["note"] * 3)
    sentences = [report.quote(sentence) for sentence in report.sentences if sentence.paragraph < len(kinds) - 3]
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)
    assert not any(sentence.endswith(("approx.", "U.S.", "0.")) for sentence in sentences)
    check_offsets(report)
