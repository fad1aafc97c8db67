"""How much to say: the sentences that answer, no more than the question needs."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.judgement import Judge, Judged
from assistant.question import Kind, Question

# The most sentences by kind of answer wanted; a figure, a date or a person is one thing.
_MOST: Mapping[Kind, int] = {"list": 4, "reason": 3, "manner": 3}
_SINGLE: frozenset[Kind] = frozenset({"money", "percent", "number", "date", "person"})
_LOOKED_AT = 8
_TOUR = 4
# A sentence with no more new content words than this announces rather than tells.
_ANNOUNCES = 5


def choose_rows(question: Question, judged: Judged, judge: Judge) -> list[int]:
    """The rows of the evidence to quote, the best first.

    The best sentence is always quoted. Another is, when its score is near the best's (``more_gap``; scores are the
    logits of a softmax over sentences, so that a gap of 1 means 2.7 times less likely) and it says something new:
    it is not made of the words of what is already quoted, and where a figure or a date is wanted it holds one that is
    not there yet.
    """
    tuning = judge.tuning
    if question.intent == "tour":
        return _tour(question, judged, judge)
    most = max((_MOST.get(kind, 2) for kind in question.kinds), default=2)
    if question.is_comparison:
        most = max(most, 3)
    wide = bool(question.kinds & {"list", "reason"}) or question.is_comparison
    gap = tuning.more_gap_list if wide else tuning.more_gap
    chosen = [int(judged.order[0])]
    if (after := _continuation(question, judged, judge, chosen[0])) is not None:
        chosen.append(after)
        most += 1
    if (
        holding := judge.completion(question, judged.evidence, judged.scores, judged.order)
    ) is not None and holding not in chosen:
        chosen.append(holding)
    for row in map(int, judged.order[1:_LOOKED_AT]):
        if len(chosen) >= most or judged.scores[chosen[0]] - judged.scores[row] > gap:
            break
        if row not in chosen and _adds(question, judged, judge, chosen, row):
            chosen.append(row)
    return chosen


def lacks_answer(question: Question, judged: Judged, judge: Judge, rows: list[int]) -> bool:
    """Whether a question for a figure, a date or a person, and for nothing else, got sentences that hold none.

    "How much has Qatar invested?" is not answered by a sentence without a figure, however much it speaks of Qatar.
    """
    if not question.kinds or not question.kinds <= _SINGLE:
        return False
    return not any(judge.wanted_entities(question, int(judged.evidence.sentences[row])) for row in rows)


def _tour(question: Question, judged: Judged, judge: Judge) -> list[int]:
    """The sentences about a topic: those that speak of it nearly as much as the best does."""
    chosen: list[int] = []
    for row in map(int, judged.order[:_LOOKED_AT]):
        near = judged.scores[judged.order[0]] - judged.scores[row] <= judge.tuning.more_gap_list
        if len(chosen) < _TOUR and near and (not chosen or _adds(question, judged, judge, chosen, row)):
            chosen.append(row)
    return chosen


def _continuation(question: Question, judged: Judged, judge: Judge, row: int) -> int | None:
    """The row of the next sentence, where the best one only announces what follows.

    It does so when nearly all its content words are the question's own or near to them: "The change creates points of
    friction." says nothing to one who asks which.
    """
    if question.kinds & (_SINGLE | {"decision"}) or not question.content:
        return None
    sentences = judged.evidence.sentences
    words = judge.content_forms(int(sentences[row]))
    new = words - {question.words[i].form for i in question.content}
    following = row + 1
    if len(new) > _ANNOUNCES or following >= len(sentences):
        return None
    same = judge.paragraph(int(sentences[row])) == judge.paragraph(int(sentences[following]))
    return following if same else None


def _adds(question: Question, judged: Judged, judge: Judge, chosen: list[int], row: int) -> bool:
    sentences = judged.evidence.sentences
    number = int(sentences[row])
    words = judge.content_forms(number)
    said = frozenset().union(*(judge.content_forms(int(sentences[c])) for c in chosen))
    if judge.is_note(number) or not words or len(words & said) / len(words) > judge.tuning.redundant:
        return False
    if question.kinds and question.kinds <= _SINGLE:
        held = judge.holds(question, number)
        return max(held.values(), default=0.0) > 0 and not _same(
            question, judge, [int(sentences[c]) for c in chosen], number
        )
    return True


def _same(question: Question, judge: Judge, chosen: list[int], number: int) -> bool:
    """Whether the sentence's figures and names of the wanted kind are all in the chosen ones already."""
    new = judge.wanted_entities(question, number)
    return new <= frozenset().union(*(judge.wanted_entities(question, c) for c in chosen))
