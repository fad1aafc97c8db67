"""The index of a report: what ranking needs, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from index.chunking import Passage, chunk_report, split_to_fit
from index.dense import DenseIndex
from index.encoder import Encoder, Encoding, Floats, Progress, unit_length
from index.interaction import condense_for
from index.lexical import LexicalIndex
from index.projection import Projection, projection_for
from index.ranking import compact
from index.report import Report, Sentence
from index.tokens import count_tokens
from index.words import Word, content_forms, split_words

if TYPE_CHECKING:
    import tiktoken

# The words of so many sentences are projected at once. BLAS shares a product of matrices among threads, which wait for
# each other while the network keeps the cores busy: one at a time, that took 8 ms a sentence, as long as the network.
TOGETHER = 256


@dataclass(frozen=True)
class ReportIndex:
    """A report and what was computed of it.

    ``word_vectors`` (w, k), times ``word_scales`` (w,), holds the projected contextual embedding of each word of each
    sentence, of unit length, those of sentence ``i`` at rows ``word_starts[i] : word_starts[i + 1]``, in the order of
    :func:`index.words.split_words`, and ``word_forms`` (w,) the number of each in ``forms``. ``context_vectors``
    (w, c), times ``context_scales`` (w,), are the same words' embeddings where the whole passage is read by the tuned
    layers (:mod:`index.upper`), condensed for :mod:`index.interaction`; c is 0 where nothing was learned for the
    encoder. ``spellings`` are the words as they stand in the sentences, case folded, each once. ``heading_vectors``
    (s, d) has a row for each section, zero where it has no title.
    """

    report: Report
    passages: tuple[Passage, ...]
    passage_dense: DenseIndex
    sentence_dense: DenseIndex
    passage_lexical: LexicalIndex
    sentence_lexical: LexicalIndex
    word_vectors: npt.NDArray[np.int8]
    word_scales: Floats
    word_starts: npt.NDArray[np.int64]
    word_forms: npt.NDArray[np.int32]
    context_vectors: npt.NDArray[np.int8]
    context_scales: Floats
    forms: tuple[str, ...]
    spellings: tuple[str, ...]
    heading_vectors: Floats

    @cached_property
    def sentence_words(self) -> SentenceWords:
        """The words of each sentence, offsets from the sentence's start."""
        return SentenceWords(self.report)

    @cached_property
    def form_numbers(self) -> dict[str, int]:
        """The number of each word form in ``forms``."""
        return {form: number for number, form in enumerate(self.forms)}

    @cached_property
    def passage_of(self) -> npt.NDArray[np.int64]:
        """The number of the (first) passage that holds each sentence (n,)."""
        numbers = np.zeros(len(self.report.sentences), dtype=np.int64)
        for passage in reversed(self.passages):
            numbers[passage.first_sentence : passage.end_sentence] = passage.number
        return numbers


class SentenceWords(Sequence[tuple[Word, ...]]):
    """The words of a report's sentences, each split when first looked at: an index opens at once, however long."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._split: dict[int, tuple[Word, ...]] = {}

    def __len__(self) -> int:
        return len(self._report.sentences)

    @overload
    def __getitem__(self, number: int) -> tuple[Word, ...]: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[tuple[Word, ...], ...]: ...

    def __getitem__(self, number: int | slice) -> tuple[Word, ...] | tuple[tuple[Word, ...], ...]:
        if isinstance(number, slice):
            return tuple(self[i] for i in range(*number.indices(len(self))))
        if number not in self._split:
            self._split[number] = tuple(split_words(self._report.quote(self._report.sentences[number])))
        return self._split[number]


def build_index(
    report: Report,
    encoder: Encoder,
    encoding: tiktoken.Encoding,
    passage_tokens: int,
    progress: Progress | None = None,
    projection: Projection | None = None,
    condense: Floats | None = None,
) -> ReportIndex:
    """Chunk, embed and index a report. ``progress`` counts encoded texts; ``projection`` and ``condense`` (d, c), which
    condenses the words of passages, are the encoder's own, if none is given.
    """
    projection = projection or projection_for(encoder)
    condense = condense_for(encoder) if condense is None else condense
    passages = chunk_report(
        report,
        lambda text: count_tokens(text, encoding) <= passage_tokens,
        lambda text: encoder.count_pieces(text) <= encoder.max_pieces,
    )
    headings = [section.title for section in report.sections]
    texts = [report.text[p.start : p.end] for p in passages]
    sentences = [report.quote(sentence) for sentence in report.sentences]
    words = [split_words(sentence) for sentence in sentences]
    rest = [*headings, *sentences]
    starts = np.array([0, *accumulate(map(len, words))], dtype=np.int64)
    passage_vectors, of_contexts, context_scales = read_passages(
        encoder, report, passages, words, condense, _share(progress, 0, len(texts), len(texts) + len(rest))
    )
    encodings = encode_whole(encoder, rest, _share(progress, len(texts), len(rest), len(texts) + len(rest)))
    heading_vectors = np.stack([next(encodings).vector * bool(title) for title in headings])
    forms = {form: i for i, form in enumerate(dict.fromkeys(word.form for of_one in words for word in of_one))}
    of_words = np.zeros((int(starts[-1]), projection.matrix.shape[1]), dtype=np.int8)
    scales = np.zeros(int(starts[-1]), dtype=np.float32)
    of_sentences = np.zeros((len(sentences), encoder.dimension), dtype=np.float32)
    for first in range(0, len(sentences), TOGETHER):
        some = range(first, min(first + TOGETHER, len(sentences)))
        each = [next(encodings) for _ in some]
        of_sentences[some] = [one.vector for one in each]
        vectors = [word_vectors(one, words[i]) for i, one in zip(some, each, strict=True)]
        own = slice(starts[some.start], starts[some.stop])
        of_words[own], scales[own] = compact(projection.project(np.concatenate(vectors)))
    return ReportIndex(
        report,
        tuple(passages),
        DenseIndex.build(passage_vectors),
        DenseIndex.build(of_sentences),
        LexicalIndex.build([content_forms(split_words(text)) for text in texts]),
        LexicalIndex.build([content_forms(of_one) for of_one in words]),
        of_words,
        scales,
        starts,
        np.array([forms[word.form] for of_one in words for word in of_one], dtype=np.int32),
        of_contexts,
        context_scales,
        tuple(forms),
        tuple(dict.fromkeys(word.text.casefold() for of_one in words for word in of_one)),
        heading_vectors,
    )


def read_passages(
    encoder: Encoder,
    report: Report,
    passages: Sequence[Passage],
    words: Sequence[Sequence[Word]],
    condense: Floats,
    progress: Progress | None = None,
) -> tuple[Floats, npt.NDArray[np.int8], Floats]:
    """The vectors of passages (p, d), and the ``context_vectors`` and ``context_scales`` of the words of all sentences
    (:class:`ReportIndex`), condensed by ``condense`` (d, c).
    """
    starts = np.array([0, *accumulate(map(len, words))], dtype=np.int64)
    places = places_of(report.sentences, words)
    vectors = np.zeros((len(passages), encoder.dimension), dtype=np.float32)
    bits = np.zeros((len(places), condense.shape[1]), dtype=np.int8)
    scales = np.zeros(len(places), dtype=np.float32)
    texts = [report.text[p.start : p.end] for p in passages]
    wholes = encode_whole(encoder, texts, progress, upper=condense.shape[1] > 0)
    for passage, whole in zip(passages, wholes, strict=True):
        vectors[passage.number] = whole.vector
        if condense.shape[1]:
            inside = words_inside(passage, starts, places)
            read = vectors_at(whole, places[inside] - passage.start, upper=True)
            bits[inside], scales[inside] = compact(read @ condense)
    return vectors, bits, scales


def words_inside(
    passage: Passage, starts: npt.NDArray[np.int64], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The numbers of the words of a report's sentences that stand in a passage; those of sentence ``i`` begin at
    ``starts[i]``, and ``places`` (w, 2) says where each stands in the report's text.
    """
    numbers = np.arange(starts[passage.first_sentence], starts[passage.end_sentence])
    inside: npt.NDArray[np.int64] = numbers[(places[numbers, 0] >= passage.start) & (places[numbers, 1] <= passage.end)]
    return inside


def _share(progress: Progress | None, before: int, own: int, total: int) -> Progress | None:
    """Progress of ``own`` of a ``total`` of texts, which come after ``before`` others, told as that of them all; one
    that is encoded in parts counts once.
    """
    return None if progress is None else lambda done, parts: progress(before + done * own // parts, total)


def places_of(sentences: Sequence[Sentence], words: Sequence[Sequence[Word]]) -> npt.NDArray[np.int64]:
    """Where each word of each sentence stands in the report's text: (w, 2)."""
    found = [
        (sentence.start + word.start, sentence.start + word.end)
        for sentence, own in zip(sentences, words, strict=True)
        for word in own
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def encode_whole(
    encoder: Encoder, texts: Sequence[str], progress: Progress | None = None, *, upper: bool = False
) -> Iterator[Encoding]:
    """Encode texts of any length, in their order: one over the encoder's limit in parts, so that nothing is cut off.

    The vector of such a text is the mean of its parts' vectors, scaled to unit length.
    """

    def is_encodable(text: str) -> bool:
        return encoder.count_pieces(text) <= encoder.max_pieces

    spans = [list(split_to_fit(text, 0, len(text), is_encodable)) for text in texts]
    parts = [text[start:end] for text, own in zip(texts, spans, strict=True) for start, end in own]
    encodings = encoder.encode(parts, progress, upper=upper)
    for own in spans:
        found = [next(encodings) for _ in own]
        yield found[0] if len(found) == 1 else _joined(found, [start for start, _ in own])


def _joined(parts: Sequence[Encoding], starts: Sequence[int]) -> Encoding:
    second = [part.upper for part in parts if part.upper is not None]
    return Encoding(
        unit_length(np.mean([part.vector for part in parts], axis=0, dtype=np.float32)),
        np.concatenate([part.pieces for part in parts]),
        np.concatenate([part.offsets + np.int32(start) for part, start in zip(parts, starts, strict=True)]),
        None if not second else np.concatenate(second),
    )


def word_vectors(encoding: Encoding, words: Sequence[Word], *, upper: bool = False) -> Floats:
    """The embedding of each word (w, d): the mean of its word pieces' embeddings, scaled to unit length; by the tuned
    layers where ``upper`` says so, if the text was encoded with them.

    A word that has no piece of its own (the network's tokenizer dropped it) gets zeros.
    """
    places = np.array([(word.start, word.end) for word in words], dtype=np.int64).reshape(-1, 2)
    return vectors_at(encoding, places, upper=upper)


def vectors_at(encoding: Encoding, places: npt.NDArray[np.int64], *, upper: bool = False) -> Floats:
    """:func:`word_vectors` of the words whose offsets ``places`` (w, 2) gives, in ascending order."""
    pieces = encoding.upper if upper else encoding.pieces
    if pieces is None:
        raise ValueError("the text was not encoded with the tuned layers")
    vectors = np.zeros((len(places), encoding.vector.shape[0]), dtype=np.float32)
    if len(places) == 0 or len(encoding.offsets) == 0:
        return vectors
    owner = owners(encoding.offsets, places)
    np.add.at(vectors, owner[owner >= 0], pieces[owner >= 0])
    return unit_length(vectors)


def owners(offsets: npt.NDArray[np.int32], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Which of the words that stand at ``places`` (w, 2), in ascending order, each piece (t,) is of: -1 where none."""
    starts, ends = places.T
    middle = (offsets[:, 0] + offsets[:, 1]) / 2
    owner = np.searchsorted(starts, middle, side="right") - 1
    inside = owner >= 0
    inside[inside] = middle[inside] <= ends[owner[inside]]
    return np.where(inside, owner, -1)
