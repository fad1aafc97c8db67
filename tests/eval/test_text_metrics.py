"""Metrics of an answer's text; expected values are the formulas."""

from __future__ import annotations

import pytest

from eval.cases import Pattern
from eval.metrics.text import emphasised, exact_match, facts_found, has_fact, plain, term_recall, token_f1, word_count


@pytest.mark.parametrize("markdown, text", [
    ("It is **120 billion** tenge [1].", "It is 120 billion tenge."),
    ("- one [1]\n- *two* [2][3]", "one two"),
    ("## Head\n\n1. first\n> said", "Head first said"),
    ("snake_case stays, _this_ goes", "snake_case stays, this goes"),
    (r"\*Cover and 2 \> 1", "*Cover and 2 > 1"),
])  # fmt: skip
def test_plain_leaves_marks_out(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize("answer, alias, found", [
    ("about USD 265 million [1]", "usd 265 million", True),
    ("about **USD** 265\u00a0million", "USD 265 million", True),
    ("the 2022–2024 reforms", "2022-2024", True),
    ("Kazakhstan’s", "Kazakhstan's", True),
    ("it is 0.8% of GDP", "0.8%", True),
    ("it is 10.8% of GDP", "0.8%", False),
    ("1,120 billion tenge", "120 billion", False),
    ("40,000 people", "40", False),
    ("it has 40, no more", "40", True),
    ("he was nonpartisan", "partisan", False),
    ("China's", "china", True),
    ("Indochina", "China", False),
    ("a fund [1] of 120", "fund of 120", True),
])  # fmt: skip
def test_an_alias_is_found_on_word_boundaries_whatever_the_typography(answer: str, alias: str, found: bool) -> None:
    assert has_fact(answer, (alias,)) is found


def test_a_pattern_is_found_whatever_the_case() -> None:
    assert has_fact("They are Negotiating.", Pattern(pattern=r"\bnegotiat\w+"))
    assert not has_fact("They talk.", Pattern(pattern=r"\bnegotiat\w+"))
    assert has_fact("They talk.", ("negotiate", Pattern(pattern="talks?")))


def test_facts_found_is_found_over_all() -> None:
    facts = (("China",), ("Qatar", "Doha"), ("Turkey",))
    assert facts_found("China and Doha", facts) == 2 / 3
    with pytest.raises(ValueError, match="no facts"):
        facts_found("China", ())


def test_words_are_counted_without_marks() -> None:
    assert word_count("It is **120 billion** – really [1] [2].") == 5


def test_emphasised_stretches_are_joined() -> None:
    assert emphasised("**a b** and **c** [1]") == "a b c"
    assert emphasised("none") == ""


def test_term_recall_is_the_share_of_expected_stems() -> None:
    assert term_recall("Has it operated there?", "the ferries operated") == 1 / 2
    assert term_recall("And the ferry?", "the ferries") == 1
    assert term_recall("ferries", "And how?") == 1


def test_token_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    precision, recall = 2 / 4, 2 / 3
    assert token_f1("The old stone mill stood", ["a stone mill, indeed"]) == pytest.approx(
        2 * precision * recall / (precision + recall)
    )
    assert token_f1("mill", ["no", "the mill"]) == 1
    assert token_f1("b b c", ["b c c"]) == pytest.approx(2 / 3)
    assert token_f1("x", ["y"]) == 0


def test_no_gold_answer_is_met_by_the_empty_prediction_alone() -> None:
    assert (token_f1("", []), exact_match("", [])) == (1, 1)
    assert (token_f1("mill", []), exact_match("mill", [])) == (0, 0)
    assert token_f1("", ["mill"]) == 0


def test_exact_match_ignores_case_punctuation_and_articles() -> None:
    assert exact_match("The Mill!", ["mill"]) == 1
    assert exact_match("mills", ["mill"]) == 0
