"""The features of answerability, each by its definition, and the regression over them."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.answerability import FEATURES, Best, Logistic, features
from assistant.judgement import fitted_tuning
from assistant.question import analyse
from index.encoder import Encoding
from index.projection import no_projection
from index.ranking import SIGNALS
from index.retriever import Evidence
from index.words import split_words
from tests.hostile import hostile, in_time


def described(
    question: str,
    text: str = "The club sold 430 tickets.",
    *,
    similar: list[list[float]] | None = None,
    found: list[list[float]] | None = None,
    weights: list[float] | None = None,
    scores: tuple[float, ...] = (2.0, 0.5, -1.0),
    cosine: tuple[float, ...] = (0.6, 0.7, 0.1),
    paragraphs: tuple[int, ...] = (0, 0, 1),
    holds: dict[str, float] | None = None,
    frequency: list[int] | None = None,
    tells: tuple[float, ...] = (1.0, -2.0, -3.0),
) -> dict[str, float]:
    """The features of three candidate sentences of which the first, ``text``, is the best."""
    asked = analyse(question)
    count = len(asked.content)

    def table(rows: list[list[float]] | None, value: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        filled = np.array(rows if rows is not None else [[value] * count] * 3, dtype=np.float32)
        return filled.reshape(3, count)

    signals = np.arange(3 * len(SIGNALS), dtype=np.float32).reshape(3, len(SIGNALS)) / np.float32(100)
    signals[:, SIGNALS.index("cosine")] = cosine
    idf = np.array(weights or [1.0] * count, dtype=np.float32)
    evidence = Evidence(
        asked.words,
        asked.content,
        np.arange(3),
        signals,
        np.array(scores, dtype=np.float32),
        table(similar, 0.9),
        table(found, 1.0),
        idf=idf,
        weights=idf / idf.sum(),
        essential=np.full(count, 1 / max(count, 1), dtype=np.float32),
        far=no_projection(2).far(table(similar, 0.9)),
        encoding=Encoding(np.zeros(2, np.float32), np.zeros((0, 2), np.float32), np.zeros((0, 2), np.int32)),
    )
    best = Best(
        np.argsort(-np.array(scores)),
        np.array(scores, dtype=np.float32),
        np.array(paragraphs),
        text,
        [word.form for word in split_words(text)],
        holds or {},
        np.array(frequency if frequency is not None else [1] * count),
        np.array(tells, dtype=np.float32),
    )
    row = features(asked, evidence, best)
    assert row.shape == (len(FEATURES),)
    assert np.isfinite(row).all()
    return dict(zip(FEATURES, row.tolist(), strict=True))


def test_what_is_told_is_all_sentences_odds_together() -> None:
    found = described("When was the mill built?", "The mill was built in 1802.", tells=(1.0, -2.0, -3.0))
    assert found["told"] == pytest.approx(np.log(np.exp(1.0) + np.exp(-2.0) + np.exp(-3.0)))
    assert (found["told_best"], found["told_second"]) == (1.0, -2.0)
    alone = described("When was the mill built?", "The mill was built in 1802.", tells=(1.0,))
    assert alone["told_second"] == -8


def test_features_have_names_of_their_own() -> None:
    assert len(set(FEATURES)) == len(FEATURES)
    assert fitted_tuning().answerable.weight.shape == (len(FEATURES),)


def test_signals_are_those_of_the_best_sentence() -> None:
    found = described("Who sold tickets?")
    for name in ("maxsim", "maxsim_paragraph", "maxsim_least", "found", "found_paragraph", "passage_cosine"):
        assert found[name] == pytest.approx(SIGNALS.index(name) / 100)
    assert found["cosine"] == pytest.approx(0.6)
    assert found["best_cosine"] == pytest.approx(0.7)


def test_coverage() -> None:
    similar = [
        [0.9, 0.2, 0.6],
        [0.1, 0.4, 0.6],
        [1.0, 1.0, 1.0],
    ]  # sold, spring, tickets; the third of another paragraph
    found = described("Who sold spring tickets?", similar=similar)
    assert found["least_paragraph"] == pytest.approx(0.4)
    assert found["second_least_paragraph"] == pytest.approx(0.5)
    assert found["well_covered"] == pytest.approx(1 / 3)


def test_orphans_are_words_that_nothing_comes_near() -> None:
    far = [[0.9, 0.0], [0.9, 0.0], [0.9, 0.0]]
    assert described("Who sold kites?", similar=far)["orphans"] == pytest.approx(0.5, abs=1e-2)
    assert described("Who sold kites?", similar=far, weights=[1.0, 3.0])["orphans"] == pytest.approx(0.75, abs=1e-2)
    assert described("Who sold kites?", similar=far)["orphan_worst"] == pytest.approx(1.0, abs=1e-2)
    assert described("Who sold kites?")["orphans"] == pytest.approx(0.0, abs=1e-2)
    elsewhere = described("Who sold kites?", similar=[[0.9, 0.0], [0.0, 0.9], [0.0, 0.0]])
    assert elsewhere["orphans_top"] == pytest.approx(0.0, abs=1e-2)
    assert elsewhere["orphans"] == pytest.approx(0.5, abs=1e-2)


def test_missing_names_and_figures() -> None:
    lacking = [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]  # sold, Anna, 1999; the third of another paragraph
    found = described("Who sold Anna in 1999?", found=lacking, frequency=[1, 0, 0], weights=[1.0, 2.0, 4.0])
    assert (found["missing_names"], found["missing_figures"], found["missing_rare"]) == (1.0, 1.0, 4.0)
    assert (found["unknown_names"], found["unknown_figures"]) == (1.0, 1.0)
    assert found["absent"] == pytest.approx(6 / 7)
    there = described("Who sold Anna in 1999?", found=[[1.0] * 3] * 3)
    assert [there[n] for n in ("missing_names", "missing_figures", "missing_rare", "absent", "unknown_names")] == [
        0.0
    ] * 5
    assert described("Anna sold what?", frequency=[0, 0])["unknown_names"] == 0.0  # the first word is a capital anyway
    assert described("Was it sold in 1999?", frequency=[0, 0])["unknown_figures"] == 0.0  # a yes or no: it may be wrong


def test_phrases() -> None:
    kept = described("Who sold 430 tickets?")
    assert (kept["phrases_found"], kept["phrases_broken"]) == (1.0, 0.0)
    broken = described("Who sold spring tickets?")
    assert (broken["phrases_found"], broken["phrases_broken"]) == (0.0, 2.0)
    assert described("Who sold it?")["phrases_found"] == 0.5


@pytest.mark.parametrize(
    "holds, name, expected",
    [
        ({"number": 0.0}, "no_figure", 1.0),
        ({"number": 0.0, "money": 1.0}, "no_figure", 0.0),
        ({"percent": 0.0}, "no_figure", 1.0),
        ({"date": 0.0}, "no_date", 1.0),
        ({"date": 1.0}, "no_date", 0.0),
        ({"person": 0.0}, "no_name", 1.0),
        ({"name": 1.0}, "no_name", 0.0),
        ({"place": 0.0}, "no_place", 1.0),
        ({"reason": 0.0}, "no_reason", 1.0),
        ({}, "no_figure", 0.0),
        ({}, "no_reason", 0.0),
    ],
)
def test_kinds_of_answer_that_are_not_there(holds: dict[str, float], name: str, expected: float) -> None:
    assert described("What?", holds=holds)[name] == expected


@pytest.mark.parametrize(
    "question, text, elsewhere, has_focus",
    [
        ("How many tickets were sold?", "The club sold 430 tickets.", 0.0, 1.0),
        ("How many tickets were sold?", "The club sold 430 expensive tickets.", 0.0, 1.0),
        ("How many kites were sold?", "The club sold 430 tickets.", 1.0, 1.0),
        ("How many tickets were sold?", "Tickets: 430.", 1.0, 1.0),
        ("Which kites were sold?", "The club sold 430 tickets.", 0.0, 1.0),
        ("Why were they sold?", "The club sold 430 tickets.", 0.0, 0.0),
    ],
)
def test_what_is_counted(question: str, text: str, elsewhere: float, has_focus: float) -> None:
    found = described(question, text)
    assert (found["figure_elsewhere"], found["has_focus"]) == (elsewhere, has_focus)


def test_focus_is_how_near_the_thing_asked_for_is() -> None:
    near = [[0.9, 0.3]] * 3  # tickets, sold
    assert described("How many tickets were sold?", similar=near)["focus"] == pytest.approx(0.3)
    assert described("Why were tickets sold?", similar=near)["focus"] == 0.0


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The club sold tickets.", 1.0),
        ("The club sold tickets such as these.", 0.0),
        ("The clubs Alpha and Beta sold tickets.", 0.0),
        ("Tickets, kites, pens were sold.", 0.0),
    ],
)
def test_instances(text: str, expected: float) -> None:
    assert described("Which clubs sold tickets?", text)["no_instance"] == expected
    assert described("Why did clubs sell tickets?", text)["no_instance"] == 0.0


def test_the_shape_of_the_ranking() -> None:
    found = described("Who sold tickets?", scores=(1.0, 3.0, 2.5), cosine=(0.2, 0.5, 0.8))
    share = np.exp([1.0, 3.0, 2.5]) / np.exp([1.0, 3.0, 2.5]).sum()
    assert found["gap"] == pytest.approx(0.5)
    assert found["top_score"] == pytest.approx(3.0)
    assert found["entropy"] == pytest.approx(-(share * np.log(share)).sum(), abs=1e-5)
    assert found["cosine_lead"] == pytest.approx(0.5 - 0.2)
    assert found["cosine_spread"] == pytest.approx(np.std([0.2, 0.5, 0.8]))


def test_the_sort_of_question() -> None:
    assert described("How many tickets were sold?")["words"] == 2
    assert described("Were tickets sold?")["decision"] == 1
    assert described("Who will sell tickets next year?")["future"] == 1
    assert described("Who sells tickets today?")["present"] == 1
    assert described("Who sold tickets?")["decision"] == described("Who sold tickets?")["future"] == 0


@pytest.mark.parametrize("question", ["what?", "of the and", "?"])
def test_a_question_without_content(question: str) -> None:
    found = described(question)
    assert (found["words"], found["absent"], found["orphans"], found["missing_rare"]) == (0, 1, 0, 0)


def test_probability() -> None:
    mean, deviation, weight = np.array([[1.0, 10.0], [2.0, 5.0], [0.5, -1.0]], dtype=np.float32)
    logistic = Logistic(mean, deviation, weight, intercept=0.25)
    logit = (3.0 - 1.0) / 2.0 * 0.5 + (20.0 - 10.0) / 5.0 * -1.0 + 0.25
    assert logistic.probability(np.array([3.0, 20.0], np.float32)) == pytest.approx(1 / (1 + np.exp(-logit)))
    # five deviations from the mean are as far as it goes
    clipped = logistic.probability(np.array([1.0, 35.0], np.float32))
    assert logistic.probability(np.array([1.0, 1e9], np.float32)) == clipped == pytest.approx(1 / (1 + np.exp(4.75)))


def test_hostile_text() -> None:
    in_time(lambda text: described("How many clubs are there?", text), hostile(5_000))
    in_time(lambda text: described(text, "The club sold 430 tickets."), hostile(1_000))
