"""Blocks become a report whose every piece is a pair of offsets."""

from __future__ import annotations

import pytest

from index.errors import ReportError
from index.report import Block, build_report

BLOCKS = [
    Block("title", "The Annual Report"),
    Block("note", "By Ann Example"),
    Block("heading", "Findings", 2),
    Block("paragraph", "It grew by approx. 0.8%. It fell later."),
    Block("bullet", "First point."),
    Block("bullet", "Second point. With more to it."),
    Block("heading", "Empty part", 3),
    Block("heading", "Outlook", 2),
    Block("paragraph", "Nobody knows."),
]


def test_the_text_reads_like_the_report() -> None:
    report = build_report(BLOCKS, title="file name")
    assert report.title == "The Annual Report"
    assert report.text == (
        "The Annual Report\n\nBy Ann Example\n\nFindings\n\nIt grew by approx. 0.8%. It fell later.\n\n"
        "- First point.\n- Second point. With more to it.\n\nEmpty part\n\nOutlook\n\nNobody knows."
    )


def test_pieces_are_offsets_into_the_text() -> None:
    report = build_report(BLOCKS, title="file name")
    assert [report.quote(sentence) for sentence in report.sentences] == [
        "By Ann Example",
        "It grew by approx. 0.8%.",
        "It fell later.",
        "First point.",
        "Second point.",
        "With more to it.",
        "Nobody knows.",
    ]
    assert [report.quote(paragraph) for paragraph in report.paragraphs] == [
        block.text for block in BLOCKS if block.kind in ("paragraph", "bullet", "note")
    ]
    assert [(section.title, section.level) for section in report.sections] == [
        ("", 1),
        ("Findings", 2),
        ("Empty part", 3),
        ("Outlook", 2),
    ]
    for section in report.sections:
        assert report.text[section.heading_start : section.heading_end] == section.title
    findings = report.sections[1]
    assert report.quote(findings).startswith("Findings\n\nIt grew")
    assert report.quote(findings).endswith("to it.")
    assert report.quote(report.sections[2]) == "Empty part"


def test_pieces_know_each_other() -> None:
    report = build_report(BLOCKS, title="file name")
    for number, section in enumerate(report.sections):
        assert section.number == number
        for paragraph in report.paragraphs[section.first_paragraph : section.end_paragraph]:
            assert paragraph.section == number
            for sentence in report.sentences_of(paragraph):
                assert sentence.paragraph == paragraph.number
                assert report.section_of(sentence) is section
    assert [sentence.number for sentence in report.sentences] == list(range(len(report.sentences)))


def test_the_given_title_stands_where_the_text_has_none() -> None:
    report = build_report([Block("paragraph", "Text.")], title="file name")
    assert report.title == "file name"
    assert report.text == "Text."


def test_empty_blocks_leave_no_gap() -> None:
    report = build_report([Block("paragraph", "One."), Block("paragraph", ""), Block("paragraph", "Two.")], title="t")
    assert report.text == "One.\n\nTwo."


@pytest.mark.parametrize("blocks", [[], [Block("heading", "Only this")], [Block("paragraph", "— * —")]])
def test_no_text_is_an_error(blocks: list[Block]) -> None:
    with pytest.raises(ReportError, match="no text"):
        build_report(blocks, title="empty.txt")


def test_the_hash_is_of_the_text_alone() -> None:
    one = build_report([Block("paragraph", "Text.")], title="a")
    assert one.sha256 == build_report([Block("paragraph", "Text.")], title="b").sha256
    assert one.sha256 != build_report([Block("paragraph", "Text!")], title="a").sha256
