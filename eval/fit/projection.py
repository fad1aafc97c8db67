"""Learning :class:`index.projection.Projection` from questions with known answers.

Two losses are minimised together by Adam: that of the ranking (minus the logarithm of the share that a softmax over the
report's sentences gives to the right ones) and that of answerability (the log loss of a logistic function of how far
the best sentences are from the question's words, next to the features that are there anyway). The map begins at the
principal components of the words' embeddings and is held near them. All else that is learned here is thrown away: the
ranking and the answerability are fitted anew over what the projection gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from assistant.answerability import FEATURES
from assistant.judgement import KIND_SIGNALS
from eval.fit.examples import Example
from index.build import ReportIndex, word_vectors
from index.encoder import Floats
from index.projection import Projection
from index.ranking import SIGNALS

SIZE = 128
EPOCHS, BATCH = 6, 24
# Steps of Adam for what is learned of words, and for the few numbers that weigh the rest.
STEP_WORDS, STEP_REST = 1e-3, 1e-2
# How strongly the map is held to where it began, by the squared distance.
HELD = 3e-3
DECAY = 0.01
_NEVER = -1e9


@dataclass(frozen=True)
class _Text:
    """The words (w, d) of a text's sentences, the sentence that each is of (w,), and how many sentences there are."""

    words: Tensor
    owner: Tensor
    count: int


@dataclass(frozen=True)
class _Asked:
    """Questions (b) over one text, padded: their content words (b, q, d), which are words (b, q) and their idf (b, q);
    their candidates' numbers (b, n), which are there and which are right (b, n), and their signals (b, n, s); their
    features (b, f) and whether they are answerable (b,).
    """

    words: Tensor
    is_word: Tensor
    idf: Tensor
    sentences: Tensor
    is_candidate: Tensor
    gold: Tensor
    signals: Tensor
    features: Tensor
    answerable: Tensor


class _Model(torch.nn.Module):
    """What is learned: ``words`` are the projection's numbers, the others weigh what comes out of it."""

    def __init__(self, matrix: Tensor, signals: int, features: int) -> None:
        super().__init__()
        d = matrix.shape[0]
        self.begin = matrix
        self.matrix = torch.nn.Parameter(matrix.clone())
        self.importance = torch.nn.Parameter(torch.zeros(d))
        self.essence = torch.nn.Parameter(torch.zeros(d))
        self.words = [self.matrix, self.importance, self.essence]
        self.rarity = torch.nn.Parameter(torch.tensor(1.0))
        self.near = torch.nn.Parameter(torch.tensor(0.5))
        self.sharpness = torch.nn.Parameter(torch.tensor(10.0))
        self.scale = torch.nn.Parameter(torch.tensor(10.0))
        self.of_signals = torch.nn.Parameter(torch.zeros(signals))
        self.of_words = torch.nn.Parameter(torch.zeros(6))
        self.of_features = torch.nn.Parameter(torch.zeros(features))
        self.intercept = torch.nn.Parameter(torch.tensor(0.0))

    def loss(self, text: _Text, asked: _Asked) -> Tensor:
        """The mean of both losses over the questions."""
        similar = self._similar(text, asked)
        weights = torch.exp(asked.words @ self.importance) * asked.idf**self.rarity * asked.is_word
        weights = weights / weights.sum(1, keepdim=True)
        scores = self.scale * torch.einsum("bnq,bq->bn", similar, weights) + asked.signals @ self.of_signals
        scores = scores.masked_fill(~asked.is_candidate, _NEVER)
        right = torch.log_softmax(scores, 1).masked_fill(~asked.gold, _NEVER).logsumexp(1)
        answerable = self._answerable(asked, similar, weights, scores.detach())
        unsure = functional.binary_cross_entropy_with_logits(answerable, asked.answerable)
        return unsure - torch.where(asked.gold.any(1), right, 0.0).mean()

    def _similar(self, text: _Text, asked: _Asked) -> Tensor:
        """The greatest cosine of each question's words with a word of its candidates: (b, n, q)."""
        b, q, _ = asked.words.shape
        words = functional.normalize(text.words @ self.matrix, dim=-1)
        questions = functional.normalize(asked.words @ self.matrix, dim=-1).reshape(b * q, -1)
        best = torch.full((text.count, b * q), -1.0).scatter_reduce(
            0, text.owner[:, None].expand(-1, b * q), words @ questions.T, "amax"
        )
        return best.reshape(text.count, b, q)[asked.sentences, torch.arange(b)[:, None]]

    def _answerable(self, asked: _Asked, similar: Tensor, weights: Tensor, scores: Tensor) -> Tensor:
        """The logits (b,) of the questions' being answerable."""
        row = torch.arange(len(scores))[:, None]
        three = similar[row, torch.topk(scores, min(3, scores.shape[1]), dim=1).indices]
        best, of_three = three[:, 0], three.amax(1)
        essential = torch.exp(asked.words @ self.essence) * weights
        essential = essential / essential.sum(1, keepdim=True)
        far, far_of_three = (torch.sigmoid((self.near - cosines) * self.sharpness) for cosines in (best, of_three))
        found = [
            (essential * far).sum(1), (essential * far_of_three).sum(1), (weights * best).sum(1),
            (far * asked.is_word).amax(1), (essential * best).sum(1), best.masked_fill(~asked.is_word, 1.0).amin(1),
        ]  # fmt: skip
        return torch.stack(found, dim=1) @ self.of_words + asked.features @ self.of_features + self.intercept


def learn_projection(indexes: Mapping[str, ReportIndex], examples: Mapping[str, Sequence[Example]]) -> Projection:
    """A projection learned from examples by target, over indexes whose words were not projected.

    The same examples give the same projection.
    """
    torch.manual_seed(0)
    torch.set_num_threads(1)
    texts = {name: _text(indexes[name]) for name in examples}
    batches = _Batches(examples)
    # The eigenvectors of the second moments are the principal components, about the origin: cosines are about it, too.
    moments = sum(text.words.T @ text.words for text in texts.values())
    components = torch.linalg.eigh(moments).eigenvectors.flip(1)
    model = _Model(components[:, :SIZE].contiguous(), len(SIGNALS) + len(KIND_SIGNALS), len(FEATURES))
    rest = [p for p in model.parameters() if not any(p is one for one in model.words)]
    steps = torch.optim.AdamW(
        [{"params": model.words, "lr": STEP_WORDS, "weight_decay": 0.0}, {"params": rest, "lr": STEP_REST}],
        weight_decay=DECAY,
    )
    for epoch in range(EPOCHS):
        for name, asked in batches.of_epoch(epoch):
            loss = model.loss(texts[name], asked) + HELD * ((model.matrix - model.begin) ** 2).sum()
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
    learned, importance, essence = (values.detach().numpy() for values in model.words)
    return Projection(
        learned, importance, essence, model.rarity.item(), model.near.item(), model.sharpness.item()
    )  # fmt: skip


def _text(index: ReportIndex) -> _Text:
    counts = np.diff(index.word_starts)
    words = index.word_vectors.astype(np.float32) * index.word_scales[:, None]
    return _Text(torch.from_numpy(words), torch.from_numpy(np.repeat(np.arange(len(counts)), counts)), len(counts))


class _Batches:
    """The examples in batches of one text each."""

    def __init__(self, examples: Mapping[str, Sequence[Example]]) -> None:
        ordered = [example for found in examples.values() for example in found]
        self._examples = examples
        self._signals = _Standard(np.concatenate([example.signals for example in ordered]))
        self._features = _Standard(_known(ordered))

    def of_epoch(self, epoch: int) -> Iterator[tuple[str, _Asked]]:
        """Names of texts and questions over them, in an order of the epoch's own."""
        rng = np.random.default_rng(epoch)
        batches = []
        for name, found in self._examples.items():
            order = rng.permutation(len(found))
            batches += [(name, [found[i] for i in order[k : k + BATCH]]) for k in range(0, len(order), BATCH)]
        for number in rng.permutation(len(batches)):
            name, batch = batches[number]
            yield name, self._asked(batch)

    def _asked(self, batch: Sequence[Example]) -> _Asked:
        found = [example.evidence for example in batch]
        return _Asked(
            _padded([word_vectors(e.encoding, e.words)[list(e.content)] for e in found]),
            _padded([np.ones(len(e.content), dtype=bool) for e in found]),
            _padded([e.idf for e in found]),
            _padded([e.sentences for e in found]),
            _padded([np.ones(len(e.sentences), dtype=bool) for e in found]),
            _padded([example.gold for example in batch]),
            _padded([self._signals(example.signals) for example in batch]),
            torch.from_numpy(self._features(_known(batch))),
            torch.tensor([float(example.answerable) for example in batch]),
        )


class _Standard:
    """Standardises columns, with no deviation below 0.03 and no result beyond five."""

    def __init__(self, rows: Floats) -> None:
        self._mean, self._deviation = rows.mean(axis=0), np.maximum(rows.std(axis=0), 0.03)

    def __call__(self, rows: Floats) -> Floats:
        standard: Floats = np.clip((rows - self._mean) / self._deviation, -5, 5).astype(np.float32)
        return standard


def _padded(rows: Sequence[npt.NDArray[Any]]) -> Tensor:
    return pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)


def _known(examples: Sequence[Example]) -> Floats:
    """Their features (b, f), 0 where one is not known since nothing was compared yet."""
    known: Floats = np.nan_to_num(np.stack([example.features for example in examples]))
    return known
