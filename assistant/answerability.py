"""Whether the report tells: interpretable features of the best evidence, weighed by a logistic regression.

Rajpurkar, Jia and Liang (2018) observed that near misses share their words with the text: what counts is less how
much of a question is covered than what of it is not, and whether the kind of thing asked for is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.entities import find_entities
from assistant.question import Question
from index.encoder import Floats
from index.ranking import SIGNALS, Integers, over_paragraph, weighted_mean
from index.retriever import Evidence
from index.words import Word, split_words

# What is not covered: words that nothing comes near, names and figures that are nowhere, broken phrases.
GAPS = (
    "orphans", "orphans_top", "orphan_worst", "essential_far", "essential_far_top",
    "missing_names", "missing_figures", "missing_rare", "absent",
    "unknown_names", "unknown_figures", "phrases_found", "phrases_broken",
)  # fmt: skip
FEATURES = (
    # How well the best sentence, and its paragraph, cover the question.
    "maxsim", "maxsim_paragraph", "maxsim_least", "least_paragraph", "second_least_paragraph", "found",
    "found_paragraph", "essential_near", "cosine", "best_cosine", "passage_cosine", "well_covered",
    *GAPS,
    # Whether what is asked for is there: the kind of answer, the thing that is counted or named.
    "no_figure", "no_date", "no_name", "no_place", "no_reason", "no_instance", "figure_elsewhere", "focus",
    "has_focus",
    # How likely the sentences are answers, all together and each (:mod:`index.interaction`).
    "told", "told_best", "told_second",
    # How the ranking looks.
    "gap", "top_score", "entropy", "cosine_lead", "cosine_spread",
    # What sort of question it is.
    "words", "decision", "future", "present",
)  # fmt: skip

_WELL = 0.7
# Log-odds below this are no less likely.
_LEAST = 8.0
_FOCUS = re.compile(
    r"\b(?:how many|how much|which|what|whose|number of|amount of|list(?: the| all)?|name(?: the| all)?)\s+"
    r"(?:of (?:the|its|their) )?((?:[\w’'-]+\s*){1,4})",
    re.IGNORECASE,
)
_FOCUS_END = re.compile(
    r"is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|to|of|in|on|for|by|with|from|at"
    r"|and|or|that|than|the|a|an|it|they|he|she|we|you|i",
    re.IGNORECASE,
)
_INSTANCES = re.compile(r"\b(?:such as|including|includes?|namely|like|among them|for example)\b|:", re.IGNORECASE)
_FUTURE = re.compile(r"\b(?:will|next (?:year|month|week|decade))\b", re.IGNORECASE)
_PRESENT = re.compile(
    r"\b(?:so far|today|tomorrow|yesterday|at the moment|each year|a year|per year|annually)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Logistic:
    """A logistic regression over features clipped to five deviations from their means; one that is not known counts as
    its mean.
    """

    mean: Floats
    deviation: Floats
    weight: Floats
    intercept: float

    def probability(self, features: Floats) -> float:
        """The probability for one row of features (f,)."""
        standard = np.clip(np.nan_to_num((features - self.mean) / self.deviation), -5, 5)
        return float(1 / (1 + np.exp(-(float(standard @ self.weight) + self.intercept))))


@dataclass(frozen=True)
class Best:
    """The best sentence of the evidence as the features see it.

    ``order`` (n,) the rows of the evidence, best first, and ``scores`` (n,); ``paragraphs`` (n,) their paragraphs;
    ``text`` and ``forms`` of the best sentence, ``holds`` the kinds of answer that it holds, ``frequency`` in how many
    sentences of the report each content word of the question stands (q,), ``tells`` (c,) the log-odds of the compared
    sentences' being answers, if they were compared.
    """

    order: Integers
    scores: Floats
    paragraphs: Integers
    text: str
    forms: Sequence[str]
    holds: Mapping[str, float]
    frequency: Integers
    tells: Floats | None


def features(question: Question, evidence: Evidence, best: Best) -> Floats:
    """The features (f,) in the order of :data:`FEATURES`."""
    values = {
        **_coverage(evidence, best),
        **_gaps(question, evidence, best),
        **_kinds(question, evidence, best),
        **_shape(evidence, best),
        **_told(best),
        "words": len(question.content),
        "decision": "decision" in question.kinds,
        "future": bool(_FUTURE.search(question.text)),
        "present": bool(_PRESENT.search(question.text)),
    }
    return np.array([float(values[name]) for name in FEATURES], dtype=np.float32)


def _coverage(evidence: Evidence, best: Best) -> dict[str, float]:
    row = best.order[0]
    column = dict(zip(SIGNALS, evidence.signals[row], strict=True))
    near = np.sort(over_paragraph(evidence.similar, best.paragraphs)[row]) if evidence.content else np.ones(1)
    return {
        **{name: column[name] for name in FEATURES if name in column},
        "least_paragraph": near[0],
        "essential_near": evidence.essential @ evidence.similar[row] if evidence.content else 0.0,
        "second_least_paragraph": near[:2].mean(),
        "best_cosine": evidence.signal("cosine").max(),
        "well_covered": (evidence.similar[row] > _WELL).mean() if evidence.content else 0.0,
    }


def _gaps(question: Question, evidence: Evidence, best: Best) -> dict[str, float]:
    words = [question.words[i] for i in question.content]
    if not words:
        return {**dict.fromkeys(GAPS, 0.0), "absent": 1.0, "phrases_found": 0.5}
    row, weights = best.order[0], evidence.weights
    lone, lone_top = evidence.far[row], evidence.far[best.order[:3]].min(axis=0)
    near = over_paragraph(evidence.found, best.paragraphs)[row]
    named = np.array([word.text[0].isupper() and i > 0 for word, i in zip(words, question.content, strict=True)])
    figures = np.array([word.text[0].isdigit() for word in words])
    unknown = best.frequency == 0
    phrases = [
        (a.form, b.form) for a, b in zip(question.words, question.words[1:], strict=False) if _both_content(a, b)
    ]
    pairs = set(zip(best.forms, best.forms[1:], strict=False))
    return {
        "orphans": float(weighted_mean(lone[None, :], weights)[0]),
        "orphans_top": float(weighted_mean(lone_top[None, :], weights)[0]),
        "orphan_worst": float(lone.max()),
        "essential_far": float(evidence.essential @ lone),
        "essential_far_top": float(evidence.essential @ lone_top),
        "missing_names": float((1 - near)[named].sum()),
        "missing_figures": float((1 - near)[figures].sum()),
        "missing_rare": float(((1 - near) * evidence.idf).max()),
        "absent": float(weighted_mean(unknown[None, :].astype(np.float32), weights)[0]),
        "unknown_names": float((unknown & named).sum()),
        "unknown_figures": 0.0 if "decision" in question.kinds else float((unknown & figures).sum()),
        "phrases_found": float(np.mean([phrase in pairs for phrase in phrases])) if phrases else 0.5,
        "phrases_broken": float(sum(phrase not in pairs for phrase in phrases)),
    }


def _kinds(question: Question, evidence: Evidence, best: Best) -> dict[str, float]:
    focus = _focus(question)
    near = evidence.similar[best.order[0]][focus] if focus else np.zeros(0)
    return {
        "no_figure": _lack(best.holds, "money", "percent", "number"),
        "no_date": _lack(best.holds, "date"),
        "no_name": _lack(best.holds, "person", "name"),
        "no_place": _lack(best.holds, "place"),
        "no_reason": _lack(best.holds, "reason"),
        "no_instance": float(bool(question.kinds & {"list", "person", "place"}) and not _has_instance(question, best)),
        "figure_elsewhere": float(
            "number" in question.kinds and bool(focus) and not _counts(question, focus[-1], best)
        ),
        "focus": float(near.min()) - 0.6 if focus else 0.0,
        "has_focus": float(bool(focus)),
    }


def _shape(evidence: Evidence, best: Best) -> dict[str, float]:
    cosine = evidence.signal("cosine")
    score = best.scores - best.scores.max()
    share = np.exp(score) / np.exp(score).sum()
    return {
        "gap": float(best.scores[best.order[0]] - best.scores[best.order[1]]) if len(best.order) > 1 else 0.0,
        "top_score": float(best.scores.max()),
        "entropy": float(-(share * np.log(share + 1e-9)).sum()),
        "cosine_lead": float(cosine[best.order[0]] - np.sort(cosine)[-min(5, len(cosine))]),
        "cosine_spread": float(cosine.std()),
    }


def _told(best: Best) -> dict[str, float]:
    """Not a number where nothing was compared: what is not known speaks neither for nor against."""
    if best.tells is None:
        return dict.fromkeys(("told", "told_best", "told_second"), float("nan"))
    first, second = np.sort(np.append(best.tells, -np.float32(_LEAST)))[::-1][:2]
    return {
        "told": float(first + np.log(np.exp(best.tells - first).sum())),
        "told_best": float(max(first, -_LEAST)),
        "told_second": float(max(second, -_LEAST)),
    }


def _both_content(one: Word, other: Word) -> bool:
    return one.is_content and other.is_content


def _focus(question: Question) -> list[int]:
    """The columns of the words after "how many", "which" or "what": the thing that is counted or named."""
    match = _FOCUS.search(question.text)
    if match is None:
        return []
    focus: list[str] = []
    for word in split_words(match.group(1)):
        if _FOCUS_END.fullmatch(word.text) or len(focus) == 3:
            break
        focus.append(word.form)
    return [column for column, i in enumerate(question.content) if question.words[i].form in focus]


def _counts(question: Question, column: int, best: Best) -> bool:
    """Whether a figure of the sentence counts the thing asked for: its word follows the figure closely."""
    form = question.words[question.content[column]].form
    figures = [e for e in find_entities(best.text) if e.kind in ("number", "money", "percent")]
    return any(form in [w.form for w in split_words(best.text[e.end : e.end + 40])[:4]] for e in figures)


def _has_instance(question: Question, best: Best) -> bool:
    """Whether the sentence names instances: a name that the question does not, or a list."""
    said = {word.form for word in question.words}
    names = [e for e in find_entities(best.text) if e.kind in ("person", "place", "organisation")]
    new = any(not {w.form for w in split_words(best.text[e.start : e.end])} <= said for e in names)
    return new or bool(_INSTANCES.search(best.text)) or best.text.count(",") >= 2


def _lack(holds: Mapping[str, float], *kinds: str) -> float:
    """1 where one of the kinds is wanted and none of the wanted is there."""
    wanted = [holds[kind] for kind in kinds if kind in holds]
    return 1 - max(wanted) if wanted else 0.0
