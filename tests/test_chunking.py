"""Passages: spans of the report, whole sentences, within the budget and the encoder's limit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant
from index.chunking import Passage, chunk_report, split_to_fit
from index.encoder import Encoder
from index.report import Block, Report, build_report
from index.tokens import count_tokens, load_encoding

SENTENCES = st.lists(
    st.sampled_from(["The", "tower", "41", "m", "is-lit", "Ωß", "b" * 30]), min_size=1, max_size=12
).map(lambda words: " ".join([*words, "ends."]))
BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from(["heading", "paragraph", "paragraph", "bullet", "bullet", "note"]),
        st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join),
    ),
    min_size=1,
    max_size=12,
).filter(lambda blocks: any(block.kind != "heading" for block in blocks))


def groups(report: Report) -> list[int]:
    """For each sentence the run that it belongs to: a paragraph, or consecutive bullets of a section."""
    numbers: list[int] = []
    before = None
    for paragraph in report.paragraphs:
        here = (paragraph.section, paragraph.kind)
        if not (here == before and paragraph.kind == "bullet"):
            numbers.append((numbers[-1] if numbers else 0) + 1)
        else:
            numbers.append(numbers[-1])
        before = here
    return [numbers[sentence.paragraph] for sentence in report.sentences]


@given(BLOCKS, st.integers(5, 80), st.integers(5, 60))
def test_passages_of_made_up_reports(blocks: list[Block], budget: int, limit: int) -> None:
    report = build_report(blocks, title="Made up")
    passages = chunk_report(report, lambda text: len(text) <= budget, lambda text: len(text) <= limit)
    assert [passage.number for passage in passages] == list(range(len(passages)))

    # every sentence is whole in one passage, or covered without a gap by several that hold nothing else
    covered: dict[int, list[Passage]] = {}
    for passage in passages:
        for number in range(passage.first_sentence, passage.end_sentence):
            covered.setdefault(number, []).append(passage)
    assert list(covered) == list(range(len(report.sentences)))
    for number, holders in covered.items():
        sentence = report.sentences[number]
        if len(holders) > 1:
            assert len(report.quote(sentence)) > limit
            assert all(holder.end_sentence - holder.first_sentence == 1 for holder in holders)
        assert holders[0].start <= sentence.start
        assert sentence.end <= holders[-1].end
        assert all(one.end == other.start for one, other in pairwise(holders))

    run = groups(report)
    for passage in passages:
        length = passage.end - passage.start
        assert 0 < length <= limit
        if passage.end_sentence - passage.first_sentence > 1:
            assert length <= budget
            assert len({run[number] for number in range(passage.first_sentence, passage.end_sentence)}) == 1
            assert passage.start == report.sentences[passage.first_sentence].start
            assert passage.end == report.sentences[passage.end_sentence - 1].end

    # none could have taken in the next sentence
    for one, other in pairwise(passages):
        if one.end_sentence == other.first_sentence and run[one.end_sentence - 1] == run[other.first_sentence]:
            first = report.sentences[one.first_sentence].start
            assert report.sentences[other.first_sentence].end - first > min(budget, limit)


@given(st.text("ab c.", min_size=1, max_size=200), st.integers(1, 30))
def test_split_to_fit_covers_all(text: str, limit: int) -> None:
    spans = list(split_to_fit(text, 0, len(text), lambda piece: len(piece) <= limit))
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(0 < end - start <= limit for start, end in spans)
    if len(text) <= limit:
        assert len(spans) == 1


def test_split_is_between_words() -> None:
    text = "It was said that the towers of the old harbour would be lit again before the winter of the next year."
    spans = list(split_to_fit(text, 0, len(text), lambda piece: len(piece) <= 20))
    assert len(spans) > 4
    assert " ".join(text[start:end].strip() for start, end in spans) == text


@pytest.mark.parametrize("budget", [16, 100, 300, 512])
def test_bundled_report_by_its_tokens(bot: Assistant, encoder: Encoder, budget: int) -> None:
    encoding = load_encoding()
    report = bot.report
    passages = chunk_report(
        report,
        lambda text: count_tokens(text, encoding) <= budget,
        lambda text: encoder.count_pieces(text) <= encoder.max_pieces,
    )
    for passage in passages:
        text = report.text[passage.start : passage.end]
        assert encoder.count_pieces(text) <= encoder.max_pieces
        assert count_tokens(text, encoding) <= budget or passage.end_sentence - passage.first_sentence == 1
    assert len(passages) < len(report.sentences) or budget == 16
