"""Questions offered by topic and after an answer: answered, from the right place, and none that was asked already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant import Answer, Assistant, Settings
from assistant.offers import MAX_TOPICS, WHOLE, Offers
from index.readers import read_text
from index.report import Report
from tests.made_up import CLUB, GLACIER


@pytest.fixture(scope="module")
def glacier(settings_of_module: Settings) -> Iterator[Assistant]:
    with Assistant(GLACIER, settings=settings_of_module) as opened:
        yield opened


@pytest.fixture(scope="module")
def settings_of_module(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(cache_dir=tmp_path_factory.mktemp("cache"))


def test_each_question_of_each_topic_is_answered(bot: Assistant) -> None:
    topics = list(Offers(bot.report, bot.look_up).topics())
    assert topics[0].title == WHOLE
    assert len({topic.title for topic in topics}) == len(topics) == MAX_TOPICS
    questions = [question for topic in topics for question in topic.questions]
    assert len(set(questions)) == len(questions) > len(topics)
    assert {bot.ask(question).status for question in questions} == {"answered"}
    assert len({question.partition(" ")[0] for question in questions}) >= 4  # what, who, how, when
    assert not any(question.startswith("What does the report say") for question in questions)


def test_a_noun_that_recurs_is_a_topic_of_its_own(bot: Assistant) -> None:
    topics = {topic.title: topic.questions for topic in Offers(bot.report, bot.look_up).topics()}
    assert "How large is the Defence Industry Development Fund?" in topics["Fund"]
    for question in topics["Fund"]:
        assert any("Fund" in citation.quote for citation in bot.ask(question).citations)


def test_where_little_can_be_asked_otherwise_sections_are_topics(glacier: Assistant) -> None:
    sections = {section.title for section in GLACIER.sections}
    found = [topic for topic in Offers(GLACIER, glacier.look_up).topics() if topic.title in sections]
    assert found
    for topic in found:
        for question in topic.questions:
            assert topic.title in {citation.section for citation in glacier.ask(question).citations}, question


def test_follow_ups_are_answered_and_tell_something_new(bot: Assistant) -> None:
    offers = Offers(bot.report, bot.look_up)
    asked = ["How large is the fund?"]
    answer = bot.ask(asked[0])
    told = {citation.quote for citation in answer.citations}
    found = offers.after(answer, asked)
    assert 2 <= len(found) <= 3
    for question in found:
        following = bot.ask(question)
        assert following.status == "answered"
        assert {citation.quote for citation in following.citations} - told
    assert not set(offers.after(answer, [*asked, *found])) & set(found)


def test_another_report_has_its_own_topics(glacier: Assistant) -> None:
    topics = {topic.title: topic.questions for topic in Offers(GLACIER, glacier.look_up).topics()}
    assert "Measurements" in topics
    assert any(name in question for name in ("Aldal", "Brekke", "Storvik") for question in topics["Measurements"])


def test_a_report_without_headings_has_questions_too(settings_of_module: Settings) -> None:
    with Assistant(CLUB, settings=settings_of_module) as club:
        whole, *rest = Offers(CLUB, club.look_up).topics()
    assert whole.title == WHOLE
    assert len(rest) > 1


def refusing(question: str) -> Answer:
    return Answer("The report does not say.", "not_in_report", (), question, 0.0)


@pytest.mark.parametrize("report", [GLACIER, CLUB, read_text("Yes."), read_text("Это отчёт о мостах.")])
def test_nothing_is_offered_that_is_not_answered(report: Report) -> None:
    assert list(Offers(report, refusing).topics()) == []


def test_a_report_in_another_script_gets_no_questions_in_english(settings_of_module: Settings) -> None:
    report = read_text("# Мосты\n\nМост через Неву построен в 1850 году. Мост имеет длину 300 метров.", "md")
    with Assistant(report, settings=settings_of_module) as bot:
        assert list(Offers(report, bot.look_up).topics()) == []


def test_a_long_report_is_asked_a_bounded_number_of_questions() -> None:
    parts = (
        f"## Part {n}\n\nThe risks of measure {n} were weighed by Anna Berg in May {1900 + n}." for n in range(120)
    )
    asked: list[str] = []

    def ask(question: str) -> Answer:
        asked.append(question)
        return refusing(question)

    assert list(Offers(read_text("\n\n".join(parts), "md"), ask).topics()) == []
    assert 0 < len(asked) < 200
