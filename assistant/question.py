"""What a question wants: rules over its words, in English.

A question has an *intent* (a fact, a summary, a greeting …) and, where a fact is wanted, *kinds* of answer: after the
question-classification taxonomy of Li and Roth (2002), reduced to what can be told apart in a sentence without a
parser.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from assistant.intent import Intent, find_intent, is_topic, topic_of
from index.words import Word, split_words

Kind = Literal["money", "percent", "number", "date", "person", "place", "name", "reason", "manner", "list", "decision"]

_AUXILIARY = (
    r"is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|isn't|aren't|doesn't"
    r"|don't|didn't|won't|wasn't|weren't|hasn't|haven't|can't|couldn't"
)
_KIND_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "percent",
        r"\b(?:what|which) (?:percentage|share|proportion|fraction|per ?cent)\b|\bhow many per ?cent\b|"
        r"\b(?:percentage|share|proportion|per ?cent|%) (?:of|is)\b",
    ),
    (
        "money",
        r"\bhow (?:much (?:money|cash|funding|capital|does .* cost)|expensive)\b|\b(?:what|which) (?:amount|sum|price|"
        r"cost|budget|value)\b|\bhow much\b(?! (?:time|of))|\bin (?:us )?(?:dollars|usd|euros?|eur|pounds|"
        r"roubles|rubles|tenge|\$)\b|\bprice tag\b|\bbudget of\b|\bcosts? (?:of|how)\b",
    ),
    (
        "number",
        r"\bhow many\b|\b(?:what|which) (?:number|figure|quantity)\b|\bnumber of\b|\bhow (?:large|big|strong|"
        r"sizeable|numerous|tall|high|wide|deep|heavy|fast|far|old)\b|\bheadcount\b|\bhow much\b|\bsize of\b",
    ),
    (
        "date",
        r"^(?:and |but |so )?when\b|\bwhen$|\bsince when\b|\buntil when\b|\b(?:what|which) (?:year|years|date|day|month|"
        r"time|period|century|decade|timeframe|timeline)\b|\bhow (?:long|recently|soon)\b|\bwhen (?:was|were|is|"
        r"are|did|does|do|will|has|had)\b|\bin what year\b|\bdeadline\b|\bdate of\b",
    ),
    (
        "person",
        r"\b(?:what|which) (?:[a-z]+ ){0,2}(?:minister|president|premier|general|official|person|politician|"
        r"commander|leader|chief|director|head|chairman|chair|ceo|spokesman|spokesperson|expert|author|"
        r"scientist|king|queen|emperor|duke|judge|lawyer|architect|founder|name)\b|\bname of the (?:person|"
        r"[a-z]+ ?minister|president|man|woman)\b",
    ),
    (
        "place",
        r"\bwhere\b|\b(?:what|which) (?:[a-z-]+ ){0,2}(?:country|countries|nation|nations|city|cities|region|"
        r"place|town|continent|location|states?)\b",
    ),
    ("name", r"\b(?:who|whom|whose)\b"),
    (
        "reason",
        r"\bwhy\b|\bhow come\b|\bwhat (?:is|are|was|were) (?:the |its |their )?(?:reasons?|rationale|purpose|cause|"
        r"motives?|motivation|logic|point)\b|\bwhat (?:drives|drove|motivates|motivated|explains|explained)\b|"
        r"\bfor what (?:reason|purpose)\b|\bwhat for\b|\bwhat reasons?\b",
    ),
    (
        "manner",
        r"^(?:and |but |so )?how (?!many|much|long|large|big|strong|sizeable|numerous|tall|high|wide|deep|heavy|fast|"
        r"old|far|often|come)\b",
    ),
    (
        "list",
        r"^(?:list|name|enumerate)\b|\b(?:what|which|who) (?:all )?are\b|\b(?:what|which) (?:[a-z-]+ ){0,3}"
        r"[a-z-]{3,}s\b(?! (?:the|of))|\bwhat (?:else|kinds?|types?|sorts?)\b|\bexamples of\b|\ball (?:the )?\w+s\b",
    ),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KIND_PATTERNS)
_DECISION = re.compile(rf"^(?:and |but |so |or |then )?(?:{_AUXILIARY})\b", re.IGNORECASE)

_FILLER = re.compile(
    r"^(?:(?:ok|okay|so|well|please|pls|hey|hi|hello|and also|also|um|uh|just|now)[, ]+)*"
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |kindly )?(?:tell|show|give|explain to|remind) me(?: again)?[, ]+"
    r"|(?:do you know|i (?:want|need|would like|'d like|wonder)(?: to know)?|i'm wondering|tell me|remind me|any idea)[, ]+"
    r"(?=(?:who|what|when|where|why|how|which|whether|if)\b)"
    r"|(?:according to|in|as per|based on) (?:the|this) (?:report|document|text|paper|article)[, ]+)*",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?<![, ])(?:[, ]++(?:(?:according to|in|per|based on) (?:the|this) (?:report|document|text|paper|article)"
    r"|please|pls|thanks|thank you|by the way|btw|exactly|then)){1,4}(?=[?.! ]*$)",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?<=\w)(?:[?;.]+\s+(?:and |also |but )*|,?\s+(?:and|plus|and also|as well as|but)\s+)"
    rf"(?=(?:who|whom|whose|what|when|where|why|how|which|{_AUXILIARY})\s+\w)",
    re.IGNORECASE,
)
_COMPARISON = re.compile(
    r"\b(?:compar\w+|difference|differ|differs|versus|vs\.?|rather than|than|more|less|larger|bigger|smaller|higher|"
    r"lower|greater) .*\b(?:and|with|to|or|from|than|versus|vs\.?)\b|\b(?:versus|vs\.?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Question:
    """A question taken apart: its ``text`` without pleasantries, its words, its intent and the kinds of answer wanted."""

    text: str
    words: tuple[Word, ...]
    intent: Intent
    kinds: frozenset[Kind]
    is_comparison: bool

    @property
    def content(self) -> tuple[int, ...]:
        """The numbers of its content words."""
        return tuple(i for i, word in enumerate(self.words) if word.is_content)


def plain_question(text: str) -> str:
    """The question without pleasantries and without "according to the report"."""
    stripped = _TRAILING.sub("", _FILLER.sub("", text)).strip()
    return stripped if any(word.is_content for word in split_words(stripped)) else text


def analyse(text: str) -> Question:
    """What a standalone question wants."""
    plain = plain_question(text)
    bare = plain.strip(" ?.!,").replace("’", "'")
    words = tuple(split_words(plain))
    intent = find_intent(bare, words)
    kinds = {kind for kind, pattern in _KINDS if pattern.search(bare)}
    if "percent" in kinds:
        kinds -= {"money", "number"}
    if _DECISION.match(bare) and not kinds & {"reason", "date"}:
        kinds = {"decision"}
    if intent == "fact" and not kinds and not plain.endswith("?") and is_topic(bare, words):
        intent = "tour"
    if intent == "tour":
        plain = topic_of(plain)
        words = tuple(split_words(plain))
    return Question(plain, words, intent, frozenset(kinds), bool(_COMPARISON.search(bare)))


def split_question(text: str) -> list[str]:
    """The questions that one text asks: "Who won the cup and when was the final?" gives two; most give one."""
    parts: list[str] = []
    begin = 0
    content = [word.start for word in split_words(text) if word.is_content]
    for match in _SPLIT.finditer(text):
        asked = bisect_left(content, begin) < bisect_left(content, match.start())
        if asked and bisect_left(content, match.end()) < len(content):
            parts.append(text[begin : match.start()].strip().rstrip("?;., ") + "?")
            begin = match.end()
    return [*parts, text[begin:].strip()]
