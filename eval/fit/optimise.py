"""The two fits: a ranking by softmax over a question's sentences, and a logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Doubles = npt.NDArray[np.float64]


def fit_ranking(
    questions: Sequence[tuple[Doubles, npt.NDArray[np.bool_]]], weights: Sequence[float], l2: float
) -> Doubles:
    """Weights (s,) that make the right sentences of each question likely.

    Minimises ``-Σ w log Σ_right softmax(X β) / Σ w + l2 |β|²`` (ListNet's top-one loss, Cao et al. 2007), ``X`` (n, s)
    standardised, by L-BFGS. Questions without a right sentence among theirs are left out.
    """
    usable = [(x, right, w) for (x, right), w in zip(questions, weights, strict=True) if right.any()]
    total = sum(w for _, _, w in usable)

    def loss(beta: Doubles) -> tuple[float, Doubles]:
        value, slope = 0.0, np.zeros_like(beta)
        for x, right, weight in usable:
            score = x @ beta
            share = np.exp(score - score.max())
            share /= share.sum()
            inside = share[right] / share[right].sum()
            value -= weight * float(np.log(share[right].sum()))
            slope += weight * (share @ x - inside @ x[right])
        return value / total + l2 * float(beta @ beta), slope / total + 2 * l2 * beta

    return np.asarray(minimize(loss, np.zeros(usable[0][0].shape[1]), jac=True, method="L-BFGS-B").x)


def fit_logistic(x: Doubles, y: npt.NDArray[np.bool_], weights: Doubles, l2: float) -> tuple[Doubles, float]:
    """Weights (f,) and intercept of a logistic regression on standardised ``x`` (n, f), by L-BFGS.

    Minimises the weighted mean of the log loss plus ``l2 |β|²``; the intercept is not penalised.
    """
    total = weights.sum()

    def loss(beta: Doubles) -> tuple[float, Doubles]:
        logit = x @ beta[:-1] + beta[-1]
        value = float(weights @ (np.logaddexp(0, logit) - y * logit)) / total + l2 * float(beta[:-1] @ beta[:-1])
        error = weights * (1 / (1 + np.exp(-logit)) - y) / total
        return value, np.append(error @ x + 2 * l2 * beta[:-1], error.sum())

    found = np.asarray(minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x)
    return found[:-1], float(found[-1])
