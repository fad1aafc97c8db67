"""The two fits against what is known of their optimum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from eval.fit.optimise import Doubles, fit_logistic, fit_ranking

Question = tuple[Doubles, npt.NDArray[np.bool_]]


def slope(loss: Callable[[Doubles], float], at: Doubles) -> Doubles:
    """The gradient of a function by central differences."""
    steps = np.eye(len(at)) * 1e-5
    return np.array([(loss(at + step) - loss(at - step)) / 2e-5 for step in steps])


def ranking_questions(weight: Doubles, count: int = 400, sentences: int = 12) -> list[Question]:
    """Questions whose right sentence is drawn from the softmax of ``weight``."""
    draw = np.random.default_rng(7)
    questions = []
    for _ in range(count):
        x = draw.normal(size=(sentences, len(weight)))
        noise = draw.gumbel(size=sentences)  # the argmax of scores with Gumbel noise is a draw from their softmax
        questions.append((x, np.arange(sentences) == np.argmax(x @ weight + noise)))
    return questions


def ranking_loss(questions: list[Question], weights: list[float], l2: float) -> Callable[[Doubles], float]:
    def loss(beta: Doubles) -> float:
        terms = [
            w * np.log(np.exp(x @ beta)[right].sum() / np.exp(x @ beta).sum())
            for (x, right), w in zip(questions, weights, strict=True)
            if right.any()
        ]
        used = sum(w for (_, right), w in zip(questions, weights, strict=True) if right.any())
        return float(-sum(terms) / used + l2 * beta @ beta)

    return loss


def test_ranking_recovers_planted_weights() -> None:
    planted = np.array([2.0, -1.0, 0.0, 0.5])
    found = fit_ranking(ranking_questions(planted), [1.0] * 400, 1e-6)
    np.testing.assert_allclose(found, planted, atol=0.25)


@pytest.mark.parametrize("l2", [1e-3, 0.1])
def test_ranking_is_at_the_minimum_of_its_loss(l2: float) -> None:
    questions = ranking_questions(np.array([1.0, -2.0, 0.0]), 40)
    several = [(x, right | (np.arange(len(right)) == 3)) for x, right in questions]
    weights = np.linspace(0.2, 2.0, 40).tolist()
    loss = ranking_loss(several, weights, l2)
    found = fit_ranking(several, weights, l2)
    np.testing.assert_allclose(slope(loss, found), 0.0, atol=1e-4)
    assert loss(found) < min(loss(found + step) for step in np.vstack([np.eye(3), -np.eye(3)]) * 0.05)


def test_questions_without_a_right_sentence_change_nothing() -> None:
    questions = ranking_questions(np.array([1.0, -1.0]), 30)
    unanswerable = [(x, np.zeros_like(right)) for x, right in ranking_questions(np.array([-5.0, 5.0]), 30)]
    alone = fit_ranking(questions, [1.0] * 30, 1e-2)
    np.testing.assert_array_equal(fit_ranking([*questions, *unanswerable], [1.0] * 60, 1e-2), alone)


def test_a_heavier_question_is_one_asked_more_often() -> None:
    questions = ranking_questions(np.array([1.0, -1.0]), 20)
    heavier = fit_ranking(questions, [3.0] + [1.0] * 19, 1e-2)
    repeated = fit_ranking([questions[0], questions[0], *questions], [1.0] * 22, 1e-2)
    np.testing.assert_allclose(heavier, repeated, atol=1e-3)


def test_a_stronger_penalty_gives_smaller_weights() -> None:
    questions = ranking_questions(np.array([2.0, -2.0]), 60)
    sizes = [float(np.abs(fit_ranking(questions, [1.0] * 60, l2)).sum()) for l2 in (1e-4, 1e-2, 1.0, 100.0)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.05


def test_several_right_sentences_share_the_likelihood() -> None:
    """One step away from the two right ones at either side: the middle is as good as it gets without a weight."""
    x = np.array([[-1.0], [0.0], [1.0]])
    assert fit_ranking([(x, np.array([True, False, True]))], [1.0], 1e-2) == pytest.approx([0.0], abs=1e-6)
    assert fit_ranking([(x, np.array([False, True, True]))], [1.0], 1e-2)[0] > 0.5


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def test_logistic_of_nothing_is_the_weighted_share() -> None:
    y = np.array([True, True, True, False])
    weights = np.array([1.0, 1.0, 1.0, 2.0])
    beta, intercept = fit_logistic(np.zeros((4, 1)), y, weights, 10.0)
    assert beta == pytest.approx([0.0])
    assert intercept == pytest.approx(logit(3 / 5), abs=1e-4)  # the intercept is not penalised


def test_logistic_of_one_yes_or_no_has_a_closed_form() -> None:
    """Without a penalty it gives each group its own share: the intercept that of 0, the weight the difference."""
    x = np.repeat([0.0, 1.0], [50, 40])[:, None]
    y = np.concatenate([np.arange(50) < 10, np.arange(40) < 30])
    beta, intercept = fit_logistic(x, y, np.ones(90), 0.0)
    assert intercept == pytest.approx(logit(10 / 50), abs=1e-3)
    assert beta[0] == pytest.approx(logit(30 / 40) - logit(10 / 50), abs=1e-3)


@pytest.mark.parametrize("l2", [1e-3, 0.1])
def test_logistic_is_at_the_minimum_of_its_loss(l2: float) -> None:
    draw = np.random.default_rng(3)
    x = draw.normal(size=(120, 3))
    y = draw.random(120) < 1 / (1 + np.exp(-(x @ [1.5, -1.0, 0.0] + 0.5)))
    weights = draw.uniform(0.1, 2.0, size=120)

    def loss(at: Doubles) -> float:
        p = 1 / (1 + np.exp(-(x @ at[:3] + at[3])))
        log_loss = -np.where(y, np.log(p), np.log(1 - p))
        return float(weights @ log_loss / weights.sum() + l2 * at[:3] @ at[:3])

    beta, intercept = fit_logistic(x, y, weights, l2)
    np.testing.assert_allclose(slope(loss, np.append(beta, intercept)), 0.0, atol=1e-4)


def test_logistic_recovers_planted_weights() -> None:
    draw = np.random.default_rng(11)
    planted = np.array([2.0, -1.0, 0.0])
    x = draw.normal(size=(4000, 3))
    y = draw.random(4000) < 1 / (1 + np.exp(-(x @ planted - 0.7)))
    beta, intercept = fit_logistic(x, y, np.ones(4000), 1e-6)
    np.testing.assert_allclose(np.append(beta, intercept), [*planted, -0.7], atol=0.25)


def test_logistic_of_separable_data_stays_finite() -> None:
    x = np.array([[-1.0], [1.0]])
    beta, intercept = fit_logistic(x, np.array([False, True]), np.ones(2), 1e-3)
    assert intercept == pytest.approx(0.0, abs=1e-3)
    # where the slope of the penalty meets that of the loss: 2 l2 β = 1 / (1 + e^β)
    assert 2e-3 * beta[0] == pytest.approx(1 / (1 + np.exp(beta[0])), rel=1e-2)
