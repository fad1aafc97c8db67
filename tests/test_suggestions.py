"""Questions offered: about the names at hand, and only those that are answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.suggestions import Suggestions
from index.report import Block, Report, build_report
from tests.made_up import GLACIER, TRIAL

ABOUT = "What is this report about?"


def ask(name: str) -> str:
    return f"What does the report say about {name}?"


class Asked:
    """Answers every question but the given ones, and remembers what it was asked."""

    def __init__(self, *refused: str) -> None:
        self.questions: list[str] = []
        self._refused = refused

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return not any(name in question for name in self._refused)


def sentence_with(report: Report, words: str) -> int:
    return next(s.number for s in report.sentences if words in report.quote(s))


def test_near_asks_of_the_names_in_a_sentence() -> None:
    sentence = GLACIER.sentences[sentence_with(GLACIER, "Three villages")]
    assert Suggestions(GLACIER, Asked()).near([sentence]) == (ask("Aldal"), ask("Brekke and Storvik"))
    assert Suggestions(GLACIER, Asked("Aldal")).near([sentence]) == (ask("Brekke and Storvik"),)
    assert Suggestions(GLACIER, Asked("What")).near([sentence]) == ()
    assert Suggestions(GLACIER, Asked()).near([sentence], count=1) == (ask("Aldal"),)


def test_near_leaves_out_what_was_asked() -> None:
    sentence = GLACIER.sentences[sentence_with(GLACIER, "Three villages")]
    assert Suggestions(GLACIER, Asked()).near([sentence], besides="Who lives in ALDAL?") == (ask("Brekke and Storvik"),)


def test_near_a_sentence_without_names_is_nothing() -> None:
    assert Suggestions(GLACIER, Asked()).near([GLACIER.sentences[sentence_with(GLACIER, "Warmer summers")]]) == ()


def test_openings_come_from_each_section() -> None:
    found = Suggestions(GLACIER, Asked()).opening(5)
    assert found[0] == ABOUT
    assert len(found) == len(set(found)) == 5
    assert ask("Aldal") in found  # of the second section
    assert any("Ingrid Solheim" in question for question in found)  # of the third


def test_openings_are_asked_first_and_no_more_than_needed() -> None:
    asked = Asked("Vinterbre")
    suggestions = Suggestions(GLACIER, asked)
    found = suggestions.opening(2)
    assert found == (ABOUT, ask("Aldal"))
    assert set(found) <= set(asked.questions)
    assert len(asked.questions) <= 3
    before = len(asked.questions)
    assert suggestions.opening(2) == found
    assert len(asked.questions) == before  # the same report has the same openings


@pytest.mark.parametrize("is_answered", [Asked("What"), lambda question: False])
def test_nothing_is_offered_that_is_not_answered(is_answered: Callable[[str], bool]) -> None:
    assert Suggestions(GLACIER, is_answered).opening() == ()


def test_a_name_that_is_everywhere_is_not_asked_of() -> None:
    calm = build_report([Block("paragraph", " ".join(f"On day {i} we gave Calmin." for i in range(9)))], title="x")
    assert Suggestions(calm, Asked()).opening() == (ABOUT,)
    assert Suggestions(calm, Asked()).near(calm.sentences) == ()


def test_possessives_are_no_part_of_a_name() -> None:
    report = build_report([Block("paragraph", "It is Norway’s and France's.")], title="x")
    assert Suggestions(report, Asked()).near(report.sentences) == (ask("Norway"), ask("France"))


def test_notes_give_no_openings() -> None:
    assert not any("Per Aas" in question for question in Suggestions(GLACIER, Asked()).opening(20))
    assert Suggestions(TRIAL, Asked()).opening(1) == (ABOUT,)
