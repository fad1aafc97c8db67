"""Follow-ups that leave out what the question before has said, filled up from it.

The fragment takes the place of what is parallel to it in the question before, and the rest of that question is kept:
Dalrymple, Shieber and Pereira (1991), "Ellipsis and higher-order unification"; for fragments with an interrogative,
sluicing, Ross (1969), "Guess who?". Since the rest is kept, a fragment after a refused question still asks what was
refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.entities import COUNTRIES, find_entities
from assistant.lexicon import ATTRIBUTES, INTERROGATIVES
from assistant.phrases import Phrase, core_question, find_phrases, is_definite
from assistant.tagging import Token, tokenise

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
_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_UNIT = re.compile(
    r"\bin (?:us )?(?:dollars|usd|euros?|eur|pounds|roubles|yen|yuan|tenge|francs|per ?cent|percent|[a-z]*(?:metres"
    r"|meters|miles|feet|tonnes|tons|kilograms|hectares|acres|litres|gallons))\b",
    re.IGNORECASE,
)
_NAMED = ("place", "person", "organisation")
_MAX_WORDS = 9


def topic(question: str) -> str:
    """What a question is about: itself without the interrogative and the auxiliary, and without an earlier lean."""
    inner = re.match(r"[^(]*+\((.+)\)\??$", question)
    question = inner.group(1) if inner else re.sub(r"^[^:]{1,60}: ", "", question)
    tokens = tokenise(question)
    i = 0
    while i < len(tokens) and (tokens[i].tag == "conjunction" or (tokens[i].tag == "preposition" and i == 0)):
        i += 1
    if i < len(tokens) and tokens[i].low in INTERROGATIVES:
        i += 2 if tokens[i].low == "how" and i + 1 < len(tokens) and tokens[i + 1].tag == "adverb" else 1
    elif i < len(tokens) and tokens[i].tag != "auxiliary":
        i = 0
    while i < len(tokens) and tokens[i].tag == "auxiliary":
        i += 1
    rest = question[tokens[i].start :] if i < len(tokens) else ""
    return rest.strip(" ?.") or question.strip(" ?.")


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
        and any((e.start, e.end) == (0, len(plain)) and e.kind in _NAMED for e in find_entities(plain))
        and not (plain.isupper() and " " in plain)
    )


def instead(what: str, last: str) -> str:
    """The question before, asked of something else: in place of the phrase that is parallel to it."""
    last = core_question(last)
    what = what.strip(" ?.")
    tokens = tokenise(what)
    preposition = tokens[0].low if tokens and tokens[0].tag == "preposition" else None
    bare = what[tokens[0].end :].strip() if preposition and len(tokens) > 1 else what
    for pattern in (_YEAR, _UNIT):
        new, old = pattern.search(what), pattern.search(last)
        if new and old:
            return last[: old.start()] + new.group() + last[old.end() :]
        if new:
            led = what if preposition else f"in {what}"
            return f"{last.rstrip(' ?.')} {led}?"
    if re.match(r"what (?:do|does|did) .{3,60} (?:say|tell|write|argue|mention)[?. ]*$", last, re.IGNORECASE):
        return f"{last.rstrip(' ?.')} about {what.removeprefix('about ')}?"
    span = _parallel_name(bare, last, preposition)
    if span is None:
        span = _parallel_phrase(what, last) if preposition is None else _led_phrase(last, preposition)
    if span is not None:
        return _put(last, span, bare)
    if preposition is not None:
        return f"{last.rstrip(' ?.')} {what}?"
    return f"{what}: {topic(last)}?"


def _sluice(what: str, tokens: Sequence[Token], last: str) -> str:
    """An interrogative in front of the question before, in place of that one's own."""
    head = what[0].upper() + what[1:]
    bare = last.strip(" ?.")
    said = tokenise(bare)
    if said and said[0].tag == "auxiliary":
        rest = f"{bare[0].lower()}{bare[1:]}"
        return f"{head} {rest}?" if _is_whole(tokens) else f"{_of_what(head, bare)}?"
    asked = next((i for i, t in enumerate(said[:3]) if t.low in INTERROGATIVES), None)
    if asked is None:
        return f"{head}: {topic(last)}?"
    auxiliary = next((i for i, t in enumerate(said) if t.tag == "auxiliary"), None)
    own = next((p for p in find_phrases(bare) if p.start == said[asked].start), None)
    begin = own.end if own else said[asked].end
    if tokens[0].low == said[asked].low and len(tokens) <= 2 and tokens[-1].low in ("else", "others"):
        return f"{head}{bare[said[asked].end :]}?"
    if own and own.role == "subject" and tokens[0].low in ("who", "what") and tokens[-1].low == "else":
        return f"{head}{bare[own.end :]}?"
    if own and tokens[0].low in ("how", "which", "what") and tokens[-1].low in ("many", "ones", "one"):
        noun = re.sub(
            r"^(?:the|which|what|whose|how (?:many|much))\s+", "", bare[own.start : own.end], flags=re.IGNORECASE
        )
        return f"{bare[: own.start]}{'How many' if tokens[-1].low == 'many' else 'Which'} {noun}{bare[own.end :]}?"
    if auxiliary is not None and auxiliary > asked and said[auxiliary].start - begin <= 12:
        after = bare[said[auxiliary].end :]
        subject = next((p for p in find_phrases(bare) if p.start > said[auxiliary].start), None)
        if subject is not None and subject.role == "subject":
            return f"{head} {said[auxiliary].text}{_with_object(bare, own, subject) or after}?"
        if own is not None:
            return f"{head} {said[auxiliary].text} {own.text}{after}?"
    return f"{head}: {own.text if own else said[asked].text.lower()}{bare[begin:]}?"


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


def _is_whole(tokens: Sequence[Token]) -> bool:
    return tokens[-1].low not in ("many", "ones", "much")


def _of_what(head: str, bare: str) -> str:
    """Asks "how many wolves are there?" after "are there wolves?": what is counted is its first phrase."""
    phrases = [p for p in find_phrases(bare) if p.role != "embedded"]
    if not phrases:
        return f"{head}: {topic(bare)}"
    noun = phrases[-1] if phrases[-1].is_plural else phrases[0]
    rest = bare[: noun.start].rstrip()
    head = re.sub(r"\s+ones?$", "", head)
    return f"{head} {bare[noun.start : noun.end]} {rest[:1].lower()}{rest[1:]}{bare[noun.end :]}"


def _kinds(what: str) -> set[str]:
    kinds = {str(e.kind) for e in find_entities(f"is {what}") if e.kind in _NAMED}
    return {"place"} if what.title() in COUNTRIES else kinds


def _parallel_name(what: str, last: str, preposition: str | None) -> tuple[int, int] | None:
    """Where the name of the same kind stands, after the same preposition where there is one; a row of names is one."""
    kinds = _kinds(what)
    if not kinds:
        return None
    spans = [(e.start, e.end) for e in find_entities(last) if e.kind in kinds]
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and re.fullmatch(r",? and (?:the )?|, (?:the )?", last[merged[-1][1] : start]):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    if preposition is None:
        return merged[0] if merged else None
    if (led := _led_phrase(last, preposition)) is not None:
        is_pure = len(_named_spans(what)) == 1 and _named_spans(what)[0] == (0, len(what))
        inside = [s for s in merged if led[0] <= s[0] and s[1] <= led[1]]
        return (inside[-1] if is_pure else led) if inside else None
    is_only = len(merged) == 1 and preposition in ("in", "for", "with")
    return merged[0] if is_only and merged[0][0] > 0 and _is_subject(last, merged[0]) else None


def _named_spans(what: str) -> list[tuple[int, int]]:
    return [(e.start - 3, e.end - 3) for e in find_entities(f"is {what}") if e.kind in _NAMED]


def _led_phrase(last: str, preposition: str) -> tuple[int, int] | None:
    """The last phrase of the question before that the same preposition leads."""
    led = [
        (p.start, p.end)
        for p in find_phrases(last)
        if p.role != "subject" and re.search(rf"\b{re.escape(preposition)} $", last[: p.start], re.IGNORECASE)
    ]
    return led[-1] if led else None


def _is_subject(last: str, span: tuple[int, int]) -> bool:
    return any(p.role == "subject" and p.start <= span[0] and span[1] <= p.end for p in find_phrases(last))


def _parallel_phrase(what: str, last: str) -> tuple[int, int] | None:
    phrases = [p for p in find_phrases(last) if is_definite(p)]
    own = find_phrases(f"see {what}")
    containing = [p for p in phrases if re.search(rf"\b{re.escape(p.text)}\b", what, re.IGNORECASE)]
    if containing:
        return containing[0].start, containing[0].end
    if own and not own[0].determiner and own[0].is_plural:
        counted = [p for p in phrases if p.is_asked_for and p.is_plural]
        if counted:
            return _noun(last, counted[0])
    new = own[0] if own else None
    order = {"subject": 0, "object": 1, "oblique": 2, "embedded": 3}
    rest = sorted(
        (p for p in phrases if not p.is_asked_for),
        key=lambda p: (new is not None and p.sort != new.sort, order[p.role], p.start),
    )
    if not rest:
        return None
    if new is not None and {new.head, rest[0].head} <= ATTRIBUTES and " of " not in what:
        return rest[0].start, rest[0].start + len(last[rest[0].start : rest[0].end].partition(" of ")[0])
    return rest[0].start, rest[0].end


def _noun(last: str, phrase: Phrase) -> tuple[int, int]:
    match = re.match(r"(?:which|what|how (?:many|much))\s+", last[phrase.start :], re.IGNORECASE)
    return phrase.start + (match.end() if match else 0), phrase.end


def _put(last: str, span: tuple[int, int], what: str) -> str:
    """What is asked of instead, in its place: one article, not two, and none before a name that has none."""
    begin, end = span
    article = re.search(r"\bthe $", last[:begin], re.IGNORECASE)
    if article:
        begin -= 4
    owned = "'s" if re.search(r"[’']s?$", last[begin:end]) and not re.search(r"[’']s?$", what) else ""
    return f"{last[:begin]}{what}{owned}{last[end:]}"
