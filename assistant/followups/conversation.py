"""Follow-ups become standalone questions, by rules over what was asked and answered before.

A follow-up leans on the turn before it by leaving out what that one said (:mod:`assistant.followups.ellipsis`), by a
pronoun or a demonstrative (:mod:`assistant.followups.anaphora`), or by a word that wants a complement ("what do they
get in return?"). A question that leans on nothing is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.entities import find_entities
from assistant.followups.anaphora import demonstrated, leans, resolve
from assistant.followups.ellipsis import fill, is_name, said_instead, with_topic
from assistant.followups.lexicon import DEMONSTRATIVES
from assistant.followups.parallel import instead
from assistant.followups.phrases import find_phrases
from assistant.followups.salience import Exchange
from assistant.followups.tagging import tokenise
from assistant.question import analyse, plain_question
from index.words import split_words

__all__ = ["Exchange", "exchanges", "standalone"]

# How much of a turn is read: nobody leans on more.
_READ = 4000
_CONJUNCTION = re.compile(r"^(?:(?:and|but|so|or|ok|okay|then|well|plus)[, ]+)+(?=\w+ \w)", re.IGNORECASE)
# What people say before they change the topic, or to take note of an answer.
_ASIDE = re.compile(
    r"^(?:(?:ok|okay|fine|good|great|right|interesting|i (?:see|understand)|got it|understood|thanks|thank you|alright|sure)"
    r"[.!;]\s+|(?:(?:and |now )?(?:something|anything) else|(?:an?)?(?:other|different|new|next) (?:question|topic|thing|matter)"
    r"|one more(?: question| thing)?|by the way)[:.,;]\s+){1,3}(?=\w)",
    re.IGNORECASE,
)
_NOTED = re.compile(r"(?:ok|okay|well)[, ]", re.IGNORECASE)
# "the fund, how old is it?": what is asked about comes first and is taken up by a pronoun.
_DISLOCATED = re.compile(
    r"^(?:as for |and |but |so )*(?P<what>[^,?]{3,60}), (?P<asked>(?:\w+ ){0,2}?(?:who|what|when|where|why|how|which|is|are|do|does|did"
    r"|has|have|was|were|can|could|will|would)\b.+)$",
    re.IGNORECASE,
)
_TAKEN_UP = re.compile(r"\b(?:it|they|them|he|she|him|her)\b", re.IGNORECASE)
_REST = re.compile(
    r"\b(?:(?:the|which|this|that) (?:\w+ )?ones?|the (?:others?|latter|former|same|first|second|rest)|either|both)"
    r"(?=\s*(?:[?.!,]|$|(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b))",
    re.IGNORECASE,
)
_WANTS_COMPLEMENT = re.compile(
    r"\b(?:in (?:return|exchange)|instead|in (?:this|that) (?:case|respect|way)|do(?:es|ing)? (?:so|that)|did so)[ ?.!]*$",
    re.IGNORECASE,
)
_TAKES_PART = re.compile(
    r"\b(?:is|are|was|were|be|been) (?:also )?(?:involved|included|concerned|affected|responsible|available|to blame)[ ?.!]*$",
    re.IGNORECASE,
)
# "Which is the largest?", "are there any others?"
_OF_WHICH = re.compile(r"^which (?:is|are|was|were)\b(?!.* or )|\b(?:any|some) others?\b", re.IGNORECASE)
# "What is their answer to this?", but not "what is the catch in all of this?".
_AT_THE_END = re.compile(r"(?<!all)(?<!all of) (?:to|of|about|from|after|by|with) (?:this|that)[?. ]*$", re.IGNORECASE)
_REPORT = re.compile(r"\b(?:report|document|article|paper|text)\b", re.IGNORECASE)
# A question of more content words than these says enough to be looked up.
_FULL = 4
_TIME = frozenset(["day", "days", "time", "moment", "year", "month", "week", "report", "document", "text", "paper"])


def exchanges(history: Sequence[Mapping[str, str]], is_refusal: re.Pattern[str], limit: int = 6) -> list[Exchange]:
    """The last turns of a history, each question made standalone by those before it; pleasantries left out."""
    done: list[Exchange] = []
    asked: str | None = None
    for turn in history[-2 * limit :]:
        said = turn["content"][:_READ]
        if turn["role"] == "user":
            said = " ".join(said.split())
            is_question = bool(said) and analyse(said).intent not in ("greeting", "thanks", "help")
            asked = standalone(said, done) if is_question else None
        elif asked:
            answer = re.sub(r"\s*(?<!\\)\[\d+\]", "", said).replace("**", "").replace("\\", "")
            done.append(Exchange(asked, "" if is_refusal.match(said) else answer))
            asked = None
    if asked:
        done.append(Exchange(asked, ""))
    return done


def standalone(question: str, before: Sequence[Exchange]) -> str:
    """The question as it would be asked without what was said before; unchanged where it leans on nothing."""
    if not before or len(question) > _READ or _is_of_report(question):
        return question
    last = before[-1].question
    said = plain_question(_ASIDE.sub("", question)).strip()
    bare = _CONJUNCTION.sub("", said)
    plain = _taken_up(bare)
    filled = fill(plain, last)
    if filled is not None:
        return filled
    other = said_instead(said) or (plain if is_name(plain) else None)
    if other is not None:
        return instead(resolve(other, before), last)
    resolved = resolve(demonstrated(plain, before), before)
    if _wants_more(plain, resolved):
        return with_topic(resolved, last)
    if resolved != plain:
        return resolved
    is_mended = plain != bare or _ASIDE.match(question) or _NOTED.match(question)
    return plain if is_mended else question


def _is_of_report(question: str) -> bool:
    """Whether a question is about the report as a whole, or no question: nothing said before bears on it."""
    intent = analyse(question).intent
    alone = intent in ("greeting", "thanks", "help", "sections", "instruction")
    return alone or (intent in ("summary", "author") and not re.search(r"\b(?:it|that)\b", question, re.IGNORECASE))


def _taken_up(question: str) -> str:
    """The question with what it puts first in its place: "the fund, how old is it?" asks "how old is the fund?"."""
    match = _DISLOCATED.match(question)
    if match is None:
        return question
    what = re.sub(r"\s+(?:itself|themselves|himself|herself)$", "", match.group("what"))
    what = re.sub(r"^(?:The|A|An)\b", lambda article: article.group().lower(), what)
    if not find_phrases(f"see {what}") or any(t.tag in ("verb", "auxiliary") for t in tokenise(what)):
        return question
    asked, times = _TAKEN_UP.subn(lambda _: what, match.group("asked"), count=1)
    return asked if times else question


def _wants_more(plain: str, resolved: str) -> bool:
    """Whether a question still lacks what only the one before tells."""
    if _WANTS_COMPLEMENT.search(plain) or (_TAKES_PART.search(plain) and not _has_name(resolved)):
        return True
    content = sum(word.is_content for word in split_words(plain))
    if resolved != plain or content > _FULL:
        return False
    if _REST.search(plain) or _AT_THE_END.search(plain):
        return True
    if _has_name(plain):
        return False
    if _OF_WHICH.search(plain):
        return True
    points = any(p.determiner in DEMONSTRATIVES and p.head not in _TIME for p in find_phrases(plain))
    if (points or leans(plain)) and not _REPORT.search(plain):
        return True
    has_verb = any(t.tag == "auxiliary" or (t.tag == "verb" and not t.low.endswith("ing")) for t in tokenise(plain))
    return content == 0 or (content < 3 and len(split_words(plain)) < 6 and not has_verb)


def _has_name(question: str) -> bool:
    return any(entity.kind in ("person", "place", "organisation") for entity in find_entities(question))
