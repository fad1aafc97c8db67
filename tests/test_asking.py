"""Questions made from sentences: the constructions that are taken, and those that are left alone."""

from __future__ import annotations

import pytest

from assistant.asking import questions_on, with_article
from tests.hostile import hostile, in_time

MADE = {
    "The length of the old bridge is about 300 metres.": "How large is the length of the old bridge?",
    "Norway's exports were 4 million tonnes.": "How large were Norway's exports?",
    "The number of pupils reached 420 in May.": "How many pupils are there?",
    "It spends EUR 5 million through its Rural Mills Fund.": "How large is the Rural Mills Fund?",
    "Norway has about 5 million inhabitants.": "How many inhabitants does Norway have?",
    "The new bridge would cost EUR 5 million.": "How much would the new bridge cost?",
    "On 9 March 2024 a ferry sank.": "What happened on 9 March 2024?",
    "The mill, which was finally built in 1850, stands.": "When was the mill built?",
    "Harbour Light was founded in May 1887.": "When was Harbour Light founded?",
    "Anna Berg, the mayor, agreed.": "Who is Anna Berg?",
    "It speaks with growers from Italy, Spain and Greece.": "Which countries do the growers come from?",
    "The city plans to close the road.": "What does the city plan to do?",
    "Norway has to choose.": "What does Norway have to do?",
    "The port depends largely on coal.": "What does the port depend on?",
    "It sells hand tools, such as saws.": "Which hand tools does the report name?",
}


@pytest.mark.parametrize(("sentence", "question"), MADE.items())
def test_a_plain_sentence_makes_a_question_and_holds_its_answer(sentence: str, question: str) -> None:
    (made,) = questions_on(sentence)
    assert made.question == question
    assert made.answer in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "It was built in 1850.",  # leans on the sentence before
        "Its length is 300 metres.",
        "They plan to close it.",
        "Out of the state budget, EUR 5 million was asked for.",  # the budget is not that large
        "Of the investment, about 5 million came from firms.",
        "Half of the bridge is 150 metres long.",
        "The second offer was 27 million lower.",
        "The reading room, 4 Lantern Street, is open.",
        "The Blue Island Line, a state company, sails.",
        "The aim is to be heard.",
        "Anna Berg agreed.",
        "The bridge is long. " * 40 + "The bridge is 300 metres long.",
        "",
    ],
)
def test_other_sentences_make_none(sentence: str) -> None:
    assert list(questions_on(sentence)) == []


def test_no_text_takes_long() -> None:
    in_time(lambda text: list(questions_on(text)), [*hostile(600), "The a-b c's of the 1 is 2 was " * 20])


def test_an_article_stands_where_the_text_has_one() -> None:
    text = "The Mill Fund pays. Its Mill Fund is small. Mill Fund: rules. Anna Berg and the mayor met Anna Berg."
    assert with_article("Mill Fund", text) == "the Mill Fund"
    assert with_article("Anna Berg", text) == "Anna Berg"
