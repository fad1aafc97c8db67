"""What is fitted, on examples: the ranking's weights, those of the kinds of answer, and the answerability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import numpy.typing as npt

from assistant.answerability import FEATURES, Logistic
from assistant.judgement import KIND_SIGNALS, Judge, Tuning, fitted_tuning
from assistant.settings import Settings
from eval.fit.examples import Example, examples_of, open_judge, strangers_of
from eval.fit.interaction import Learned, learn_interaction
from eval.fit.optimise import Doubles, fit_logistic, fit_ranking
from eval.fit.projection import learn_projection
from eval.made_up import NAMES as MADE_UP
from eval.suites import EDITIONS
from eval.targets import Target
from index.build import encode_whole, read_passages
from index.encoder import Encoder, SentenceTransformerEncoder
from index.projection import Projection
from index.ranking import SIGNALS, Weights, compact
from index.retriever import Retriever
from index.upper import own_layers

L2_RANKING, L2_ANSWERABLE = 2e-3, 5e-3
# Deviations are not let below this: a feature that is nearly always the same would get a huge slope.
LEAST_DEVIATION = 0.03
FOLDS = 4


def gather(targets: Sequence[Target], encoder: Encoder) -> tuple[dict[str, Judge], dict[str, list[Example]]]:
    """A judge and the examples of each target, of its cases only those of the split "fit".

    To these come, for each target, questions of the others that are not editions of the same report.
    """
    targets = [target for target in targets if any(task.case.split == "fit" for task in target.tasks)]
    judges: dict[str, Judge] = {}
    examples: dict[str, list[Example]] = {}
    for target in targets:
        judge, normalise = open_judge(target, encoder, Settings().passage_tokens)
        tasks = [task for task in target.tasks if task.case.split == "fit"]
        judges[target.name] = judge
        others = [other for other in targets if not {target.name, other.name} <= EDITIONS and other is not target]
        strangers = strangers_of(target, judge, normalise, others)
        examples[target.name] = [*examples_of(target, judge, normalise, tasks), *strangers]
    return judges, examples


@dataclass(frozen=True)
class Fitted:
    """All that is fitted; ``features`` (n, f) of the examples, and whether each is answerable (n,), are what the last
    part was fitted on.
    """

    projection: Projection
    ranking: Weights
    learned: Learned | None
    tuning: Tuning
    features: Doubles
    told: npt.NDArray[np.bool_]

    def judge(self, plain: Judge) -> Judge:
        """A judge under what is fitted, from one over words as they are."""
        judge = with_projection(plain, self.projection)
        if self.learned is not None:
            judge = with_interaction(judge, self.learned)
        index, encoder = judge.retriever.index, judge.retriever.encoder
        interaction = None if self.learned is None else self.learned.interaction
        return Judge(Retriever(index, encoder, self.ranking, self.projection, interaction), self.tuning)


@dataclass(frozen=True)
class Stacked:
    """A projection learned from examples, and each example judged through one that was learned without it.

    What a projection gives for the questions that it was learned from flatters; so all else is fitted on these (stacked
    generalisation, Wolpert 1992).
    """

    projection: Projection
    judged: Sequence[tuple[Judge, Sequence[Example]]]


def stack(examples: Mapping[str, Sequence[Example]], judges: Mapping[str, Judge]) -> Stacked:
    """Learn a projection from the examples, and one from those of all folds but one for each fold.

    Made-up reports take no part in that, which would take three times as long.
    """
    learned_from = {name: found for name, found in examples.items() if name not in MADE_UP}
    judged: list[tuple[Judge, list[Example]]] = []
    for fold in range(FOLDS):
        kept = {name: [e for e in found if _fold_of(e) != fold] for name, found in learned_from.items()}
        without = _learn({name: found for name, found in kept.items() if found}, judges)
        for name, found in learned_from.items():
            judge = with_projection(judges[name], without)
            judged.append((judge, [again(judge, e) for e in found if _fold_of(e) == fold]))
    projection = _learn(learned_from, judges)
    for name in (name for name in examples if name not in learned_from):
        judge = with_projection(judges[name], projection)
        judged.append((judge, [again(judge, e) for e in examples[name]]))
    return Stacked(projection, judged)


def fit_stacked(
    stacked: Stacked, signals: frozenset[str] = frozenset(), *, compare: bool = True, tune: bool = True
) -> Fitted:
    """The ranking, the interaction and the answerability over stacked examples, without these signals, and without an
    interaction, or without tuning the layers below it, where ``compare`` and ``tune`` say so.
    """
    ordered = [example for _, found in stacked.judged for example in found]
    ranking, kinds = _fit_weights(ordered, signals)
    judged = [(judge, _ranked(found, ranking, kinds)) for judge, found in stacked.judged if found]
    tuning = replace(fitted_tuning(), kind_weights=kinds.astype(np.float32))
    learned, rows = _compared(judged, tuning, tune=tune) if compare else (None, _features(judged, None, tuning))
    told = np.array([e.answerable for _, found in judged for e in found])
    answerable = _fit_answerable(rows, told, frozenset())
    return Fitted(stacked.projection, ranking, learned, replace(tuning, answerable=answerable), rows, told)


def without(fitted: Fitted, features: frozenset[str]) -> Fitted:
    """The same with an answerability that does without some features."""
    answerable = _fit_answerable(fitted.features, fitted.told, features)
    return replace(fitted, tuning=replace(fitted.tuning, answerable=answerable))


def _ranked(examples: Sequence[Example], ranking: Weights, kinds: Doubles) -> list[Example]:
    """The examples under fitted weights of the linear ranking."""
    made = []
    for e in examples:
        scores = ranking.score(e.evidence.signals)
        fast = (scores + e.kind_signals @ kinds).astype(np.float32)
        made.append(replace(e, evidence=replace(e.evidence, scores=scores), fast=fast))
    return made


def _compared(judged: Sequence[tuple[Judge, list[Example]]], tuning: Tuning, *, tune: bool) -> tuple[Learned, Doubles]:
    """An interaction learned from all examples, and each example's features through one that was learned without it."""
    place = {id(e): i for i, e in enumerate(e for _, found in judged for e in found)}
    features = np.zeros((len(place), len(FEATURES)))
    for half in (range(FOLDS // 2), range(FOLDS // 2, FOLDS)):  # each takes half an hour: two, not four
        without = _interact(judged, half, tune=tune)
        held = [(judge, [e for e in found if _fold_of(e) in half]) for judge, found in judged]
        held = [(judge, found) for judge, found in held if found]
        features[[place[id(e)] for _, found in held for e in found]] = _features(held, without, tuning)
    return _interact(judged, range(0), tune=tune), features


def _interact(judged: Sequence[tuple[Judge, Sequence[Example]]], left_out: range, *, tune: bool) -> Learned:
    """What is learned from all examples but those of some folds."""
    examples: dict[str, list[Example]] = {}
    indexes = {}
    for judge, found in judged:
        for e in found:
            if _fold_of(e) not in left_out:
                examples.setdefault(e.target, []).append(e)
                indexes[e.target] = judge.retriever.index
    model = SentenceTransformerEncoder().model
    return learn_interaction(model, indexes, examples, None if tune else own_layers(model))


def _features(judged: Sequence[tuple[Judge, Sequence[Example]]], learned: Learned | None, tuning: Tuning) -> Doubles:
    """The features (n, f) of ranked examples, through an interaction."""
    rows = []
    for judge, found in judged:
        evidence = [e.evidence for e in found]
        if learned is not None:
            judge = with_interaction(judge, learned)
            read = encode_whole(learned.encoder, [e.question.text for e in found], upper=True)
            evidence = [replace(one, encoding=encoding) for one, encoding in zip(evidence, read, strict=True)]
        one = Judge(judge.retriever, tuning)
        rows += [one.weigh(e.question, own, e.kind_signals).features for e, own in zip(found, evidence, strict=True)]
    return np.array(rows, dtype=np.float64)


def _learn(examples: Mapping[str, Sequence[Example]], judges: Mapping[str, Judge]) -> Projection:
    return learn_projection({name: judges[name].retriever.index for name in examples}, examples)


def _fold_of(example: Example) -> int:
    """The same for all turns of a conversation, and over every edition; one for all questions on a made-up report."""
    whole = example.target if example.target in MADE_UP else example.task.case.conversation
    return crc32(whole.encode()) % FOLDS


def with_projection(judge: Judge, projection: Projection) -> Judge:
    """The judge of an index whose words were not projected, with them projected."""
    retriever = judge.retriever
    words = retriever.index.word_vectors.astype(np.float32) * retriever.index.word_scales[:, None]
    bits, scales = compact(projection.project(words))
    index = replace(retriever.index, word_vectors=bits, word_scales=scales)
    return Judge(Retriever(index, retriever.encoder, projection=projection), judge.tuning)


def with_interaction(judge: Judge, learned: Learned) -> Judge:
    """The judge of an index whose words cannot be compared, with those of its passages read and condensed."""
    index, projection, interaction = judge.retriever.index, judge.retriever.projection, learned.interaction
    condense, words = interaction.numbers["condense"], list(index.sentence_words)
    _, bits, scales = read_passages(learned.encoder, index.report, index.passages, words, condense)
    index = replace(index, context_vectors=bits, context_scales=scales)
    retriever = Retriever(index, learned.encoder, projection=projection, interaction=interaction)
    return Judge(retriever, judge.tuning)


def again(judge: Judge, example: Example) -> Example:
    """The example as another judge of the same report sees it."""
    judged = judge.judge(example.question, example.evidence.encoding)
    if not np.array_equal(judged.evidence.sentences, example.evidence.sentences):
        raise AssertionError("the candidates of a question do not depend on the projection")
    return replace(
        example,
        evidence=judged.evidence,
        kind_signals=judged.kind_signals,
        fast=judged.fast,
        features=judged.features,
    )


def _standardise(rows: Sequence[npt.NDArray[np.float32]]) -> tuple[Doubles, Doubles]:
    stacked = np.concatenate(rows).astype(np.float64)
    return stacked.mean(axis=0), np.maximum(stacked.std(axis=0), LEAST_DEVIATION)


def _fit_weights(examples: Sequence[Example], left_out: frozenset[str]) -> tuple[Weights, Doubles]:
    """The ranking's weights and those of the kinds of answer (k,)."""
    kept = np.array([name not in left_out for name in (*SIGNALS, *KIND_SIGNALS)])
    mean, deviation = _standardise([example.signals for example in examples])
    questions = [((e.signals - mean) / deviation * kept, e.gold) for e in examples if e.answerable]
    beta = fit_ranking(questions, [1.0] * len(questions), L2_RANKING)
    s = len(SIGNALS)
    ranking = Weights(*(part[:s].astype(np.float32) for part in (mean, deviation, beta)))
    return ranking, beta[s:] / deviation[s:]


def _fit_answerable(rows: Doubles, told: npt.NDArray[np.bool_], left_out: frozenset[str]) -> Logistic:
    """The logistic regression over the features ``rows`` (n, f) of the examples."""
    rows = np.nan_to_num(rows)  # what an ablation leaves out is not known
    mean = rows.mean(axis=0)
    deviation = np.maximum(rows.std(axis=0), LEAST_DEVIATION)
    kept = np.array([name not in left_out for name in FEATURES])
    standard = np.clip((rows - mean) / deviation, -5, 5) * kept
    beta, intercept = fit_logistic(standard, told, np.ones(len(told)), L2_ANSWERABLE)
    mean32, deviation32, beta32 = (part.astype(np.float32) for part in (mean, deviation, beta))
    return Logistic(mean32, deviation32, beta32, intercept)
