"""What an index holds, and that nothing of a report is left out of it."""

from __future__ import annotations

import numpy as np
import pytest

from index.build import ReportIndex, build_index, encode_whole, word_vectors
from index.encoder import Encoder, Encoding, unit_length
from index.projection import projection_for
from index.readers import read_text
from index.report import Block, Report, build_report
from index.retriever import Retriever
from index.tokens import load_encoding
from index.words import content_forms, split_words


@pytest.fixture(scope="module")
def report() -> Report:
    return read_text(
        "The Harbour Review\n\nLamps\n\nThe tower has five lamps. They were lit in 1887, all of them.\n\n"
        "- The keeper is paid 40,000 crowns.\n- —\n\nOutlook\n\nNo lamp will be replaced before 2031.\n"
    )


@pytest.fixture(scope="module")
def index(report: Report, encoder: Encoder) -> ReportIndex:
    return build_index(report, encoder, load_encoding(), 300)


def test_shapes(index: ReportIndex, encoder: Encoder) -> None:
    report, d = index.report, encoder.dimension
    n, words = len(report.sentences), sum(len(split_words(report.quote(s))) for s in report.sentences)
    assert (len(index.sentence_dense), len(index.passage_dense)) == (n, len(index.passages))
    assert index.word_vectors.shape == (words, projection_for(encoder).matrix.shape[1])
    assert index.word_starts.shape == (n + 1,)
    assert index.heading_vectors.shape == (len(report.sections), d)
    assert index.word_vectors.dtype == np.int8


def test_vectors_are_of_their_texts(index: ReportIndex, encoder: Encoder) -> None:
    report = index.report
    sentences = [report.quote(sentence) for sentence in report.sentences]
    passages = [report.text[passage.start : passage.end] for passage in index.passages]
    for dense, texts in ((index.sentence_dense, sentences), (index.passage_dense, passages)):
        expected = [one.vector for one in encoder.encode(texts)]
        np.testing.assert_allclose(dense.vectors(np.arange(len(texts))), expected, atol=1e-5)
    for section, vector in zip(report.sections, index.heading_vectors, strict=True):
        expected_heading = next(encoder.encode([section.title])).vector * bool(section.title)
        np.testing.assert_allclose(vector, expected_heading, atol=1e-5)


def test_words_are_of_their_sentences(index: ReportIndex, encoder: Encoder) -> None:
    for sentence in index.report.sentences:
        text = index.report.quote(sentence)
        words = index.sentence_words[sentence.number]
        assert [text[word.start : word.end] for word in words] == [word.text for word in split_words(text)]
        start, end = index.word_starts[sentence.number : sentence.number + 2]
        (encoding,) = encoder.encode([text])
        found = index.word_vectors[start:end] * index.word_scales[start:end, None]
        expected = projection_for(encoder).project(word_vectors(encoding, words))
        np.testing.assert_allclose(found, expected, atol=3e-3)
        assert [index.forms[number] for number in index.word_forms[start:end]] == [word.form for word in words]


def test_lexical_indexes_hold_the_content_words(index: ReportIndex) -> None:
    report = index.report
    for lexical, texts in (
        (index.sentence_lexical, [report.quote(sentence) for sentence in report.sentences]),
        (index.passage_lexical, [report.text[passage.start : passage.end] for passage in index.passages]),
    ):
        for word in ("lamp", "40000", "the", "missing"):
            holding = [word in content_forms(split_words(text)) for text in texts]
            assert (lexical.scores([word]) > 0).tolist() == holding
    assert index.sentence_lexical.scores(["lamp"]).any()


def test_passage_of_each_sentence(index: ReportIndex) -> None:
    for sentence in index.report.sentences:
        passage = index.passages[index.passage_of[sentence.number]]
        assert passage.start <= sentence.start < sentence.end <= passage.end


def test_headings_without_a_title_are_zero(encoder: Encoder) -> None:
    report = build_report([Block("paragraph", "Before. "), Block("heading", "On"), Block("note", "After.")], title="x")
    lengths = np.linalg.norm(build_index(report, encoder, load_encoding(), 300).heading_vectors, axis=1)
    np.testing.assert_allclose(lengths, [0, 1], atol=1e-6)


def test_word_vectors_are_means_of_pieces() -> None:
    pieces = np.array([[3, 0], [0, 4], [1, 1], [5, 0]], dtype=np.float32)
    offsets = np.array([[0, 3], [3, 6], [6, 7], [8, 10]], dtype=np.int32)  # "lampen, an"
    words = split_words("lampen, an end")
    found = word_vectors(Encoding(np.zeros(2, np.float32), pieces, offsets), words)
    expected = np.stack([unit_length(pieces[0] + pieces[1]), pieces[3] / 5, pieces[0] * 0])  # none for the comma
    np.testing.assert_allclose(found, expected)
    assert word_vectors(Encoding(np.zeros(2, np.float32), pieces[:0], offsets[:0]), words).tolist() == [[0, 0]] * 3
    assert word_vectors(Encoding(np.zeros(2, np.float32), pieces, offsets), []).shape == (0, 2)


def test_progress_counts_texts(report: Report, encoder: Encoder) -> None:
    told: list[tuple[int, int]] = []
    made = build_index(report, encoder, load_encoding(), 300, lambda done, total: told.append((done, total)))
    total = len(report.sections) + len(made.passages) + len(report.sentences)
    assert told[-1] == (total, total)


def test_text_over_the_limit_is_encoded_in_parts(encoder: Encoder) -> None:
    text = " ".join(f"lamp {number}" for number in range(400))
    (whole,) = encode_whole(encoder, [text])
    assert len(whole.offsets) == len(whole.pieces) == encoder.count_pieces(text) > 2 * encoder.max_pieces
    assert whole.offsets[-1, 1] == len(text)
    assert (np.diff(whole.offsets[:, 0]) > 0).all()
    assert text[slice(*whole.offsets[600])].strip() != ""
    assert np.isclose(np.linalg.norm(whole.vector), 1)
    assert (np.linalg.norm(word_vectors(whole, split_words(text)), axis=1) > 0.99).all()
    (short,) = encode_whole(encoder, ["a lamp"])
    np.testing.assert_allclose(short.vector, next(encoder.encode(["a lamp"])).vector, atol=1e-6)


def test_last_word_of_a_very_long_sentence_is_found(encoder: Encoder) -> None:
    filler = " ".join(["the ships came and went with grain and salt while clerks wrote all of it down"] * 130)
    report = build_report(
        [
            Block("heading", "Ledger"),
            Block("paragraph", f"In that year {filler} and at last they brought a giraffe."),
            *(Block("paragraph", f"The {animal} stayed on the farm.") for animal in ("horse", "cow", "goat", "sheep")),
        ],
        title="Ledger",
    )
    assert len(split_words(report.quote(report.sentences[0]))) > 2000
    index = build_index(report, encoder, load_encoding(), 300)
    assert np.linalg.norm(index.word_vectors * index.word_scales[:, None], axis=1).min() > 0.99
    assert sum(passage.first_sentence == 0 for passage in index.passages) > 8
    assert index.passage_of[0] == 0
    retriever = Retriever(index, encoder)
    evidence = retriever.retrieve("Did anybody see a giraffe?")
    assert evidence.scores.argmax() == 0
    giraffe = [word.text for word in evidence.words].index("giraffe")
    column = evidence.content.index(giraffe)
    assert evidence.similar[0, column] > 0.5
    assert evidence.found[:, column].tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "blocks",
    [
        [Block("paragraph", "One sentence.")],
        [Block("paragraph", "x")],
        [Block("bullet", "First"), Block("bullet", "Second"), Block("bullet", "—")],
        [Block("paragraph", "—"), Block("paragraph", "There is text.")],
        [Block("paragraph", "The the of."), Block("paragraph", "To be or not to be?")],
        [Block("heading", "Empty"), Block("heading", "Full"), Block("note", "A note.")],
        [Block("paragraph", "a" * 3000)],
        [Block("paragraph", "政府批准了基金。总额为一千二百亿坚戈。" * 60)],
        [Block("paragraph", "😀 " * 700 + "end.")],
    ],
    ids=["sentence", "letter", "bullets", "dash", "stop words", "empty section", "one word", "Chinese", "emoji"],
)
def test_reports_at_the_edge(blocks: list[Block], encoder: Encoder) -> None:
    report = build_report(blocks, title="Edge")
    index = build_index(report, encoder, load_encoding(), 300)
    retriever = Retriever(index, encoder)
    for question in ("What is it?", "the", "giraffe", "42%", "基金"):
        evidence = retriever.retrieve(question)
        assert evidence.sentences.tolist() == list(range(len(report.sentences)))
        assert np.isfinite(evidence.signals).all()
        assert np.isfinite(evidence.scores).all()
