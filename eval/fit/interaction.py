"""Learning :mod:`index.interaction`: the same network in torch, and how it is trained, with the encoder's upper layers
(:mod:`index.upper`) below it.

The layers below those stay as they are, so what they make of the passages and the questions is computed once. A batch
is of one text: its passages are read once for all of the batch's questions, which makes this many times cheaper than
reading each question together with each sentence (and reading them so, a cross-encoder, learned nothing from 14,000
pairs of them). The loss has three parts: a softmax over a question's candidates (the right ones together; ListNet's
top-one loss, Cao et al. 2007), a log loss of each candidate's answering, and one of the question's being answerable, by
the log-sum-exp of these. Adam with decoupled weight decay, a warm start and a linear end; dropout on what is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from eval.fit.examples import Example
from index.build import ReportIndex, owners, places_of, words_inside
from index.encoder import SentenceTransformerEncoder, batches
from index.interaction import LENGTH, Interaction
from index.upper import DIMENSION, UpperLayers, lower_states, own_layers
from index.words import Word

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# How many of a question's sentences are compared, the right ones always among them.
CANDIDATES = 12
CONDENSED, HIDDEN, SLOT, SLOTS = 128, 128, 64, 2
BATCH, EPOCHS, STEP, DECAY, DROPOUT = 64, 3, 1e-3, 0.1, 0.4
WARM = 100
# The same for the encoder's layers, which have learned much already.
STEP_UPPER, DECAY_UPPER = 1e-4, 0.01
# How much more the linear ranking counts than was learned: it holds better on texts that nothing was learned from. With
# 0.5 more the best sentence was right for 0.81 of the questions on made-up reports to check on instead of 0.80, and for
# 0.83 instead of 0.79 on SQuAD's articles.
MORE_TRUST = 0.5
# How many pieces are read at a time, padding included, and how much longer than the shortest of them a text may be.
READ, PADDED = 6000, 1.25
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
        """Both logits (2, b, c) of a batch as :meth:`_Lower.batch` gives it."""
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


@dataclass(frozen=True)
class Learned:
    """An interaction, and the layers that read what it compares."""

    interaction: Interaction
    upper: UpperLayers

    @cached_property
    def encoder(self) -> SentenceTransformerEncoder:
        """The default model with these layers."""
        return SentenceTransformerEncoder(upper=self.upper)


@dataclass(frozen=True)
class _Read:
    """What the lower layers made of a text (t, d), in 16 bits, and which word each piece is of (t,), -1 for none."""

    states: Tensor
    owner: Tensor


@dataclass(frozen=True)
class _Text:
    """A text's passages, which hold ``count`` words, those of sentence ``i`` from ``starts[i]`` on (n + 1,), of which
    ``lengths`` (n,) are looked at; the sentences of each passage are those from ``first`` (p,) to before ``end`` (p,).
    """

    passages: Sequence[_Read]
    first: Tensor
    end: Tensor
    starts: Tensor
    lengths: Tensor

    @property
    def count(self) -> int:
        return int(self.starts[-1])

    def holding(self, sentences: Tensor) -> list[_Read]:
        """The passages that hold any of these sentences (s,)."""
        holds = (self.first[:, None] <= sentences) & (sentences < self.end[:, None])
        return [self.passages[i] for i in holds.any(1).nonzero()[:, 0].tolist()]


def learn_interaction(
    model: SentenceTransformer,
    indexes: Mapping[str, ReportIndex],
    examples: Mapping[str, Sequence[Example]],
    upper: UpperLayers | None = None,
) -> Learned:
    """An interaction learned from examples by target, over their indexes; with it the upper layers of the encoder's
    ``model`` are tuned, unless it is told to take some as they are.

    The same examples give the same, on the same machine: 37,000 of them take about 45 minutes on a core.
    """
    torch.manual_seed(0)
    tuned, upper = upper is None, upper or own_layers(model)
    lower = _Lower(model, indexes, examples)
    signals = np.concatenate([example.signals for found in examples.values() for example in found]).astype(np.float32)
    deviation = np.maximum(signals.std(axis=0), LEAST_DEVIATION)
    network = Network(lower.components(upper), torch.from_numpy(signals.mean(axis=0)), torch.from_numpy(deviation))
    groups: list[dict[str, Any]] = [{"params": list(network.parameters()), "weight_decay": DECAY}]
    paces = [STEP]
    if tuned:
        groups.append({"params": list(upper.parameters()), "weight_decay": DECAY_UPPER})
        paces.append(STEP_UPPER)
    steps = torch.optim.AdamW(groups, lr=STEP)
    learning = torch.nn.ModuleList([network, upper]) if tuned else network
    count = EPOCHS * sum(ceil(len(found) / BATCH) for found in examples.values())
    done = 0
    upper.train(tuned)
    for epoch in range(EPOCHS):
        for name, batch in _batches(examples, epoch):
            for group, pace in zip(steps.param_groups, paces, strict=True):
                group["lr"] = pace * min(1.0, (done + 1) / WARM) * (count - done) / count
            with torch.set_grad_enabled(tuned):
                asked = lower.batch(name, batch, upper)
            loss = _loss(network, asked)
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learning.parameters(), 1.0)
            steps.step()
            done += 1
    with torch.no_grad():
        network.of["trust"] += MORE_TRUST
    return Learned(network.learned(), upper.eval())


def _loss(model: Network, asked: Mapping[str, Tensor]) -> Tensor:
    ranks, tells = model(asked)
    gold, is_there = asked["gold"], asked["is_candidate"]
    right = torch.log_softmax(ranks, 1).masked_fill(~gold, _NEVER).logsumexp(1)
    single = functional.binary_cross_entropy_with_logits(tells, gold.float(), reduction="none")
    told = functional.binary_cross_entropy_with_logits(tells.logsumexp(1), asked["answerable"])
    one = (single * is_there).sum(1).mean()
    return 0.3 * one + told - torch.where(gold.any(1), right, 0.0).sum() / gold.any(1).sum().clamp(min=1)


class _Lower:
    """What the layers below those that are tuned make of the texts and of the questions on them."""

    def __init__(
        self,
        model: SentenceTransformer,
        indexes: Mapping[str, ReportIndex],
        examples: Mapping[str, Sequence[Example]],
    ) -> None:
        questions = {e.question.text: e.evidence.words for found in examples.values() for e in found}
        read = _read(model, list(questions))
        words = [
            np.array([(word.start, word.end) for word in own], dtype=np.int64).reshape(-1, 2)
            for own in questions.values()
        ]
        self._questions = {
            question: _Read(states, _owners(offsets, places))
            for question, (states, offsets), places in zip(questions, read, words, strict=True)
        }
        self._texts = {name: _text(model, indexes[name]) for name in examples}

    def components(self, upper: UpperLayers) -> Tensor:
        """The principal components (d, c) of the texts' words."""
        with torch.no_grad():
            moments = torch.zeros(DIMENSION, DIMENSION)
            for text in self._texts.values():
                words = _word_vectors(text.passages, text.count, upper)
                moments += words.T @ words
        components: Tensor = torch.linalg.eigh(moments).eigenvectors.flip(1)[:, :CONDENSED].contiguous()
        return components

    def batch(self, name: str, batch: Sequence[Example], upper: UpperLayers) -> dict[str, Tensor]:
        """What :class:`Network` and the loss take: questions (b, q, d) with the words that are there (b, q), the words
        of the sentences that are candidates for any of them (n, t, d), the candidates' rows in these (b, c), the words
        that are there (b, c, t), and what is known of each.
        """
        text = self._texts[name]
        rows = [candidates_of(example) for example in batch]
        numbers = _stacked([e.evidence.sentences[own] for e, own in zip(batch, rows, strict=True)])
        needed, candidates = torch.unique(numbers, return_inverse=True)
        vectors = _word_vectors(text.holding(needed), text.count, upper)
        vectors = torch.cat([vectors, torch.zeros(1, vectors.shape[1])])
        place = torch.arange(max(1, int(text.lengths[needed].max())))
        there = place < text.lengths[needed][:, None]
        return {
            **self._asked(batch, upper),
            "words": vectors[torch.where(there, text.starts[needed][:, None] + place, text.count)],
            "candidates": candidates,
            "there": there[candidates],
            "is_candidate": _stacked([np.ones(len(own), dtype=bool) for own in rows]),
            "signals": _stacked([e.signals[own].astype(np.float32) for e, own in zip(batch, rows, strict=True)]),
            "fast": _stacked([e.fast[own] for e, own in zip(batch, rows, strict=True)]),
            "gold": _stacked([e.gold[own] for e, own in zip(batch, rows, strict=True)]),
            "answerable": torch.tensor([float(e.answerable) for e in batch]),
        }

    def _asked(self, batch: Sequence[Example], upper: UpperLayers) -> dict[str, Tensor]:
        """The words of the questions (b, q, d), and which are there (b, q)."""
        counts = torch.tensor([len(e.evidence.words) for e in batch])
        longest = max(1, int(counts.max()))
        reads = []
        for row, example in enumerate(batch):
            read = self._questions[example.question.text]
            reads.append(_Read(read.states, torch.where(read.owner >= 0, read.owner + row * longest, -1)))
        vectors = _word_vectors(reads, len(batch) * longest, upper)
        return {
            "question": vectors.view(len(batch), longest, -1),
            "is_word": torch.arange(longest) < counts[:, None],
        }


@torch.no_grad()
def _read(model: SentenceTransformer, texts: Sequence[str]) -> list[tuple[Tensor, npt.NDArray[np.int32]]]:
    """What the lower layers make of each text (t, d), special pieces included, and where the pieces stand (t, 2)."""
    found: dict[int, tuple[Tensor, npt.NDArray[np.int32]]] = {}
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for group in batches(order, [len(text) // 3 + 8 for text in texts], READ):
        fed = model.tokenizer(
            [texts[i] for i in group], truncation=True, max_length=model.max_seq_length, padding=True,
            return_offsets_mapping=True, return_tensors="pt",
        )  # fmt: skip
        offsets = fed.pop("offset_mapping").numpy().astype(np.int32)
        with lower_states(model) as lower:
            cast("Any", model)[0].model(**fed)
        states = lower[0].half()
        for row, i in enumerate(group):
            count = int(fed["attention_mask"][row].sum())
            found[i] = states[row, :count].clone(), offsets[row, :count]
    return [found[i] for i in range(len(texts))]


def _owners(offsets: npt.NDArray[np.int32], places: npt.NDArray[np.int64]) -> Tensor:
    """The number of the word that each piece is of (t,); special pieces stand nowhere."""
    if not len(places):
        return torch.full((len(offsets),), -1)
    return torch.from_numpy(np.where(offsets[:, 1] > offsets[:, 0], owners(offsets, places), -1))


def _text(model: SentenceTransformer, index: ReportIndex) -> _Text:
    report, starts = index.report, index.word_starts
    words: list[Sequence[Word]] = list(index.sentence_words)
    places = places_of(report.sentences, words)
    read = _read(model, [report.text[p.start : p.end] for p in index.passages])
    passages = []
    for passage, (states, offsets) in zip(index.passages, read, strict=True):
        inside = words_inside(passage, starts, places)
        owner = _owners(offsets, places[inside] - passage.start)
        passages.append(_Read(states, torch.from_numpy(np.append(inside, -1))[owner]))
    return _Text(
        passages,
        torch.tensor([p.first_sentence for p in index.passages]),
        torch.tensor([p.end_sentence for p in index.passages]),
        torch.from_numpy(starts),
        torch.from_numpy(np.minimum(np.diff(starts), LONGEST)),
    )


def _word_vectors(reads: Sequence[_Read], count: int, upper: UpperLayers) -> Tensor:
    """The vectors (``count``, d) of the words that upper layers make of texts, of unit length; zero where none."""
    order = sorted(range(len(reads)), key=lambda i: len(reads[i].states))
    groups: list[list[_Read]] = []
    for read in (reads[i] for i in order):
        length = len(read.states)
        last = groups[-1] if groups else []
        if not last or length > PADDED * len(last[0].states) + 4 or length * (len(last) + 1) > READ:
            groups.append([])
        groups[-1].append(read)
    states, owner = [], []
    for group in groups:
        lengths = torch.tensor([len(read.states) for read in group])
        pieces = pad_sequence([read.states.float() for read in group], batch_first=True)
        there = torch.arange(pieces.shape[1]) < lengths[:, None]
        states.append(upper(pieces, there)[there])
        owner += [read.owner for read in group]
    of = torch.cat(owner)
    # what is of no word goes into a row more
    vectors = torch.zeros(count + 1, DIMENSION).index_add(0, torch.where(of >= 0, of, count), torch.cat(states))
    return functional.normalize(vectors[:-1], dim=-1)


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


def _stacked(rows: Sequence[npt.NDArray[Any]]) -> Tensor:
    return pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
