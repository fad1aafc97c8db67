"""Learning :mod:`index.interaction`: the same network in torch, and how it is trained.

The loss has three parts: a softmax over a question's candidates (the right ones together; ListNet's top-one loss, Cao
et al. 2007), a log loss of each candidate's answering, and one of the question's being answerable, by the log-sum-exp
of these. Adam with decoupled weight decay, a warm start and a linear end; dropout on what is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from eval.fit.examples import Example
from index.build import ReportIndex, word_vectors
from index.interaction import LENGTH, Interaction

# How many of a question's sentences are compared, the right ones always among them.
CANDIDATES = 12
CONDENSED, HIDDEN, SLOT, SLOTS = 128, 128, 64, 2
BATCH, EPOCHS, STEP, DECAY, DROPOUT = 32, 3, 1e-3, 0.1, 0.4
WARM = 100
# Sentences of more words are cut here, while learning only.
LONGEST = 80
# Deviations are not let below this.
LEAST_DEVIATION = 0.03
_NEVER = -1e4


class Network(torch.nn.Module):
    """:class:`index.interaction.Interaction`, to be trained; its parameters have the same names."""

    def __init__(self, condense: Tensor, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        d, c, h, s, n = *condense.shape, HIDDEN, SLOT * SLOTS, len(mean)
        shapes = {
            "ask": (d, h), "tell": (c, h), "compare": (4 * h + 2, h), "deepen": (h, h),
            "judge": (3 * h + 3 * s + n, h), "answer": (h, 2), "weight": (d,), "essence": (d,),
            "slot_query": (d, s), "slot_key": (c, s), "slot_value": (c, s),
        }  # fmt: skip
        made = {name: torch.randn(shape) / sqrt(3 * shape[0]) for name, shape in shapes.items()}
        made |= {f"{name}_bias": torch.zeros(h) for name in ("ask", "tell", "compare", "deepen", "judge")}
        made |= {
            "answer_bias": torch.zeros(2),
            "trust": torch.tensor(1.0),
            "scale": torch.tensor(12.0),
            "slot_near": torch.full((SLOTS,), -3.0),
        }
        made |= {"condense": condense.clone(), "align": condense.clone()}
        self.of = torch.nn.ParameterDict({name: torch.nn.Parameter(value) for name, value in made.items()})
        self.mean, self.deviation = mean, deviation

    def forward(self, asked: Mapping[str, Tensor]) -> Tensor:
        """Both logits (2, b, c) of a batch as :func:`_batch` gives it."""
        of, is_word, there = self.of, asked["is_word"], asked["there"]
        question, candidates = asked["question"] * LENGTH, asked["candidates"]
        # Each of the report's sentences once, though it is a candidate for many of the questions.
        said = asked["words"] @ of["condense"] * LENGTH
        aligned = functional.normalize(question @ of["align"], dim=-1)
        near = torch.einsum("bqk,bctk->bcqt", aligned, functional.normalize(said, dim=-1)[candidates])
        near = near.masked_fill(~there[:, :, None, :], -1.0)
        shares = (near * of["scale"]).masked_fill(~there[:, :, None, :], _NEVER).softmax(-1)
        found = torch.einsum("bcqt,bcth->bcqh", shares, (said @ of["tell"] + of["tell_bias"])[candidates])
        wants = (question @ of["ask"] + of["ask_bias"])[:, None].expand_as(found)
        weight, essence = (
            (question @ of[name]).clamp(-8, 8).masked_fill(~is_word, _NEVER).softmax(1)
            for name in ("weight", "essence")
        )
        each = weight[:, None, :, None].expand(*found.shape[:3], 1)
        pair = torch.cat([wants, found, wants * found, (wants - found).abs(), near.amax(3)[..., None], each], dim=-1)
        compared = functional.relu(self._drop(pair) @ of["compare"] + of["compare_bias"])
        compared = functional.relu(self._drop(compared) @ of["deepen"] + of["deepen_bias"])
        greatest = compared.masked_fill(~is_word[:, None, :, None], _NEVER).amax(2)
        pooled = [torch.einsum("bq,bcqh->bch", share, compared) for share in (weight, essence)]
        seen = near.masked_fill(~is_word[:, None, :, None], -1.0).amax(2)
        slots = self._slots(torch.einsum("bq,bqd->bd", essence, question), said, candidates, there, seen)
        standard = ((asked["signals"] - self.mean) / self.deviation).clamp(-5, 5)
        all_of_it = torch.cat([pooled[0], greatest, pooled[1], slots, standard], dim=-1)
        hidden = functional.relu(self._drop(all_of_it) @ of["judge"] + of["judge_bias"])
        ranks, tells = (hidden @ of["answer"] + of["answer_bias"]).unbind(-1)
        both = torch.stack([ranks + of["trust"] * asked["fast"], tells])
        return both.masked_fill(~asked["is_candidate"], _NEVER)

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, DROPOUT, self.training)

    def _slots(self, essence: Tensor, said: Tensor, candidates: Tensor, there: Tensor, near: Tensor) -> Tensor:
        of = self.of
        wanted = (essence @ of["slot_query"]).view(len(essence), 1, SLOTS, SLOT)
        keys, values = (
            (said @ of[name]).view(*said.shape[:2], SLOTS, SLOT)[candidates] for name in ("slot_key", "slot_value")
        )
        looks = torch.einsum("bks,bctks->bckt", wanted[:, 0], keys) / sqrt(SLOT)
        looks = looks + near[:, :, None, :] * of["slot_near"][None, None, :, None]
        shares = looks.masked_fill(~there[:, :, None, :], _NEVER).softmax(-1)
        filled = torch.einsum("bckt,bctks->bcks", shares, values)
        wanted = wanted.expand_as(filled)
        return torch.cat([wanted, filled, wanted * filled], dim=-1).flatten(2)

    def learned(self) -> Interaction:
        """What was learned, for the program."""
        numbers = {name: value.detach().numpy().copy() for name, value in self.of.items()}
        return Interaction({**numbers, "mean": self.mean.numpy(), "deviation": self.deviation.numpy()})


def learn_interaction(indexes: Mapping[str, ReportIndex], examples: Mapping[str, Sequence[Example]]) -> Interaction:
    """An interaction learned from examples by target, over indexes whose passages' words were not condensed.

    The same examples give the same interaction.
    """
    torch.manual_seed(0)
    texts = {name: _text(indexes[name]) for name in examples}
    signals = np.concatenate([example.signals for found in examples.values() for example in found]).astype(np.float32)
    moments = sum(text.flatten(0, 1).T @ text.flatten(0, 1) for text, _ in texts.values())
    components = torch.linalg.eigh(moments).eigenvectors.flip(1)[:, :CONDENSED].contiguous()
    deviation = np.maximum(signals.std(axis=0), LEAST_DEVIATION)
    model = Network(components, torch.from_numpy(signals.mean(axis=0)), torch.from_numpy(deviation))
    steps = torch.optim.AdamW(model.parameters(), lr=STEP, weight_decay=DECAY)
    count = EPOCHS * sum(ceil(len(found) / BATCH) for found in examples.values())
    done = 0
    for epoch in range(EPOCHS):
        for name, batch in _batches(examples, epoch):
            pace = STEP * min(1.0, (done + 1) / WARM) * (count - done) / count
            for group in steps.param_groups:
                group["lr"] = pace
            loss = _loss(model, _batch(texts[name], batch))
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            steps.step()
            done += 1
    return model.learned()


def _loss(model: Network, asked: Mapping[str, Tensor]) -> Tensor:
    ranks, tells = model(asked)
    gold, is_there = asked["gold"], asked["is_candidate"]
    right = torch.log_softmax(ranks, 1).masked_fill(~gold, _NEVER).logsumexp(1)
    single = functional.binary_cross_entropy_with_logits(tells, gold.float(), reduction="none")
    told = functional.binary_cross_entropy_with_logits(tells.logsumexp(1), asked["answerable"])
    one = (single * is_there).sum(1).mean()
    return 0.3 * one + told - torch.where(gold.any(1), right, 0.0).sum() / gold.any(1).sum().clamp(min=1)


def _text(index: ReportIndex) -> tuple[Tensor, Tensor]:
    """The words of each sentence (n, t, d), and how many there are (n,)."""
    words = index.context_vectors.astype(np.float32) * index.context_scales[:, None]
    rows = [words[a:b][:LONGEST] for a, b in zip(index.word_starts, index.word_starts[1:], strict=False)]
    return _stacked(rows), torch.tensor([len(row) for row in rows])


def _batches(examples: Mapping[str, Sequence[Example]], epoch: int) -> list[tuple[str, list[Example]]]:
    """Batches of one text each, in an order of the epoch's own."""
    rng = np.random.default_rng(epoch)
    made = []
    for name, found in examples.items():
        order = rng.permutation(len(found))
        made += [(name, [found[i] for i in order[k : k + BATCH]]) for k in range(0, len(order), BATCH)]
    return [made[i] for i in rng.permutation(len(made))]


def candidates_of(example: Example) -> npt.NDArray[np.int64]:
    """The rows of an example's evidence that are compared: the best, and the right ones in place of the last."""
    order = np.argsort(-example.fast, kind="stable")[:CANDIDATES]
    missing = np.setdiff1d(np.flatnonzero(example.gold), order)[: len(order) - 1]
    if len(missing):
        order[-len(missing) :] = missing
    return order


def _batch(text: tuple[Tensor, Tensor], batch: Sequence[Example]) -> dict[str, Tensor]:
    words, lengths = text
    rows = [candidates_of(example) for example in batch]
    numbers = _stacked([e.evidence.sentences[own] for e, own in zip(batch, rows, strict=True)])
    longest = max(1, int(lengths[numbers].max()))
    questions = [word_vectors(e.evidence.encoding, e.evidence.words) for e in batch]
    return {
        "question": _stacked(questions),
        "is_word": _stacked([np.ones(len(q), dtype=bool) for q in questions]),
        "words": words[:, :longest],
        "candidates": numbers,
        "there": torch.arange(longest)[None, None, :] < lengths[numbers][..., None],
        "is_candidate": _stacked([np.ones(len(own), dtype=bool) for own in rows]),
        "signals": _stacked([e.signals[own].astype(np.float32) for e, own in zip(batch, rows, strict=True)]),
        "fast": _stacked([e.fast[own] for e, own in zip(batch, rows, strict=True)]),
        "gold": _stacked([e.gold[own] for e, own in zip(batch, rows, strict=True)]),
        "answerable": torch.tensor([float(e.answerable) for e in batch]),
    }


def _stacked(rows: Sequence[npt.NDArray[Any]]) -> Tensor:
    return pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
