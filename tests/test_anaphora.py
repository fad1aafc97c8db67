"""What pronouns and demonstratives stand for."""

from __future__ import annotations

import pytest

from assistant.followups.anaphora import demonstrated, leans, resolve
from assistant.followups.salience import Exchange


@pytest.mark.parametrize(
    "before, answer, question, expected",
    [
        # the subject before an object, what was asked for before the subject, the same role first
        ("Does the mayor's office run the zoo?", "", "When did it open?", "When did the mayor's office open?"),
        ("Which law did the court strike down?", "", "Who drafted it?", "Who drafted the law?"),
        ("What risk does the bank run?", "", "When must it report?", "When must the bank report?"),
        (
            "Why does Oslo want a treaty with Bern?",
            "",
            "What did Rome think of it?",
            "What did Rome think of the treaty with Bern?",
        ),
        # number and sort
        ("Which rivers cross Peru?", "", "How long are they?", "How long are the rivers?"),
        ("Which rivers cross Peru?", "", "How large is it?", "How large is Peru?"),
        ("Do Kenya and Peru trade with Chile?", "", "What do they sell?", "What do Kenya and Peru sell?"),
        ("Which economist warned of the crash?", "", "Where does she teach?", "Where does the economist teach?"),
        # what is sold is sold to somebody, not to a thing
        ("Whose boats do Danish crews sail?", "", "Who sells to them?", "Who sells to the Danish crews?"),
        # "they" of a single organisation, from the answer to a question for somebody
        (
            "Who printed the map?",
            "Bluefield Mapping Group",
            "How can I reach them?",
            "How can I reach Bluefield Mapping Group?",
        ),
        ("Who runs the zoo?", "Ann Lee runs the zoo.", "When did she join it?", "When did Ann Lee join the zoo?"),
        ("Who broke the news?", "The station, Miller confirmed, broke the news.", "Where was he?", "Where was Miller?"),
        # "which of them" after "who" is of those who were named, if they were
        (
            "Who sells to the crews?",
            "Acme, Borex and Cyntra sell to them.",
            "Which of them is oldest?",
            "Which of Acme, Borex and Cyntra is oldest?",
        ),
        # what was asked for, in full, where its noun names nobody
        (
            "Which countries signed the treaty of Trent in May?",
            "",
            "What do they want?",
            "What do the countries that signed the treaty of Trent in May want?",
        ),
        # the thing, not its measure; but the spending of "how much"
        ("What is the height of the tower?", "", "Who built it?", "Who built the tower?"),
        ("How much does Norway spend on roads?", "", "Is it rising?", "Is Norway's spending on roads rising?"),
        # years and the like are not spoken of again
        ("In which years were the reforms?", "", "Who opposed them?", "Who opposed the reforms?"),
        # places
        ("Why did the museum move to Hill Street?", "", "Who lives there?", "Who lives in Hill Street?"),
        ("Which islands did they visit?", "", "Which goods come from there?", "Which goods come from the islands?"),
        # several pronouns
        ("When did Ann Lee open the zoo?", "", "Why did she close it?", "Why did Ann Lee close the zoo?"),
    ],
)
def test_the_most_salient_that_agrees(before: str, answer: str, question: str, expected: str) -> None:
    assert resolve(question, [Exchange(before, answer)]) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How do ports make a town rich while they are busy?",
        "Why do Norway's ports make it rich?",
        "How does the plan differ from the legacy it leaves?",
        "Did the town sell its docks?",
        "Might the town raise taxes to keep its docks?",
        "Is it possible that prices fall?",
        "Would it be fair to say so?",
        "How long does it take to get to Rome?",
        "Why is it that prices fall?",
        "Are there ports?",
        "How do the rules differ from those of Peru?",
        "Who must pay for the damage that this caused?",
    ],
)
def test_what_the_question_explains_itself_is_left(question: str) -> None:
    assert resolve(question, [Exchange("Which law did the court strike down?", "")]) == question


def test_an_earlier_exchange_counts_half() -> None:
    before = [Exchange("Who is Ann Lee?", "Ann Lee runs the zoo."), Exchange("How old is the zoo?", "Forty years.")]
    assert resolve("Where did she study?", before) == "Where did Ann Lee study?"
    assert resolve("Where is it?", before) == "Where is the zoo?"


TAX = Exchange(
    "What did the cabinet change?", "The cabinet passed the tax reforms of 1990. They cost 40 million euros."
)


@pytest.mark.parametrize(
    "before, question, expected",
    [
        (TAX, "Who opposed those reforms?", "Who opposed the tax reforms of 1990?"),
        (
            Exchange("What did it cost?", "It cost 40 million euros."),
            "Who paid that amount?",
            "Who paid 40 million euros?",
        ),
        (
            Exchange("Who trades?", "Kenya, Peru and Chile trade."),
            "What do these countries sell?",
            "What do Kenya, Peru and Chile sell?",
        ),
        (Exchange("Who built it?", "Harl Bank built it."), "How old is this company?", "How old is Harl Bank?"),
        (TAX, "What happens these days?", "What happens these days?"),
        (TAX, "Who likes this poem?", "Who likes this poem?"),
    ],
)
def test_demonstratives_by_head_and_sort(before: Exchange, question: str, expected: str) -> None:
    assert demonstrated(question, [before]) == expected


def test_what_still_leans() -> None:
    assert leans("What would make that worse?")
    assert leans("Who started it?")
    assert not leans("How does the rule compare with that of Peru?")
    assert not leans("Why did the town sell its docks?")
