"""Whether a question assumes the opposite of what a sentence says.

"Why did the government stop talking to investors?" assumes that it stopped; "it is negotiating with them" denies that.
Told by pairs of opposite words of general English, and by a negation on one side alone, where the sentence otherwise
speaks of the same.
"""

from __future__ import annotations

import re

from assistant.question import Question
from index.encoder import Floats
from index.words import split_words, word_form

_OPPOSITES = (
    ("stop cease halt end abandon suspend break_off quit discontinue freeze",
     "continue negotiate pursue remain keep maintain ongoing proceed start begin active actively"),
    ("leave quit withdraw exit abandon resign", "remain join member stay belong committed participate"),
    ("decrease cut reduce shrink fall decline drop lower slash dwindle",
     "increase rise grow expand raise boost climb rising growing bolster"),
    ("reject refuse decline deny oppose ban block forbid", "accept confirm approve support allow welcome agree"),
    ("abolish dissolve close cancel scrap disband dismantle", "create establish open found set launch"),
    ("fail lose", "succeed win complete achieve"),
    ("worsen weaken undermine", "improve strengthen bolster reinforce"),
    ("import", "export"),
    ("high", "low"),
    ("rich wealthy", "poor"),
)  # fmt: skip
_PAIRS: dict[str, frozenset[str]] = {}
for _left, _right in _OPPOSITES:
    for _one, _other in ((_left, _right), (_right, _left)):
        for _word in _one.split():
            _PAIRS[word_form(_word)] = _PAIRS.get(word_form(_word), frozenset()) | {
                word_form(w) for w in _other.split()
            }

_ASSUMES = re.compile(
    r"^(?:and |but |so )?(?:why|when|how|since when|who|whom|which|what|by how much|in which|at what|where)\b",
    re.IGNORECASE,
)
# A question of this form asks whether, so that nothing is assumed.
_SUPPOSES = re.compile(r"\b(?:if|whether|happens? when|would happen)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|never|no longer|without|cannot|nobody|none)\b|n['’]t\b", re.IGNORECASE)
_COVERED = 0.5


def contradicts(question: Question, sentence: str, similar: Floats) -> bool:
    """Whether the sentence denies what the question takes for granted.

    ``similar`` (q,) says how near each content word of the question is to a word of the sentence: all but the opposed
    word must be near, or the two speak of different things.
    """
    if not _ASSUMES.match(question.text) or _SUPPOSES.search(question.text) or not len(similar):
        return False
    forms = {word.form for word in split_words(sentence)}
    for column, number in enumerate(question.content):
        opposed = _PAIRS.get(question.words[number].form, frozenset()) & forms
        if opposed and question.words[number].form not in forms:
            others = [value for i, value in enumerate(similar) if i != column]
            negated = bool(_NEGATION.search(question.text)) != bool(_NEGATION.search(sentence))
            return not negated and bool(others) and float(sum(others)) / len(others) > _COVERED
    return False
