"""The claims that the least coverage is measured with, and how it is chosen from them."""

from __future__ import annotations

import pytest

from eval.writers.claims import Claim, in_other_words, right_claims, shortened, with_words_of, wrong_claims
from eval.writers.coverage import COVERAGES, LEASTS, Measured, best, counts, grid, reports_at_hand
from eval.writers.fluent import FOLDER, fluent
from index.report import Block, Report, build_report


def test_other_words_keep_figures_names_and_capitals() -> None:
    assert in_other_words("Worries about 40 large lamps in Lund grew.") == "Concerns about 40 big lamps in Lund grew."


@pytest.mark.parametrize(("sentence", "expected"), [
    ("In winter, the lamp burns (all night).", "The lamp burns."),
    ("The lamp burns oil, which is dear.", "The lamp burns oil."),
    ("The lamp burns if it is lit.", "The lamp burns if it is lit."),
])  # fmt: skip
def test_what_limits_a_sentence_is_not_cut_off(sentence: str, expected: str) -> None:
    assert shortened(sentence) == expected


def test_replaced_words_come_from_the_other_sentence() -> None:
    replaced = with_words_of("The keeper cleaned the window.", "The sailor painted the barrel.", 1)
    assert replaced is not None
    assert len(set(replaced.split()) - {"The", "keeper", "cleaned", "the", "window."}) == 1
    assert with_words_of("The lamp.", "Ships sail.", 3) is None


def test_wrong_claims_cite_another_sentence_or_hold_its_words(harbour: Report) -> None:
    texts = [harbour.quote(sentence) for sentence in harbour.sentences]
    for claim in wrong_claims(harbour):
        assert claim.text != texts[claim.cited[0]]


def test_the_other_edition_s_sentences_are_right_where_the_paragraphs_match(harbour: Report) -> None:
    other = build_report(
        [
            Block("title", "The Harbour of Lund"),
            Block("heading", "Background"),
            Block("paragraph", "It was in 1911 that the harbour opened. Of its nine berths, two are for ferries."),
            Block("paragraph", "Mostly grain is moved."),
        ],
        title="harbour",
    )
    claims = [claim for claim in right_claims(harbour, other) if claim.kind == "other edition"]
    assert [harbour.quote(harbour.sentences[claim.cited[0]]) for claim in claims] == [
        "The harbour opened in 1911.",
        "It has nine berths, two of them for ferries.",
    ]


def measured(is_right: bool, *worths: float, decided: bool = False) -> Measured:
    return Measured(Claim("k", "t", (0,)), is_right, decided, worths)


def test_the_thresholds_show_the_fewest_wrong_that_the_goal_allows() -> None:
    right = [measured(True, 1.0, 0.9) for _ in range(39)]
    odd = measured(True, 1.0, 0.1)  # one in forty may be dropped
    wrong = [measured(False, 1.0, 0.2), measured(False, 0.5, 0.5), measured(False, 1.0, 1.0, decided=True)]
    every = [*right, odd, *wrong]
    coverage, least = best(every)
    assert counts(every, coverage, least) == (1, 0)
    assert counts(every, 0.0, 0.0) == (0, 2)
    assert counts([*right, odd, odd, odd, *wrong], *best([*right, odd, odd, odd, *wrong])) == (0, 2)
    assert len(grid(every).splitlines()) == len(COVERAGES) + 2
    assert grid(every).splitlines()[0].count("least") == len(LEASTS)


def test_there_are_reports_to_measure_on_that_nothing_was_fitted_on() -> None:
    assert len(reports_at_hand()) >= 12


def test_what_an_llm_writes_rests_on_sentences_that_are_there() -> None:
    lines = [line for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) >= 200
    assert len(lines) == sum(len(list(fluent(report))) for report, _ in reports_at_hand())
