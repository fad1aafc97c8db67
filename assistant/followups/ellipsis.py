"""Follow-ups that leave out what the question before has said, filled up from it.

An interrogative alone ("since when?") takes the place of that question's own, which is called sluicing: Ross (1969),
"Guess who?". The rest of the question is kept, so that a fragment after a refused one still asks what was refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.entities import find_entities
from assistant.followups.lexicon import INTERROGATIVES
from assistant.followups.parallel import NAMED, asked_noun, instead, topic
from assistant.followups.phrases import Phrase, core_question, find_phrases
from assistant.followups.tagging import Token, tokenise

_LEAD = r"(?:and|but|so|or|ok|okay|then|plus|also)"
_WHAT_ABOUT = re.compile(
    rf"^(?:{_LEAD},? )*(?:(?:what|how) about|and(?: also)?|or|plus|same (?:question )?for|as for) "
    r"(?P<what>.+?)[\s?.]*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:of (?:them|those|it|these|that)|exactly|precisely|in particular|again|then|so|that|there"
    r"|(?<=when |here )(?:is|was) (?:that|this|it)|(?<=why )(?:is|was) (?:that|this))$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:any|the|some) (?:details|examples?|reasons?|dates?|names?|figures?|numbers?|others?)|for example|such as"
    r"|like what|e\.?g\.?|(?:tell me |say |know )?(?:any ?(?:thing|one) )?(?:more|else)"
    r"(?: (?:about|on) (?:it|that|this|them))?|go on|continue|elaborate)$",
    re.IGNORECASE,
)
_JUDGE = re.compile(
    r"^(?:is|was|isn't|are|were) (?:that|this|it|they|those|these) (?:a lot|much|many|high|low|big|small|enough|large|"
    r"normal|good|bad|little)\b",
    re.IGNORECASE,
)
_MAX_WORDS = 9
# Characters between an interrogative and its auxiliary, as in "how very large is".
_NEAR = 12


def with_topic(question: str, last: str) -> str:
    """The question, and what the last one was about in brackets."""
    return f"{question.rstrip(' ?.')} ({topic(last)})?"


def fill(question: str, last: str) -> str | None:
    """A fragment such as "since when?", "which ones?" or "in dollars?" as a question; None where it is none."""
    plain = question.strip(" ?.!,")
    if _JUDGE.match(plain):
        return f"{plain}: {core_question(last).strip(' ?.')}?"
    if _MORE.match(plain):
        return f"{plain[0].upper()}{plain[1:]}: {topic(last)}?"
    bare = plain
    while (shorter := _TAIL.sub("", bare)) != bare:
        bare = shorter
    tokens = tokenise(bare)
    if not 0 < len(tokens) <= _MAX_WORDS or not _is_fragment(tokens):
        return None
    lead = 1 if tokens[0].tag == "preposition" and len(tokens) > 1 else 0
    if tokens[lead].low in INTERROGATIVES:
        return _sluice(bare, tokens, core_question(last))
    if tokens[0].tag == "preposition" and lead:
        return instead(bare, last)
    return None


def _is_fragment(tokens: Sequence[Token]) -> bool:
    """Whether words have no verb, nor a phrase that only a verb would let stand there: "since when", "how many"."""
    if any(t.tag in ("verb", "auxiliary") or t.low.endswith("'s") for t in tokens) or tokens[-1].low == "about":
        return False
    asked = next((i for i, t in enumerate(tokens) if t.low in INTERROGATIVES), None)
    if asked is None:
        return True
    if asked > 1 or (tokens[asked + 1 : asked + 2] and tokens[asked + 1].low == "about"):
        return False
    opened = [
        i for i, t in enumerate(tokens) if t.tag in ("determiner", "pronoun") and t.low not in ("else", "ones", "one")
    ]
    return all(tokens[i - 1].tag == "preposition" for i in opened if i)


def said_instead(question: str) -> str | None:
    """What is to be asked about instead: "Spain" of "and Spain?" or "what about Spain?"; None where a question is
    asked in full.
    """
    match = _WHAT_ABOUT.match(question)
    if match is None:
        return None
    what = re.sub(r"\s+(?:there|then|instead|too)$", "", match.group("what"))
    tokens = tokenise(what)
    is_question = any(t.tag in ("interrogative", "auxiliary") for t in tokens)
    has_verb = len(tokens) > 1 and any(t.tag == "verb" and not t.low.endswith("ing") for t in tokens)
    return None if is_question or has_verb or len(tokens) > _MAX_WORDS else what


def is_name(question: str) -> bool:
    """Whether a question is a single name, as in "Spain?"."""
    plain = question.strip(" ?.")
    return (
        question.rstrip().endswith("?")
        and any((e.start, e.end) == (0, len(plain)) and e.kind in NAMED for e in find_entities(plain))
        and not (plain.isupper() and " " in plain)
    )


def _sluice(what: str, tokens: Sequence[Token], last: str) -> str:
    """An interrogative in front of the question before, in place of that one's own."""
    head = what[0].upper() + what[1:]
    bare = last.strip(" ?.")
    said = tokenise(bare)
    counts = tokens[-1].low in ("many", "ones", "one")
    if said and said[0].tag == "auxiliary":
        return f"{_counted(head, bare)}?" if counts else f"{head} {bare[0].lower()}{bare[1:]}?"
    asked = next((t for t in said[:3] if t.low in INTERROGATIVES), None)
    if asked is None:
        return f"{head}: {topic(last)}?"
    own = next((p for p in find_phrases(bare) if p.start == asked.start), None)
    if tokens[-1].low in ("else", "others") and (asked.low == tokens[0].low or (own and own.role == "subject")):
        return f"{head}{bare[own.end if own else asked.end :]}?"
    if own and counts:
        begin, end = asked_noun(bare, own)
        return (
            f"{bare[: own.start]}{'How many' if tokens[-1].low == 'many' else 'Which'} {bare[begin:end]}{bare[end:]}?"
        )
    return f"{head}{_remainder(bare, asked, own)}?"


def _remainder(bare: str, asked: Token, own: Phrase | None) -> str:
    """A question without its interrogative, what was asked for back in its place: "did the state save the banks"."""
    begin = own.end if own else asked.end
    auxiliary = next((t for t in tokenise(bare) if t.tag == "auxiliary"), None)
    if auxiliary is not None and begin < auxiliary.start <= begin + _NEAR:
        after = bare[auxiliary.end :]
        subject = next((p for p in find_phrases(bare) if p.start > auxiliary.start), None)
        if subject is not None and subject.role == "subject":
            return f" {auxiliary.text}{_with_object(bare, own, subject) or after}"
        if own is not None:
            return f" {auxiliary.text} {own.text}{after}"
    return f": {own.text if own else asked.text.lower()}{bare[begin:]}"


def _with_object(question: str, asked: Phrase | None, subject: Phrase) -> str | None:
    """What follows the auxiliary, with what was asked for back in its place: "the state save the banks"."""
    tokens = tokenise(question)
    if asked is None or asked.role == "subject":
        return None
    gap = next((t for t in tokens if t.tag == "verb" and t.start >= subject.end), None)
    if tokens[-1].tag == "preposition":
        gap = tokens[-1]
    if gap is None:
        return None
    return f" {question[subject.start : gap.end]} {asked.text}{question[gap.end :]}"


def _counted(head: str, bare: str) -> str:
    """Asks "how many wolves are there?" after "are there wolves?": what is counted is its first phrase."""
    phrases = [p for p in find_phrases(bare) if p.role != "embedded"]
    if not phrases:
        return f"{head}: {topic(bare)}"
    noun = phrases[-1] if phrases[-1].is_plural else phrases[0]
    rest = bare[: noun.start].rstrip()
    head = re.sub(r"\s+ones?$", "", head)
    return f"{head} {bare[noun.start : noun.end]} {rest[:1].lower()}{rest[1:]}{bare[noun.end :]}"
