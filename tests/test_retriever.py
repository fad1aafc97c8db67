"""From a question to ranked evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from assistant import Assistant
from index import retriever as retriever_module
from index.build import ReportIndex, build_index, encode_whole
from index.encoder import Encoder, Encoding
from index.ranking import SIGNALS, fitted_weights
from index.report import Block, build_report
from index.retriever import Retriever
from index.tokens import load_encoding
from index.words import content_forms, split_words

QUESTIONS = [
    "How large is the fund?",
    "Who are the partners in drones?",
    "What share of GDP goes to defence?",
    "When was the fund set up?",
    "Which risks does the report name?",
    "of the and",
]


@pytest.fixture(scope="module")
def index(bot: Assistant, encoder: Encoder) -> ReportIndex:
    return build_index(bot.report, encoder, load_encoding(), 300)


@pytest.fixture(scope="module")
def retriever(index: ReportIndex, encoder: Encoder) -> Retriever:
    return Retriever(index, encoder)


@pytest.mark.parametrize("question", QUESTIONS)
def test_signals(question: str, retriever: Retriever, encoder: Encoder) -> None:
    """Those that are one step from the index, by their definitions."""
    index, report = retriever.index, retriever.index.report
    evidence = retriever.retrieve(question)
    signal = dict(zip(SIGNALS, evidence.signals.T, strict=True))
    forms = content_forms(split_words(question))
    vector = next(encoder.encode([question])).vector
    assert [evidence.words[i].form for i in evidence.content] == forms
    assert evidence.similar.shape == evidence.found.shape == (len(report.sentences), len(forms))
    total = sum(retriever.idf(form) for form in forms) or 1.0
    assert evidence.idf == pytest.approx(np.array([retriever.idf(form) for form in forms]))
    for row, number in enumerate(evidence.sentences):
        sentence = report.sentences[number]
        text = report.quote(sentence)
        (own,) = index.sentence_dense.vectors(np.array([number]))
        assert np.isclose(signal["cosine"][row], own @ vector, atol=1e-5)
        (around,) = index.passage_dense.vectors(index.passage_of[[number]])
        assert np.isclose(signal["passage_cosine"][row], around @ vector, atol=1e-5)
        heading = index.heading_vectors[report.section_of(sentence).number]
        assert np.isclose(signal["heading_cosine"][row], heading @ vector, atol=1e-5)
        assert np.isclose(signal["length"][row], np.log(1 + len(split_words(text))), atol=1e-5)
        present = [form in {word.form for word in split_words(text)} for form in forms]
        assert evidence.found[row].tolist() == present
        assert np.isclose(signal["found"][row], evidence.weights @ present, atol=1e-5)
        assert np.isclose(signal["maxsim"][row], evidence.weights @ evidence.similar[row], atol=1e-5)
        assert np.isclose(signal["bm25"][row], index.sentence_lexical.scores(forms)[number] / total, atol=1e-5)
        least = evidence.similar[row].min() if forms else 0.0
        assert np.isclose(signal["maxsim_least"][row], least, atol=1e-5)
    np.testing.assert_allclose(evidence.scores, fitted_weights().score(evidence.signals))


def test_similar_is_one_for_a_word_in_the_same_sentence(retriever: Retriever) -> None:
    report = retriever.index.report
    sentence = max(report.sentences, key=lambda s: s.end - s.start)
    evidence = retriever.retrieve(report.quote(sentence))
    assert evidence.similar[sentence.number].min() > 0.98
    assert evidence.scores.argmax() == sentence.number


def test_idf(retriever: Retriever) -> None:
    n = len(retriever.index.report.sentences)
    df = sum("fund" in {w.form for w in words} for words in retriever.index.sentence_words)
    assert 1 < df < n
    assert np.isclose(retriever.idf("fund"), np.log(1 + (n - df + 0.5) / (df + 0.5)))
    assert np.isclose(retriever.idf("giraffe"), np.log(1 + (n + 0.5) / 0.5))


@pytest.mark.parametrize("question", QUESTIONS)
def test_candidates_are_ranked_as_all_are(question: str, retriever: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = retriever.retrieve(question)
    monkeypatch.setattr(retriever_module, "EXHAUSTIVE", 0)
    monkeypatch.setattr(retriever_module, "DEPTH", 8)
    some = retriever.retrieve(question)
    assert 0 < len(some.sentences) < len(everything.sentences)
    assert (np.diff(some.sentences) > 0).all()
    rows = np.searchsorted(everything.sentences, some.sentences)
    for name in ("similar", "found", "scores"):
        np.testing.assert_allclose(getattr(some, name), getattr(everything, name)[rows], atol=2e-3)
    assert everything.sentences[everything.scores.argmax()] in some.sentences
    # whole paragraphs, so that signals over a paragraph mean the same
    paragraphs = {retriever.index.report.sentences[number].paragraph for number in some.sentences}
    whole = [p for p in retriever.index.report.paragraphs if p.number in paragraphs]
    assert len(some.sentences) == sum(p.end_sentence - p.first_sentence for p in whole)


def test_each_search_brings_up_candidates(retriever: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retriever_module, "EXHAUSTIVE", 0)
    monkeypatch.setattr(retriever_module, "DEPTH", 4)  # one passage
    index = retriever.index
    n, p = len(index.report.sentences), len(index.passages)
    nothing, no_passage = np.zeros(n, np.float32), np.zeros(p, np.float32)
    elsewhere = next(retriever.encoder.encode(["giraffe"]))
    found_anyway = set(retriever._candidates(elsewhere, nothing, no_passage))
    for number in range(n):
        vector = replace(elsewhere, vector=index.sentence_dense.vectors(np.array([number]))[0])
        assert number in retriever._candidates(vector, nothing, no_passage)
        assert number in retriever._candidates(elsewhere, np.eye(n, dtype=np.float32)[number], no_passage)
    for passage in index.passages:
        own = set(range(passage.first_sentence, passage.end_sentence))
        vector = replace(elsewhere, vector=index.passage_dense.vectors(np.array([passage.number]))[0])
        assert own <= set(retriever._candidates(vector, nothing, no_passage))
        assert own <= set(retriever._candidates(elsewhere, nothing, np.eye(p, dtype=np.float32)[passage.number]))
    assert len(found_anyway) < n / 2


def test_long_report_is_searched_through_its_indexes(encoder: Encoder) -> None:
    towns = ["Aral", "Balta", "Cern", "Dorna", "Eska", "Fell", "Gora", "Hulm", "Ilk", "Jura"]
    blocks = [
        Block("paragraph", f"The depot at {town} {number} holds {number} tonnes.")
        for number in range(41)
        for town in towns
    ]
    blocks.insert(333, Block("paragraph", "A giraffe was seen near the northern gate."))
    report = build_report(blocks, title="Depots")
    assert len(report.sentences) > retriever_module.EXHAUSTIVE
    retriever = Retriever(build_index(report, encoder, load_encoding(), 300), encoder)
    for question, number in (("Where was the giraffe?", 333), ("How much does the depot at Gora 17 hold?", 176)):
        evidence = retriever.retrieve(question)
        assert len(evidence.sentences) < len(report.sentences)
        assert evidence.sentences[evidence.scores.argmax()] == number


def test_question_over_the_encoders_limit(retriever: Retriever) -> None:
    tail = "How many billion tenge does the fund hold?"
    evidence = retriever.retrieve("Well, " * 600 + tail)
    for i in evidence.content[-6:]:
        assert evidence.similar[:, evidence.content.index(i)].max() > 0.3, evidence.words[i].text


def test_question_is_encoded_once(index: ReportIndex, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "Where is the depot? " * 20
    asked = ["a fund", "a fund", "a drone", "a fund", "a tower", "a tower", long, long]
    expected = [Retriever(index, encoder).retrieve(question).signals for question in asked]
    encoded: list[str] = []

    def counted(used: Encoder, texts: Sequence[str], *, upper: bool) -> Iterator[Encoding]:
        encoded.extend(texts)
        return encode_whole(used, texts, upper=upper)

    monkeypatch.setattr(retriever_module, "encode_whole", counted)
    monkeypatch.setattr(retriever_module, "REMEMBERED", 2)
    retriever = Retriever(index, encoder)
    for question, signals in zip(asked, expected, strict=True):
        np.testing.assert_array_equal(retriever.retrieve(question).signals, signals)
    assert encoded == ["a fund", "a drone", "a tower", long, long]
