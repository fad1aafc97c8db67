"""What speaks for and against each sentence as the answer, and for the report answering at all.

Two linear functions, both fitted by ``python -m eval fit`` and kept in ``data/answering.json``: one adds to the
retriever's ranking whether a sentence holds the kind of answer that the question wants; the other, a logistic
regression over interpretable features, gives the probability that the report tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from assistant.answerability import FEATURES, Best, Logistic, features
from assistant.entities import EntityKind, find_entities
from assistant.question import Question
from index.encoder import Encoding, Floats
from index.ranking import Integers
from index.retriever import Evidence, Retriever
from index.threads import one_thread
from index.words import content_forms, split_words

KIND_SIGNALS = ("figure", "date", "name", "reason", "list", "note")
# How many sentences are looked at for the kind of answer they hold.
RERANKED = 32
# A name in a larger share of the sentences than this answers no who and no where.
EVERYWHERE = 0.25
# How many sentences are tried for the kind of answer that the best one lacks, and by how much they may score lower.
COMPLETION_DEPTH = 8
COMPLETION_GAP = 5.0
# How many of the best sentences are compared with the question word by word (:mod:`index.interaction`).
COMPARED = 12

_WANTED: Mapping[str, frozenset[EntityKind]] = {
    "money": frozenset({"money", "percent"}),  # what is spent is often told as a share
    "percent": frozenset({"percent"}),
    "number": frozenset({"number", "money"}),
    "date": frozenset({"date"}),
    "person": frozenset({"person"}),
    "place": frozenset({"place"}),
    "name": frozenset({"person", "organisation", "place"}),
}
_REASON = re.compile(
    r"\b(?:because|due to|owing to|since|so that|in order to|so as to|aims?|aimed|aiming|purpose|reasons?|rationale"
    r"|driven|drives|motivat\w+|therefore|thus|hence|thereby|seek\w*|intend\w*|goal|objective|allows?|enables?|helps?|helping"
    r"|prevents?|result\w*|caused?|causes|leads? to|led to|shaped by|as"
    r"|to (?!the\b|a\b|an\b|its\b|their\b|his\b)[a-z]+)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"[^,;],[^,;]+,? (?:and|or|as well as) |\w, \w+,? (?:and|or) \w|;[^;]+;[^;]")


@dataclass(frozen=True)
class Tuning:
    """Everything that was fitted or chosen by measurement."""

    kind_weights: Floats
    answerable: Logistic
    threshold: float
    off_topic: float
    more_gap: float
    more_gap_list: float
    redundant: float


@lru_cache(maxsize=1)
def fitted_tuning() -> Tuning:
    """The tuning that ships with the package."""
    data = json.loads(files("assistant").joinpath("data/answering.json").read_text(encoding="utf-8"))
    columns = np.array([data["answerable"][name] for name in FEATURES], dtype=np.float32).T
    return Tuning(
        kind_weights=np.array([data["kinds"][name] for name in KIND_SIGNALS], dtype=np.float32),
        answerable=Logistic(columns[0], columns[1], columns[2], data["intercept"]),
        **data["choices"],
    )


@dataclass(frozen=True)
class Judged:
    """The evidence with its final scores (n,), the rows ``order`` (n,) best first, and the features of the answer.

    ``fast`` (n,) are the scores of the linear ranking, which choose what is compared, ``tells`` (c,) the log-odds of
    each of those sentences' being an answer, None where nothing was learned for the encoder.
    """

    evidence: Evidence
    kind_signals: Floats
    fast: Floats
    tells: Floats | None
    scores: Floats
    order: Integers
    features: Floats


class Judge:
    """Judges the evidence for questions over one report."""

    def __init__(self, retriever: Retriever, tuning: Tuning | None = None) -> None:
        self.retriever = retriever
        self.tuning = tuning or fitted_tuning()
        self._entities: dict[int, dict[EntityKind, list[str]]] = {}
        self._last: tuple[Question, Judged] | None = None

    def judge(self, question: Question, encoding: Encoding | None = None) -> Judged:
        """Rank the sentences for a question, and describe how well the best answers it.

        What was judged last is remembered: whoever has asked a question often wants its ranking next.
        """
        if self._last is not None and self._last[0] == question and encoding is None:
            return self._last[1]
        with one_thread():
            evidence = self.retriever.retrieve(question.text, encoding)
            judged = self.weigh(question, evidence, self._kind_signals(question, evidence))
        self._last = (question, judged)
        return judged

    def weigh(self, question: Question, evidence: Evidence, kind_signals: Floats) -> Judged:
        """Judge evidence that was retrieved and looked at before."""
        fast = evidence.scores + kind_signals @ self.tuning.kind_weights
        scores, tells = self._compared(evidence, kind_signals, fast)
        order = np.argsort(-scores, kind="stable")
        features = self._features(question, evidence, scores, order, tells)
        return Judged(evidence, kind_signals, fast, tells, scores, order, features)

    def _compared(self, evidence: Evidence, kind_signals: Floats, fast: Floats) -> tuple[Floats, Floats | None]:
        """The scores, the best sentences' replaced by those of a closer look, the others below; and their log-odds."""
        order = np.argsort(-fast, kind="stable")
        rows, rest = order[:COMPARED], order[COMPARED:]
        signals = np.concatenate([evidence.signals[rows], kind_signals[rows]], axis=1)
        found = self.retriever.compare(evidence, rows, signals, fast[rows])
        if found is None:
            return fast, None
        ranks, tells = found
        scores = np.empty_like(fast)
        scores[rows] = ranks
        scores[rest] = ranks.min() + fast[rest] - fast[rows[-1]]
        return scores, tells

    def probability(self, judged: Judged) -> float:
        """The estimated probability that the report answers the question."""
        return self.tuning.answerable.probability(judged.features)

    def entities(self, sentence: int) -> dict[EntityKind, list[str]]:
        """The names and figures of a sentence by kind, each as its word forms joined."""
        if sentence not in self._entities:
            text = self.retriever.index.report.quote(self.retriever.index.report.sentences[sentence])
            kinds: dict[EntityKind, list[str]] = {}
            for entity in find_entities(text):
                forms = " ".join(word.form for word in split_words(text[entity.start : entity.end]))
                kinds.setdefault(entity.kind, []).append(forms)
            self._entities[sentence] = kinds
        return self._entities[sentence]

    def paragraph(self, sentence: int) -> int:
        """The number of a sentence's paragraph."""
        return self.retriever.index.report.sentences[sentence].paragraph

    def is_note(self, sentence: int) -> bool:
        """Whether a sentence is of a signature, a credit or an imprint: about the document, beside what it tells."""
        return self.retriever.index.report.paragraphs[self.paragraph(sentence)].kind == "note"

    def content_forms(self, sentence: int) -> frozenset[str]:
        """The forms of a sentence's content words."""
        return frozenset(content_forms(self.retriever.index.sentence_words[sentence]))

    def wanted_entities(self, question: Question, sentence: int, kind: str | None = None) -> frozenset[str]:
        """The sentence's names and figures of the wanted kinds (or of one of them) that the question does not name."""
        said = {word.form for word in question.words}
        entities = self.entities(sentence)
        kinds = {k for name in ([kind] if kind else question.kinds) for k in _WANTED.get(name, ())}
        found = frozenset(e for k in kinds for e in entities.get(k, []) if not set(e.split()) <= said)
        return frozenset(e for e in found if not self._is_everywhere(e))

    def _is_everywhere(self, entity: str) -> bool:
        """Whether a name stands in so many sentences that it is what the report is about, and no answer."""
        frequency = self.retriever.document_frequency
        count = min(frequency[form] for form in entity.split()) if entity else 0
        return count > max(3, EVERYWHERE * len(self.retriever.index.report.sentences))

    def holds(self, question: Question, sentence: int) -> dict[str, float]:
        """For each kind of answer wanted, 1 where the sentence holds one that the question does not itself name."""
        held: dict[str, float] = {
            kind: float(bool(self.wanted_entities(question, sentence, kind)))
            for kind in question.kinds
            if kind in _WANTED
        }
        text = self.retriever.index.report.quote(self.retriever.index.report.sentences[sentence])
        if "reason" in question.kinds:
            held["reason"] = float(_gives_reason(text))
        if "list" in question.kinds:
            held["list"] = float(_lists(text))
        return held

    def completion(self, question: Question, evidence: Evidence, scores: Floats, order: Integers) -> int | None:
        """The row of the first sentence near the best that holds the kind of answer wanted, where the best holds none.

        "Who are the partners?": the sentence that speaks most of partners may name none, and the next one names them.
        """
        if not question.kinds & _WANTED.keys() or self.wanted_entities(question, int(evidence.sentences[order[0]])):
            return None
        for row in map(int, order[1:COMPLETION_DEPTH]):
            if scores[order[0]] - scores[row] > COMPLETION_GAP:
                return None
            number = int(evidence.sentences[row])
            if self.wanted_entities(question, number) and not self.is_note(number):
                return row
        return None

    def _held_near(self, question: Question, evidence: Evidence, scores: Floats, order: Integers) -> dict[str, float]:
        """The kinds of answer that the best sentence, or the one that completes it, holds."""
        held = self.holds(question, int(evidence.sentences[order[0]]))
        row = self.completion(question, evidence, scores, order)
        if row is not None:
            more = self.holds(question, int(evidence.sentences[row]))
            held = {kind: max(value, more.get(kind, 0.0)) for kind, value in held.items()}
        return held

    def _kind_signals(self, question: Question, evidence: Evidence) -> Floats:
        table = np.zeros((len(evidence.sentences), len(KIND_SIGNALS)), dtype=np.float32)
        rows = np.argsort(-evidence.scores, kind="stable")[:RERANKED]
        numbers = evidence.sentences[rows].tolist()
        table[rows, -1] = [self.is_note(number) for number in numbers]
        if question.kinds:
            table[rows, :-1] = [_grouped(self.holds(question, number)) for number in numbers]
        return table

    def _features(
        self, question: Question, evidence: Evidence, scores: Floats, order: Integers, tells: Floats | None
    ) -> Floats:
        report = self.retriever.index.report
        number = int(evidence.sentences[order[0]])
        frequency = self.retriever.document_frequency
        best = Best(
            order,
            scores,
            np.array([report.sentences[s].paragraph for s in evidence.sentences]),
            report.quote(report.sentences[number]),
            [word.form for word in self.retriever.index.sentence_words[number]],
            self._held_near(question, evidence, scores, order),
            np.array([frequency[question.words[i].form] for i in question.content]),
            tells,
        )
        return features(question, evidence, best)


@lru_cache(maxsize=4096)
def _gives_reason(sentence: str) -> bool:
    return _REASON.search(sentence) is not None


@lru_cache(maxsize=4096)
def _lists(sentence: str) -> bool:
    return _LIST.search(sentence) is not None


def _grouped(holds: Mapping[str, float]) -> list[float]:
    groups = (("money", "percent", "number"), ("date",), ("person", "place", "name"), ("reason",), ("list",))
    return [max((holds[k] for k in group if k in holds), default=0.0) for group in groups]
