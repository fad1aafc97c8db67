"""Which sentences of a report support a claim, and which better ones there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant import Assistant, Settings
from assistant.llm.support import Support, subject
from index.report import Block, build_report

REPORT = build_report(
    [
        Block("title", "The Crossing"),
        Block("paragraph", "Parliament approved Blue Crossing on 18 June 2025. The keepers of the quay objected."),
        Block("paragraph", "The port of Anse Morrow will receive a quay of 520 metres instead of 180."),
        Block("paragraph", "The crossing is led by Anna Berg."),
    ],
    title="Crossing",
)
EVERYTHING = range(len(REPORT.sentences))


@pytest.fixture
def support(settings: Settings) -> Iterator[Support]:
    with Assistant(REPORT, settings) as bot:
        yield Support(bot._retriever)


def number(words: str) -> int:
    return next(s.number for s in REPORT.sentences if words in REPORT.quote(s))


def test_a_better_citation_is_found_and_no_more_than_needed(support: Support) -> None:
    approved, objected = number("approved"), number("objected")
    claim = "Parliament approved Blue Crossing on 18 June 2025."
    assert support.faults(claim, [objected])
    assert support.better(claim, EVERYTHING) == (approved,)
    assert support.least(claim, [approved, objected]) == (approved,)


def test_two_sentences_support_what_both_tell(support: Support) -> None:
    claim = "Parliament approved Blue Crossing on 18 June 2025, and it is led by Anna Berg."
    assert set(support.better(claim, EVERYTHING)) == {number("approved"), number("Anna Berg")}


def test_no_sentence_lends_a_mere_figure(support: Support) -> None:
    assert support.better("Parliament approved Blue Crossing on 180 June 2025.", EVERYTHING) == ()


def test_words_near_in_meaning_cover_one_another(support: Support) -> None:
    quay = number("objected")
    near, far = (support.worths(f"The keepers of the {word} objected.", [quay])[1] for word in ("wharf", "violin"))
    assert far < near < 1
    assert support.worths("The keepers of the quay objected.", [quay]) == [1.0, 1.0, 1.0]


def test_the_subject_of_a_sentence_is_the_names_it_begins_with() -> None:
    assert subject("The Orient Rail Bank lends to Turgan.") == "Orient Rail Bank"
    assert subject("Moscow has not opposed it.") == "Moscow"
    assert subject("In Lund the lamp burns.") == ""
    assert subject("...") == ""
