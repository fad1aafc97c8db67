"""Evidence: found in the report that it quotes, and carried over to another edition by paragraph."""

from __future__ import annotations

import pytest

from eval.cases import CASES_FOLDER, load_cases
from eval.suites import BUNDLED, Scope, load_suite
from eval.targets import SuiteError, carry_over, find_all, find_evidence
from index.readers import read_report
from index.report import Block, Report, build_report
from tests.eval.conftest import MakeCase


def test_a_quote_gives_its_paragraph_and_its_sentences(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(evidence=["nine berths", "Critics say that it isn’t"]), harbour)
    assert {harbour.quote(harbour.paragraphs[p])[:12] for p in task.paragraphs} == {"The harbour ", "The town may"}
    assert {harbour.quote(harbour.sentences[s]) for s in task.sentences} == {
        "It has nine berths, two of them for ferries.",
        "Critics say that it isn't needed.",
    }


def test_a_quote_over_two_sentences_gives_both(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(evidence=["main  cargo. Its\nowner"]), harbour)
    assert {harbour.quote(harbour.sentences[s]) for s in task.sentences} == {
        "Grain is the main cargo.", "Its owner is the town.",
    }  # fmt: skip


@pytest.mark.parametrize("quote", ["ten berths", "for ferries. Grain is", "Background"])
def test_what_stands_in_no_paragraph_is_an_error(harbour: Report, make_case: MakeCase, quote: str) -> None:
    with pytest.raises(SuiteError, match="case opened-1: the report does not hold the evidence"):
        find_evidence(make_case(evidence=[quote]), harbour)


def test_evidence_is_carried_over_by_section_and_paragraph(harbour: Report, make_case: MakeCase) -> None:
    other = build_report(
        [
            Block("paragraph", "A foreword that the first edition lacks."),
            Block("heading", "BACKGROUND:"),
            Block("paragraph", "It was in 1911 that ships first came."),
            Block("note", "A note in between."),
            Block("paragraph", "The town owns it and ships grain."),
            Block("heading", "Outlook"),
            Block("paragraph", "There may be ten berths one day."),
        ],
        title="other",
    )
    cases = [make_case(evidence=[quote]) for quote in ("opened in 1911", "Grain is", "tenth", "Photo")]
    tasks = carry_over(find_all(cases, harbour), harbour, other)
    found = [[other.quote(other.paragraphs[p])[:8] for p in task.paragraphs] for task in tasks]
    assert found == [["It was i"], ["The town"], ["There ma"], []]
    assert all(task.sentences == frozenset() for task in tasks)


def test_editions_without_a_common_section_are_an_error(harbour: Report, make_case: MakeCase) -> None:
    other = build_report([Block("heading", "Elsewhere"), Block("paragraph", "Nothing.")], title="other")
    with pytest.raises(SuiteError, match="share no section title"):
        carry_over(find_all([make_case()], harbour), harbour, other)


def test_every_committed_case_finds_its_evidence_in_the_bundled_edition() -> None:
    report = read_report(BUNDLED)
    for task in find_all(load_cases(CASES_FOLDER), report):
        assert bool(task.paragraphs) == bool(task.case.evidence)


def test_the_original_edition_has_a_paragraph_for_all_evidence_but_the_edition_note(original_report: object) -> None:
    bundled, original = load_suite(Scope(edition="both", held_out=True))
    for before, after in zip(bundled.tasks, original.tasks, strict=True):
        kept = [p for p in before.paragraphs if bundled.report.paragraphs[p].section > 0]
        assert len(after.paragraphs) == len(kept)
